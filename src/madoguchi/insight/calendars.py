"""By which calendar working time of a desk is counted: the one of now, or the one that held at a moment."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache

from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event as LogEvent
from madoguchi.insight.logged import Worked
from madoguchi.kernel.hours import USUAL, Calendar
from madoguchi.promises.ledger import calendar_for
from madoguchi.promises.models import ServiceLevelsVersion
from madoguchi.promises.queries import read_text

# What changed at which moment, in order.
Changes = Mapping[int, Sequence[tuple[datetime, str]]]


def working_times(company: int) -> tuple[Worked, Worked]:
    """How much working time of a desk passes, in seconds: by its calendar of now, and by that of then. Three queries,
    and one a desk for the first.
    """
    desks = {desk.pk: desk for desk in Desk.objects.filter(company_id=company)}
    return _of_now(desks), _of_then(company, desks)


def _of_now(desks: Mapping[int, Desk]) -> Worked:
    """Of a desk that is unknown all time counts."""

    @cache
    def calendar(desk: int | None) -> Calendar | None:
        return calendar_for(desks[desk]) if desk is not None and desk in desks else None

    return lambda desk, begin, end: _passed(calendar(desk), begin, end)


def _of_then(company: int, desks: Mapping[int, Desk]) -> Worked:
    """By the calendar that held when it began: that of the version of the desk's service levels in use then, else the
    desk's own hours, which have no versions, else the usual ones.
    """
    texts, switched = _texts(company), _switched(company)

    def passed(desk: int | None, begin: datetime, end: datetime) -> float:
        if desk is None or desk not in desks:
            return _passed(None, begin, end)
        in_use = _last(switched, desk, begin) == "on"
        named = _named(_last(texts, desk, begin)) if in_use else None
        return _passed(named or calendar_of(desks[desk]) or USUAL, begin, end)

    return passed


def _texts(company: int) -> Changes:
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = ServiceLevelsVersion.objects.filter(company_id=company).order_by("at", "id")
    for desk, at, text in rows.values_list("levels__desk_id", "at", "text"):
        found[desk].append((at, text))
    return found


def _switched(company: int) -> Changes:
    """Whether a desk's service levels were in use, as the log tells it."""
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    rows = LogEvent.objects.filter(company_id=company, kind="service_levels.switched").order_by("at", "id")
    for desk, at, data in rows.values_list("desk_id", "at", "data"):
        if desk is not None:
            found[desk].append((at, "on" if data["active"] else ""))
    return found


def _last(changes: Changes, desk: int, at: datetime) -> str:
    told = changes.get(desk, ())
    place = bisect_right(told, at, key=lambda one: one[0])
    return told[place - 1][1] if place else ""


@lru_cache(maxsize=256)
def _named(text: str) -> Calendar | None:
    """The calendar of the first policy that names one."""
    return next((one.calendar for one in read_text(text) if one.calendar_name), None) if text else None


def _passed(by: Calendar | None, begin: datetime, end: datetime) -> float:
    return (by.passed(begin, end) if by else end - begin).total_seconds()
