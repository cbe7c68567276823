"""Handling what a killed process has left behind."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

import structlog
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.infra import scope
from madoguchi.intake.actions.handling import MOST_PUT_OFF, handle_many, never_handled
from madoguchi.intake.actions.settling import quarantine
from madoguchi.intake.models import Arrival

logger = structlog.get_logger()
_AT_ONCE = 50
_MOST_ATTEMPTS = 3


def handle_left_over(*, most: int = 500) -> int:
    """Handle what was stored but never handled, because a process was killed in between.

    A few at a time, since readers of the log wait for long transactions, and what goes wrong with one
    company's keeps no other's waiting. An attempt counts before it is made; one arrival that ends the process
    that handles it, time and again, comes last and alone, and after three attempts goes to quarantine. So does one
    that was put off for a day, which those that came since need not wait for.
    """
    with scope.everywhere(reason="arrivals of any company may have been left"):
        waiting = Arrival.objects.filter(state=Arrival.State.STORED)
        left = list(
            waiting.order_by("tries", "put_off", "company_id", "arrived_at").values_list(
                "tries", "put_off", "company_id", "pk"
            )[:most]
        )
    handled = 0
    for (tries, _times, company), rows in groupby(left, key=itemgetter(0, 1, 2)):
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
        return given_up + len(handle_many(counted, company=company, counted=True))
    finally:
        # Reached with some still stored: this process lives, so what went wrong was not their doing.
        with scope.acting_for([company]):
            waiting = Arrival.objects.filter(pk__in=counted, state=Arrival.State.STORED, tries__gt=0)
            waiting.update(tries=F("tries") - 1, put_off=F("put_off") + 1)


def _count_attempt(arrivals: Sequence[int]) -> tuple[list[int], int]:
    """Those whose attempt begins now, and how many went to quarantine instead; durable before anything is tried."""
    waiting = Arrival.objects.select_for_update(skip_locked=True, of=("self",)).select_related("entry_point")
    found = list(waiting.filter(pk__in=arrivals, state=Arrival.State.STORED).order_by("pk"))
    ready = []
    for arrival in found:
        if arrival.tries >= _MOST_ATTEMPTS:
            logger.error("arrival_ends_processes", arrival=arrival.pk)
            quarantine(arrival, _("The program ended each time it tried to read this, three times in a row."))
        elif arrival.put_off > MOST_PUT_OFF:  # the last attempt, too, broke off before it could say why
            logger.error("arrival_never_handled", arrival=arrival.pk)
            quarantine(arrival, never_handled())
        else:
            ready.append(arrival.pk)
    Arrival.objects.filter(pk__in=ready).update(tries=F("tries") + 1)
    return ready, len(found) - len(ready)
