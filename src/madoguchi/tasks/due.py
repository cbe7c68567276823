"""When a step of a plan falls due, counted from the moment the plan is applied. Pure.

A desk whose hours are known is at work on business days between them; of any other desk nothing is known, and
hours pass by the clock. Days are business days in either case, and end when the desk does.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk
from madoguchi.kernel.hours import USUAL, Calendar


class Unit(StrEnum):
    """In what the time of a step is counted."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


def due_after(begin: datetime, count: int, unit: Unit, *, desk: Desk) -> datetime | None:
    """The moment so many minutes, hours or business days of the desk's after `begin`; None where its hours have none.

    Zero days is the end of this day of work, or of the next one when that is over.
    """
    calendar = calendar_of(desk)
    if unit == Unit.DAYS:
        return (calendar or USUAL).end_of_day(begin, count)
    length = timedelta(minutes=count) if unit == Unit.MINUTES else timedelta(hours=count)
    return _worked(begin, length, calendar) if calendar else begin + length


def _worked(begin: datetime, length: timedelta, calendar: Calendar) -> datetime | None:
    opens = calendar.opens_after(begin)
    return opens and calendar.after(opens, length)
