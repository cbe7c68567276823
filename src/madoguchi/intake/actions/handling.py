"""Making messages of what was stored: who is it from, which case is it, and is it new."""

import errno
from collections.abc import Mapping, Sequence

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Arriving, Placed, continue_case, open_case
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import own_addresses
from madoguchi.customers.actions import create_unknown, find_or_create
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all, plans_kept
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.intake.actions.settling import INTAKE, finish, keep_out, quarantine
from madoguchi.intake.also import hear
from madoguchi.intake.channels import reader_of
from madoguchi.intake.events import LoopRecognised
from madoguchi.intake.loops import is_turn
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.repeating import signed_by_repetition
from madoguchi.intake.reports import take_report
from madoguchi.intake.threading import (
    Findings,
    await_others,
    is_answer,
    join_all,
    look_up,
    place_of,
    without_our_name,
)
from madoguchi.intake.unproven import with_unproven_phone
from madoguchi.kernel.channel import Channel, Inbound, Party, Unreadable
from madoguchi.kernel.identity import IdentityKind, written_phone
from madoguchi.kernel.text import one_line

logger = structlog.get_logger()
# Classes of SQLSTATE: lost connections, a plan that a table has outgrown (psycopg forgets its plans at a rollback),
# transactions in each other's way, a full disk or memory, somebody who stops a statement or the server, and trouble
# with its files.
_OF_THE_DATABASE = ("08", "0A", "40", "53", "57", "58")
# Once a minute (`left_over`): a day.
MOST_PUT_OFF = 24 * 60
_OF_THE_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})
_IDENTITIES = {Channel.CHAT: IdentityKind.WEB, Channel.LINE: IdentityKind.LINE}
_RAW = "SELECT arrival_id, content FROM intake_rawarrival WHERE arrival_id = ANY(%s::bigint[])"

_WAITING = PreparedQuery(
    lambda: (
        Arrival.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__among=Slot("arrivals"), state=Arrival.State.STORED)
        .order_by("pk")
        .select_related("entry_point")
    )
)


def handle(arrival_id: int, *, company: int) -> Arrival | None:
    """Make a message of one stored arrival; see `handle_many`. None when it is not waiting any more."""
    return next(iter(handle_many([arrival_id], company=company)), None)


def handle_many(arrivals: Sequence[int], *, company: int, counted: bool = False) -> list[Arrival]:
    """Make messages of stored arrivals: who is each from, which case is it, and is it new.

    Never fails for what is in them: what cannot be handled is quarantined with the reason. Those that
    somebody else is handling, or that have been handled, are left out of what is returned; one that a
    deadlock or a full disk threw out stays stored and is taken up again within a minute, for a day. `counted` says that
    this attempt stands in the rows already.
    """
    with scope.acting_for([company]), plans_kept():
        taken = _locked(arrivals, counted)
        if not taken:
            return []
        ours = own_addresses(company)
        raw = dict(fetch_all(_RAW, [[arrival.pk for arrival in taken]]))
        if _handled_together(taken, raw, ours):
            return taken
        taken = _locked([arrival.pk for arrival in taken], counted)
        for arrival in taken:
            handle_one(arrival, raw[arrival.pk], ours)
        return taken


def _locked(arrivals: Sequence[int], counted: bool) -> list[Arrival]:
    """Those that wait and that nobody else handles, with this attempt counted."""
    taken = _WAITING.rows({"arrivals": list(arrivals)})
    for arrival in taken:
        arrival.tries += not counted
    return taken


def _handled_together(taken: Sequence[Arrival], raw: Mapping[int, bytes], ours: Sequence[str]) -> bool:
    """Whether several were handled under one savepoint. If anything goes wrong with any, nothing has changed, and each
    is to be handled under its own.
    """
    if len(taken) < 2:
        return False
    try:
        with transaction.atomic():
            for arrival in taken:
                _take_in(arrival, raw[arrival.pk], ours, wanted=False)
    except Exception:
        logger.info("arrivals_handled_one_by_one", arrivals=len(taken), exc_info=True)
        return False
    return True


def raw_of(arrival: Arrival) -> bytes:
    """The bytes of an arrival as they came."""
    [(_id, raw)] = fetch_all(_RAW, [[arrival.pk]])
    return bytes(raw)


def handle_one(arrival: Arrival, raw: bytes, ours: Sequence[str], *, wanted: bool = False) -> None:
    """Make a message of an arrival that is locked, or say in its state why not; never fails for what is in it.

    `wanted` says that a person has looked, and it is no spam.
    """
    try:
        try:
            _attempt(arrival, raw, ours, wanted)
        except IntegrityError:
            # Another process took in a copy in the same moment. Now it can be seen.
            _attempt(arrival, raw, ours, wanted)
    except Exception as error:
        waits = _says_nothing_of_it(error)
        if waits and arrival.put_off < MOST_PUT_OFF:
            logger.warning("arrival_left_waiting", arrival=arrival.pk, exc_info=True)
            return
        logger.warning("arrival_quarantined", arrival=arrival.pk, exc_info=True)
        reason = str(error) if isinstance(error, Unreadable) else f"{type(error).__name__}: {error}"
        quarantine(arrival, f"{never_handled()} {reason}" if waits else reason)


def never_handled() -> str:
    """Why what was put off all day is laid aside."""
    return _("It was tried every minute for a day and could not be handled.")


def _attempt(arrival: Arrival, raw: bytes, ours: Sequence[str], wanted: bool) -> None:
    arrival.fingerprint = None  # what an attempt before this one set was undone with it
    with transaction.atomic():
        _take_in(arrival, raw, ours, wanted)


def _says_nothing_of_it(error: Exception) -> bool:
    """Whether this is about the machine or another transaction, and not about what is in it: it can wait."""
    if isinstance(error, OSError):
        return error.errno in _OF_THE_MACHINE
    return str(getattr(error.__cause__, "sqlstate", "")).startswith(_OF_THE_DATABASE)


def _take_in(arrival: Arrival, raw: bytes, ours: Sequence[str], wanted: bool) -> None:
    inbound = reader_of(arrival.channel).read(raw, own_addresses=ours)
    arrival.summary = one_line(f"{inbound.sender.address} {inbound.subject}", most=300)
    findings = look_up(inbound, company=arrival.company_id, arrival=arrival.pk)
    if findings.same is not None or findings.ours:
        finish(arrival, Arrival.State.REPEATED, case=findings.same or findings.ours or None)
        return
    if inbound.report and (case := take_report(arrival, inbound.report, by=INTAKE)):
        arrival.fingerprint = inbound.fingerprint
        finish(arrival, Arrival.State.HANDLED, case=case)
        return
    if not inbound.sender.address and inbound.channel != Channel.PHONE:
        quarantine(arrival, _("There is no sender to answer."))
        return
    reason = "" if wanted else _why_unwanted(inbound, findings)
    if reason:
        keep_out(arrival, reason, form=inbound.external_id if inbound.channel == Channel.FORM else "")
        return
    placed = _place(arrival, without_our_name(inbound, findings), findings)
    arrival.fingerprint = inbound.fingerprint
    finish(arrival, Arrival.State.HANDLED, case=placed.case, message=placed.message)
    hear(placed.message, inbound.channel)


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


def _place(arrival: Arrival, inbound: Inbound, findings: Findings) -> Placed:
    company = arrival.company_id
    if inbound.channel == Channel.PHONE:
        customer = _caller(inbound, company)
    else:
        customer = _writer(inbound, company)
        inbound = with_unproven_phone(inbound, customer)
    inbound = signed_by_repetition(inbound, company=company, customer=customer)
    place = place_of(inbound, findings, company=company, customer=customer)
    arriving = Arriving(inbound=inbound, customer=customer, entry_point=arrival.entry_point)
    if place.case is None:
        loops = _is_turn(arriving, findings)
        placed = open_case(arriving, by=INTAKE, follows=place.follows)
        if loops:
            _note_loop(placed, arrival.entry_point)
    else:
        join_all(place, by=INTAKE)
        placed = continue_case(place.case, arriving, by=INTAKE)
    await_others(inbound, findings, company=company, case=placed.case)
    return placed


def _writer(inbound: Inbound, company: int) -> int:
    return find_or_create(
        company=company,
        kind=_IDENTITIES.get(inbound.channel, IdentityKind.EMAIL),
        party=inbound.sender,
        language=inbound.language,
        phone=inbound.phone,
        typed=inbound.channel == Channel.FORM,
        by=INTAKE,
    )


def _caller(inbound: Inbound, company: int) -> int:
    """Who calls is known by their number; it proves as little as what is typed, so nothing of the customer changes."""
    if not inbound.phone:
        return create_unknown(company, language=inbound.language, by=INTAKE)
    party = Party(address=written_phone(inbound.phone), name=inbound.sender.name)
    return find_or_create(
        company=company,
        kind=IdentityKind.PHONE,
        party=party,
        language=inbound.language,
        typed=True,
        by=INTAKE,
    )


def _is_turn(arriving: Arriving, findings: Findings) -> bool:
    point = arriving.entry_point
    return is_turn(
        arriving.inbound,
        rule=findings.rule,
        company=point.company_id,
        entry_point=point.pk,
        customer=arriving.customer,
    )


def _note_loop(placed: Placed, point: EntryPoint) -> None:
    """Somebody waits as for any mail; that no machine of ours answers it stands in its history."""
    about = {"company": point.company_id, "case": placed.case, "desk": point.desk_id}
    record(LoopRecognised(**about, message=placed.message), by=INTAKE)
