"""By what the things of other systems are known, and which of them have come."""

import hashlib
from collections.abc import Sequence

from madoguchi.imports.models import Origin
from madoguchi.imports.records import By, Mail, Person, Record, Said, Sale, Ticket
from madoguchi.kernel.text import blot_card_numbers, clean

Kind = Origin.Kind
Key = tuple[str, str]
_LONGEST = 120


def origins_of(records: Sequence[Record], *, company: int, source: str) -> dict[Key, Origin]:
    """What of these records came before. Needs a scope; one query a kind."""
    wanted: dict[str, list[str]] = {}
    for record in records:
        for kind, external_id in keys_of(record):
            wanted.setdefault(kind, []).append(external_id)
    found: dict[Key, Origin] = {}
    for kind, ids in wanted.items():
        rows = Origin.objects.filter(company=company, source=source, kind=kind, external_id__in=ids)
        found |= {(row.kind, row.external_id): row for row in rows}
    return found


def keys_of(record: Record) -> list[Key]:
    """By what the rows of a record are known, itself first: kind and id."""
    if isinstance(record, Mail):
        return [(Kind.MAIL, clean(record.id)[:250])]
    if isinstance(record, Person):
        return [key_of_person(record)]
    if isinstance(record, Sale):
        return [(Kind.ORDER, _named(record.id)), key_of_person(record.customer)]
    if isinstance(record, Ticket):
        said = (key_of_said(record, one) for one in record.said)
        others = (key_of_person(one.speaker) for one in record.said if one.speaker)
        return [key_of_ticket(record), key_of_person(record.customer), *others, *said]
    return []


def key_of_ticket(ticket: Ticket) -> Key:
    """By its id there."""
    return (Kind.CASE, _named(ticket.id))


def key_of_person(person: Person) -> Key:
    """By their id there, else by how they are reached."""
    if person.id:
        return (Kind.CUSTOMER, _named(person.id))
    reached = "\0".join((*person.emails, *person.phones, *person.members)) or person.name
    return (Kind.CUSTOMER, _digest(reached))


def key_of_said(ticket: Ticket, said: Said) -> Key:
    """By its id within its case."""
    kind = Kind.NOTE if said.by == By.NOTE else Kind.MESSAGE
    return (kind, f"{_named(ticket.id)}/{_named(said.id)}")


def _named(external_id: str) -> str:
    """An id as it can be kept. What looks like a card's number may be just an id, so it is not blotted, but hashed."""
    cleaned = clean(external_id)[:_LONGEST]
    return cleaned if blot_card_numbers(cleaned) == cleaned else _digest(cleaned)


def _digest(of: str) -> str:
    return f"={hashlib.sha256(clean(of).encode()).hexdigest()[:32]}"
