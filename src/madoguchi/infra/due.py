"""Telling of rows whose time has come, each once and in a transaction of its own; only what is due is looked at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from madoguchi.infra import scope
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel import clock

AT_ONCE = 500
TRIED_AGAIN_AFTER = timedelta(minutes=10)
logger = structlog.get_logger()


def tell_each_due(model: type[ScopedModel], tell: Callable[[int, datetime], bool], *, reason: str) -> int:
    """Tell of the rows of all companies whose `next_at` has come; returns of how many.

    `tell` is given the row's id and the moment, and moves `next_at` on. What is wrong with one keeps no other from
    being told: it is logged and tried again ten minutes later.
    """
    now = clock.now()
    with scope.everywhere(reason=reason):
        found = (
            _rows(model).filter(next_at__lte=now).order_by("next_at", "pk").values_list("pk", "company_id")
        )
        due = list(found[:AT_ONCE])
    return sum(_guarded(model, pk, company, now, tell) for pk, company in due)


def _guarded(
    model: type[ScopedModel], pk: int, company: int, now: datetime, tell: Callable[[int, datetime], bool]
) -> bool:
    try:
        with scope.acting_for([company]):
            return tell(pk, now)
    except Exception:  # whatever it is about this one must not keep the others from being told
        again_at = now + TRIED_AGAIN_AFTER
        with scope.acting_for([company]):
            _rows(model).filter(pk=pk, next_at__lte=now).update(next_at=again_at)
        logger.exception("not_told", model=model.__name__, pk=pk, again_at=again_at.isoformat())
        return False


def _rows(model: type[ScopedModel]) -> Any:
    return model._default_manager.all()
