"""What can happen to a message on its way out."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class MessageQueued(Fact):
    """An answer waits to leave; `due` (ISO 8601) is when it can no longer be taken back."""

    kind: ClassVar[str] = "message.queued"
    message: int
    due: str


@fact
class MessageSent(Fact):
    """The other side took the message; `response` is what it said."""

    kind: ClassVar[str] = "message.sent"
    message: int
    response: str


@fact
class MessageRested(Fact):
    """An answer that left, or what was told by voice, rests on these versions of articles (`versions` names their
    rows).
    """

    kind: ClassVar[str] = "message.rested"
    message: int
    versions: list[int]


@fact
class MessageRestsNot(Fact):
    """These versions were not told by voice after all."""

    kind: ClassVar[str] = "message.rests_not"
    message: int
    versions: list[int]


@fact
class MessageRead(Fact):
    """The visitor of a chat had our answer before their eyes."""

    kind: ClassVar[str] = "message.read"
    message: int


@fact
class MessageDelayed(Fact):
    """The other side could not take it now; it is tried again at `next_try` (ISO 8601)."""

    kind: ClassVar[str] = "message.delayed"
    message: int
    response: str
    next_try: str


@fact
class MessageFailed(Fact):
    """The message will not leave: refused for good, or tried long enough."""

    kind: ClassVar[str] = "message.failed"
    message: int
    response: str


@fact
class AcknowledgementHeld(Fact):
    """No acknowledgement went out: a limit of the `pair` of addresses, of the `address` or of the `desk` was reached
    (`limit`).
    """

    kind: ClassVar[str] = "message.acknowledgement_held"
    limit: str


@fact
class MessageTakenBack(Fact):
    """An answer was taken back before it left."""

    kind: ClassVar[str] = "message.taken_back"
    message: int


@fact
class MessageBounced(Fact):
    """A message that had been taken came back; `status` is like 5.1.1."""

    kind: ClassVar[str] = "message.bounced"
    message: int
    status: str
