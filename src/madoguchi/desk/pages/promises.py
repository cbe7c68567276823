"""Promises to customers: offered while an answer is written, beside their case, and those at risk."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.models import Case
from madoguchi.desk.delaying import Delay, begun, drafted, send_delay, send_notice
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private, the_case
from madoguchi.desk.pages.pending import told_of
from madoguchi.desk.promising import ledger_of, lines_at_risk, moment_in, offers_in, rates_named, told_in
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import AskFirst, Conflict, NotFound, Refused
from madoguchi.look.toasts import announce, say
from madoguchi.people.access import requires
from madoguchi.promises import keeping
from madoguchi.promises.ledger import KEPT_RATE, promise_by_id
from madoguchi.promises.models import DelayNotice, Promise
from madoguchi.promises.notices import notice_by_id, settle_notice


@require_POST
@requires(Permission.CASE_REPLY)
def found(request: DeskRequest, number: str) -> HttpResponse:
    """What the words of an answer promise. Nothing is kept."""
    case = the_case(request, number)
    offers, aside = offers_in(request.POST, case)
    context = {"offers": offers, "aside": aside, "number": number, "kinds": Promise.Kind.choices}
    return private(request, render(request, "desk/promises_offered.html", context))


@require_safe
@requires(Permission.CASE_READ)
def of_case(request: DeskRequest, number: str) -> HttpResponse:
    """What was promised in a case, as a part beside it or a page."""
    return _shown(request, the_case(request, number))


@require_POST
@requires(Permission.CASE_UPDATE)
def new(request: DeskRequest, number: str) -> HttpResponse:
    """Enter a promise that was made by phone, or otherwise than in an answer."""
    case, by = the_case(request, number), request.actor
    return _done(request, case, lambda: keeping.make_promise(case, told_in(request.POST), by=by))


@require_POST
@requires(Permission.CASE_UPDATE)
def act(request: DeskRequest, number: str, promise: int, what: str) -> HttpResponse:
    """Say of a promise that it is kept, withdrawn, open again, another's to keep, or due at another time."""
    case = the_case(request, number)
    wanted = promise_by_id(promise, case=case)
    if what not in _ACTS:
        raise NotFound(what)
    undo = (
        reverse("desk:promise_act", args=[number, promise, "reopen"]) if what in ("keep", "withdraw") else ""
    )
    return _done(request, case, lambda: _ACTS[what](request, wanted), undo=undo)


@require_safe
@requires(Permission.CASE_READ)
def risky(request: DeskRequest) -> HttpResponse:
    """The promises that come near their time or ran out, and how much was kept of late."""
    works = request.actor.may_anywhere(Permission.CASE_UPDATE)
    lines = lines_at_risk(request.actor)
    note_list(cases=[line.promise.case_id for line in lines], by=request.actor)
    context: Context = {"lines": lines, "definition": KEPT_RATE, "works": works}
    context["rates"] = rates_named(request.actor, by="person" if works else "desk")
    return apart(request, "desk/promises_at_risk.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_REPLY)
def delay(request: DeskRequest, number: str, promise: int) -> HttpResponse:
    """The draft that tells a customer of a delay: reason, how it stands, the new time. Posted, it is sent."""
    case = the_case(request, number)
    late = promise_by_id(promise, case=case)
    if request.method == "GET":
        return _delay_shown(request, case, late, begun(late, case))
    written = Delay(**{name: request.POST.get(name, "") for name in ("reason", "stands", "due", "text")})
    try:
        done = send_delay(late, case, written, by=request.actor)
    except (AskFirst, Conflict, Refused) as error:
        wrong: dict[str, Any] = {"problem": str(error), "field": getattr(error, "field", ""), "status": 422}
        return _delay_shown(request, case, late, written, **wrong)
    return told_of(request, case, done)


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_REPLY)
def notice(request: DeskRequest, number: str, notice: int) -> HttpResponse:
    """A notice of delay that was drafted by itself. Posted it is sent, or (`drop`) is not needed."""
    case = the_case(request, number)
    waits = notice_by_id(notice, case=case)
    if request.method == "GET":
        return _delay_shown(request, case, waits.promise, drafted(waits), notice=waits)
    if "drop" in request.POST:
        return _dropped(request, case, waits)
    return _notice_sent(request, case, waits)


def _notice_sent(request: DeskRequest, case: Case, waits: DelayNotice) -> HttpResponse:
    written = Delay(**{name: request.POST.get(name, "") for name in ("reason", "stands", "due", "text")})
    try:
        done = send_notice(waits, case, written, by=request.actor)
    except (AskFirst, Conflict, Refused) as error:
        field = getattr(error, "field", "")
        shown: dict[str, Any] = {"notice": waits, "problem": str(error), "field": field, "status": 422}
        return _delay_shown(request, case, waits.promise, written, **shown)
    return told_of(request, case, done)


def _dropped(request: DeskRequest, case: Case, waits: DelayNotice) -> HttpResponse:
    try:
        settle_notice(waits, state=DelayNotice.State.DROPPED, by=request.actor)
    except Conflict as error:
        shown: dict[str, Any] = {"notice": waits, "problem": str(error), "status": 409}
        return _delay_shown(request, case, waits.promise, drafted(waits), **shown)
    say(request, text=_("The draft is gone. Nothing was sent."))
    return redirect("desk:case", number_of(case))


def _delay_shown(
    request: DeskRequest,
    case: Case,
    promise: Promise | None,
    written: Delay,
    *,
    notice: DelayNotice | None = None,
    problem: str = "",
    field: str = "",
    status: int = 200,
) -> HttpResponse:
    note_look(case, by=request.actor)
    context = {
        "case": case,
        "number": number_of(case),
        "promise": promise,
        "notice": notice,
        "written": written,
        "problem": problem,
        "field": field,
    }
    return apart(request, "desk/promise_delay.html", context, status=status)


def _done(request: DeskRequest, case: Case, act: Callable[[], object], *, undo: str = "") -> HttpResponse:
    try:
        act()
    except Refused as error:
        return _shown(request, case, problem=str(error), status=422)
    if request.htmx:
        return announce(_shown(request, case), text=_("Saved."), undo_url=undo)
    say(request, text=_("Saved."), undo_url=undo)
    return redirect("desk:promises", number=number_of(case))


def _shown(request: DeskRequest, case: Case, *, problem: str = "", status: int = 200) -> HttpResponse:
    note_look(case, by=request.actor)
    context = {"case": case, "number": number_of(case), "ledger": ledger_of(case, actor=request.actor)}
    context |= {"problem": problem, "written": request.POST if problem else {}}
    if not request.htmx:
        return apart(request, "desk/promises.html", context, status=status)
    return private(request, render(request, "desk/promises_part.html", context, status=status))


def _give(request: DeskRequest, promise: Promise) -> None:
    owner = request.POST.get("owner", "")
    keeping.give_promise(promise, owner=int(owner) if owner.isdecimal() else None, by=request.actor)


_ACTS: dict[str, Callable[[DeskRequest, Promise], None]] = {
    "keep": lambda request, promise: keeping.keep_promise(promise, by=request.actor),
    "withdraw": lambda request, promise: keeping.withdraw_promise(promise, by=request.actor),
    "reopen": lambda request, promise: keeping.reopen_promise(promise, by=request.actor),
    "move": lambda request, promise: keeping.move_promise(
        promise, due_at=moment_in(request.POST), by=request.actor
    ),
    "give": _give,
}
