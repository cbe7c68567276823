"""What callers meet at a number: written, tried with nobody calling, and its versions."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.callflow import (
    KIND_NAMES,
    SAVE,
    Draft,
    draft_of,
    offered_sounds,
    posted,
)
from madoguchi.administration.calltrial import standing_of
from madoguchi.administration.pages.frame import show
from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.flows import own_sounds
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.voice.actions import set_flow
from madoguchi.voice.announcements import sound_of
from madoguchi.voice.flow import Flow, FlowError, Problem, read
from madoguchi.voice.queries import at_number, desks_called, flow_versions
from madoguchi.voice.ready import USUAL, WITH_QUEUE
from madoguchi.voice.trying import tried
from madoguchi.voice.wording import in_words, refusal

VERSIONS_SHOWN = 20
_READY = {"usual": USUAL, "queue": WITH_QUEUE}


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def call_flow(request: StaffRequest, pk: int) -> HttpResponse:
    """The flow of a number with its steps; every button but one changes what is on the page alone."""
    point = _number(request, pk)
    own = own_sounds(point.company_id)
    draft = _draft(request, point)
    flow = _checked(draft, point, lambda name: name in own or sounds.is_there(name))
    if draft.do == SAVE and flow and _saved(request, point, draft):
        say(request, text=_("Saved. Callers meet this from the next call on."))
        return redirect("administration:call_flow", pk=pk)
    context = _context(draft, flow, {name: one.words for name, one in own.items()})
    versions = Paginator(flow_versions(point), VERSIONS_SHOWN).get_page(request.GET.get("page"))
    status = 422 if draft.do == SAVE else 200
    context |= {"point": point, "versions": versions, "status": status}
    context["desks"] = [name for _pk, name in desks_called(point.company_id)]
    return show(request, "call_flow", section="entry_points", **context)


@require_POST
@requires(Permission.DESKS)
def call_flow_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let callers meet again what they met by an earlier version."""
    point = _number(request, pk)
    before = flow_versions(point).filter(number=number).first()
    if before is None:
        raise NotFound(number)
    set_flow(point, before.document, sounds=sounds.is_there, by=request.actor)
    say(request, text=_("Version %(number)s is back, as a new version.") % {"number": number})
    return redirect("administration:call_flow", pk=pk)


@require_safe
@requires(Permission.DESKS)
def call_flow_sound(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """A recording as callers of this number hear it."""
    point = _number(request, pk)
    own = own_sounds(point.company_id).get(name)
    if own is None and not sounds.is_there(name):
        raise NotFound(name)
    heard = sound_of(point.company_id, own.digest) if own else sounds.that_comes_along(name)
    response = HttpResponse(sounds.as_wav(heard or b""), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _draft(request: StaffRequest, point: EntryPoint) -> Draft:
    newest = flow_versions(point).first()
    if request.method != "POST":
        kept = newest.document if newest else in_words(USUAL)
        return draft_of(kept, seen=newest.number if newest else 0)
    draft = posted(request.POST)
    if draft.do == "begin" and (ready := _READY.get(request.POST.get("ready", ""))):
        return draft_of(in_words(ready), seen=draft.seen)
    return draft


def _checked(draft: Draft, point: EntryPoint, there: Callable[[str], bool]) -> Flow | None:
    """The flow that is written; None where something is wrong, which then stands beside the step."""
    draft.problem = draft.misnamed()
    if draft.problem:
        return None
    try:
        names = {name for _pk, name in desks_called(point.company_id)}
        made = read(draft.document(), sounds=there, desks=names.__contains__)
        return at_number(made, point, sounds=there)
    except FlowError as error:
        draft.tell(error.step, _words_of(error))
        return None


def _words_of(error: FlowError) -> str:
    if error.problem == Problem.NO_SUCH_STEP:
        told = _("“%(step)s” leads to a step that is not there. Choose another one.")
        return told % {"step": error.step or _("The call begins with")}
    return str(refusal(error))


def _saved(request: StaffRequest, point: EntryPoint, draft: Draft) -> bool:
    try:
        set_flow(point, draft.document(), sounds=sounds.is_there, by=request.actor, seen=draft.seen)
    except Conflict as error:
        draft.problem, draft.seen = str(error), flow_versions(point)[0].number
    except Refused as error:
        draft.problem = str(error)
    return not draft.problem


def _context(draft: Draft, flow: Flow | None, own: Mapping[str, str]) -> dict[str, Any]:
    """What the page draws: the steps, and how a trial call stands by them. `own` is what the company's recordings
    say.
    """
    words = {**sounds.words(), "beep": _("A tone"), "music": _("Music")}
    along = {name: said for name, said in words.items() if name not in own}
    how: dict[str, Any] = {"at_work": draft.at_work, "withheld": draft.withheld, "ahead": draft.ahead}
    return {
        "draft": draft,
        "kinds": KIND_NAMES.items(),
        "recordings": offered_sounds(own, along),
        "known": {*own, *along},
        "standing": standing_of(tried(flow, draft.acts, lasts=_seconds, **how), along | dict(own))
        if flow
        else None,
    }


def _seconds(name: str) -> float:
    return sounds.seconds_of(name) if sounds.is_there(name) else 3.0


def _number(request: StaffRequest, pk: int) -> EntryPoint:
    point = entry_point_to_set_up(request.actor, pk)
    if point.kind != Channel.PHONE:
        raise NotFound
    return point
