"""Signals, incidents, grave words and complaints: raised at a case, listed, settled."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.models import Case
from madoguchi.complaints import actions as complaining
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.policies import may_work
from madoguchi.complaints.queries import complaint_by_id, complaints_at, earlier_of_customer, secondary_of
from madoguchi.customers.blots import as_stored
from madoguchi.desk.escalating import usual_due
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.escalations import PER_PAGE, done_raised
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, the_case
from madoguchi.desk.sold_pieces import buyers_of, files_of, sold_in_words
from madoguchi.desk.trouble import WORDS, complaint_in, complaint_line, seen_in, typed_of, why_suspected
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import one_line
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.people.queries import staff_to_choose
from madoguchi.signals import actions, grave, policies, queries
from madoguchi.signals.instructions import settle_instruction
from madoguchi.signals.models import Incident, Instruction

LISTS = {
    "incidents": gettext_lazy("Piled up"),
    "grave": gettext_lazy("Grave words"),
    "signals": gettext_lazy("Single signals"),
    "defects": gettext_lazy("Defects by product and lot"),
    "instructions": gettext_lazy("Direct instructions"),
}
COMPLAINT_LISTS = {
    "open": gettext_lazy("Not settled"),
    "late": gettext_lazy("Overdue"),
    "grave": gettext_lazy("Serious and critical"),
    "closed": gettext_lazy("Settled ones"),
}
DAYS = 30


@require_POST
@requires(Permission.CASE_UPDATE)
def signal(request: DeskRequest, number: str) -> HttpResponse:
    """Note in ten seconds that something is strange."""
    case = the_case(request, number)
    if not policies.may_signal(request.actor, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    return done_raised(
        request,
        case,
        "signal",
        lambda form: actions.raise_signal(case, seen_in(form, company=case.company_id), by=request.actor),
    )


@require_POST
@requires(Permission.CASE_UPDATE)
def signal_drop(request: DeskRequest, pk: int) -> HttpResponse:
    """Take back one's own signal."""
    found = queries.signal_by_id(pk, actor=request.actor)
    case = the_case(request, number_of(found.case.continued_in or found.case))
    return done_raised(request, case, "", lambda form: actions.withdraw_signal(found, by=request.actor))


@require_POST
@requires(Permission.CASE_UPDATE)
def not_grave(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that words that were found are not grave, and why."""
    found = queries.grave_by_id(pk, actor=request.actor)
    case = the_case(request, number_of(found.case.continued_in or found.case))

    def dismiss(form: Mapping[str, str]) -> None:
        grave.dismiss_grave(found, reason=form.get("reason", ""), by=request.actor)

    return done_raised(request, case, "", dismiss)


@require_safe
@requires(Permission.CASE_READ)
def listed(request: DeskRequest) -> HttpResponse:
    """What piled up, grave words, single signals; and how much of it was raised in vain."""
    which, actor, now = request.GET.get("which", "incidents"), request.actor, clock.now()
    lists = _lists_for(actor)
    which = which if which in lists else "incidents"
    asked = one_line(request.GET.get("q", ""), most=100)
    page = Paginator(_rows(request, which, asked), PER_PAGE).get_page(request.GET.get("page"))
    note_list(cases=[one.case_id for one in page if which != "incidents"], by=actor)
    context: Context = {"page": page, "which": which, "lists": lists.items(), "days": DAYS, "q": asked}
    context |= _beside(which, asked, actor)
    context["vain"] = queries.in_vain(actor, begin=now - timedelta(days=DAYS), end=now)
    return apart(request, "desk/signals.html", context)


@require_POST
@requires(Permission.CASE_APPROVE)
def instruction(request: DeskRequest, pk: int) -> HttpResponse:
    """Say what became of what may have been a direct instruction."""
    found, form = queries.instruction_by_id(pk, actor=request.actor), request.POST
    try:
        outcome, reason = form.get("outcome", ""), form.get("reason", "")
        settle_instruction(found, outcome=outcome, reason=reason, by=request.actor)
        say(request, text=_("Saved."))
    except (Refused, Conflict) as error:
        say(request, text=str(error))
    return redirect("/signals/?which=instructions")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_READ)
def incident(request: DeskRequest, pk: int) -> HttpResponse:
    """Signals that piled up, with their cases; posted, it is taken up or said to be none."""
    found, problem = queries.incident_by_id(pk, actor=request.actor), ""
    if request.method == "POST":
        try:
            state, reason = request.POST.get("state", ""), request.POST.get("reason", "")
            actions.settle_incident(found, state=state, reason=reason, by=request.actor)
            say(request, text=_("Saved."))
            return redirect("desk:incident", pk=pk)
        except (Refused, Conflict) as error:
            problem = str(error)
    return _incident_shown(request, found, problem)


@require_safe
@requires(Permission.CASE_READ)
def complaints(request: DeskRequest) -> HttpResponse:
    """Complaints: open ones, late ones, grave ones, closed ones; what is due first first."""
    which = request.GET.get("which", "open")
    which = which if which in COMPLAINT_LISTS else "open"
    page = Paginator(complaints_at(request.actor, which), PER_PAGE).get_page(request.GET.get("page"))
    note_list(cases=[one.case_id for one in page], by=request.actor)
    now = clock.now()
    context: Context = {"page": page, "which": which, "lists": COMPLAINT_LISTS.items()}
    context["lines"] = [complaint_line(one, now=now) for one in page]
    return apart(request, "desk/complaints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_UPDATE)
def new_complaint(request: DeskRequest, number: str) -> HttpResponse:
    """Write a complaint of a case down."""
    case = the_case(request, number)
    if not may_work(request.actor, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    if request.method != "POST":
        return _complaint_shown(request, case, None)
    try:
        made = complaining.make_complaint(case, complaint_in(request.POST.dict()), by=request.actor)
    except Refused as error:
        return _complaint_shown(request, case, None, refused=error)
    say(request, text=_("Saved."))
    return redirect("desk:complaint", pk=made.pk)


@require_safe
@requires(Permission.CASE_READ)
def complaint(request: DeskRequest, pk: int) -> HttpResponse:
    """A complaint, to be read or written on."""
    found = complaint_by_id(pk, actor=request.actor)
    return _complaint_shown(request, found.home, found)


@require_POST
@requires(Permission.CASE_UPDATE)
def complaint_act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Write on a complaint, close it or open it again."""
    found = complaint_by_id(pk, actor=request.actor)
    if what not in ("change", "close", "reopen"):
        raise NotFound(what)
    if not may_work(request.actor, found.home):
        raise NotAllowed(Permission.CASE_UPDATE)
    try:
        _do(request, found, what)
    except (Refused, Conflict) as error:
        return _complaint_shown(request, found.home, found, refused=error)
    say(request, text=_("Saved."))
    return redirect("desk:complaint", pk=pk)


def _lists_for(actor: Actor) -> Mapping[str, Any]:
    """The lists in sight: of direct instructions, managers of either side alone have one."""
    heads = policies.as_manager(actor).grants
    return {name: words for name, words in LISTS.items() if heads or name != "instructions"}


def _beside(which: str, asked: str, actor: Actor) -> Context:
    """What stands in a list beside its rows."""
    if which == "defects":
        sold = sold_in_words(asked, actor=actor)
        note_list(customers={one.order.customer_id for one in sold}, by=actor)
        return {"sold": sold}
    if which == "instructions":
        return {"manages": policies.manages(actor), "outcomes": Instruction.Outcome.choices}
    return {}


def _rows(request: DeskRequest, which: str, asked: str) -> Any:
    actor = request.actor
    rows: dict[str, Any] = {
        "incidents": queries.incidents_at(actor),
        "grave": queries.graves_at(actor, standing=False),
        "signals": queries.signals_at(actor),
        "defects": queries.defects_at(actor, words=asked),
        "instructions": queries.instructions_at(actor),
    }
    return rows[which]


def _do(request: DeskRequest, found: Complaint, what: str) -> None:
    """What the form asks. To close is to keep what is written as well. Raises Refused, Conflict."""
    if what == "reopen":
        complaining.reopen_complaint(found, by=request.actor)
        return
    form = request.POST.dict()
    seen = form.get("version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 9 else None
    act = complaining.settle_complaint if what == "close" else complaining.change_complaint
    written, whose = complaint_in(form), found.case.customer
    for name in WORDS:
        as_stored(getattr(written, name), getattr(found, name), customer=whose, actor=request.actor)
    act(found, written, version=version, by=request.actor)


def _incident_shown(request: DeskRequest, found: Incident, problem: str) -> HttpResponse:
    signals = queries.signals_of_incident(found, actor=request.actor)
    note_list(cases=[one.case_id for one in signals], by=request.actor)
    desks = {one.case.desk_id for one in signals}
    context: Context = {"incident": found, "signals": signals, "problem": problem}
    context["why"] = why_suspected(found.figures or {})
    context["buyers"] = buyers = buyers_of(found, actor=request.actor)
    context["parts"] = range(1, files_of(found, actor=request.actor) + 1)
    note_list(customers={one.order.customer_id for one in buyers}, by=request.actor)
    context["may_settle"] = policies.may_settle(request.actor, company=found.company_id, desks=desks)
    context["written"] = request.POST if problem else {}
    return apart(request, "desk/incident.html", context, status=422 if problem else 200)


def _complaint_shown(
    request: DeskRequest, case: Case, found: Complaint | None, *, refused: Refused | Conflict | None = None
) -> HttpResponse:
    note_look(case, by=request.actor)
    actor, wrong = request.actor, refused.fields if isinstance(refused, Refused) else {}
    context: Context = {"case": case, "number": number_of(case), "one": found}
    # What is wrong with a field stands at it.
    context |= {
        "problem": "" if wrong else str(refused or ""),
        "wrong": wrong,
        "field": next(iter(wrong), ""),
    }
    context["written"] = (
        request.POST if refused else typed_of(found) if found else {"due": usual_due(case.desk)}
    )
    context["line"] = complaint_line(found, now=clock.now()) if found else None
    context["works"] = may_work(actor, case)
    context["people"] = staff_to_choose(case.desk_id, company=case.company_id)
    context["earlier"] = earlier_of_customer(case, actor=actor, before=found.pk if found else None)
    if not context["earlier"]:
        context["problem"] = context["problem"] or wrong.get("secondary_to", "")
    context["secondary"] = secondary_of(found, actor=actor) if found else []
    context["severities"] = [(str(value), words) for value, words in Complaint.Severity.choices]
    return apart(request, "desk/complaint.html", context, status=422 if refused else 200)
