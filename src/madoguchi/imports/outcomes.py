"""What became of a record."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy

from madoguchi.imports.origins import Key, key_of_person
from madoguchi.imports.records import Bad, Kept, Knowledge, Mail, Meant, Person, Record, Sale, Ticket
from madoguchi.kernel.text import is_card_number

_CARD = gettext_lazy(
    "A card number stands where a phone number or an address belongs. It is left out, for it must not be kept."
)


class Outcome(StrEnum):
    """Whether a record is new here, was added to what is here, was here already, or could not come in."""

    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Came:
    """What became of one record, what a person should know of it, and what became of its words."""

    kind: str
    outcome: Outcome
    place: str
    id: str = ""
    reasons: tuple[str, ...] = ()
    words: tuple[Meant, ...] = ()

    @classmethod
    def of(
        cls, record: Ticket | Person | Sale | Mail | Kept | Knowledge, outcome: Outcome, *reasons: str
    ) -> "Came":
        """What became of this one."""
        words = record.words if isinstance(record, Ticket) and outcome != Outcome.SKIPPED else ()
        return cls(kind_of(record), outcome, record.place, record.id, reasons, words)


def unreadable(bad: Bad) -> Came:
    """What cannot be read comes nowhere; what was thrown away there is passed over."""
    if bad.meant:
        return Came("thrown away", Outcome.SKIPPED, bad.place, reasons=(bad.reason,))
    return Came("unreadable", Outcome.FAILED, bad.place, reasons=(bad.reason,), words=bad.words)


def left_out_of(record: Record, known: Container[Key]) -> list[Came]:
    """What of a customer who is new here cannot come in, although they do: card numbers in place of phone numbers."""
    person = record.customer if isinstance(record, Ticket | Sale) else record
    if (
        not isinstance(record, Ticket | Sale | Person)
        or not isinstance(person, Person)
        or key_of_person(person) in known
    ):
        return []
    cards = [one for one in (*person.emails, *person.phones) if is_card_number(one)]
    return [Came("unreadable", Outcome.FAILED, record.place, record.id, (str(_CARD),)) for _one in cards]


def kind_of(record: Record | Knowledge) -> str:
    """What a record is, in a word."""
    if isinstance(record, Kept):
        return record.kind
    kinds = {Mail: "mail", Person: "customer", Sale: "order", Ticket: "case", Knowledge: "article"}
    return kinds.get(type(record), "unreadable")
