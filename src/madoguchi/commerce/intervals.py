"""Days on which something is sent again and again. Pure."""

from calendar import monthrange
from datetime import date, timedelta

WEEK, MONTH = "week", "month"


def day_after(first: date, after: date, *, every: int, unit: str) -> date:
    """The first day of a rhythm that lies after a day. The rhythm begins on `first`, which is one of its days.

    Months keep the day of the first, or have their last one: after 31 January comes 28 February, and then 31 March.
    """
    if after < first:
        return first
    if unit == WEEK:
        step = 7 * every
        return first + timedelta(days=step * ((after - first).days // step + 1))
    months = (after.year - first.year) * 12 + after.month - first.month
    times = max(0, months // every)
    while (found := _month(first, times * every)) <= after:
        times += 1
    return found


def day_before(day: date, *, notice: int) -> date:
    """The last day on which notice can be given so that the order of that day is not sent."""
    return day - timedelta(days=notice)


def nth_after(first: date, day: date, times: int, *, every: int, unit: str) -> date:
    """The day that comes so many times after a day of the rhythm; the day itself for none."""
    for _time in range(times):
        day = day_after(first, day, every=every, unit=unit)
    return day


def _month(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
