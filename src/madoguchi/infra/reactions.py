"""Readers of the event log: each sees every event at least once, in commit order.

A reader is a named function. Its place in the log is a row, so any number of workers may run it and any may
be killed. It must be idempotent by the event's id. What it cannot digest is set aside, tried again with
growing pauses and told by `madoguchi doctor`; it never blocks what comes after.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from madoguchi.infra import scope
from madoguchi.infra.event_log import Cursor, Recorded, end_of_log, read_after, read_these
from madoguchi.infra.facts import Fact
from madoguchi.infra.models import FailedReaction, Reader
from madoguchi.infra.stopping import is_stopping
from madoguchi.infra.tries import MOST_TRIES
from madoguchi.kernel import clock

logger = structlog.get_logger()
Handler = Callable[[Sequence[Recorded]], None]
HandlerOfOne = Callable[[Recorded], None]

# A batch is one transaction, and while it runs no reader sees what is written after its start: keep it short.
BATCH = 50


@dataclass(frozen=True, slots=True)
class Reaction:
    """A named reader and the kinds of events it listens to; `together`, it takes several of a company at once."""

    name: str
    kinds: frozenset[str]
    handle: Handler
    together: bool = False


_reactions: dict[str, Reaction] = {}


def reacts_to(*facts: type[Fact], name: str, together: bool = False) -> Callable[[Any], Any]:
    """Register a function as the reader `name` of these facts; the name is its place in the log for ever.

    It is given one event, or (`together`) those of a batch that are one company's: all of them or, should it fail,
    each by itself.
    """

    def register(handle: Any) -> Any:
        if name in _reactions:
            raise ValueError(f"two reactions are named {name}")
        kinds = frozenset(f.kind for f in facts)
        _reactions[name] = Reaction(name, kinds, handle if together else _one(handle), together)
        return handle

    return register


def _one(handle: HandlerOfOne) -> Handler:
    @functools.wraps(handle)
    def handle_one(events: Sequence[Recorded]) -> None:
        handle(events[0])

    return handle_one


def registered() -> list[Reaction]:
    """All reactions, by name."""
    return [_reactions[name] for name in sorted(_reactions)]


def enrol() -> None:
    """Give every reader that has none a place in the log: its end.

    Done when the database is brought to a version, before anything of that version runs, so that a new
    reader misses nothing that happens from then on.
    """
    end = end_of_log()
    places = [Reader(name=r.name, tx=end.tx, event_id=end.event_id) for r in registered()]
    Reader.objects.bulk_create(places, ignore_conflicts=True)


def catch_up(name: str) -> None:
    """Let one reader read what is new, for who needs what it does now and cannot wait for a worker."""
    _catch_up(_reactions[name])


def run_all() -> int:
    """Let every reader read what is new and retry what failed; returns how many events were handled."""
    return sum(_catch_up(reaction) for reaction in registered()) + _retry_failed()


def retry_given_up() -> int:
    """Have what was given up tried again from the start, when the worker next looks; returns how many."""
    with scope.everywhere(reason="a reader of the log serves all companies"):
        given_up = FailedReaction.objects.filter(tries__gte=MOST_TRIES)
        return given_up.update(tries=0, next_try_at=clock.now())


def _catch_up(reaction: Reaction) -> int:
    handled = 0
    while not is_stopping() and (batch := _read_batch(reaction)) is not None:
        handled += batch
    return handled


def _read_batch(reaction: Reaction) -> int | None:
    """How many events of the next batch were for this reader; None when there is no batch for us."""
    with scope.everywhere(reason="a reader of the log serves all companies"):
        reader = _claim(reaction.name)
        events = read_after(_place(reader), most=BATCH) if reader else []
        if not reader or not events:
            return None
        wanted = [event for event in events if event.kind in reaction.kinds]
        for share in _shares(reaction, wanted):
            if len(share) == 1 or not _handle_together(reaction, share):
                for event in share:
                    _handle(reaction, event)
        reader.tx, reader.event_id = events[-1].cursor.tx, events[-1].cursor.event_id
        reader.save()
        return len(wanted)


def _claim(name: str) -> Reader | None:
    """The reader's row, locked; None when it has nothing to read or while another worker reads.

    It looks before it locks: a lock takes a transaction id, which every reader of the log must wait for.
    """
    reader = Reader.objects.filter(name=name).first()
    if reader is None:
        enrol()
        return None
    if not read_after(_place(reader), most=1):
        return None
    return Reader.objects.select_for_update(skip_locked=True).filter(name=name).first()


def _place(reader: Reader) -> Cursor:
    return Cursor(reader.tx, reader.event_id)


def _shares(reaction: Reaction, events: Sequence[Recorded]) -> Iterable[list[Recorded]]:
    """The events as the reaction takes them: one by one, or company by company."""
    if not reaction.together:
        return ([event] for event in events)
    shares: dict[int, list[Recorded]] = {}
    for event in events:
        shares.setdefault(event.company, []).append(event)
    return shares.values()


def _handle_together(reaction: Reaction, events: list[Recorded]) -> bool:
    try:
        with transaction.atomic(), scope.acting_for([events[0].company]):
            reaction.handle(events)
    except Exception:  # one of them may be at fault: they are tried one by one
        logger.exception("reaction_taken_apart", reaction=reaction.name, events=len(events))
        return False
    return True


def _handle(reaction: Reaction, event: Recorded) -> bool:
    try:
        with transaction.atomic(), scope.acting_for([event.company]):
            reaction.handle([event])
    except Exception as error:  # whatever a reaction raises must not stop the log
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
    retried = 0
    while _retry_next():
        retried += 1
    return retried


def _retry_next() -> bool:
    """Try one of those that are due, in a transaction of its own. A reader that is gone is not asked."""
    with scope.everywhere(reason="a reader of the log serves all companies"):
        due = FailedReaction.objects.select_for_update(skip_locked=True).order_by("next_try_at")
        due = due.filter(next_try_at__lte=clock.now(), tries__lt=MOST_TRIES, reader__in=list(_reactions))
        failure = due.first()
        if failure is None:
            return False
        reaction, events = _reactions[failure.reader], read_these([failure.event_id])
        if not events:  # not readable yet: to take it for handled would lose it
            failure.next_try_at = _pause(max(failure.tries, 1))
            failure.save()
        elif _handle(reaction, events[0]):
            failure.delete()
        return True
