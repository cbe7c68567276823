"""What can happen to complaints. No event holds their words: they are read where they stand."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ComplaintMade(Fact):
    """A complaint was written down in the case, of this severity (1 to 4); it may be about how another was handled."""

    kind: ClassVar[str] = "complaint.made"
    complaint: int
    severity: int
    responsible: int | None
    secondary_to: int | None


@fact
class ComplaintChanged(Fact):
    """What is written of a complaint was changed (`fields` names it)."""

    kind: ClassVar[str] = "complaint.changed"
    complaint: int
    fields: list[str]
    responsible: int | None


@fact
class ComplaintClosed(Fact):
    """The customer was answered, and what had to be mended is."""

    kind: ClassVar[str] = "complaint.closed"
    complaint: int


@fact
class ComplaintReopened(Fact):
    """A complaint that was closed is open again."""

    kind: ClassVar[str] = "complaint.reopened"
    complaint: int


@fact
class ComplaintOverdue(Fact):
    """The time of an open complaint has run out; told once for each time."""

    kind: ClassVar[str] = "complaint.overdue"
    complaint: int
    responsible: int | None
