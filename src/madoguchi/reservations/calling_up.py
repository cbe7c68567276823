"""Whoever waits for a time is called up when it is free: it is kept for the first who could have it, they are written
to, and somebody of the desk has the task to call them, with the moment until which it is kept.

It does not matter how it became free (cancelled, moved, let go, one unit more): each minute it is looked at, and what
stays free for some minutes, in which a slip can be undone, is offered. Who lets it pass has had their turn.

No machine says for a customer whose data is used no more, or who refused this way, that a mail may go all the same:
they are called by somebody who sees that. Whoever may not be called either keeps their place and is passed over.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.companies.hours import calendar_of as hours_of
from madoguchi.customers.consenting import ways_refused
from madoguchi.customers.models import Way
from madoguchi.delivery.actions import customer_parties
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import channel_of
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.reservations.actions import offer
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.queries import could_have
from madoguchi.reservations.telling import moment_of, span_of, tell
from madoguchi.tasks.actions import Wanted, add_task

# So long a time stays free before it is offered, and so many hours of the desk it is then kept.
STAYS_FREE, KEPT = timedelta(minutes=3), timedelta(hours=2)
AT_ONCE = 1000
_ITSELF = system("reservations")
_CALL, _NOBODY = "call", "nobody"
logger = structlog.get_logger()


def call_up_waiting() -> int:
    """Call up who waits for times that are free, of all companies, the longest first; how many were. Two that run at
    once call nobody up twice.
    """
    with scope.everywhere(reason="a time of any company may have become free"):
        ahead = Reservation.objects.filter(state=Reservation.State.WAITING, begins__gt=clock.now())
        found = list(ahead.order_by("made_at", "id").values_list("pk", "company_id")[:AT_ONCE])
    return sum(_guarded(pk, company) for pk, company in found)


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
    if case is None or kept == _NOBODY or one.pk not in could_have([one]):
        Reservation.objects.filter(pk=pk).exclude(freed_at=None).update(freed_at=None)
        return False
    if one.freed_at is None or one.freed_at > now - STAYS_FREE:
        Reservation.objects.filter(pk=pk, freed_at=None).update(freed_at=now)
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
