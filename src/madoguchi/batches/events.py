"""What can happen to a batch. What it does to each case stands in that case's own events, with its cause."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class BatchStarted(Fact):
    """Somebody set one act on many cases going."""

    kind: ClassVar[str] = "batch.started"
    batch: int
    verb: str
    value: str
    cases: int


@fact
class BatchCancelled(Fact):
    """A batch was stopped; what it had done stays."""

    kind: ClassVar[str] = "batch.cancelled"
    batch: int


@fact
class BatchUndoBegun(Fact):
    """What a batch had done began to be undone."""

    kind: ClassVar[str] = "batch.undo_begun"
    batch: int
