"""What can happen to a chat."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ChatShaped(Fact):
    """What a chat says, or where it may stand (`sites`), was changed."""

    kind: ClassVar[str] = "chat.shaped"
    entry_point: int
    title: str
    sites: list[str]


@fact
class ChatAddressProven(Fact):
    """Whoever reads the mail of the address that a visitor typed said that the talk is theirs. `added` says that the
    customer is known by it now; where it is another's, or the record has other addresses, a person decides.
    """

    kind: ClassVar[str] = "chat.address_proven"
    added: bool


@fact
class ChatJudged(Fact):
    """At the end of a talk its visitor said how content they are, from 1 to 5; their words stand beside the log."""

    kind: ClassVar[str] = "chat.judged"
    score: int
