"""Changes to a case: who is responsible, where it stands, what it is called, where it belongs."""

from dataclasses import replace
from enum import Enum
from typing import TypeVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases import policies
from madoguchi.cases.actions import (
    assign,
    change_status,
    end_link,
    judge_feeling,
    move_to_desk,
    rename,
    require_filled,
    set_priority,
    set_severity,
    set_tags,
)
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case, HandOff, Priority, Severity, Status
from madoguchi.channels.line.linking import invite
from madoguchi.companies.queries import desks_of
from madoguchi.customers.actions import change_customer, doubts_in_words, write_memo
from madoguchi.customers.blots import as_it_was, as_stored
from madoguchi.customers.models import Customer
from madoguchi.customers.needless import doubts_about
from madoguchi.desk.hand_off import Asking, asking, name_at_desk, still_to_ask, still_to_do, words_in
from madoguchi.desk.pages.form import first_filled
from madoguchi.desk.pages.parts import DeskRequest, acted, ask_for_words, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.people.access import requires
from madoguchi.routing.queries import not_absent

Choice = TypeVar("Choice", bound=Enum)
Occasion = HandOff.Occasion


@require_POST
@requires(Permission.CASE_UPDATE)
@first_filled("")
def status(request: DeskRequest, number: str) -> HttpResponse:
    """Set where the case stands; the answer offers the way back."""
    case = the_case(request, number)
    before, after = case.status, chosen(Status, _asked(request, "status"))
    require_filled(case, to=after, by=request.actor)
    form = _before_rest(request, case, after)
    if form is not None:
        return ask_for_words(request, case, form)
    # Who was asked has answered, if with nothing; the way back asks for nothing.
    change_status(case, to=after, by=request.actor, words=words_in(request.POST), without_words=True)
    undo = f"{reverse('desk:status', args=[number])}?status={before}"
    return acted(request, case, _("The status is now “%(status)s”.") % {"status": after.label}, undo=undo)


@require_POST
@requires(Permission.CASE_UPDATE)
def customers_link(request: DeskRequest, number: str) -> HttpResponse:
    """End the link to the customer's own page."""
    case = the_case(request, number)
    end_link(case, by=request.actor)
    return acted(
        request, case, _("The link is ended. The next answer to the customer alone brings a new one.")
    )


@require_POST
@requires(Permission.CUSTOMER_EDIT)
def line_invitation(request: DeskRequest, number: str) -> HttpResponse:
    """Send the customer, by LINE, the way to connect LINE with their record."""
    case = the_case(request, number)
    invite(case, by=request.actor)
    return acted(request, case, _("The customer is sent the way to connect LINE. It counts for 24 hours."))


@require_POST
@requires(Permission.CASE_READ)  # who may give it to whom, the action decides
def assign_to(request: DeskRequest, number: str) -> HttpResponse:
    """Make somebody responsible: `me`, a person's id, or nobody (empty)."""
    case, to = the_case(request, number), _asked(request, "to")
    person = request.actor.id if to == "me" else int(to) if to.isdecimal() else None
    if person != request.actor.id and _first(request, "to", case, Occasion.PERSON):
        name = name_at_desk(case, person)
        form = asking(case, occasion=Occasion.PERSON, form=request.POST, field="to", to=name)
        return ask_for_words(request, case, form)
    before = case.assignee_id
    assign(case, to=person, by=request.actor, words=words_in(request.POST))
    undo = f"{reverse('desk:assign', args=[number])}?to={before or ''}"
    return acted(request, case, _given(person, request), undo=undo)


def _given(person: int | None, request: DeskRequest) -> str:
    if person is None:
        return _("Nobody in particular is responsible now.")
    if person == request.actor.id:
        return _("You are responsible now.")
    return (
        _("Handed over.") if not_absent([person]) else _("Handed over to somebody who is away or off work.")
    )


@require_POST
@requires(Permission.CASE_UPDATE)
def priority(request: DeskRequest, number: str) -> HttpResponse:
    """Set how urgent the case is."""
    case = the_case(request, number)
    set_priority(case, to=chosen(Priority, _asked(request, "priority")), by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def severity(request: DeskRequest, number: str) -> HttpResponse:
    """Say how grave it is for whoever has the trouble."""
    case = the_case(request, number)
    set_severity(case, to=chosen(Severity, _asked(request, "severity")), by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def tags(request: DeskRequest, number: str) -> HttpResponse:
    """Add the tags of a line (`add`), or take one away (`remove`)."""
    case = the_case(request, number)
    added = request.POST.get("add", "").replace("、", ",").replace("，", ",").split(",")
    removed = request.POST.get("remove", "")
    set_tags(case, to=[tag for tag in [*case.tags, *added] if tag != removed], by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def feelings(request: DeskRequest, number: str) -> HttpResponse:
    """Say how the customer feels (`add`), or that it is not so any more (`remove`); the answer offers the way back."""
    case, added = the_case(request, number), _asked(request, "add")
    feeling = chosen(Feeling, added or _asked(request, "remove"))
    judge_feeling(case, feeling, holds=bool(added), by=request.actor)
    back = "remove" if added else "add"
    undo = f"{reverse('desk:feelings', args=[number])}?{back}={feeling.value}"
    words = _("Set: %(feeling)s.") if added else _("Taken away: %(feeling)s.")
    return acted(request, case, words % {"feeling": feeling.label}, undo=undo)


@require_POST
@requires(Permission.CASE_UPDATE)
def subject(request: DeskRequest, number: str) -> HttpResponse:
    """Call the case something else."""
    case = the_case(request, number)
    written = request.POST.get("subject", "")
    wanted = as_it_was(written, case.subject, customer=case.customer, actor=request.actor)
    rename(case, to=wanted, by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def desk(request: DeskRequest, number: str) -> HttpResponse:
    """Hand the case to another desk of its company."""
    case, wanted = the_case(request, number), _asked(request, "desk")
    to = next((d for d in desks_of(request.actor) if str(d.pk) == wanted), None)
    if to is None:
        raise NotFound(wanted)
    if _first(request, "desk", case, Occasion.DESK):
        form = asking(case, occasion=Occasion.DESK, form=request.POST, field="desk", to=to.name)
        return ask_for_words(request, case, form)
    before = case.desk_id
    move_to_desk(case, to=to, by=request.actor, words=words_in(request.POST))
    undo = f"{reverse('desk:desk', args=[number])}?desk={before}"
    return acted(request, case, _("The case is now at %(desk)s.") % {"desk": to.name}, undo=undo)


@require_POST
@requires(Permission.CUSTOMER_EDIT)
def memo(request: DeskRequest, number: str) -> HttpResponse:
    """Write down what one should know about the customer."""
    case = the_case(request, number)
    written, who = request.POST.get("memo", ""), case.customer
    stored = as_stored(written, who.memo, loosely=True, customer=who, actor=request.actor)
    overtaken = write_memo(who, memo=stored, seen=request.POST.get("seen", ""), by=request.actor)
    both = _("It was changed meanwhile: what was written there and what you wrote both stand there now.")
    words = (_("The memo is saved."), both if overtaken else "", doubts_in_words(doubts_about(who.memo)))
    return acted(request, case, " ".join(filter(None, words)), person=True)


@require_POST
@requires(Permission.CUSTOMER_EDIT)
def mail_format(request: DeskRequest, number: str) -> HttpResponse:
    """Say in which form the customer's mail software reads our mail."""
    case = the_case(request, number)
    wanted = chosen(Customer.MailFormat, request.POST.get("mail_format", ""))
    change_customer(case.customer, mail_format=wanted.value, by=request.actor)
    return acted(request, case, _("Mail to this customer now leaves like this."), person=True, composer=True)


def chosen(kind: type[Choice], written: str) -> Choice:
    """One of a set of choices by its written value. Raises Refused."""
    for choice in kind:
        if str(choice.value) == written:
            return choice
    raise Refused(_("Choose one of the list."))


def _before_rest(request: DeskRequest, case: Case, after: Status) -> Asking | None:
    """What is asked before a case comes to rest: what it was about, if the desk wants that, and whether it shall rest
    though something is still to be done.
    """
    rest = (Status.SOLVED, Status.CLOSED)
    by_hand = "status" in request.POST and policies.may_update(request.actor, case)
    if not by_hand or after not in rest or case.status in rest:
        return None
    left = still_to_do(request.POST, case)
    words = after == Status.SOLVED and _first(request, "status", case, Occasion.CLOSING)
    if not (left or words):
        return None
    found = asking(case, occasion=Occasion.CLOSING, form=request.POST, field="status", tasks=left)
    return found if words else replace(found, wants_words=False)


def _first(request: DeskRequest, field: str, case: Case, occasion: Occasion) -> bool:
    """Whether words are to be asked for first; the way back, which names its field in the address, needs none."""
    may = policies.may_update(request.actor, case)
    return may and field in request.POST and still_to_ask(request.POST, case, occasion)


def _asked(request: DeskRequest, name: str) -> str:
    """From the form, or from the address of an undo."""
    return str(request.POST.get(name) or request.GET.get(name) or "")
