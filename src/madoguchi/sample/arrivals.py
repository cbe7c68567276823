"""When cases arrive: Japanese days, ninety of them up to now, each case at a time of its own.

Case `i` arrives at the same moment whatever the total. The moments are spread by the golden ratio, so that any
number of cases fills the days evenly instead of in clumps.

Moments are whole seconds since 1970 on the wall clock in Japan ("wall"), which has no summer time: plain
arithmetic then knows days, weekdays and hours.
"""

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

DAYS = 90
DAY = 86_400
HALF_HOUR = 1_800
_JAPAN = 9 * 3_600
_GOLDEN = 0.6180339887498949
# Half-hours of a day by how much arrives in them: little at night, most late in the morning, again after supper.
_HOURS = (6, 3, 2, 1, 1, 2, 5, 12, 26, 48, 58, 55, 50, 49, 46, 44, 42, 40, 36, 34, 38, 41, 34, 18)
_WEEKDAYS = (1.24, 1.1, 1.02, 1.0, 1.02, 0.84, 0.9)


def wall(moment: datetime) -> int:
    """A moment as seconds on Japan's wall clock."""
    return int(moment.timestamp()) + _JAPAN


def moment(wall_seconds: int) -> datetime:
    """The moment at which Japan's wall clock shows this."""
    return datetime.fromtimestamp(wall_seconds - _JAPAN, UTC)


def weekday(day: int) -> int:
    """The weekday (Monday is 0) of a day counted from 1970-01-01, a Thursday."""
    return (day + 3) % 7


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The flow of cases over the days before `now`."""

    now: int
    starts: tuple[int, ...]
    lengths: tuple[int, ...]
    bounds: tuple[float, ...]

    def at(self, index: int) -> int:
        """When case `index` arrives."""
        place = (0.5 + index * _GOLDEN) % 1.0 * self.bounds[-1]
        slot = bisect(self.bounds, place)
        before = self.bounds[slot - 1] if slot else 0.0
        within = (place - before) / (self.bounds[slot] - before)
        return self.starts[slot] + int(within * self.lengths[slot])


def arrivals(now: datetime) -> Arrivals:
    """The flow that ends at this moment."""
    end = wall(now)
    starts = tuple(range(end - DAYS * DAY - end % HALF_HOUR, end, HALF_HOUR))
    lengths = tuple(min(HALF_HOUR, end - start) for start in starts)
    weights = (_weight(start) * length for start, length in zip(starts, lengths, strict=True))
    return Arrivals(now=end, starts=starts, lengths=lengths, bounds=tuple(accumulate(weights)))


def _weight(start: int) -> float:
    return _HOURS[start % DAY // 3_600] * _WEEKDAYS[weekday(start // DAY)]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk is staffed: opening and closing seconds by weekday; nobody works on a day of (0, 0)."""

    by_weekday: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, opens: tuple[int, ...], closes: tuple[int, ...]) -> "Hours":
        """From hours of the clock, Monday first."""
        return cls(tuple((o * 3_600, c * 3_600) for o, c in zip(opens, closes, strict=True)))

    def after(self, start: int, seconds: int) -> int:
        """The moment by which so many seconds have been worked since `start`."""
        day, second = divmod(start, DAY)
        while True:
            opens, closes = self.by_weekday[(day + 3) % 7]
            begin = max(second, opens)
            if begin < closes:
                if begin + seconds < closes:
                    return day * DAY + begin + seconds
                seconds -= closes - begin
            day, second = day + 1, 0

    def next_workday(self, day: int) -> int:
        """The first day after this one on which somebody works."""
        day += 1
        while not self.by_weekday[(day + 3) % 7][1]:
            day += 1
        return day
