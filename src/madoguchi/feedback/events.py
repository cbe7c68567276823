"""What can happen among colleagues. No event holds their words: they are read where they stand."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class BriefingGiven(Fact):
    """Somebody told the people whom they lead at the desk what changed."""

    kind: ClassVar[str] = "briefing.given"
    among_colleagues: ClassVar[bool] = True
    briefing: int


@fact
class BriefingRead(Fact):
    """Somebody confirmed to have read what they were told."""

    kind: ClassVar[str] = "briefing.read"
    among_colleagues: ClassVar[bool] = True
    briefing: int


@fact
class BriefingWithdrawn(Fact):
    """What people were told does not hold any more."""

    kind: ClassVar[str] = "briefing.withdrawn"
    among_colleagues: ClassVar[bool] = True
    briefing: int


@fact
class PraiseGiven(Fact):
    """Somebody praised how a colleague (`person`) handled the case."""

    kind: ClassVar[str] = "praise.given"
    among_colleagues: ClassVar[bool] = True
    praise: int
    person: int
