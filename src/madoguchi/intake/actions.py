"""The one door: everything that arrives is stored as it came, then handled once.

Storing and handling are two transactions, so that what is wrong with a message can never lose it. Many arrivals may
be handled in one transaction, each in a savepoint of its own.
"""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Arriving, Placed, continue_case, open_case
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import own_addresses
from madoguchi.customers.actions import find_or_create
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all, fetch_one
from madoguchi.intake.channels import reader_of
from madoguchi.intake.events import ArrivalKeptOut, ArrivalQuarantined, ArrivalRetried, ArrivalTakenIn
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.reports import take_report
from madoguchi.intake.threading import Findings, await_others, is_answer, join_all, look_up, place_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel, Inbound, Unreadable
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.identity import IdentityKind
from madoguchi.kernel.text import clean, one_line

INTAKE = system("intake")
logger = structlog.get_logger()
_AT_ONCE = 50
_MOST_ATTEMPTS = 3

_STORE = """
    WITH arrival AS (
        INSERT INTO intake_arrival (company_id, entry_point_id, channel, source, state, reason, tries, size, sha256,
            summary, arrived_at)
        VALUES (%(company)s, %(entry_point)s, %(channel)s, %(source)s, 'stored', '', 0, %(size)s, %(sha256)s, '',
            %(now)s)
        ON CONFLICT (company_id, sha256) DO NOTHING RETURNING id
    )
    INSERT INTO intake_rawarrival (arrival_id, company_id, content)
    SELECT id, %(company)s, %(content)s FROM arrival RETURNING arrival_id
"""
_RAW = "SELECT arrival_id, content FROM intake_rawarrival WHERE arrival_id = ANY(%s::bigint[])"
_FINISH = """
    UPDATE intake_arrival SET state = %(state)s, reason = %(reason)s, tries = %(tries)s, summary = %(summary)s,
        fingerprint = %(fingerprint)s::bytea, case_id = %(case_id)s, message_id = %(message_id)s, handled_at = %(now)s
    WHERE id = %(id)s
"""


def receive(
    *, raw: bytes, entry_point: EntryPoint, source: str, channel: Channel | None = None
) -> int | None:
    """Store what arrived, before anything is made of it; returns the arrival's id.

    `channel` says who can read it where that is not the entry point's own channel: a customer's page answers
    a case that began by mail. None when the company already has these very bytes. Durable when it returns:
    the door may then tell the other side that it was taken.
    """
    values = {
        "company": entry_point.company_id,
        "entry_point": entry_point.pk,
        "channel": str(channel or entry_point.kind),
        "source": one_line(source, most=200),
        "size": len(raw),
        "sha256": hashlib.sha256(raw).digest(),
        "content": raw,
        "now": clock.now(),
    }
    with scope.acting_for([entry_point.company_id]):
        row = fetch_one(_STORE, values)
        return int(row[0]) if row else None


def handle(arrival_id: int, *, company: int) -> Arrival | None:
    """Make a message of one stored arrival; see `handle_many`. None when it is not waiting any more."""
    return next(iter(handle_many([arrival_id], company=company)), None)


def handle_many(arrivals: Sequence[int], *, company: int) -> list[Arrival]:
    """Make messages of stored arrivals: who is each from, which case is it, and is it new.

    Never fails for what is in them: what cannot be handled is quarantined with the reason. Those that
    somebody else is handling, or that have been handled, are left out of what is returned; one that a
    deadlock threw out stays stored and is taken up again within a minute.
    """
    return _handle_those(arrivals, company=company)


def handle_left_over(*, most: int = 500) -> int:
    """Handle what was stored but never handled, because a process was killed in between.

    A few at a time, since readers of the log wait for long transactions, and what goes wrong with one
    company's keeps no other's waiting. An attempt counts before it is made; one arrival that ends the process
    that handles it, time and again, comes last and alone, and after three attempts goes to quarantine.
    """
    with scope.everywhere(reason="arrivals of any company may have been left"):
        waiting = Arrival.objects.filter(state=Arrival.State.STORED)
        left = list(
            waiting.order_by("tries", "company_id", "arrived_at").values_list("tries", "company_id", "pk")[
                :most
            ]
        )
    handled = 0
    for (tries, company), rows in groupby(left, key=itemgetter(0, 1)):
        waiting_there = [pk for *_, pk in rows]
        at_once = 1 if tries else _AT_ONCE
        try:
            for start in range(0, len(waiting_there), at_once):
                handled += _handle_again(waiting_there[start : start + at_once], company=company)
        except Exception:
            logger.exception("left_over_not_handled", company=company)
    return handled


def _handle_again(arrivals: Sequence[int], *, company: int) -> int:
    with scope.acting_for([company]):
        counted, given_up = _count_attempt(arrivals)
    try:
        return given_up + len(_handle_those(counted, company=company, counted=True))
    finally:
        # Reached with some still stored: this process lives, so what went wrong was not their doing.
        with scope.acting_for([company]):
            waiting = Arrival.objects.filter(pk__in=counted, state=Arrival.State.STORED, tries__gt=0)
            waiting.update(tries=F("tries") - 1)


def _count_attempt(arrivals: Sequence[int]) -> tuple[list[int], int]:
    """Those whose attempt begins now, and how many went to quarantine instead; durable before anything is tried."""
    waiting = Arrival.objects.select_for_update(skip_locked=True, of=("self",)).select_related("entry_point")
    found = list(waiting.filter(pk__in=arrivals, state=Arrival.State.STORED).order_by("pk"))
    ready = [arrival.pk for arrival in found if arrival.tries < _MOST_ATTEMPTS]
    Arrival.objects.filter(pk__in=ready).update(tries=F("tries") + 1)
    for arrival in found:
        if arrival.tries >= _MOST_ATTEMPTS:
            logger.error("arrival_ends_processes", arrival=arrival.pk)
            _quarantine(
                arrival, _("The program ended each time it tried to read this, three times in a row.")
            )
    return ready, len(found) - len(ready)


def _handle_those(arrivals: Sequence[int], *, company: int, counted: bool = False) -> list[Arrival]:
    with scope.acting_for([company]):
        waiting = Arrival.objects.select_for_update(skip_locked=True, of=("self",))
        found = waiting.filter(pk__in=arrivals, state=Arrival.State.STORED).order_by("pk")
        taken = list(found.select_related("entry_point"))
        ours = own_addresses(company) if taken else []
        raw = dict(fetch_all(_RAW, [[arrival.pk for arrival in taken]]))
        for arrival in taken:
            if not counted:
                arrival.tries += 1
            _handle(arrival, raw[arrival.pk], ours)
        return taken


@transaction.atomic
def retry(arrival_id: int, *, by: Actor) -> Arrival:
    """Try a quarantined arrival again. Raises NotFound, or NotAllowed; the outcome is in its state."""
    arrival = _locked(arrival_id, Permission.QUARANTINE, by)
    if arrival.state == Arrival.State.QUARANTINED:
        arrival.tries += 1
        _handle(arrival, _raw_of(arrival), own_addresses(arrival.company_id))
        record(ArrivalRetried(**_where(arrival), outcome=arrival.state), by=by)
    return arrival


@transaction.atomic
def take_in(arrival_id: int, *, by: Actor) -> Arrival:
    """Take in what was kept out as spam, and was none. Raises NotFound, or NotAllowed; the outcome is in its state."""
    arrival = _locked(arrival_id, Permission.SPAM, by)
    if arrival.state == Arrival.State.SPAM:
        arrival.tries += 1
        _handle(arrival, _raw_of(arrival), own_addresses(arrival.company_id), wanted=True)
        record(ArrivalTakenIn(**_where(arrival), outcome=arrival.state), by=by)
    return arrival


def sender_of(arrival: Arrival) -> str:
    """The address that an arrival came from, read anew from its bytes. Raises Unreadable."""
    inbound = reader_of(arrival.channel).read(_raw_of(arrival), own_addresses=[])
    return inbound.sender.address


def _locked(arrival_id: int, permission: Permission, by: Actor) -> Arrival:
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("entry_point")
    arrival = rows.filter(pk=arrival_id).first()
    if arrival is None:
        raise NotFound(arrival_id)
    if not by.may(permission, company=arrival.company_id, desk=arrival.entry_point.desk_id):
        raise NotAllowed(permission)
    return arrival


def _raw_of(arrival: Arrival) -> bytes:
    [(_id, raw)] = fetch_all(_RAW, [[arrival.pk]])
    return bytes(raw)


def _where(arrival: Arrival) -> dict[str, int]:
    return {"company": arrival.company_id, "desk": arrival.entry_point.desk_id, "arrival": arrival.pk}


def _handle(arrival: Arrival, raw: bytes, ours: Sequence[str], *, wanted: bool = False) -> None:
    try:
        try:
            _attempt(arrival, raw, ours, wanted)
        except IntegrityError:
            # Another process took in a copy in the same moment. Now it can be seen.
            _attempt(arrival, raw, ours, wanted)
    except Exception as error:
        if _in_each_others_way(error):
            logger.warning("arrival_left_waiting", arrival=arrival.pk, exc_info=True)
            return
        logger.warning("arrival_quarantined", arrival=arrival.pk, exc_info=True)
        _quarantine(
            arrival, str(error) if isinstance(error, Unreadable) else f"{type(error).__name__}: {error}"
        )


def _attempt(arrival: Arrival, raw: bytes, ours: Sequence[str], wanted: bool) -> None:
    arrival.fingerprint = None  # what an attempt before this one set was undone with it
    with transaction.atomic():
        _take_in(arrival, raw, ours, wanted)


def _in_each_others_way(error: Exception) -> bool:
    """Whether the database ended this for the sake of another transaction, and not for what is in it."""
    return str(getattr(error.__cause__, "sqlstate", "")).startswith("40")


def _take_in(arrival: Arrival, raw: bytes, ours: Sequence[str], wanted: bool) -> None:
    inbound = reader_of(arrival.channel).read(raw, own_addresses=ours)
    arrival.summary = one_line(f"{inbound.sender.address} {inbound.subject}", most=300)
    findings = look_up(inbound, company=arrival.company_id, arrival=arrival.pk)
    if findings.same is not None or findings.ours:
        _finish(arrival, Arrival.State.REPEATED, case=findings.same or None)
        return
    if inbound.report and (case := take_report(arrival, inbound.report, by=INTAKE)):
        arrival.fingerprint = inbound.fingerprint
        _finish(arrival, Arrival.State.HANDLED, case=case)
        return
    if not inbound.sender.address:
        _quarantine(arrival, _("There is no sender to answer."))
        return
    reason = "" if wanted else _why_unwanted(inbound, findings)
    if reason:
        _keep_out(arrival, reason)
        return
    placed = _place(arrival, inbound, findings)
    arrival.fingerprint = inbound.fingerprint
    _finish(arrival, Arrival.State.HANDLED, case=placed.case, message=placed.message)


def _why_unwanted(inbound: Inbound, findings: Findings) -> str:
    """Why this stays outside; empty for what is taken in. A mail server's word does not part a customer from a
    case that is there.
    """
    kind, _separator, pattern = findings.rule.partition(" ")
    if kind == SenderRule.Kind.BLOCK:
        return _("The sender is on the list of those kept out (%(pattern)s).") % {"pattern": pattern}
    if kind or not inbound.trust.spam or is_answer(inbound, findings):
        return ""
    return _("The mail server took it for spam (%(words)s).") % {"words": inbound.trust.spam}


def _keep_out(arrival: Arrival, reason: str) -> None:
    reason = clean(reason)
    _finish(arrival, Arrival.State.SPAM, reason=reason[:2000])
    record(ArrivalKeptOut(**_where(arrival), reason=reason[:500]), by=INTAKE)


def _place(arrival: Arrival, inbound: Inbound, findings: Findings) -> Placed:
    company = arrival.company_id
    customer = find_or_create(
        company=company,
        kind=IdentityKind.EMAIL,
        party=inbound.sender,
        language=inbound.language,
        phone=inbound.phone,
        by=INTAKE,
    )
    arriving = Arriving(inbound=inbound, customer=customer, entry_point=arrival.entry_point)
    place = place_of(inbound, findings, company=company, customer=customer)
    if place.case is None:
        placed = open_case(arriving, by=INTAKE, follows=place.follows)
    else:
        join_all(place, by=INTAKE)
        placed = continue_case(place.case, arriving, by=INTAKE)
    await_others(inbound, findings, company=company, case=placed.case)
    return placed


def _finish(
    arrival: Arrival,
    state: Arrival.State,
    *,
    case: int | None = None,
    message: int | None = None,
    reason: str = "",
) -> None:
    arrival.state, arrival.case_id, arrival.message_id = state, case, message
    arrival.reason, arrival.handled_at = reason, clock.now()
    values = {
        "id": arrival.pk,
        "state": state.value,
        "reason": reason,
        "tries": arrival.tries,
        "summary": arrival.summary,
        "fingerprint": arrival.fingerprint,
        "case_id": case,
        "message_id": message,
        "now": arrival.handled_at,
    }
    fetch_all(_FINISH, values)


def _quarantine(arrival: Arrival, reason: str) -> None:
    arrival.fingerprint, reason = None, clean(reason)  # it may quote what the database refuses
    _finish(arrival, Arrival.State.QUARANTINED, reason=reason[:2000])
    record(ArrivalQuarantined(**_where(arrival), reason=reason[:500]), by=INTAKE)
