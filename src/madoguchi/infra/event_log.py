"""The append-only log: recording facts, reading them in commit order, sealing them for audit."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from madoguchi.infra import scope
from madoguchi.infra.facts import Fact, rebuild
from madoguchi.infra.models import EventWords, Seal
from madoguchi.infra.origin import origin
from madoguchi.infra.prepared import Values, fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

_INSERT = """
    INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, case_id, desk_id, data,
        carried, origin)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s) RETURNING id
"""
_COLUMNS = """
    SELECT tx::text::bigint, id, kind, at, actor_kind, actor_id, actor_name, company_id, case_id, desk_id,
        data::text, carried, origin
"""
_SELECT = f"{_COLUMNS} FROM infra_event"
# With the table's name: `tx` alone is what is selected, a number, which no index has in order.
_IN_ORDER = "ORDER BY infra_event.tx, infra_event.id"
_READ = f"{_SELECT} WHERE (tx, id) > (%s::text::xid8, %s) AND tx < %s::text::xid8 {_IN_ORDER} LIMIT %s"
# What was sealed was settled: whoever runs now holds nothing of it back. Of whoever ends just while it is looked who
# runs, it cannot be said any more that they ran elsewhere, so that less may seem settled than a moment ago.
_READ_SEALED = f"""
    {_SELECT} WHERE (tx, id) > (%s::text::xid8, %s) AND (tx, id) <= (%s::text::xid8, %s) {_IN_ORDER} LIMIT %s
"""
# Of each company so many by its own index, however much happened at others in between.
_READ_OF = f"""
    {_COLUMNS} FROM unnest(%(companies)s::bigint[]) AS theirs (company) CROSS JOIN LATERAL (
        SELECT * FROM infra_event WHERE company_id = theirs.company
            AND (tx, id) > (%(tx)s::text::xid8, %(id)s) AND tx < %(below)s::text::xid8
        {_IN_ORDER} LIMIT %(most)s
    ) AS infra_event {_IN_ORDER} LIMIT %(most)s
"""  # noqa: S608  put together from the constants above
_READ_THESE = f"{_SELECT} WHERE id = ANY(%s) AND tx < %s::text::xid8 {_IN_ORDER}"
# Transaction ids are common to all databases of a server. Those known to run in another one, or to be the
# server's own (it counts rows for its planner), hold nothing back here: the server may be shared with somebody whose
# transactions take hours. A snapshot lists those that run below
# its xmax alone, and one's own is not among them: it may be above that, and above others that run and are not listed.
_SETTLED_BELOW = """
    WITH running AS (
        SELECT xid::text::bigint AS xid FROM pg_snapshot_xip(pg_current_snapshot()) AS xid
        UNION ALL SELECT pg_current_xact_id_if_assigned()::text::bigint
    ), elsewhere AS (
        SELECT lock.transactionid::text::bigint AS xid
        FROM pg_locks AS lock JOIN pg_stat_activity AS session USING (pid)
        WHERE lock.locktype = 'transactionid' AND lock.mode = 'ExclusiveLock' AND lock.granted
            AND (session.datname <> current_database() OR session.usesysid IS NULL)
    )
    SELECT least(min(xid), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    FROM running WHERE mod(xid, 4294967296) NOT IN (SELECT xid FROM elsewhere)
"""
# Asked of the newest alone: of "is there any" the planner expects a third of the log, and reads it from its beginning.
_NEWEST_IS_AT_LEAST = "SELECT tx >= %s::text::xid8 FROM infra_event ORDER BY tx DESC, id DESC LIMIT 1"
CHANNEL = "madoguchi_events"
NO_SEAL = bytes(32)
_HIGHEST = 2**62
_cause: ContextVar[str] = ContextVar("cause", default="")
_carrying: ContextVar[bool] = ContextVar("carrying", default=False)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the log: everything before it has been read."""

    tx: int = 0
    event_id: int = 0

    def __str__(self) -> str:
        return f"{self.tx}.{self.event_id}"

    @classmethod
    def read(cls, written: str) -> "Cursor | None":
        """A place as it was written down; None for what is none."""
        tx, _point, event_id = written.partition(".")
        known = written.isascii() and tx.isdecimal() and event_id.isdecimal() and len(written) < 40
        return cls(int(tx), int(event_id)) if known and max(int(tx), int(event_id)) <= _HIGHEST else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in the log: when it happened, by whom, and where in the order."""

    cursor: Cursor
    kind: str
    at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    company: int
    case: int | None
    desk: int | None
    data_text: str
    carried: bool = False
    origin: str = ""

    @property
    def id(self) -> int:
        """The event's own id, by which readers stay idempotent."""
        return self.cursor.event_id

    def data(self) -> dict[str, Any]:
        """The fields of the fact beyond the common ones, as they were written."""
        return json.loads(self.data_text)

    def fact(self) -> Fact:
        """The fact itself; raises KeyError for a kind that no longer exists."""
        return rebuild(self.kind, company=self.company, case=self.case, desk=self.desk, data=self.data())

    def digest_input(self) -> bytes:
        """All that the audit chain vouches for, as canonical bytes."""
        who = [self.actor_kind, self.actor_id, self.actor_name]
        where = [self.company, self.case, self.desk]
        at = self.at.astimezone(UTC).isoformat()
        parts = [self.id, self.kind, at, who, where, self.data_text]
        parts += [self.origin] if self.origin else []
        return json.dumps(parts, ensure_ascii=False).encode()


@contextmanager
def causing(cause: str) -> Iterator[None]:
    """What is recorded within names this as its cause: one thing that somebody did, which changes many."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def carrying() -> Iterator[None]:
    """What is recorded within happened elsewhere and earlier: nothing reacts to it."""
    token = _carrying.set(True)
    try:
        yield
    finally:
        _carrying.reset(token)


def record(fact: Fact, *, by: Actor, words: Mapping[str, list[Any]] | None = None) -> int:
    """Write a fact into the log, in the transaction of the change it tells of; returns the event's id.

    `words` are what was before and after, by name, where that is about somebody: they are kept beside the log.
    """
    cause = _cause.get()
    data = fact.data() | ({"cause": cause} if cause else {})
    row = [
        *(fact.company, fact.kind, clock.now(), by.kind, by.id, by.name, fact.case, fact.desk),
        json.dumps(data, ensure_ascii=False),
        *(_carrying.get(), origin()),
    ]
    event = int(fetch_all(_INSERT, row)[0][0])
    if words:
        EventWords.objects.create(company_id=fact.company, event_id=event, changes=dict(words))
    return event


def words_of(events: Iterable[int]) -> dict[int, dict[str, list[Any]]]:
    """What changed by these events, where it is kept beside the log, by event. One query."""
    return dict(EventWords.objects.filter(pk__in=list(events)).values_list("event_id", "changes"))


def read_after(place: Cursor, *, most: int = 500) -> list[Recorded]:
    """Events after a place, in commit order; only those that nothing still running can precede."""
    return _recorded(_READ, [str(place.tx), place.event_id, str(settled_below()), most])


def read_after_of(companies: Iterable[int], place: Cursor, *, most: int) -> list[Recorded]:
    """The same of these companies alone, for whoever is told of no others."""
    values = {"companies": list(set(companies)), "tx": str(place.tx), "id": place.event_id, "most": most}
    return _recorded(_READ_OF, values | {"below": str(settled_below())})


def read_these(ids: Iterable[int]) -> list[Recorded]:
    """Events by their ids, for readers that come back to one; in commit order, settled ones only."""
    return _recorded(_READ_THESE, [list(ids), str(settled_below())])


def _recorded(query: str, values: Values) -> list[Recorded]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [Recorded(Cursor(tx, id_), *rest) for tx, id_, *rest in cursor.fetchall()]


def has_unsettled() -> bool:
    """Whether events are there that may not be read yet, because an older transaction is still running.

    The end of that transaction tells nobody, so a reader that waits for news must come back soon.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_IS_AT_LEAST, [str(settled_below())])
        return any(newest for (newest,) in cursor.fetchall())


def end_of_log() -> Cursor:
    """The place before which everything is settled now, for readers that start with what comes next."""
    return Cursor(settled_below() - 1, _HIGHEST)


def settled_below() -> int:
    """The transaction id below which no event will appear any more that is not there already.

    To be asked in a statement of its own before the log is read, for what ends in between is then seen whole.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED_BELOW)
        return int(cursor.fetchone()[0])


def seal(*, most: int = 5000) -> int:
    """Close the next run of events into the audit chain and say how many it took.

    Sealing afterwards instead of chaining on insert keeps every writer free of a common lock; what was
    written in the seconds before is not yet vouched for. Raises `Unscoped` without a scope over all.
    """
    _need_everything()
    with transaction.atomic():
        _lock_chain()
        last = Seal.objects.order_by("-id").first()
        place = Cursor(last.last_tx, last.last_id) if last else Cursor()
        events = read_after(place, most=most)
        if events:
            previous = bytes(last.digest) if last else NO_SEAL
            Seal.objects.create(**_seal_of(events, previous))
        return len(events)


def verify() -> Iterator[str]:
    """Walk the audit chain from its start and name every seal that no longer fits. Nothing named: intact.

    Raises `Unscoped` without a scope over every company: a part of the log fits no seal.
    """
    _need_everything()
    previous, place = NO_SEAL, Cursor()
    for link in Seal.objects.order_by("id").iterator():
        values = [str(place.tx), place.event_id, str(link.last_tx), link.last_id, link.count + 1]
        events = _recorded(_READ_SEALED, values)
        expected = _seal_of(events, previous) if events else None
        if bytes(link.previous) != previous or not expected or expected["digest"] != bytes(link.digest):
            yield f"seal {link.id}: events {link.first_id} to {link.last_id} are not what was sealed"
        previous, place = bytes(link.digest), Cursor(link.last_tx, link.last_id)


def _need_everything() -> None:
    if scope.current() != scope.EVERY_COMPANY:
        raise scope.Unscoped("the audit chain runs over every company's events")


def _lock_chain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('madoguchi seal'))")


def _seal_of(events: list[Recorded], previous: bytes) -> dict[str, object]:
    digest = hashlib.sha256(previous)
    for event in events:
        digest.update(event.digest_input() + b"\n")
    first, last = events[0].cursor, events[-1].cursor
    return {
        "first_tx": first.tx,
        "first_id": first.event_id,
        "last_tx": last.tx,
        "last_id": last.event_id,
        "count": len(events),
        "previous": previous,
        "digest": digest.digest(),
    }
