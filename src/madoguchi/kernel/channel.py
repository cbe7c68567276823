"""The contract between the product and a channel: what comes in, what goes out, how it may fail.

`delivery` and `intake` know channels only through these names; `project/composition.py` binds the adapters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from madoguchi.kernel.identity import is_line_user, is_visitor
from madoguchi.kernel.pieces import Piece


class Channel(StrEnum):
    """How a contact reached us."""

    EMAIL = "email"
    FORM = "form"
    PHONE = "phone"
    CHAT = "chat"
    LINE = "line"


# Where one talks: what is said in one sitting is one contact, and an answer reaches whoever wrote and nobody else.
TALKS = frozenset({Channel.CHAT, Channel.LINE})


def channel_of(address: str) -> Channel:
    """By which channel an address is reached."""
    if is_visitor(address):
        return Channel.CHAT
    return Channel.LINE if is_line_user(address) else Channel.EMAIL


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way in or out, with its bytes. One that is in the file store already, such as a recording of ours,
    has the hash of them there (`kept`) and their number in their place.
    """

    filename: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str = ""
    kept: str = ""
    kept_size: int = 0

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.kept_size if self.kept else len(self.content)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in a message: a shown name and an address of the channel."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Clue:
    """A hint at the case an arrival belongs to.

    A conversation (a mark of an earlier arrival) and a case number count for the case's own customer alone. `at` is
    the base address or domain that a token was written for, where the channel has such.
    """

    kind: Literal["token", "message_id", "conversation", "case_number"]
    value: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a message is from whom it says. `authentication` is pass, fail, none, or empty where no mail server
    of ours tells; `spam` holds its words where it took the message for spam. `lookalike` is the sender's domain as the
    DNS has it, where its letters look like others. `own_page` says that whoever wrote held the link to the customer's
    own page, which leaves by mail alone.
    """

    authentication: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    poses_as_us: bool = False
    name_claims: str = ""
    lookalike: str = ""
    spam: str = ""
    own_page: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message of ours, as the other side tells it: `what` is bounced, delayed, delivered or read.

    `about` are external ids it may be about, the surest first; `status` is like 5.1.1, `words` the server's own.
    """

    what: str
    about: tuple[str, ...]
    recipient: str = ""
    status: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message that arrived, read by its channel; intake finds who it is from and where it belongs.

    `marks` are what later arrivals can be known by as belonging together with this one, beside its own id: the
    messages it mentions that have not come yet, and conversations.
    `pieces` cut the text into what was newly written and what was not; without them all of it is new.
    `may_sign` are its last new lines where they sign it if earlier messages of the same writer have them, too.
    `reply_to` is where its sender wishes to be answered, where that is another address than the sender's and not ours.
    `says_nothing` says that it has no subject and its words are but a signature.
    `bears_our_id` says that its own id has the form of those that we give our messages.
    Whoever calls has no address but a `phone`, which is empty where the number is withheld.
    """

    channel: Channel
    external_id: str
    sender: Party
    subject: str
    text: str
    new_text: str
    fingerprint: bytes
    pieces: tuple[Piece, ...] = ()
    may_sign: str = ""
    html: str = ""
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    reply_to: tuple[Party, ...] = ()
    sent_at: datetime | None = None
    automatic: str = ""
    language: str = "ja"
    phone: str = ""
    files: tuple[File, ...] = ()
    clues: tuple[Clue, ...] = ()
    marks: tuple[str, ...] = ()
    report: Report | None = None
    warnings: tuple[str, ...] = ()
    trust: Trust = Trust()
    bears_our_id: bool = False
    says_nothing: bool = False


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to be sent. `external_id` stays the same over all tries, so a receiver can tell a repeat.

    `html` is the same words laid out, its pictures those `files` that have a content id. `bcc` receives it without
    being named in it. `old_letters` asks for letters that old phones and mail software read. `unsubscribe` is for
    bulk mail alone: where its receiver leaves the list by one click. `choices` are words that its reader can answer
    with by a touch, where the channel has such.
    """

    external_id: str
    company: int
    entry_point: int | None
    sender: Party
    to: tuple[Party, ...]
    subject: str
    text: str
    created_at: datetime
    html: str = ""
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = False
    files: tuple[File, ...] = ()
    old_letters: bool = False
    unsubscribe: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said when it took the message."""

    response: str


class DeliveryFailure(Exception):
    """A message was not taken; `response` is the other side's own words."""

    def __init__(self, response: str) -> None:
        super().__init__(response)
        self.response = response


class TemporaryFailure(DeliveryFailure):
    """Worth another try later: greylisting, a full mailbox, no connection."""


class GoneAway(DeliveryFailure):
    """Whoever was to read it here has left, and named a mail address (`to`) for this. Nothing has failed."""

    def __init__(self, response: str, *, to: Party) -> None:
        super().__init__(response)
        self.to = to


class PermanentFailure(DeliveryFailure):
    """No try will ever help: no such address, refused for good. `recipient` is whom the refusal is about, if one."""

    def __init__(self, response: str, *, recipient: str = "") -> None:
        super().__init__(response)
        self.recipient = recipient


class HeldBack(DeliveryFailure):
    """Kept back by ourselves until `until`, for the other side takes no more at once. Nothing has failed."""

    def __init__(self, response: str, *, until: datetime) -> None:
        super().__init__(response)
        self.until = until


class Unreadable(Exception):
    """A channel cannot make anything of the raw bytes; the arrival goes to quarantine with this reason."""


class InboundChannel(Protocol):
    """Reads the raw bytes of an arrival."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """Make an `Inbound` of the raw bytes; raises `Unreadable`."""


class OutboundChannel(Protocol):
    """Takes messages out of the house."""

    def new_external_id(self, *, token: str, domain: str) -> str:
        """A fresh id for a message, under which a reply finds its case again."""

    def send(self, message: Outbound) -> Receipt:
        """Send, or raise `TemporaryFailure`, `PermanentFailure`, `HeldBack` or `GoneAway`."""
