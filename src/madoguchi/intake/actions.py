"""The one door: everything that arrives is stored as it came, then handled once."""

import hashlib

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Arriving, continue_case, open_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import own_addresses
from madoguchi.customers.actions import find_or_create
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.intake.channels import reader_of
from madoguchi.intake.events import ArrivalQuarantined, ArrivalRetried
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.intake.threading import case_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel, Inbound
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.identity import IdentityKind
from madoguchi.kernel.text import one_line

INTAKE = system("intake")
logger = structlog.get_logger()


def receive(
    *, raw: bytes, entry_point: EntryPoint, source: str, channel: Channel | None = None
) -> int | None:
    """Store what arrived, before anything is made of it; returns the arrival's id.

    `channel` says who can read it where that is not the entry point's own channel: a customer's page answers
    a case that began by mail. None when the company already has these very bytes. Durable when it returns: the door may then tell the
    other side that it was taken.
    """
    with scope.acting_for([entry_point.company_id]):
        try:
            with transaction.atomic():
                return _store(raw, entry_point, source, channel or Channel(entry_point.kind))
        except IntegrityError:
            return None


def handle(arrival_id: int, *, company: int) -> Arrival | None:
    """Make a message of a stored arrival: who is it from, which case is it, and is it new.

    Never fails for what is in it: what cannot be handled is quarantined with the reason. None when somebody
    else is handling it or it has been handled.
    """
    with scope.acting_for([company]):
        waiting = Arrival.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "entry_point"
        )
        arrival = waiting.filter(pk=arrival_id, state=Arrival.State.STORED).first()
        if arrival is not None:
            _handle(arrival)
        return arrival


def handle_left_over(*, most: int = 500) -> int:
    """Handle what was stored but never handled, because a process was killed in between."""
    with scope.everywhere(reason="arrivals of any company may have been left"):
        waiting = Arrival.objects.filter(state=Arrival.State.STORED).order_by("arrived_at")
        left = list(waiting.values_list("pk", "company_id")[:most])
    return sum(handle(pk, company=company) is not None for pk, company in left)


def retry(arrival_id: int, *, by: Actor) -> Arrival:
    """Try a quarantined arrival again. Raises NotFound, or NotAllowed; the outcome is in its state."""
    with transaction.atomic():
        arrival = (
            Arrival.objects.select_for_update(of=("self",))
            .select_related("entry_point")
            .filter(pk=arrival_id)
            .first()
        )
        if arrival is None:
            raise NotFound(arrival_id)
        desk = arrival.entry_point.desk_id
        if not by.may(Permission.QUARANTINE, company=arrival.company_id, desk=desk):
            raise NotAllowed(Permission.QUARANTINE)
        if arrival.state == Arrival.State.QUARANTINED:
            _handle(arrival)
            fact = ArrivalRetried(
                company=arrival.company_id, desk=desk, arrival=arrival.pk, outcome=arrival.state
            )
            record(fact, by=by)
        return arrival


def _store(raw: bytes, entry_point: EntryPoint, source: str, channel: Channel) -> int:
    arrival = Arrival.objects.create(
        company_id=entry_point.company_id,
        entry_point=entry_point,
        channel=channel,
        source=one_line(source, most=200),
        size=len(raw),
        sha256=hashlib.sha256(raw).digest(),
        arrived_at=clock.now(),
    )
    RawArrival.objects.create(company_id=entry_point.company_id, arrival=arrival, content=raw)
    return arrival.pk


def _handle(arrival: Arrival) -> None:
    arrival.tries += 1
    try:
        with transaction.atomic():
            _take_in(arrival)
    except Exception as error:
        logger.warning("arrival_quarantined", arrival=arrival.pk, exc_info=True)
        _quarantine(arrival, f"{type(error).__name__}: {error}")


def _take_in(arrival: Arrival) -> None:
    raw = bytes(RawArrival.objects.only("content").get(arrival=arrival).content)
    inbound = reader_of(arrival.channel).read(raw, own_addresses=own_addresses(arrival.company_id))
    arrival.fingerprint = inbound.fingerprint
    arrival.summary = one_line(f"{inbound.sender.address} {inbound.subject}", most=300)
    if not inbound.sender.address:
        _quarantine(arrival, _("There is no sender to answer."))
        return
    if _came_before(arrival) or _is_our_own(arrival, inbound):
        _finish(arrival, Arrival.State.REPEATED)
        return
    message = _as_message(arrival, inbound)
    arrival.case_id, arrival.message_id = message.case_id, message.pk
    _finish(arrival, Arrival.State.HANDLED)


def _came_before(arrival: Arrival) -> bool:
    same = Arrival.objects.filter(company_id=arrival.company_id, fingerprint=arrival.fingerprint)
    if first := same.exclude(pk=arrival.pk).first():
        arrival.fingerprint, arrival.case_id = None, first.case_id
        return True
    return False


def _is_our_own(arrival: Arrival, inbound: Inbound) -> bool:
    ours = Message.objects.filter(company_id=arrival.company_id, external_id=inbound.external_id)
    return bool(inbound.external_id) and ours.exclude(author=Message.Author.CUSTOMER).exists()


def _as_message(arrival: Arrival, inbound: Inbound) -> Message:
    customer = find_or_create(
        company=arrival.company_id,
        kind=IdentityKind.EMAIL,
        party=inbound.sender,
        language=inbound.language,
        phone=inbound.phone,
        by=INTAKE,
    )
    arriving = Arriving(inbound=inbound, customer=customer, entry_point=arrival.entry_point)
    case = case_of(inbound, company=arrival.company_id, customer=customer)
    if case is None:
        return open_case(arriving, by=INTAKE)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    return continue_case(locked, arriving, by=INTAKE)


def _finish(arrival: Arrival, state: Arrival.State) -> None:
    arrival.state, arrival.handled_at, arrival.reason = state, clock.now(), ""
    arrival.save()


def _quarantine(arrival: Arrival, reason: str) -> None:
    arrival.fingerprint = None
    arrival.state, arrival.reason, arrival.handled_at = Arrival.State.QUARANTINED, reason[:2000], clock.now()
    arrival.save()
    fact = ArrivalQuarantined(
        company=arrival.company_id, desk=arrival.entry_point.desk_id, arrival=arrival.pk, reason=reason[:500]
    )
    record(fact, by=INTAKE)
