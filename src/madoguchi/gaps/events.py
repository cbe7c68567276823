"""What can happen to what no article says."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class GapSearchStarted(Fact):
    """Somebody has what customers wrote searched now for what no article says."""

    kind: ClassVar[str] = "gaps.search_started"


@fact
class GapSearchStopped(Fact):
    """Somebody stopped such a search."""

    kind: ClassVar[str] = "gaps.search_stopped"


@fact
class GapsSearched(Fact):
    """What customers wrote was searched for what no article says; so many were `found`."""

    kind: ClassVar[str] = "gaps.searched"
    found: int


@fact
class GapDrafted(Fact):
    """Somebody, or a night by itself, began an `article` of something that customers ask."""

    kind: ClassVar[str] = "gap.drafted"
    gap: int
    article: int


@fact
class GapSetAside(Fact):
    """Somebody said that something that customers ask needs no article, or (`aside` false) took that back."""

    kind: ClassVar[str] = "gap.set_aside"
    gap: int
    aside: bool


@fact
class GapAsked(Fact):
    """Somebody who answers could not look up what a customer asked, and asked for an article."""

    kind: ClassVar[str] = "gap.asked"
    gap: int


@fact
class RehearsalStarted(Fact):
    """Somebody has it tried which cases a team would solve by articles alone."""

    kind: ClassVar[str] = "rehearsal.started"


@fact
class RehearsalStopped(Fact):
    """Somebody stopped such a rehearsal."""

    kind: ClassVar[str] = "rehearsal.stopped"


@fact
class Rehearsed(Fact):
    """It was tried which cases of 30 days a team would solve by articles alone: `solved` of `tried`."""

    kind: ClassVar[str] = "rehearsal.done"
    tried: int
    solved: int
