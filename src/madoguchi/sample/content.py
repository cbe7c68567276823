"""What a sample case consists of."""

from dataclasses import dataclass
from datetime import datetime

from madoguchi.sample.customers import SampleCustomer


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file that came or went with a message; `asset` is the file in sample/files that it is."""

    filename: str
    asset: str


@dataclass(frozen=True, slots=True)
class SampleMessage:
    """One message. `author` is customer, staff or system; `person` the key of who of ours wrote it.

    `new_text` is empty where the whole text is new. `state` says how far a message of ours got.
    """

    author: str
    person: str
    at: datetime
    subject: str
    text: str
    new_text: str = ""
    automatic: str = ""
    state: str = ""
    files: tuple[SampleFile, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleNote:
    """An internal note and the keys of the people it names."""

    person: str
    at: datetime
    text: str
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleChange:
    """A change of status or assignee; an empty person is the product itself."""

    at: datetime
    person: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SampleCase:
    """One matter as it stands at the moment the world was made, with all that was said."""

    index: int
    number: int
    company: str
    desk: str
    topic: str
    channel: str
    customer: SampleCustomer
    sender_name: str
    subject: str
    status: str
    priority: int
    assignee: str
    tags: tuple[str, ...]
    language: str
    opened_at: datetime
    touched_at: datetime
    waiting_since: datetime | None
    first_replied_at: datetime | None
    solved_at: datetime | None
    messages: tuple[SampleMessage, ...]
    notes: tuple[SampleNote, ...]
    changes: tuple[SampleChange, ...]
