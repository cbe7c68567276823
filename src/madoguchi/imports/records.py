"""What a reader of another system's export makes of it, whichever system that is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.models import Priority, Status
from madoguchi.commerce.outside import OutsideOrder
from madoguchi.imports.attached import OnDisk
from madoguchi.knowledge.archive import KeptArticle


class By(StrEnum):
    """Who said something."""

    CUSTOMER = "customer"
    STAFF = "staff"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of another system. Without an id they are known by their addresses alone."""

    id: str = ""
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    kana: str = ""
    address: str = ""
    memo: str = ""
    members: tuple[str, ...] = ()
    former_names: str = ""
    at: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said or noted; `id` is its own within its case. `left_out` names files that are not there.

    `speaker` is who said it on the customer's side, where that is not the ticket's customer.
    """

    id: str
    by: By
    at: datetime
    text: str
    html: str = ""
    name: str = ""
    address: str = ""
    message_id: str = ""
    files: tuple[OnDisk, ...] = ()
    left_out: tuple[str, ...] = ()
    speaker: Person | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """What a word of another system (of which kind: `what`) became here; nothing where nobody knows it."""

    what: str
    written: str
    became: str = ""


def told_apart(said: Iterable[Said]) -> Iterator[Said]:
    """Things that were said, each under an id of its own: what comes twice is one, and what bears the id of another
    is known by its place after it.
    """
    before: dict[tuple[bool, str], list[Said]] = {}
    for one in said:
        same = before.setdefault((one.by == By.NOTE, one.id), [])
        if one not in same:
            same.append(one)
            yield replace(one, id=f"{one.id}+{len(same)}") if len(same) > 1 else one


@dataclass(frozen=True, slots=True)
class Ticket:
    """A case of another system, with everything that was said in it. `assignee` is a name or a mail address."""

    id: str
    subject: str
    customer: Person
    said: tuple[Said, ...]
    changed_at: datetime | None = None
    number: str = ""
    status: Status = Status.CLOSED
    priority: Priority = Priority.NORMAL
    tags: tuple[str, ...] = ()
    assignee: str = ""
    place: str = ""
    words: tuple[Meant, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is to be said of files that the export names and does not hold."""
        names = (name for said in self.said for name in said.left_out)
        return tuple(
            _("The export names a file and does not hold it: %(name)s") % {"name": name} for name in names
        )


@dataclass(frozen=True, slots=True)
class Sale:
    """An order that was placed in another system, and whose it is."""

    id: str
    customer: Person
    said: OutsideOrder
    place: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came or left. `at` is when it was sent, as far as it says so."""

    id: str
    raw: bytes
    at: datetime | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """Something that cannot come in: where it stands, and why, in the words of who reads the report.

    `meant` is what nobody wants to come, for it was thrown away there. `words` are a ticket's that nobody knows.
    """

    place: str
    reason: str
    meant: bool = False
    words: tuple[Meant, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a table of what a company keeps, of a `kind` of `kept_tables`: it says how something is now, as often as
    it comes, so nothing is remembered of it. `words` are for who looks at it beforehand.
    """

    kind: str
    id: str
    words: str
    said: Any
    place: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """An article, with what it says; by its key it comes once. It is of no customer."""

    kept: KeptArticle

    @property
    def id(self) -> str:
        """By what it is known."""
        return self.kept.key

    @property
    def place(self) -> str:
        """Where it stands."""
        return self.kept.place or f"articles/{self.kept.key}"


Record = Ticket | Person | Sale | Mail | Kept | Bad


def said_in(record: Record | Knowledge) -> int:
    """How many things were said in it."""
    return len(record.said) if isinstance(record, Ticket) else 1


def size_of(record: Record | Knowledge) -> int:
    """About how many bytes it holds, with the files that are read when it comes in."""
    if isinstance(record, Knowledge):
        return sum(len(file.content) for file in record.kept.files)
    if isinstance(record, Mail):
        return len(record.raw)
    if not isinstance(record, Ticket):
        return 0
    return sum(
        len(said.text) + len(said.html) + sum(file.size for file in said.files) for said in record.said
    )
