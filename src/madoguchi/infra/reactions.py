"""Readers of the event log: each sees every event at least once, in commit order.

A reader is a named function. Its place in the log is a row, so any number of workers may run it and any may be
killed. It must be idempotent by the event's id. What it cannot digest is set aside, tried again with growing
pauses and shown to people; it never blocks what comes after.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from madoguchi.infra import scope
from madoguchi.infra.event_log import Cursor, Recorded, end_of_log, read_after
from madoguchi.infra.facts import Fact
from madoguchi.infra.models import Event, FailedReaction, Reader
from madoguchi.kernel import clock

logger = structlog.get_logger()
Handler = Callable[[Recorded], None]

BATCH = 200
MOST_TRIES = 8


@dataclass(frozen=True, slots=True)
class Reaction:
    """A named reader and the kinds of events it listens to."""

    name: str
    kinds: frozenset[str]
    handle: Handler


_reactions: dict[str, Reaction] = {}


def reacts_to(*facts: type[Fact], name: str) -> Callable[[Handler], Handler]:
    """Register a function as the reader `name` of these facts; the name is its place in the log for ever."""

    def register(handle: Handler) -> Handler:
        if name in _reactions:
            raise ValueError(f"two reactions are named {name}")
        _reactions[name] = Reaction(name, frozenset(f.kind for f in facts), handle)
        return handle

    return register


def registered() -> list[Reaction]:
    """All reactions, by name."""
    return [_reactions[name] for name in sorted(_reactions)]


def run_all() -> int:
    """Let every reader read what is new and retry what failed; returns how many events were looked at."""
    return sum(_catch_up(reaction) for reaction in registered()) + _retry_failed()


def _catch_up(reaction: Reaction) -> int:
    seen = 0
    while batch := _read_batch(reaction):
        seen += batch
        if batch < BATCH:
            break
    return seen


def _read_batch(reaction: Reaction) -> int:
    with scope.everywhere(reason="a reader of the log serves all companies"):
        reader = _claim(reaction.name)
        if reader is None:
            return 0
        events = read_after(Cursor(reader.tx, reader.event_id), most=BATCH)
        for event in events:
            if event.kind in reaction.kinds:
                _handle(reaction, event)
        if events:
            reader.tx, reader.event_id = events[-1].cursor.tx, events[-1].cursor.event_id
            reader.save()
        return len(events)


def _claim(name: str) -> Reader | None:
    """The reader's row, locked; None while another worker reads. A new reader starts at the end of the log."""
    reader = Reader.objects.select_for_update(skip_locked=True).filter(name=name).first()
    if reader is None:
        start = end_of_log()
        Reader.objects.bulk_create(
            [Reader(name=name, tx=start.tx, event_id=start.event_id)], ignore_conflicts=True
        )
    return reader


def _handle(reaction: Reaction, event: Recorded) -> bool:
    try:
        with transaction.atomic(), scope.acting_for([event.company]):
            reaction.handle(event)
    except Exception as error:  # noqa: BLE001  whatever a reaction raises must not stop the log
        logger.exception("reaction_failed", reaction=reaction.name, event_id=event.id)
        _set_aside(reaction, event, error)
        return False
    return True


def _set_aside(reaction: Reaction, event: Recorded, error: Exception) -> None:
    failure, new = FailedReaction.objects.get_or_create(
        reader=reaction.name,
        event_id=event.id,
        defaults={"company_id": event.company, "next_try_at": _pause(1), "error": repr(error)[:2000]},
    )
    if not new:
        failure.tries += 1
        failure.next_try_at, failure.error = _pause(failure.tries), repr(error)[:2000]
        failure.save()


def _pause(tries: int) -> datetime:
    return clock.now() + timedelta(seconds=min(5 * 4**tries, 6 * 3600))


def _retry_failed() -> int:
    with scope.everywhere(reason="a reader of the log serves all companies"):
        due = FailedReaction.objects.select_for_update(skip_locked=True)
        due = due.filter(next_try_at__lte=clock.now(), tries__lt=MOST_TRIES)[:BATCH]
        return sum(_try_again(failure) for failure in due)


def _try_again(failure: FailedReaction) -> int:
    reaction = _reactions.get(failure.reader)
    events = list(_recorded([failure.event_id]))
    if reaction and events and _handle(reaction, events[0]):
        failure.delete()
    return 1


def _recorded(ids: Iterable[int]) -> Iterable[Recorded]:
    for event in Event.objects.filter(id__in=ids):
        before = Cursor(event.tx, event.id - 1)
        yield from read_after(before, most=1)
