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
class ChatJudged(Fact):
    """At the end of a talk its visitor said how content they are, from 1 to 5; their words stand beside the log."""

    kind: ClassVar[str] = "chat.judged"
    score: int
