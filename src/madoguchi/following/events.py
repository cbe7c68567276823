"""What can happen to following. A notification is no event: it tells of one."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CaseFollowed(Fact):
    """Somebody (`person`) follows the case from now on, because they wished it or (`by_itself`) by what they did."""

    kind: ClassVar[str] = "case.followed"
    among_colleagues: ClassVar[bool] = True
    person: int
    by_itself: bool = False


@fact
class CaseUnfollowed(Fact):
    """Somebody (`person`) follows the case no more."""

    kind: ClassVar[str] = "case.unfollowed"
    among_colleagues: ClassVar[bool] = True
    person: int
