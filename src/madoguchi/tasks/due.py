"""When a step of a plan falls due, counted from the moment the plan is applied. Pure.

A desk whose hours are known is at work on business days between them; of any other desk nothing is known, and
hours pass by the clock. Days are business days in either case, and end when the desk does.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from madoguchi.companies.models import Desk
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.holidays import is_business_day

_ONE_DAY = timedelta(days=1)
_USUAL_END = time(18)


class Unit(StrEnum):
    """In what the time of a step is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


def due_after(begin: datetime, count: int, unit: Unit, *, desk: Desk) -> datetime:
    """The moment so many minutes, hours or business days of the desk's after `begin`.

    Zero days is the end of this day of work, or of the next one when that is over.
    """
    if unit == Unit.DAYS:
        return _end_of_day(begin.astimezone(TOKYO), count, desk)
    length = timedelta(minutes=count) if unit == Unit.MINUTES else timedelta(hours=count)
    return _worked(begin.astimezone(TOKYO), length, desk) if _hours(desk) else begin + length


def _hours(desk: Desk) -> tuple[time, time] | None:
    return (desk.opens, desk.closes) if desk.opens and desk.closes and desk.opens < desk.closes else None


def _end_of_day(begin: datetime, days: int, desk: Desk) -> datetime:
    hours = _hours(desk)
    end = hours[1] if hours else _USUAL_END
    day = begin.date()
    if not is_business_day(day) or begin.time() >= end:
        day = _next_business_day(day)
    for _one in range(days):
        day = _next_business_day(day)
    return datetime.combine(day, end, TOKYO)


def _worked(begin: datetime, left: timedelta, desk: Desk) -> datetime:
    opens, closes = _hours(desk) or (time(), time())
    day = begin.date()
    while True:
        start = max(begin, datetime.combine(day, opens, TOKYO))
        end = datetime.combine(day, closes, TOKYO)
        if is_business_day(day) and start < end:
            if left <= end - start:
                return start + left
            left -= end - start
        day += _ONE_DAY


def _next_business_day(day: date) -> date:
    day += _ONE_DAY
    while not is_business_day(day):
        day += _ONE_DAY
    return day
