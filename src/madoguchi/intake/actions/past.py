"""Mail of long ago, from a mailbox that is taken over: both what customers wrote and what we answered then."""

from collections.abc import Collection, Sequence

from madoguchi.cases.actions import Answering, Arriving, begun_by_us, open_case, write_past_answer
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import own_addresses
from madoguchi.customers.actions import find_or_create
from madoguchi.infra import scope
from madoguchi.intake.actions.handling import handle
from madoguchi.intake.actions.settling import INTAKE, finish
from madoguchi.intake.actions.storing import receive
from madoguchi.intake.channels import reader_of
from madoguchi.intake.models import Arrival
from madoguchi.intake.threading import await_others, look_up, place_of
from madoguchi.kernel.channel import Channel, Inbound, Party, Unreadable
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import one_line


def take_past(
    raw: bytes, *, entry_point: EntryPoint, source: str, also_ours: Collection[str] = ()
) -> Arrival | None:
    """Store a mail and make a message of it at once, in one transaction, at the time at which the clock is held.

    From one of our own addresses (or of `also_ours`) it is what we answered then, unless our mail server found that it
    was not from there; nobody is told, whoever calls sees to that. None when the company has these very bytes.
    """
    with scope.acting_for([entry_point.company_id]):
        arrival_id = receive(raw=raw, entry_point=entry_point, source=source)
        if arrival_id is None:
            return None
        ours = {_plain(one) for one in (*own_addresses(entry_point.company_id), *also_ours)}
        inbound = _read(raw, sorted(ours))
        if inbound is None or not _is_ours(inbound, ours):
            return handle(arrival_id, company=entry_point.company_id)
        return _take_ours(arrival_id, inbound, ours)


def _is_ours(inbound: Inbound, ours: Collection[str]) -> bool:
    return _plain(inbound.sender.address) in ours and inbound.trust.authentication != "fail"


def _read(raw: bytes, ours: Sequence[str]) -> Inbound | None:
    """None for what cannot be read: it goes the way of everything that arrives, into quarantine."""
    try:
        return reader_of(Channel.EMAIL).read(raw, own_addresses=ours)
    except Unreadable:
        return None


def _take_ours(arrival_id: int, inbound: Inbound, ours: Collection[str]) -> Arrival:
    arrival = Arrival.objects.select_related("entry_point").get(pk=arrival_id)
    arrival.summary = one_line(f"{inbound.sender.address} {inbound.subject}", most=300)
    findings = look_up(inbound, company=arrival.company_id, arrival=arrival.pk, as_us=True)
    others = [party for party in inbound.to if _plain(party.address) not in ours]
    if findings.same is not None or findings.ours:
        finish(arrival, Arrival.State.REPEATED, case=findings.same or findings.ours or None)
        return arrival
    if not others:
        finish(arrival, Arrival.State.HANDLED, reason="From ourselves, and to nobody else.")
        return arrival
    company = arrival.company_id
    customer = _customer(company, others[0], inbound.language)
    place = place_of(inbound, findings, company=company, customer=customer)
    if place.case is None:
        case, message = _begin(Arriving(inbound, customer, arrival.entry_point), follows=place.follows)
    else:
        case, message = place.case, _answer(place.case, inbound)
    await_others(inbound, findings, company=company, case=case)
    arrival.fingerprint = inbound.fingerprint
    finish(arrival, Arrival.State.HANDLED, case=case, message=message)
    return arrival


def _begin(arriving: Arriving, *, follows: int | None) -> tuple[int, int]:
    placed = open_case(arriving, by=INTAKE, follows=follows)
    begun_by_us(placed, user=None)
    return placed.case, placed.message


def _answer(case: int, inbound: Inbound) -> int:
    answering = Answering(
        text=inbound.text,
        to=inbound.to,
        cc=inbound.cc,
        external_id=inbound.external_id[:500],
        subject=inbound.subject,
        sender=inbound.sender,
        files=inbound.files,
        automatic=inbound.automatic,
    )
    row = Case.objects.get(pk=case)
    status = None if inbound.automatic else Status.WAITING_CUSTOMER
    return write_past_answer(row, answering, user=None, by=INTAKE, status=status).pk


def _customer(company: int, party: Party, language: str) -> int:
    kind = IdentityKind.EMAIL
    return find_or_create(company=company, kind=kind, party=party, language=language, typed=True, by=INTAKE)


def _plain(address: str) -> str:
    """An address in the form in which two of them are compared, without its plus-detail."""
    local, _at, domain = canonical(IdentityKind.EMAIL, address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
