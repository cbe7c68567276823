"""Who works when: hours of a week and of single days, as people write them and as calendars reckon them. Pure.

A line is a day and its hours: `月-金 9:00-12:00, 13:00-18:00`, `土 10:00-15:00`, `2026-12-31 休`. What lies between two
frames of a day is a break.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, Frame, Frames, frames

MOST_DAYS = 400
_DAY_MINUTES = 24 * 60
STEP = timedelta(minutes=15)
_NAMES = ("月火水木金土日", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
_DAY = re.compile("|".join([*_NAMES[0], *_NAMES[1]]))
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_FREE = {"休", "休み", "off", "-", "なし"}
_BETWEEN = re.compile(r"[,、\s]+")
_DASHES = re.compile("[〜~–—−‐ー]")
_AROUND = re.compile(r"(?<=[\d時分半])\s*-\s*(?=[\d翌])|(?<=[^\W\d_])\s*-\s*(?=[^\W\d_])")
_CLOCK = re.compile(r"(\d{1,2})時(?:(\d{1,2})分|(半))?")
_NEXT_DAY = re.compile(r"(\d{1,2}:\d\d)-翌(\d{1,2}:\d\d)")
_CALLED = {"毎日": "月-日", "平日": "月-金"}


class Senseless(ValueError):
    """A line that makes no sense; it is the error's one argument."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The hours of a week from Monday on, and the days that are otherwise."""

    week: tuple[Frames, ...] = ((),) * 7
    days: Mapping[date, Frames] = field(default_factory=dict)

    def calendar(self) -> Calendar:
        """The same as a calendar."""
        return Calendar(week=self.week, changes=self.days)

    @property
    def mark(self) -> str:
        """What it is known by when it is changed."""
        return sha256("\n".join(" ".join(line) for line in lines_of(self)).encode()).hexdigest()[:16]


def read_lines(lines: Iterable[str]) -> Roster:
    """Lines as people write them. Two for the same day are one with the hours of both; where days only overlap, the
    later line counts. Raises Senseless, naming the line.
    """
    week: list[Frames] = [()] * 7
    days: dict[date, Frames] = {}
    written: dict[str, list[str]] = {}
    for line in lines:
        if not line.strip():
            continue
        on, _space, hours = _plain(line).partition(" ")
        before = written.setdefault(on, [])
        before.append(hours.strip())
        try:
            said = _hours(", ".join(dict.fromkeys(before)))
            if found := _DATE.fullmatch(on):
                days[date(*map(int, found.groups()))] = said
            else:
                for day in _weekdays(on):
                    week[day] = said
        except ValueError:
            raise Senseless(line.strip()) from None
    if len(days) > MOST_DAYS:
        raise Senseless(str(min(days)))
    return Roster(tuple(week), days)


def lines_of(roster: Roster) -> list[tuple[str, str]]:
    """The same as lines: each a day (or days alike that follow one another) and its hours."""
    found: list[tuple[str, str]] = []
    begin = 0
    for day in range(1, 8):
        if day == 7 or roster.week[day] != roster.week[begin]:
            if roster.week[begin]:
                found.append((_named(begin, day - 1), _written(roster.week[begin])))
            begin = day
    found += [(day.isoformat(), _written(hours)) for day, hours in sorted(roster.days.items())]
    return found


def days_named(days: Sequence[int]) -> str:
    """Days of a week from Monday (0) on, in their order: those that follow one another as one."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_named(run[0], run[-1]) for run in runs)


def _plain(line: str) -> str:
    """A line in the one way in which it is read: `平日 9時 ～ 18時` as `月-金 9:00-18:00`."""
    line = _DASHES.sub("-", unicodedata.normalize("NFKC", line).strip())
    line = re.sub(r"\([月火水木金土日祝]\)", "", line).replace("曜日", "").replace("曜", "")
    line = _AROUND.sub("-", line)
    line = _CLOCK.sub(lambda found: f"{found[1]}:{'30' if found[3] else (found[2] or '00').zfill(2)}", line)
    for called, days in _CALLED.items():
        line = re.sub(f"^{called}(?= )", days, line)
    return line


def _named(first: int, last: int) -> str:
    return _NAMES[0][first] if first == last else f"{_NAMES[0][first]}-{_NAMES[0][last]}"


def _written(hours: Frames) -> str:
    return ", ".join(_frame(frame) for frame in hours) or "休"


def _frame(frame: Frame) -> str:
    """As it is written, and said where it goes on into the next day."""
    return str(frame) if frame.end <= _DAY_MINUTES else str(frame).replace("-", "-翌")


def _hours(said: str) -> Frames:
    if not said:
        raise ValueError(said)
    if said.lower() in _FREE:
        return ()
    for begin, end in _NEXT_DAY.findall(said):
        if begin.zfill(5) < end.zfill(5):
            raise ValueError(said)
    said = said.replace("翌", "")
    read = frames(*_BETWEEN.split(said))
    if any(after.begin < before.end for before, after in pairwise(read)):
        raise ValueError(said)
    return read


def _weekdays(said: str) -> list[int]:
    begin, dash, end = re.sub("[〜～–−]", "-", said.lower()).partition("-")
    if dash:
        first, last = _one(begin), _one(end)
        return [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    rest = re.sub("[・,、/]", "", begin)
    named = _DAY.findall(rest)
    if not named or "".join(named) != rest:
        raise ValueError(said)
    return [_one(name) for name in named]


def _one(name: str) -> int:
    return next(names.index(name) for names in _NAMES if name in tuple(names)) if name else _no(name)


def _no(name: str) -> int:
    raise ValueError(name)


# How many are there ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a day: how few people are there at any time of it while the desk is open (None: it is closed)."""

    begin: datetime
    people: int | None


def covered(calendars: Sequence[Calendar], opens: Calendar, day: date) -> list[Hour]:
    """The hours of a day, and how few people each has at a time of it; looked at every quarter of an hour."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    there = [list(one.spans(midnight, midnight + timedelta(days=1))) for one in calendars]
    open_spans = list(opens.spans(midnight, midnight + timedelta(days=1)))

    def at(moment: datetime) -> int | None:
        if not any(begin <= moment < end for begin, end in open_spans):
            return None
        return sum(any(begin <= moment < end for begin, end in spans) for spans in there)

    hours = []
    for hour in range(24):
        begin = midnight + timedelta(hours=hour)
        counts = [count for step in range(4) if (count := at(begin + step * STEP)) is not None]
        hours.append(Hour(begin, min(counts, default=None)))
    return hours


def holes_of(hours: Sequence[Hour]) -> list[tuple[datetime, datetime]]:
    """The hours in a row in which at some time nobody is there though the desk is open."""
    found: list[tuple[datetime, datetime]] = []
    for hour in hours:
        if hour.people == 0:
            end = hour.begin + timedelta(hours=1)
            before = found.pop() if found and found[-1][1] == hour.begin else (hour.begin, end)
            found.append((before[0], end))
    return found
