"""The days on which offices in Japan are closed: weekends, national holidays, the turn of the year. Pure.

Holidays follow the law (国民の祝日に関する法律) as it stands since 2022; the equinoxes follow the formula that holds
from 1980 to 2099.
"""

from datetime import date, timedelta
from functools import cache

_FIXED = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
# Month, and which Monday of it: 成人の日, 海の日, 敬老の日, スポーツの日.
_MONDAYS = ((1, 2), (7, 3), (9, 3), (10, 2))
_TURN_OF_THE_YEAR = ((12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3))
_SUNDAY = 6


def is_business_day(day: date) -> bool:
    """Whether offices are open on this day."""
    turn = (day.month, day.day) in _TURN_OF_THE_YEAR
    return not (turn or day.weekday() >= _SUNDAY - 1 or day in holidays(day.year))


@cache
def holidays(year: int) -> frozenset[date]:
    """The national holidays of a year, with those that stand in for one that falls on a Sunday, and with the days
    between two of them.
    """
    named = {date(year, month, day) for month, day in _FIXED}
    named |= {_monday(year, month, which) for month, which in _MONDAYS}
    named |= {date(year, 3, _equinox(year, 20.8431)), date(year, 9, _equinox(year, 23.2488))}
    instead = {_next_free(day, named) for day in named if day.weekday() == _SUNDAY}
    one = timedelta(days=1)
    between = {d + one for d in named if d + 2 * one in named and d + one not in named | instead}
    return frozenset(named | instead | between)


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (which - 1))


def _equinox(year: int, begin: float) -> int:
    since = year - 1980
    return int(begin + 0.242194 * since - since // 4)


def _next_free(day: date, named: set[date]) -> date:
    while day in named:
        day += timedelta(days=1)
    return day
