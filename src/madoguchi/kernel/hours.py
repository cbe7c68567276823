"""When people are at work: calendars, and how time passes by them. Pure.

A calendar says for each day between which times of its own zone people are there. Time that passes by it passes while
the wall clock of that zone shows one of these times, so an hour that a change to summer time leaves out does not pass,
and one that comes twice passes twice. A frame that goes over midnight belongs to the day on which it begins.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.holidays import holiday_name

DAY_MINUTES = 24 * 60
# Who opens on no day for so long never opens.
LONGEST_CLOSED = timedelta(days=800)
# Nobody waits longer for what is to come by working hours, and nothing reckons longer.
FARTHEST = timedelta(days=3653)
_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """From one minute of a day to another; an `end` beyond 24 hours lies on the next day."""

    begin: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.begin < DAY_MINUTES or not self.begin < self.end <= self.begin + DAY_MINUTES:
            raise ValueError("a frame lasts for a day at most and begins on its day")

    def __str__(self) -> str:
        return f"{_written(self.begin)}-{_written(self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES)}"


Frames = tuple[Frame, ...]
WHOLE_DAY: Frames = (Frame(0, DAY_MINUTES),)


def frames(*written: str) -> Frames:
    """Frames as people write them: "09:00-12:00", "22:00-06:00" (until the next morning). Raises ValueError."""
    return tuple(sorted(_read_frame(one) for one in written))


def _read_frame(written: str) -> Frame:
    begin, _dash, end = written.replace("〜", "-").replace("～", "-").replace("–", "-").partition("-")
    first, last = _minutes(begin), _minutes(end)
    return Frame(first, last if last > first else last + DAY_MINUTES)


def _minutes(written: str) -> int:
    hours, _colon, minutes = written.strip().replace("：", ":").partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(written)
    moment = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or moment > DAY_MINUTES:
        raise ValueError(written)
    return moment


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of a week from Monday on, and the days that are otherwise.

    Of what is said of a day, `changes` counts before `closed` (dates) and `closed_yearly` (month and day), these before
    holidays, and these before the day of the week. On national holidays (`holidays`, those of Japan) people are there
    in `on_holidays`.
    """

    zone: ZoneInfo = TOKYO
    week: tuple[Frames, ...] = (WHOLE_DAY,) * 7
    holidays: bool = False
    on_holidays: Frames = ()
    closed: frozenset[date] = frozenset()
    closed_yearly: frozenset[tuple[int, int]] = frozenset()
    changes: Mapping[date, Frames] = field(default_factory=dict)
    _known: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def frames_on(self, day: date) -> Frames:
        """The frames that begin on this day."""
        if day in self.changes:
            return self.changes[day]
        if day in self.closed or (day.month, day.day) in self.closed_yearly:
            return ()
        if self.holidays and holiday_name(day):
            return self.on_holidays
        return self.week[day.weekday()]

    def works_on(self, day: date) -> bool:
        """Whether anybody begins to work on this day."""
        return bool(self.frames_on(day))

    def spans(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """When people are there between two moments, in order, apart from one another, in UTC."""
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        if begin < end:
            days = _days(begin.astimezone(self.zone).date() - _ONE_DAY, end.astimezone(self.zone).date())
            for first, last in _joined(span for day in days for span in self._spans_of(day)):
                if last > begin and first < end:
                    yield max(first, begin), min(last, end)

    def passed(self, begin: datetime, end: datetime) -> timedelta:
        """How much time passes by this calendar between two moments."""
        return sum((last - first for first, last in self.spans(begin, end)), timedelta())

    def after(self, begin: datetime, length: timedelta) -> datetime | None:
        """The first moment at which so much time has passed since `begin`; None where it never will, or not within ten
        years.

        What ends with a frame ends then, and not when the next one begins.
        """
        at = begin.astimezone(UTC)
        if length <= timedelta():
            return at
        end = at + FARTHEST
        while at < end and (opens := self._next_spans(at)) is not None:
            if (found := _within(opens, length)) is not None:
                return found
            length -= sum((last - first for first, last in opens), timedelta())
            at = opens[-1][1]
        return None

    def after_by(self, begin: datetime, length: timedelta, *, until: datetime) -> datetime | None:
        """The same, if it comes until a moment, however long it is closed before."""
        return _within(self.spans(begin, until), length)

    def is_open(self, at: datetime) -> bool:
        """Whether people are there at this moment."""
        return any(True for _span in self.spans(at, at + _SECOND))

    def opens_after(self, at: datetime) -> datetime | None:
        """This moment if people are there, else the next one at which they are; None if there is none."""
        opens = self._next_spans(at)
        return opens[0][0] if opens else None

    def end_of_day(self, begin: datetime, days: int) -> datetime | None:
        """The end of work so many working days after this one, which is the next one when its work is over."""
        day = begin.astimezone(self.zone).date()
        if not self.works_on(day) or self._end(day) <= begin:
            day = self.next_working_day(day) or date.max
        for _one in range(days):
            day = (self.next_working_day(day) if day < date.max else None) or date.max
        return self._end(day) if day < date.max else None

    def next_working_day(self, day: date) -> date | None:
        """The next day after this one on which anybody works."""
        later = (day + timedelta(days=count) for count in range(1, LONGEST_CLOSED.days))
        return next((one for one in later if self.works_on(one)), None)

    def _end(self, day: date) -> datetime:
        spans = self._spans_of(day)
        return spans[-1][1] if spans else _at(day, DAY_MINUTES).replace(tzinfo=self.zone).astimezone(UTC)

    def _next_spans(self, at: datetime) -> list[Span] | None:
        """The spans of the next stretch in which there are any."""
        length = _ONE_DAY
        while not (found := list(self.spans(at, at + length))) and length < LONGEST_CLOSED:
            length = min(length * 4, LONGEST_CLOSED)
        return found or None

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        if day not in self._known:
            found = _joined(span for frame in self.frames_on(day) for span in _in_utc(frame, day, self.zone))
            self._known[day] = tuple(found)
        return self._known[day]


ALWAYS = Calendar()
TURN_OF_THE_YEAR = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
# Days on which offices in Japan are open, with the hours that are most common.
USUAL = Calendar(week=(frames("09:00-18:00"),) * 5 + ((),) * 2, holidays=True, closed_yearly=TURN_OF_THE_YEAR)


def weekdays(begin: time, end: time) -> Calendar:
    """The calendar of an office in Japan that works between these times."""
    first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
    week = ((Frame(first, last),),) * 5 + ((),) * 2
    return Calendar(week=week, holidays=True, closed_yearly=TURN_OF_THE_YEAR)


def _within(spans: Iterable[Span], length: timedelta) -> datetime | None:
    """When so much time has passed in these; None where it has not at their end."""
    for first, last in spans:
        if length <= last - first:
            return first + length
        length -= last - first
    return None


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))


def _joined(spans: Iterator[Span]) -> list[Span]:
    """In order, and one where they touch or overlap."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def _in_utc(frame: Frame, day: date, zone: ZoneInfo) -> Iterator[Span]:
    """When the zone's clocks show a time of the frame: two spans where they are put back or forward within it."""
    begin, end = _at(day, frame.begin), _at(day, frame.end)
    offsets = [zone.utcoffset(at.replace(fold=fold)) or timedelta() for at in (begin, end) for fold in (0, 1)]
    least, most = min(offsets), max(offsets)
    if least == most:
        yield ((begin - least).replace(tzinfo=UTC), (end - least).replace(tzinfo=UTC))
        return
    change, before, behind = _change(
        (begin - most).replace(tzinfo=UTC), (end - least).replace(tzinfo=UTC), zone
    )
    parts = (
        ((begin - before).replace(tzinfo=UTC), min((end - before).replace(tzinfo=UTC), change)),
        (max((begin - behind).replace(tzinfo=UTC), change), (end - behind).replace(tzinfo=UTC)),
    )
    yield from ((first, last) for first, last in parts if first < last)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> tuple[datetime, timedelta, timedelta]:
    """The second in which the zone's clocks change between two moments, and the offsets before and behind it."""

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta()

    before, behind = offset(low), offset(high)
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        middle = middle if middle > low else low + _SECOND
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    return high, before, behind
