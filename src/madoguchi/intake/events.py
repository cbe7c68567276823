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
class ArrivalKeptOut(Fact):
    """Something arrived that was taken for spam, or whose sender is blocked; it waits in the list of spam."""

    kind: ClassVar[str] = "arrival.kept_out"
    arrival: int
    reason: str


@fact
class ArrivalTakenIn(Fact):
    """A person said that something was no spam, and had it taken in."""

    kind: ClassVar[str] = "arrival.taken_in"
    arrival: int
    outcome: str


@fact
class SenderRuled(Fact):
    """A company always takes a sender's mail from now on (allow), or keeps it out (block)."""

    kind: ClassVar[str] = "sender.ruled"
    rule: str
    pattern: str
    before: str


@fact
class SenderForgotten(Fact):
    """A sender was taken off a company's list."""

    kind: ClassVar[str] = "sender.forgotten"
    rule: str
    pattern: str


@fact
class MessageReported(Fact):
    """The other side told what became of a message of ours: it came back, is late, arrived or was opened."""

    kind: ClassVar[str] = "message.reported"
    message: int
    report: int
    what: str


@fact
class LoopRecognised(Fact):
    """A machine seems to answer our acknowledgements with the same words: `message` began a case as any other, which no
    machine of ours answers.
    """

    kind: ClassVar[str] = "message.loop_recognised"
    message: int
