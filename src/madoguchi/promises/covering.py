"""Who is there in which hour of a year, where several work by calendars of their own; and when nobody is. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from madoguchi.kernel.hours import Calendar

_DAY = timedelta(days=1)
_Part = tuple[datetime, datetime, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one time of a day to another ("09:00-18:00") these are there; nobody where there are none."""

    hours: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Of `minutes` of a year so many are `uncovered`. `each` are the hours of everybody, and those in which they are
    there alone; `week` is who is there when on each day of a usual week, from Monday on; `others` are the days on which
    nobody is there in more hours than usual, with these.
    """

    year: int
    minutes: int
    uncovered: int
    each: Sequence[tuple[str, float, float]]
    week: Sequence[Sequence[Stretch]]
    others: Sequence[tuple[date, Sequence[str]]]

    @property
    def hours(self) -> float:
        """The hours of the year."""
        return self.minutes / 60


def together(calendars: Mapping[str, Calendar], year: int, zone: ZoneInfo) -> Together:
    """Who covers what of a year, in the time of a zone."""
    days = [date(year, 1, 1) + n * _DAY for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    midnights = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in [*days, days[-1] + _DAY]]
    parts = _stretches(calendars, midnights)
    lengths = Counter[tuple[str, ...]]()
    for first, last, names in parts:
        lengths[names] += round((last - first).total_seconds())
    by_day = groupby(parts, key=lambda part: part[0].astimezone(zone).date())
    shown = {day: _of_day(list(its), day, zone) for day, its in by_day}
    usual = [_usual([shown[day] for day in days if day.weekday() == weekday]) for weekday in range(7)]
    return Together(
        year=year,
        minutes=sum(lengths.values()) // 60,
        uncovered=lengths[()] // 60,
        each=[
            (name, sum(n for names, n in lengths.items() if name in names) / 3600, lengths[name,] / 3600)
            for name in calendars
        ],
        week=usual,
        others=[
            (day, holes)
            for day in days
            if _length(holes := _holes(shown[day])) > _length(_holes(usual[day.weekday()]))
        ],
    )


def _stretches(calendars: Mapping[str, Calendar], midnights: Sequence[datetime]) -> list[_Part]:
    """A year, cut at midnight and wherever somebody comes or goes, with who is there."""
    turns: dict[datetime, list[tuple[str, int]]] = {at.astimezone(UTC): [] for at in midnights}
    for name, calendar in calendars.items():
        for first, last in calendar.spans(midnights[0], midnights[-1]):
            turns.setdefault(first, []).append((name, 1))
            turns.setdefault(last, []).append((name, -1))
    there, found = Counter[str](), []
    for first, last in pairwise(sorted(turns)):
        for name, change in turns[first]:
            there[name] += change
        found.append((first, last, tuple(name for name in calendars if there[name])))
    return found


def _of_day(parts: Sequence[_Part], day: date, zone: ZoneInfo) -> tuple[Stretch, ...]:
    found = []
    for names, same in groupby(parts, key=lambda part: part[2]):
        spans = list(same)
        first, last = spans[0][0].astimezone(zone), spans[-1][1].astimezone(zone)
        until = "24:00" if last.date() > day else f"{last:%H:%M}"
        found.append(Stretch(f"{first:%H:%M}-{until}", names))
    return tuple(found)


def _usual(days: Sequence[tuple[Stretch, ...]]) -> tuple[Stretch, ...]:
    return Counter(days).most_common(1)[0][0]


def _holes(day: Sequence[Stretch]) -> list[str]:
    return [one.hours for one in day if not one.names]


def _length(holes: Sequence[str]) -> int:
    """Of holes as they are written, in minutes."""
    return sum(_minutes(end) - _minutes(begin) for begin, end in (hole.split("-") for hole in holes))


def _minutes(written: str) -> int:
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)
