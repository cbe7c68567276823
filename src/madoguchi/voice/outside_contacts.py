"""Whom callers may be put through to outside: numbers that a company wrote down beforehand, such as its carrier's or a
repair shop's. Nobody types a number in while a call goes on: what may be called is decided before.

On a call such a contact is known by its id with a minus, beside the people of ours.
"""

from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.actions import add_note, assign
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.voice.events import CallAskedOutside, CallPutThroughOutside, OutsideContactSet
from madoguchi.voice.models import AgentPhone, Call, OutsideContact
from madoguchi.voice.outgoing import is_emergency, may_be_called, may_call_more
from madoguchi.voice.outside import note_answered_outside, note_over_outside, note_rung
from madoguchi.voice.phones import PHONE, Lines, announce_wish, own_phone, require_here, tell_phone
from madoguchi.voice.policies import may_set_announcements
from madoguchi.voice.queries import call_by_uid, case_of

State = AgentPhone.State


@transaction.atomic
def add_contact(company: int, *, name: str, number: str, by: Actor) -> OutsideContact:
    """Write down whom callers may be put through to. Raises NotAllowed, and Refused for a number that is not called."""
    _require(company, by)
    name, wanted = name.strip(), canonical(IdentityKind.PHONE, number.strip())
    if not name:
        raise Refused(_("Say who it is."), field="name")
    if is_emergency(number) or not may_be_called(wanted):
        raise Refused(_("Calls to this number are not allowed here: %s") % number[:40], field="number")
    made = OutsideContact.objects.create(company_id=company, name=name[:60], number=wanted)
    fact = OutsideContactSet(company=company, contact=made.pk, there=True)
    record(fact, by=by, words={"name": ["", made.name]})
    return made


@transaction.atomic
def remove_contact(company: int, contact: int, *, by: Actor) -> None:
    """Nobody is put through there any more. Raises NotAllowed and NotFound."""
    _require(company, by)
    found = OutsideContact.objects.filter(company=company, pk=contact, active=True).first()
    if found is None:
        raise NotFound(contact)
    found.active = False
    found.save(update_fields=["active"])
    fact = OutsideContactSet(company=company, contact=found.pk, there=False)
    record(fact, by=by, words={"name": [found.name, ""]})


def contacts_of(company: int) -> QuerySet[OutsideContact]:
    """Whom callers of a company may be put through to, by name."""
    return OutsideContact.objects.filter(company=company, active=True).order_by("name", "pk")


def contacts_for(call: Call) -> list[OutsideContact]:
    """Whom the caller of a call may be put through to from here; nobody where no calls go out by a trunk."""
    if not settings.CALLS_GO_BY_TRUNK or call.outside:
        return []
    return [one for one in contacts_of(call.company_id) if may_be_called(one.number)]


@transaction.atomic
def consult_outside(*, contact: int, lines: Lines, by: Actor) -> None:
    """Put the customer on hold and call somebody outside, to ask them or put the customer through.

    Raises Conflict where there is no call, or somebody is asked already, NotFound for who is not written down, and
    Refused without any words, or where the company may make no more calls today.
    """
    phone = own_phone(by)
    call = call_by_uid(phone.call)
    if phone.state != State.TALKING or phone.role or call is None:
        raise Conflict(_("The call is not there any more."))
    require_here(phone)
    if phone.asks:
        raise Conflict(_("You are asking somebody already."))
    if contact not in {one.pk for one in contacts_for(call)}:
        raise NotFound(contact)
    text = lines.written()
    if not text:
        raise Refused(_("Say in a line what it is about: it stands in the case."), field="summary")
    if not may_call_more(call.company_id):
        raise Refused(_("Today's limit of calls is reached. The manager can have it raised."))
    case = case_of(call)
    if case:
        add_note(case, text=text, by=by)
    phone.held, phone.asks, phone.outside_there = True, -contact, False
    phone.save(update_fields=["held", "asks", "outside_there"])
    where = case.where if case else {"company": call.company_id, "desk": call.desk_id}
    record(CallAskedOutside(**where, call=call.pk, person=phone.user_id, contact=contact), by=by)
    announce_wish(phone, "consult", to=-contact)


def contact_of(phone: AgentPhone) -> OutsideContact | None:
    """Who outside is asked by somebody beside their call."""
    return OutsideContact.objects.filter(pk=-phone.asks).first() if phone.asks < 0 else None


@transaction.atomic
def number_to_ring(contact: int, *, call: str) -> str:
    """The number of a contact that is about to be called, which counts as a call of the company; empty where it is not
    to be.
    """
    held = call_by_uid(call)
    found = OutsideContact.objects.filter(pk=contact, active=True).first()
    if held is None or found is None or found.company_id != held.company_id:
        return ""
    if not may_be_called(found.number) or not may_call_more(held.company_id):
        return ""
    note_rung(call, company=held.company_id)
    return found.number


@transaction.atomic
def note_contact_there(call: str, contact: int) -> None:
    """Who was called outside has answered."""
    note_answered_outside(call, at=clock.now())
    _turn(call, contact, outside_there=True)


@transaction.atomic
def let_contact_go(call: str, contact: int) -> None:
    """Who was called outside is on the call no more, or never was."""
    note_over_outside(call, at=clock.now())
    _turn(call, contact, asks=0, outside_there=False)


@transaction.atomic
def put_through_outside(call: str, contact: int, before: int) -> None:
    """The caller talks with somebody outside from now on; the case stays with who put them through."""
    if held := call_by_uid(call):
        case = case_of(held)
        where = case.where if case else {"company": held.company_id, "desk": held.desk_id}
        record(CallPutThroughOutside(**where, call=held.pk, person=before, contact=contact), by=PHONE)
        if case and case.assignee_id is None and case.continued_in_id is None:
            with suppress(Refused):
                assign(case, to=before, by=PHONE)


def _turn(call: str, contact: int, **values: object) -> None:
    rows = AgentPhone.objects.filter(call=call, asks=-contact)
    people = list(rows.values_list("user_id", flat=True))
    rows.update(**values)
    if held := call_by_uid(call):
        for one in people:
            tell_phone(one, held)


def _require(company: int, by: Actor) -> None:
    if not may_set_announcements(by, company=company):
        raise NotAllowed(Permission.DESKS)
