"""Readers of the event log: each sees every event at least once, in commit order.

A reader is a named function. Its place in the log is a row, so any number of workers may run it and any may
be killed. It must be idempotent by the event's id. What it cannot digest is set aside, tried again with
growing pauses and told by `madoguchi doctor`; it never blocks what comes after. Nor does an event that takes each
worker with it: what is begun is counted before, and events after one that was not ended are taken one by one.
"""

import functools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import Error, connection, transaction
from django.db.models import Case, When

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
# Where events are taken one by one it ends after the one that is at work then, though not all of them are done.
BATCH_SECONDS = 0.2
# An event is given up that was begun so often without an end: its worker was killed, or could not commit.
MOST_BEGINNINGS = 3
NOT_ENDED = "its worker ended while it was handled, or could not commit what it did"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A named reader and the kinds of events it listens to; `together`, it takes several of a company at once."""

    name: str
    kinds: frozenset[str]
    handle: Handler
    together: bool = False


@dataclass(frozen=True, slots=True)
class _Batch:
    """The next events of the log, and those of them that a reader wants."""

    events: Sequence[Recorded]
    wanted: list[Recorded]


_reactions: dict[str, Reaction] = {}
_LOCK_SPACE = 7433


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
    """Have what was given up tried again from the start, when the worker next looks; returns how many.

    What took its worker along has few more tries.
    """
    with scope.everywhere(reason="a reader of the log serves all companies"):
        given_up = FailedReaction.objects.filter(tries__gte=MOST_TRIES)
        tries = Case(When(error=NOT_ENDED, then=MOST_TRIES - MOST_BEGINNINGS), default=0)
        return given_up.update(tries=tries, next_try_at=clock.now())


def _catch_up(reaction: Reaction) -> int:
    handled = 0
    while not is_stopping() and (batch := _read_batch(reaction)) is not None:
        handled += batch
    return handled


def _read_batch(reaction: Reaction) -> int | None:
    """How many events of the next batch were for this reader; None when there is no batch for us."""
    if not _has_news(reaction.name):
        return None
    with _sole_reader(reaction.name) as sole:
        batch = _begin(reaction) if sole else None
        if not batch or not batch.wanted:
            return None if batch is None else 0
        return _digest(reaction, batch)


def _has_news(name: str) -> bool:
    """It looks before it locks: a lock takes a transaction id, which every reader of the log must wait for."""
    with scope.everywhere(reason="a reader of the log serves all companies"):
        reader = Reader.objects.filter(name=name).first()
        if reader is None:
            enrol()
            return False
        return bool(read_after(_place(reader), most=1))


@contextmanager
def _sole_reader(name: str) -> Iterator[bool]:
    """Whether we are the one that reads under this name; the lock ends with its process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCK_SPACE, name])
        sole = bool(cursor.fetchone()[0])
    try:
        yield sole
    finally:
        # A connection that has gone took its lock along, and must not hide what happened.
        if sole:
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCK_SPACE, name])


def _begin(reaction: Reaction) -> _Batch | None:
    """The next batch, counted as begun before it is, for it may take this worker with it.

    After one that did not end the next events are taken one by one, and of those the one that does not end either
    is given up. A batch without anything for this reader is passed over here.
    """
    with scope.everywhere(reason="a reader of the log serves all companies"):
        reader = Reader.objects.select_for_update(skip_locked=True).filter(name=reaction.name).first()
        if reader is None:
            return None
        reader.wary = BATCH if reader.begun else reader.wary
        events = read_after(_place(reader), most=1 if reader.wary else BATCH)
        wanted = [event for event in events if event.kind in reaction.kinds and not event.carried]
        if wanted and reader.begun >= MOST_BEGINNINGS:
            logger.error("reaction_given_up", reaction=reaction.name, event_id=wanted[0].id)
            _set_aside(reaction, wanted.pop(), NOT_ENDED, tries=MOST_TRIES)
        if wanted:
            reader.begun += 1
            reader.save()
        elif events:
            _move_on(reader, events)
        return _Batch(events, wanted) if events else None


def _digest(reaction: Reaction, batch: _Batch) -> int | None:
    with scope.everywhere(reason="a reader of the log serves all companies"):
        reader = Reader.objects.select_for_update(skip_locked=True).filter(name=reaction.name).first()
        if reader is None or _place(reader) >= batch.events[0].cursor:
            return None
        until = time.monotonic() + BATCH_SECONDS
        for done, share in enumerate(_shares(reaction, batch.wanted), 1):
            if len(share) == 1 or not _handle_together(reaction, share):
                for event in share:
                    if error := _handle(reaction, event):
                        _set_aside(reaction, event, error)
            if not reaction.together and time.monotonic() >= until:
                _move_on(reader, [event for event in batch.events if event.cursor <= share[0].cursor])
                return done
        _move_on(reader, batch.events)
        return len(batch.wanted)


def _move_on(reader: Reader, past: Sequence[Recorded]) -> None:
    reader.tx, reader.event_id = past[-1].cursor.tx, past[-1].cursor.event_id
    reader.begun, reader.wary = 0, max(reader.wary - len(past), 0)
    reader.save()


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


def _handle(reaction: Reaction, event: Recorded) -> str:
    """What went wrong; nothing when it is handled."""
    try:
        with transaction.atomic(), scope.acting_for([event.company]):
            reaction.handle([event])
    except Exception as error:  # whatever a reaction raises must not stop the log
        logger.exception("reaction_failed", reaction=reaction.name, event_id=event.id)
        return repr(error)[:2000]
    return ""


def _set_aside(reaction: Reaction, event: Recorded, error: str, *, tries: int = 1) -> None:
    FailedReaction.objects.update_or_create(
        reader=reaction.name,
        event_id=event.id,
        defaults={"company_id": event.company, "tries": tries, "next_try_at": _pause(tries), "error": error},
    )


def _pause(tries: int) -> datetime:
    return clock.now() + timedelta(seconds=min(5 * 4**tries, 6 * 3600))


def _retry_failed() -> int:
    retried = 0
    while not is_stopping() and _retry_next():
        retried += 1
    return retried


def _retry_next() -> bool:
    """Try one of those that are due, in a transaction of its own; whether there was one."""
    due = _begin_again()
    if due is None:
        return False
    failure, event = due
    if event is None:
        return True
    with scope.everywhere(reason="a reader of the log serves all companies"):
        mine = FailedReaction.objects.select_for_update().filter(pk=failure.pk)
        if mine.exists():
            error = _handle(_reactions[failure.reader], event)
            mine.update(error=error) if error else mine.delete()
    return True


def _begin_again() -> tuple[FailedReaction, Recorded | None] | None:
    """One that is due and its event, counted before it is tried. A reader that is gone is not asked.

    Without the event it is not readable yet: to take it for handled would lose it.
    """
    with scope.everywhere(reason="a reader of the log serves all companies"):
        due = FailedReaction.objects.select_for_update(skip_locked=True).order_by("next_try_at")
        due = due.filter(next_try_at__lte=clock.now(), tries__lt=MOST_TRIES, reader__in=list(_reactions))
        failure = due.first()
        if failure is None:
            return None
        events = read_these([failure.event_id])
        if events:
            failure.tries, failure.error = failure.tries + 1, NOT_ENDED
        failure.next_try_at = _pause(max(failure.tries, 1))
        failure.save()
        return failure, events[0] if events else None


def forget_errors(events: Sequence[int]) -> None:
    """Forget what was said of these events when a reader could not digest them; they are tried again all the same."""
    FailedReaction.objects.filter(event_id__in=events).update(error="")
