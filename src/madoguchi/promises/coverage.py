"""How much of a year a calendar covers, and which hours and days it leaves out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from madoguchi.kernel.holidays import holiday_name
from madoguchi.kernel.hours import DAY_MINUTES, Calendar, Frame, Frames

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day of the year on which nobody begins to work though it is a working day of the week, and why."""

    day: date
    holiday: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of `total` hours of a year so many are `covered`. `week` are the hours that each day of a usual week leaves out
    ("00:00-09:00"), `closed` the days that are out beside these.
    """

    year: int
    total: float
    covered: float
    week: Sequence[tuple[int, Sequence[str]]]
    closed: Sequence[ClosedDay]

    @property
    def is_whole(self) -> bool:
        """Whether somebody is there at every minute."""
        return self.covered == self.total


def coverage_of(calendar: Calendar, year: int) -> Coverage:
    """What of a year a calendar covers, in the time of its zone."""
    begin, end = (datetime(one, 1, 1, tzinfo=calendar.zone) for one in (year, year + 1))
    covered = calendar.passed(begin, end)
    return Coverage(
        year=year,
        total=(end.timestamp() - begin.timestamp()) / 3600,
        covered=covered / _HOUR,
        week=[(day, holes) for day, holes in enumerate(_holes_of_week(calendar)) if holes],
        closed=list(_closed(calendar, year)),
    )


def _holes_of_week(calendar: Calendar) -> Iterator[list[str]]:
    for day in range(7):
        before = calendar.week[day - 1]
        over = [Frame(0, f.end - DAY_MINUTES) for f in before if f.end > DAY_MINUTES]
        today = [Frame(f.begin, min(f.end, DAY_MINUTES)) for f in calendar.week[day]]
        yield [str(hole) for hole in _between([*over, *today])]


def _between(covered: Sequence[Frame]) -> Iterator[Frame]:
    at = 0
    for frame in sorted(covered):
        if frame.begin > at:
            yield Frame(at, frame.begin)
        at = max(at, frame.end)
    if at < DAY_MINUTES:
        yield Frame(at, DAY_MINUTES)


def _closed(calendar: Calendar, year: int) -> Iterator[ClosedDay]:
    day = date(year, 1, 1)
    while day.year == year:
        usual: Frames = calendar.week[day.weekday()]
        if usual and not calendar.works_on(day):
            yield ClosedDay(day, holiday_name(day) if calendar.holidays else "")
        day += timedelta(days=1)
