"""What can happen to a LINE account, and between it and its friends."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class LineAccountSet(Fact):
    """By which channel we speak for a LINE account was set; `secrets` are those that were entered anew."""

    kind: ClassVar[str] = "line.account_set"
    entry_point: int
    channel_id: str
    secrets: list[str]


@fact
class LineAccountRemoved(Fact):
    """A LINE account was taken away, with its secrets."""

    kind: ClassVar[str] = "line.account_removed"
    entry_point: int


@fact
class LineNearlySpent(Fact):
    """Of what the account may push this month four fifths are spent: `used` of `quota` messages."""

    kind: ClassVar[str] = "line.nearly_spent"
    entry_point: int
    used: int
    quota: int


@fact
class LineFollowed(Fact):
    """Somebody made the account their friend, for the first time or anew."""

    kind: ClassVar[str] = "line.followed"
    entry_point: int
    friend: int


@fact
class LineBlocked(Fact):
    """Somebody blocked the account: nothing reaches them any more."""

    kind: ClassVar[str] = "line.blocked"
    entry_point: int
    friend: int


@fact
class LineLinkOffered(Fact):
    """A member of staff had the customer of a case sent the way to connect LINE with their record."""

    kind: ClassVar[str] = "line.link_offered"
    friend: int


@fact
class LineLinked(Fact):
    """A friend showed a mail address to be theirs by a code, and the account at LINE: they are one customer's now."""

    kind: ClassVar[str] = "line.linked"
    entry_point: int
    friend: int
    customer: int
