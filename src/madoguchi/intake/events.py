"""What can happen to an arrival."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ArrivalQuarantined(Fact):
    """Something arrived that could not be handled; it waits, with the reason, for a person."""

    kind: ClassVar[str] = "arrival.quarantined"
    arrival: int
    reason: str


@fact
class ArrivalRetried(Fact):
    """A person had a quarantined arrival tried again."""

    kind: ClassVar[str] = "arrival.retried"
    arrival: int
    outcome: str


@fact
class MessageReported(Fact):
    """The other side told what became of a message of ours: it came back, is late, arrived or was opened."""

    kind: ClassVar[str] = "message.reported"
    message: int
    report: int
    what: str
