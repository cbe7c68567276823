"""The present moment, in one place, so that a test or a replay can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

# What somebody may mean by a day. Far outside, PostgreSQL keeps what Python cannot read again.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_held: ContextVar[datetime | None] = ContextVar("held_clock", default=None)


def now() -> datetime:
    """The present moment in UTC; what `held_at` says while it is in force."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """The day that it is in Japan."""
    return now().astimezone(TOKYO).date()


def can_be_meant(moment: datetime) -> bool:
    """Whether an aware moment is one that people write down: from 1900 to 2199."""
    return EARLIEST <= moment < LATEST


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment, for tests and for replays of the past."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)
