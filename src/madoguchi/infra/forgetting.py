"""Forgetting what is old enough, a little at a time: others hardly wait, and a worker may end in the middle of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from madoguchi.infra import scope
from madoguchi.infra.stopping import is_stopping
from madoguchi.kernel import clock

AT_ONCE = 1000


def days_ago(days: int) -> datetime:
    """What is older than so many days is before this."""
    return clock.now() - timedelta(days=days)


def forget(old: Callable[[], QuerySet[Any]]) -> int:
    """Delete all rows of a query, so many in a transaction, of every company; returns how many.

    A process that is to end leaves the rest to the next time.
    """
    forgotten = 0
    while not is_stopping():
        with scope.everywhere(reason="what is old is forgotten after the same time for all companies"):
            rows = old()
            some = list(rows.values_list("pk", flat=True)[:AT_ONCE])
            rows.model.objects.filter(pk__in=some).delete()
        forgotten += len(some)
        if len(some) < AT_ONCE:
            break
    return forgotten
