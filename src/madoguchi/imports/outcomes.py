"""What became of a record."""

from dataclasses import dataclass
from enum import StrEnum

from madoguchi.imports.records import Bad, Mail, Person, Record, Ticket


class Outcome(StrEnum):
    """Whether a record is new here, was added to what is here, was here already, or could not come in."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Came:
    """What became of one record, and what a person should know of it."""

    kind: str
    outcome: Outcome
    place: str
    id: str = ""
    reasons: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Ticket | Person | Mail, outcome: Outcome, *reasons: str) -> "Came":
        """What became of this one."""
        return cls(kind_of(record), outcome, record.place, record.id, reasons)


def unreadable(bad: Bad) -> Came:
    """What cannot be read comes nowhere; what was thrown away there is passed over."""
    if bad.meant:
        return Came("thrown away", Outcome.SKIPPED, bad.place, reasons=(bad.reason,))
    return Came("unreadable", Outcome.FAILED, bad.place, reasons=(bad.reason,))


def kind_of(record: Record) -> str:
    """What a record is, in a word."""
    return {Mail: "mail", Person: "customer", Ticket: "case"}.get(type(record), "unreadable")
