"""What can happen to signals, incidents and grave words. No event holds words of a customer."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class SignalRaised(Fact):
    """Somebody saw something strange in the case (`sort` says what kind of thing)."""

    kind: ClassVar[str] = "signal.raised"
    signal: int
    sort: str


@fact
class SignalWithdrawn(Fact):
    """A signal was taken back by who raised it."""

    kind: ClassVar[str] = "signal.withdrawn"
    signal: int


@fact
class IncidentRaised(Fact):
    """So many signals (`count`) that are alike within a day raised themselves; told at one case of each desk. And once
    more, where further ones make a suspicion of it that a product may have to be called back.
    """

    kind: ClassVar[str] = "incident.raised"
    incident: int
    count: int


@fact
class IncidentSettled(Fact):
    """A supervisor took an incident up, or (`state` dismissed) said that it is none."""

    kind: ClassVar[str] = "incident.settled"
    incident: int
    state: str


@fact
class GraveFound(Fact):
    """Grave words of these `sorts` stand in a message, or (`message` None) in what staff wrote down of what was said:
    the case went into the immediate lane.
    """

    kind: ClassVar[str] = "grave.found"
    grave: int
    message: int | None
    sorts: list[str]


@fact
class GraveDismissed(Fact):
    """Somebody said that what was found is not grave."""

    kind: ClassVar[str] = "grave.dismissed"
    grave: int


@fact
class AccidentReportTaken(Fact):
    """Somebody took the draft of the report of a serious accident along, as a PDF of this SHA-256."""

    kind: ClassVar[str] = "grave.report_taken"
    grave: int
    sha256: str


@fact
class InstructionNoticed(Fact):
    """The company may have directed somebody of another employer past that one's manager, on these points (`sorts`)."""

    kind: ClassVar[str] = "instruction.noticed"
    instruction: int
    sorts: list[str]


@fact
class InstructionSettled(Fact):
    """The operator's manager said what became of it (`outcome`)."""

    kind: ClassVar[str] = "instruction.settled"
    instruction: int
    outcome: str


@fact
class WatchChanged(Fact):
    """A company watches for other words, or lets another number of signals raise themselves."""

    kind: ClassVar[str] = "watch.changed"
    changes: dict[str, list[Any]]
