"""Which times there are, and which unit is free then. Pure: no query, no clock."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from madoguchi.kernel.hours import Calendar, Frame

MOST_NIGHTS = 60
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A time that can be had: from when to when, and until when nobody else has the same unit."""

    begins: datetime
    ends: datetime
    taken_until: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """When somebody has which unit."""

    unit: int
    begins: datetime
    until: datetime


def by_the_hour(calendar: Calendar, day: date, *, step: int, length: int, gap: int) -> Iterator[Slot]:
    """The times that begin on a day, in order: every `step` minutes from when the store opens, as long as they end
    before it closes. What is kept free afterwards (`gap`) may lie beyond.
    """
    lasts, rest = timedelta(minutes=length), timedelta(minutes=gap)
    for frame in calendar.frames_on(day):
        at, closes = _moments(frame, day, calendar)
        while at + lasts <= closes:
            yield Slot(at, at + lasts, at + lasts + rest)
            at += timedelta(minutes=step)


def by_the_night(
    calendar: Calendar, day: date, *, nights: int, check_in: time, check_out: time, gap: int
) -> Slot | None:
    """So many nights from a day on; None where the store is closed on the day of arrival."""
    if not calendar.works_on(day) or not 1 <= nights <= MOST_NIGHTS:
        return None
    begins = datetime.combine(day, check_in, calendar.zone).astimezone(UTC)
    ends = datetime.combine(day + nights * _ONE_DAY, check_out, calendar.zone).astimezone(UTC)
    return Slot(begins, ends, ends + timedelta(minutes=gap))


def free_units(slot: Slot, taken: Iterable[Taken], *, units: int) -> list[int]:
    """The units, numbered from 1, that nobody has in any part of this time."""
    busy = {one.unit for one in taken if one.begins < slot.taken_until and slot.begins < one.until}
    return [unit for unit in range(1, units + 1) if unit not in busy]


def _moments(frame: Frame, day: date, calendar: Calendar) -> tuple[datetime, datetime]:
    begin, end = (
        (datetime.combine(day, time()) + timedelta(minutes=minutes)).replace(tzinfo=calendar.zone)
        for minutes in (frame.begin, frame.end)
    )
    return begin.astimezone(UTC), end.astimezone(UTC)
