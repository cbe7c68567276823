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
