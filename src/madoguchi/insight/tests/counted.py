"""Records as tests count them."""

from datetime import UTC, datetime, timedelta

from madoguchi.insight.catalogue import definition
from madoguchi.insight.records import Call, Record

NINE = datetime(2026, 11, 30, 0, tzinfo=UTC)


def value(name: str, records: list[Record] | list[Call], version: str = "") -> float | None:
    """What a figure of the catalogue comes to."""
    return definition(name, version).reckon(records).value


def answered(
    waited: float = 10, *, slot: int = 0, talk: float = 180, hold: float = 0, wrap: float = 0
) -> Call:
    """A call that somebody answered, in the so many-th half hour."""
    at = NINE + slot * timedelta(minutes=30)
    return Call(at=at, waited=waited, answered=True, talk=talk, hold=hold, wrap=wrap)


def gave_up(waited: float = 60, *, slot: int = 0) -> Call:
    """A call whose caller gave up."""
    return Call(at=NINE + slot * timedelta(minutes=30), waited=waited, gave_up=True)


def called_back(waited: float = 90) -> Call:
    """A call whose caller chose to be called back."""
    return Call(at=NINE, waited=waited, call_back=True)


BUSY = Call(at=NINE, blocked=True)
