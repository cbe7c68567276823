"""Calls that somebody makes by hand, from a case: their own phone is connected first, then the customer's rings."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.cases.policies import may_reply
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import first_number
from madoguchi.customers.consenting import may_approach
from madoguchi.customers.models import Customer, Identity, Purpose, Way
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.queries import works_at
from madoguchi.voice.events import CallPlaced
from madoguchi.voice.models import AgentPhone, Call, PlannedCall
from madoguchi.voice.outgoing import may_be_called, may_call_more
from madoguchi.voice.phones import HEARD_WITHIN, announce_free, own_phone, tell_phone
from madoguchi.voice.queries import is_at_work
from madoguchi.voice.sip_models import registered

State = AgentPhone.State


def may_call(by: Actor, case: Case) -> bool:
    """Whether somebody could call the customer of a case at all: calls go out, and they answer its customers."""
    return bool(settings.CALLS_GO_OUT) and may_reply(by, case)


def has_no_trunk(by: Actor, case: Case) -> bool:
    """Whether somebody could call the customer of a case if calls went out, which they do not here."""
    return not settings.CALLS_GO_OUT and may_reply(by, case)


@transaction.atomic
def call_by_hand(case: Case, *, identity: int, by: Actor) -> Call:
    """Call the customer of a case at a number of theirs, from the first number of the case's desk.

    All that holds for calls that go out is asked here, in the transaction in which the call begins to count: what the
    customer said of being called, allowed numbers, the desk's hours, the company's day. Raises NotAllowed, NotFound for
    what is no number of the customer, Conflict where the own phone is not open or has a call, and Refused where the
    call must not be.
    """
    if not may_call(by, case) or not works_at(by.id or 0, desk=case.desk_id, company=case.company_id):
        raise NotAllowed(Permission.CASE_REPLY)
    own = Identity.objects.filter(pk=identity, customer=case.customer_id, kind=IdentityKind.PHONE).first()
    said = Message.objects.filter(case=case).order_by("-id").values_list("pk", flat=True).first()
    if own is None or said is None:
        raise NotFound(identity)
    _require_welcome(case.customer_id)
    phone, point = own_phone(by), _from_where(case, own.value)
    if phone.state not in (State.AWAY, State.READY):
        raise Conflict(_("Finish the call first."))
    if phone.seen_at <= clock.now() - HEARD_WITHIN:
        raise Conflict(_("Open the page of your phone first (g r): the call is connected there."))
    return _begin(case, point, own.value, phone, said, by)


def _require_welcome(customer: int) -> None:
    """A call from a case is about the customer's own matter, and needs no consent; whoever refused it is not called."""
    if may_approach(customer, Purpose.MATTER, Way.PHONE):
        return
    if Customer.objects.filter(pk=customer, use_stopped_at__isnull=False).exists():
        raise Refused(_("The use of this customer's data is stopped, so they are not called."))
    raise Refused(_("This customer does not want to be called. Write to them instead."))


def _from_where(case: Case, number: str) -> EntryPoint:
    """From which number of ours; raises Refused where it must not be called, or not now."""
    point = first_number(case.desk_id)
    if point is None:
        raise Refused(_("This desk has no phone number to call from."))
    if not may_be_called(number):
        raise Refused(_("Calls to this number are not allowed here."))
    if not is_at_work(point.desk, clock.now()):
        raise Refused(_("The desk is closed. Call within its hours."))
    if not may_call_more(case.company_id):
        raise Refused(_("Today's limit of calls is reached. The manager can have it raised."))
    return point


def _begin(case: Case, point: EntryPoint, number: str, phone: AgentPhone, message: int, by: Actor) -> Call:
    now = clock.now()
    where = {"company_id": case.company_id, "entry_point": point, "desk_id": case.desk_id}
    call = Call.objects.create(
        **where,
        uid=uuid.uuid4().hex,
        direction=Call.Direction.OUTBOUND,
        called=point.address,
        caller=number,
        offered_at=now,
        alive_at=now,
        message_id=message,
    )
    plan = PlannedCall.objects.create(
        **where,
        origin=call,
        message_id=message,
        number=number,
        since=now,
        next_at=now,
        person_id=phone.user_id,
    )
    call.plan_id = plan.pk
    call.save(update_fields=["plan_id"])
    phone.state, phone.call, phone.since, phone.role = State.RINGING, call.uid, now, ""
    phone.offer, phone.answer, phone.held, phone.secret = "", "", False, False
    phone.telephone = registered(now).filter(user=phone.user_id).exists()
    phone.save()
    fact = CallPlaced(**case.where, call=call.pk, entry_point=point.pk, person=phone.user_id, tries=1)
    record(fact, by=by)
    announce_free()
    tell_phone(phone.user_id, call)
    return call


def is_by_hand(call: Call) -> bool:
    """Whether somebody of ours made this call by hand."""
    return (
        PlannedCall.objects.filter(pk=call.plan_id, person__isnull=False).exists() if call.plan_id else False
    )
