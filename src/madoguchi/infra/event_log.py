"""The append-only log: recording facts, reading them in commit order, sealing them for audit."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from madoguchi.infra.facts import Fact, rebuild
from madoguchi.infra.models import Seal
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

_INSERT = """
    INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, case_id, desk_id, data)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""
_READ = """
    SELECT tx::text::bigint, id, kind, at, actor_kind, actor_id, actor_name, company_id, case_id, desk_id, data::text
    FROM infra_event
    WHERE (tx, id) > (%s::text::xid8, %s) AND tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY tx, id LIMIT %s
"""
CHANNEL = "madoguchi_events"
NO_SEAL = bytes(32)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the log: everything before it has been read."""

    tx: int = 0
    event_id: int = 0


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

    @property
    def id(self) -> int:
        """The event's own id, by which readers stay idempotent."""
        return self.cursor.event_id

    def fact(self) -> Fact:
        """The fact itself; raises KeyError for a kind that no longer exists."""
        data = json.loads(self.data_text)
        return rebuild(self.kind, company=self.company, case=self.case, desk=self.desk, data=data)

    def digest_input(self) -> bytes:
        """All that the audit chain vouches for, as canonical bytes."""
        who = [self.actor_kind, self.actor_id, self.actor_name]
        where = [self.company, self.case, self.desk]
        parts = [self.id, self.kind, self.at.isoformat(), who, where, self.data_text]
        return json.dumps(parts, ensure_ascii=False).encode()


def record(fact: Fact, *, by: Actor) -> int:
    """Write a fact into the log, in the transaction of the change it tells of; returns the event's id."""
    row = [
        *(fact.company, fact.kind, clock.now(), by.kind, by.id, by.name, fact.case, fact.desk),
        json.dumps(fact.data(), ensure_ascii=False),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        return int(cursor.fetchone()[0])


def read_after(place: Cursor, *, most: int = 500) -> list[Recorded]:
    """Events after a place, in commit order; only those that nothing still running can precede."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [str(place.tx), place.event_id, most])
        return [Recorded(Cursor(tx, id_), *rest) for tx, id_, *rest in cursor.fetchall()]


def end_of_log() -> Cursor:
    """The place before which everything is settled now, for readers that start with what comes next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint) - 1")
        return Cursor(int(cursor.fetchone()[0]), 2**62)


def seal(*, most: int = 5000) -> int:
    """Close the next run of events into the audit chain and say how many it took.

    Sealing afterwards instead of chaining on insert keeps every writer free of a common lock; what was
    written in the seconds before is not yet vouched for. Needs a scope over every company.
    """
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
    """Walk the audit chain from its start and name every seal that no longer fits. Nothing named: intact."""
    previous, place = NO_SEAL, Cursor()
    for link in Seal.objects.order_by("id").iterator():
        events = read_after(place, most=link.count)
        expected = _seal_of(events, previous) if events else None
        if bytes(link.previous) != previous or not expected or expected["digest"] != bytes(link.digest):
            yield f"seal {link.id}: events {link.first_id} to {link.last_id} are not what was sealed"
        previous, place = bytes(link.digest), Cursor(link.last_tx, link.last_id)


def _lock_chain() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('madoguchi seal'))")


def _seal_of(events: list[Recorded], previous: bytes) -> dict[str, object]:
    digest = hashlib.sha256(previous)
    for event in events:
        digest.update(event.digest_input() + b"\n")
    first, last = events[0].cursor, events[-1].cursor
    return {
        **{"first_tx": first.tx, "first_id": first.event_id, "last_tx": last.tx, "last_id": last.event_id},
        **{"count": len(events), "previous": previous, "digest": digest.digest()},
    }
