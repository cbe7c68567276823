"""Whoever waits for a time is called up when it is free: it is kept for the first who could have it, they are written
to, and somebody of the desk has the task to call them, with the moment until which it is kept.

It does not matter how it became free (cancelled, moved, let go, one unit more): each minute it is looked at, and what
stays free for some minutes, in which a slip can be undone, is offered. Who lets it pass has had their turn.

No machine says for a customer whose data is used no more, or who refused this way, that a mail may go all the same:
they are called by somebody who sees that. Whoever may not be called either keeps their place and is passed over.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.hours import calendar_of as hours_of
from madoguchi.customers.consenting import ways_refused
from madoguchi.customers.models import Way
from madoguchi.delivery.actions import customer_parties
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import channel_of
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.reservations.actions import offer
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.queries import LONGEST, could_have
from madoguchi.reservations.telling import moment_of, span_of, tell
from madoguchi.tasks.actions import Wanted, add_task

# So long a time stays free before it is offered, and so many hours of the desk it is then kept.
STAYS_FREE, KEPT = timedelta(minutes=3), timedelta(hours=2)
PAGE = 1000
_ITSELF = system("reservations")
_CALL, _NOBODY = "call", "nobody"
logger = structlog.get_logger()
# How many units nobody has is counted once for all who wait for the same time.
_PAGE = """
    WITH page AS (
        SELECT id, company_id, resource_id, begins, taken_until, made_at, freed_at
        FROM reservations_reservation
        WHERE state = 'waiting' AND case_id IS NOT NULL AND begins > %(after)s
        ORDER BY begins FETCH FIRST (%(most)s) ROWS WITH TIES
    ), slot AS (
        SELECT wanted.*, there.units - (
            SELECT count(DISTINCT had.unit) FROM reservations_reservation AS had
            WHERE had.resource_id = wanted.resource_id AND had.unit <= there.units
                AND had.begins >= wanted.begins - %(longest)s AND had.begins < wanted.taken_until
                AND had.taken_until > wanted.begins
                AND (had.state = 'booked' OR had.state = 'held' AND had.held_until > %(now)s)
        ) AS free
        FROM (SELECT DISTINCT resource_id, begins, taken_until FROM page) AS wanted
            JOIN reservations_resource AS there ON there.id = wanted.resource_id
    )
    SELECT page.id, page.company_id, page.resource_id, page.begins, page.taken_until, page.made_at, page.freed_at,
        slot.free
    FROM page JOIN slot USING (resource_id, begins, taken_until)
"""


class _Waits(NamedTuple):
    """Somebody who waits, since when their time is seen to be free, and how many units of it nobody has."""

    id: int
    company: int
    resource: int
    begins: datetime
    taken_until: datetime
    made_at: datetime
    freed_at: datetime | None
    free: int

    @property
    def slot(self) -> tuple[int, datetime, datetime]:
        """What they wait for."""
        return self.resource, self.begins, self.taken_until


def call_up_waiting() -> int:
    """Call up who waits for times that are free, of all companies, the longest first; how many were. Two that run at
    once call nobody up twice. However many wait, all are looked at: a statement a page, two more where something became
    free or was taken.
    """
    due = sorted(chain.from_iterable(_looked_at()), key=lambda one: (one.made_at, one.id))
    left = {one.slot: one.free for one in due}
    called = 0
    for one in due:
        if left[one.slot] and _guarded(one.id, one.company):
            left[one.slot] -= 1
            called += 1
    return called


def _looked_at() -> Iterator[list[_Waits]]:
    """Page by page those whose time has stayed free for long enough; since when it is free is kept of all. What is
    waited for from one moment on is never parted.
    """
    after = now = clock.now()
    while True:
        with scope.everywhere(reason="a time of any company may have become free"):
            values = {"now": now, "after": after, "most": PAGE, "longest": LONGEST}
            page = [_Waits(*row) for row in fetch_all(_PAGE, values)]
            _mark([one.id for one in page if not one.free and one.freed_at], None)
            _mark([one.id for one in page if one.free and not one.freed_at], now)
        if not page:
            return
        yield [one for one in page if one.free and one.freed_at and one.freed_at <= now - STAYS_FREE]
        after = max(one.begins for one in page)


def _mark(ids: Sequence[int], freed_at: datetime | None) -> None:
    """Keep since when their time is free, where nobody else is about to."""
    if ids:
        rows = Reservation.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=ids)
        free = [pk for (pk,) in rows.order_by("pk").values_list("pk")]
        Reservation.objects.filter(pk__in=free, state=Reservation.State.WAITING).update(freed_at=freed_at)


def _guarded(pk: int, company: int) -> bool:
    try:
        with scope.acting_for([company]), transaction.atomic():
            return _call_up(pk)
    except Conflict:  # somebody was called up, or has given up, in this moment
        return False
    except Exception:  # whatever it is about this one must not keep the others waiting
        logger.exception("not_called_up", reservation=pk)
        return False


def _call_up(pk: int) -> bool:
    rows = Reservation.objects.select_related("resource__store", "customer", "desk")
    one, now = rows.get(pk=pk), clock.now()
    case = _case_of(one)
    kept = _kept_from(case) if case else ""
    if one.pk not in could_have([one]):
        _mark([pk], None)
        return False
    if case is None or kept == _NOBODY:
        _mark([pk], now)  # they keep their place, and are looked at again after as long
        return False
    until = _until(one, case, now)
    offer(one, until=until, by=_ITSELF)
    one.refresh_from_db(fields=["state", "held_until"])
    _set_task(one, case, until, problem=kept or tell(one, case, by=_ITSELF))
    return True


def _case_of(one: Reservation) -> Case | None:
    """The case in which they were put on the list, or in which that goes on."""
    rows = Case.objects.select_related("company", "desk", "customer", "entry_point")
    found = rows.filter(pk=one.case_id or 0).first()
    return rows.filter(pk=found.continued_in_id).first() if found and found.continued_in_id else found


def _kept_from(case: Case) -> str:
    """Whether what leaves by itself is kept from the customer: not, or they may but be called, or by nobody at all."""
    refused = ways_refused(case.customer_id)
    ways = {str(channel_of(party.address)) for party in customer_parties(case)}
    if case.customer.use_stopped_at is None and not ways & refused:
        return ""
    return _NOBODY if Way.PHONE in refused else _CALL


def _until(one: Reservation, case: Case, now: datetime) -> datetime:
    """Two hours in which the desk is there to be answered, and not longer than until the time begins."""
    calendar = hours_of(case.desk)
    there = calendar.after(now, KEPT) if calendar else None
    return min(there or now + KEPT, one.begins)


def _set_task(one: Reservation, case: Case, until: datetime, *, problem: str) -> None:
    words = _(
        "Waiting list: %(number)s (%(when)s) is free and kept until %(until)s. Written to; book it or call."
    )
    if problem:
        words = _("Waiting list: %(number)s (%(when)s) is free and kept until %(until)s. No mail left: call.")
    title = words % {"number": one, "when": span_of(one), "until": moment_of(one, until)}
    try:
        with transaction.atomic():
            add_task(case, Wanted(title=title[:200], due_at=until), by=_ITSELF)
    except Refused:
        # A case that holds as many tasks as one may: they are written to all the same.
        logger.warning("no_task_of_waiting_list", reservation=one.pk, case=case.pk)
