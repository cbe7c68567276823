"""Events of the log as figures read them, and the span of time that is asked for. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

BEGINNINGS = ("case.opened", "case.split_off")
CONTACTS = (*BEGINNINGS, "message.received")
AT_REST = ("solved", "closed")
# How much working time of a desk passes between two moments, in seconds.
Worked = Callable[[int | None, datetime, datetime], float]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the log: its id, kind and moment, where it was, whose act (None: nobody's of ours), and its data."""

    id: int
    kind: str
    at: datetime
    case: int | None
    desk: int | None
    person: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment up to another, as it is asked for, and how late it is now: what is not decided yet is left out."""

    begin: datetime
    end: datetime
    now: datetime

    def holds(self, at: datetime | None) -> bool:
        """Whether a moment lies within it."""
        return at is not None and self.begin <= at < self.end


def in_order(event: Event) -> tuple[datetime, int]:
    """By when it happened, and of what happened at once by what was told first."""
    return event.at, event.id


def by_case(events: Iterable[Event]) -> dict[int, list[Event]]:
    """Events by their case; those of none are left out."""
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.case is not None:
            found[event.case].append(event)
    return found


def by_name(events: Iterable[Event], name: str) -> dict[int, list[Event]]:
    """Events by what their data says under a name."""
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.data[name]].append(event)
    return found


def ids_of(events: Iterable[Event]) -> tuple[int, ...]:
    """The ids of events."""
    return tuple(event.id for event in events)


def is_said(event: Event) -> bool:
    """Whether it is a customer's words: those that opened a case, and those that came later."""
    return event.kind in CONTACTS and not event.data.get("automatic")


def begins_contact(event: Event) -> bool:
    """Whether a customer turned to us by it: what they say on in the same sitting is one contact with what was before.
    The log of before that was kept tells no sittings: each word is a contact there.
    """
    return is_said(event) and not event.data.get("goes_on")


def is_answer(event: Event) -> bool:
    """Whether somebody of ours answered by it, and no machine."""
    is_ours = event.kind == "message.written" and event.person is not None
    return is_ours and not event.data.get("automatic")


def beginning_of(told: Iterable[Event]) -> Event | None:
    """By what a case began, of all its events."""
    return next((event for event in told if event.kind in BEGINNINGS), None)


def is_rest(event: Event) -> bool:
    """Whether a case was solved or closed by it."""
    return event.kind == "case.status" and event.data["after"] in AT_REST


def goes_on_elsewhere(told: Sequence[Event]) -> bool:
    """Whether a case goes on in another one now, by all its events in order."""
    kinds = [event.kind for event in told if event.kind in ("case.continued", "case.unmerged")]
    return kinds[-1:] == ["case.continued"]
