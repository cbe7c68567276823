"""The phone in the browser: ready or not, answer, talk, hand on, wrap up. Its sound is `static/desk/phone.js`."""

from dataclasses import replace

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.companies.queries import desks_of
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.directory import directory_of
from madoguchi.desk.pages.parts import DeskRequest, frame_context, private, the_case
from madoguchi.desk.phone import colleagues, outside_of, phone_shown
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import announce
from madoguchi.people.access import requires
from madoguchi.voice import beside_phones, phones
from madoguchi.voice.by_hand import call_by_hand
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.outside_contacts import consult_outside
from madoguchi.voice.queries import phone_of

MOST_DIGITS, MOST_NAME = 18, 32
ACTS = ("hang_up", "hold", "resume", "pause", "record", "decline", "back", "join", "put_through")


@require_safe
@requires(Permission.CASE_REPLY)
def phone(request: DeskRequest) -> HttpResponse:
    """The page of one's phone, which stays open beside the console."""
    context = frame_context(request, desks_of(request.actor)) | _context(request)
    return private(request, render(request, "desk/phone.html", context))


@require_safe
@requires(Permission.CASE_REPLY)
def panel(request: DeskRequest) -> HttpResponse:
    """The phone as it is now, for a page that stands."""
    return private(request, render(request, "desk/phone_panel.html", _context(request)))


@require_POST
@requires(Permission.CASE_REPLY)
def ready(request: DeskRequest) -> HttpResponse:
    """Take calls from now on, or none."""
    phones.set_ready(ready=request.POST.get("ready") == "yes", by=request.actor)
    return _acted(request)


@require_POST
@requires(Permission.CASE_REPLY)
def here(request: DeskRequest) -> HttpResponse:
    """The page says that it is open."""
    phones.still_here(by=request.actor)
    return HttpResponse(status=204)


@require_POST
@requires(Permission.CASE_REPLY)
def gone(request: DeskRequest) -> HttpResponse:
    """The page says that it is closed."""
    phones.gone_away(by=request.actor)
    return HttpResponse(status=204)


@require_POST
@requires(Permission.CASE_REPLY)
def answer(request: DeskRequest) -> HttpResponse:
    """Answer the call that rings, or come back to one's own, with what the browser offers."""
    phones.answer_call(offer=request.POST.get("offer", ""), by=request.actor)
    return HttpResponse(status=204)


@require_safe
@requires(Permission.CASE_REPLY)
def sound(request: DeskRequest) -> HttpResponse:
    """What the gateway answered to the browser's offer; empty while it has not."""
    assert request.actor.id is not None
    return private(request, JsonResponse({"answer": phone_of(request.actor.id).answer}))


@require_POST
@requires(Permission.CASE_REPLY)
def act(request: DeskRequest) -> HttpResponse:
    """Have something done on one's call."""
    wanted = request.POST.get("what", "")
    left = wanted == "hang_up" and beside_phones.stop_watching(by=request.actor)
    if wanted == "press":
        phones.press_keys(request.POST.get("keys", ""), by=request.actor)
    elif wanted in ACTS and not left:
        phones.ask_of_call(wanted, by=request.actor)
    return _acted(request)


@require_POST
@requires(Permission.CASE_REPLY)
def secret(request: DeskRequest) -> HttpResponse:
    """A page asks for something that is not to be recorded from now on (`on`), or does no more."""
    paused = phones.keep_unrecorded(on=request.POST.get("on") == "yes", by=request.actor)
    return JsonResponse({"done": paused})


@require_POST
@requires(Permission.CASE_REPLY)
def consult(request: DeskRequest) -> HttpResponse:
    """Ask a colleague (`person-ID`), or somebody outside (`outside-ID`), while the customer is on hold."""
    kind, _dash, number = request.POST.get("to", "").partition("-")
    if kind == "outside":
        consult_outside(contact=_number(number), lines=_lines(request), by=request.actor)
    else:
        beside_phones.consult(to=_number(number), lines=_lines(request), by=request.actor)
    return _acted(request)


@require_POST
@requires(Permission.CALL_WATCH)
def watch(request: DeskRequest) -> HttpResponse:
    """Come to a talk of somebody whom one leads, or be on it in another way."""
    call, how = request.POST.get("call", "")[:MOST_NAME], request.POST.get("how", "")
    beside_phones.watch(call=call, how=how, by=request.actor)
    return _acted(request)


@require_POST
@requires(Permission.CASE_REPLY)
def call(request: DeskRequest, number: str) -> HttpResponse:
    """Call the customer of a case: one's own phone is connected first, on its page."""
    call_by_hand(the_case(request, number), identity=_number(request.POST.get("line", "")), by=request.actor)
    if not request.htmx:
        return redirect("desk:phone")
    told = _("Your phone is being connected. Then the customer's phone rings.")
    return announce(HttpResponse(status=204), text=told)


@require_POST
@requires(Permission.CASE_REPLY)
def transfer(request: DeskRequest) -> HttpResponse:
    """Hand the caller on, to a colleague (`person-ID`) or a desk (`desk-ID`), with what they are to know."""
    kind, _dash, number = request.POST.get("to", "").partition("-")
    place = _number(number)
    to, desk = (place, 0) if kind == "person" else (0, place)
    phones.hand_on(to=to, desk=desk, lines=_lines(request), by=request.actor)
    return _acted(request)


@require_POST
@requires(Permission.CASE_REPLY)
def wrap_up(request: DeskRequest) -> HttpResponse:
    """Say what came of the call."""
    go_on = request.POST.get("then") != "away"
    code = request.POST.get("code", "")
    due = request.POST.get("due", "").strip()
    lines = replace(
        _lines(request),
        due=read_moment(due) if due else None,
        again=request.POST.get("again") == "yes",
    )
    phones.wrap_up(code=code, lines=lines, ready=go_on, by=request.actor)
    return _acted(request)


def _number(written: str) -> int:
    return whole_number(written, most_digits=MOST_DIGITS) or 0


def _lines(request: DeskRequest) -> phones.Lines:
    said = request.POST
    return phones.Lines(said.get("summary", ""), said.get("next_step", ""), said.get("promises", ""))


def _context(request: DeskRequest) -> dict[str, object]:
    shown = phone_shown(request.actor)
    people, desks = colleagues(shown, actor=request.actor)
    free = shown.phone.state in (AgentPhone.State.AWAY, AgentPhone.State.READY)
    return {
        "shown": shown,
        "people": people,
        "desks": desks,
        "outside": outside_of(shown),
        "directory": directory_of(shown.call, actor=request.actor) if shown.call else [],
        "codes": Call.Code.choices,
        "talks": beside_phones.talks_going_on(request.actor) if free else [],
    }


def _acted(request: DeskRequest) -> HttpResponse:
    if not request.htmx:
        return redirect("desk:phone")
    return private(request, render(request, "desk/phone_panel.html", _context(request)))
