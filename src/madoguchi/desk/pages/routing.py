"""Who answers: what one is now, the next case, how the queues stand, how a desk shares out and what people know."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.desk.escalating import spared_among
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, case_url, private
from madoguchi.desk.routing import SharingForm, SkillsForm, presence_of, skill_lines, skills_as_said
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import announce, say
from madoguchi.people.access import requires
from madoguchi.routing import actions, policies, setting
from madoguchi.routing.queries import desk_to_share, members_led, sharing_of, skills_of, standings, worker_of


@require_safe
@requires(Permission.CASE_REPLY)
def presence(request: DeskRequest) -> HttpResponse:
    """What one is now, for a page that stands."""
    return _head(request)


@require_POST
@requires(Permission.CASE_REPLY)
def set_presence(request: DeskRequest) -> HttpResponse:
    """Be available, away, on a break or off work from now on."""
    back = actions.set_presence(request.POST.get("state", ""), by=request.actor)
    words = ngettext("%(n)d case went back into the queue.", "%(n)d cases went back into the queue.", back)
    text = words % {"n": back} if back else ""
    if not request.htmx:
        if text:
            say(request, text=text)
        return redirect("desk:queue")
    response = _head(request)
    return announce(response, text=text) if text else response


@require_POST
@requires(Permission.CASE_REPLY)
def here(request: DeskRequest) -> HttpResponse:
    """A page says that it is open."""
    actions.still_here(by=request.actor)
    return HttpResponse(status=204)


@require_POST
@requires(Permission.CASE_REPLY)
def next_case(request: DeskRequest) -> HttpResponse:
    """Take the next case and open it."""
    try:
        case = actions.pull(by=request.actor)
    except Refused as refused:
        say(request, text=str(refused))
        return redirect("desk:console")
    if case is None:
        say(request, text=_("Nothing waits that you can take."))
        return redirect("desk:console")
    return redirect(case_url(case))


@require_safe
@requires(Permission.CASE_READ)
def queue(request: DeskRequest) -> HttpResponse:
    """How the queues of one's desks stand, and who is here."""
    mine = presence_of(request.actor) if policies.answers(request.actor) else None
    context: Context = {"standings": standings(request.actor), "mine": mine, "standing_alone": True}
    context["leads"] = policies.leads_anybody(request.actor)
    context["reads_media"] = request.actor.may_anywhere(Permission.MEDIA_READ)
    return apart(request, "desk/queue.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_TAKE_OVER)
def sharing(request: DeskRequest, pk: int) -> HttpResponse:
    """How a desk shares its work out."""
    desk = desk_to_share(request.actor, pk)
    form = SharingForm(request.POST or None, instance=sharing_of(desk))
    if saved(request, form, partial(setting.set_sharing, desk, by=request.actor)):
        return redirect("desk:queue")
    return apart(
        request, "desk/sharing.html", {"form": form, "desk": desk}, status=422 if form.errors else 200
    )


@require_safe
@requires(Permission.CASE_TAKE_OVER)
def skills(request: DeskRequest) -> HttpResponse:
    """What the people one leads know."""
    members = list(members_led(request.actor)[:500])
    spared = spared_among([member.user_id for member in members])
    four, lines = skill_lines(members, skills_of([member.pk for member in members]))
    people = [(*line, spared[line[0].user_id]) for line in lines]
    return apart(request, "desk/skills.html", {"people": people, "four": four})


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_TAKE_OVER)
def skill(request: DeskRequest, pk: int) -> HttpResponse:
    """What one of them knows and speaks."""
    member = get_object_or_404(members_led(request.actor), pk=pk)
    worker = worker_of(member.user_id)
    initial: dict[str, Any] = dict(skills_as_said(skills_of([pk]).get(pk, [])))
    initial |= {"languages": " ".join(worker.languages), "capacity": worker.capacity}
    initial["answer_minutes"] = worker.answer_minutes
    form = SkillsForm(request.POST or None, initial=initial)
    if saved(request, form, partial(setting.set_skills, member, by=request.actor)):
        return redirect("desk:skills")
    return apart(
        request, "desk/skill.html", {"form": form, "member": member}, status=422 if form.errors else 200
    )


def _head(request: DeskRequest) -> HttpResponse:
    return private(request, render(request, "desk/presence.html", {"mine": presence_of(request.actor)}))


def saved(request: DeskRequest, form: BaseForm, act: Callable[..., object]) -> bool:
    """Whether what was filled in is done; else the form says why not, where it is wrong."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(**form.cleaned_data)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    say(request, text=_("Saved."))
    return True
