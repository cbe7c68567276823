"""What can happen in the shield. No event holds words of anybody, and none tells whom it met."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class HarassmentSuggested(Fact):
    """Something was noticed that a person may make a mark of: of which sort, and its minutes or times (`amount`)."""

    kind: ClassVar[str] = "harassment.suggested"
    suggestion: int
    sort: str
    amount: int


@fact
class SuggestionSetAside(Fact):
    """Somebody said that what was noticed is no harassment."""

    kind: ClassVar[str] = "harassment.set_aside"
    suggestion: int


@fact
class HarassmentMarked(Fact):
    """Somebody suspects harassment of this sort. Nothing else about the case changes by it."""

    kind: ClassVar[str] = "harassment.marked"
    mark: int
    sort: str


@fact
class HarassmentDecided(Fact):
    """A senior decided whether it is harassment (`state`)."""

    kind: ClassVar[str] = "harassment.decided"
    mark: int
    state: str


@fact
class CustomerWarned(Fact):
    """A message of ours warned the customer in the company's approved words."""

    kind: ClassVar[str] = "harassment.warned"
    mark: int
    message: int


@fact
class HelpCalled(Fact):
    """Somebody calls a senior to a contact."""

    kind: ClassVar[str] = "help.called"
    among_colleagues: ClassVar[bool] = True
    help: int


@fact
class HelpCame(Fact):
    """A senior came, so many seconds after they were called."""

    kind: ClassVar[str] = "help.came"
    among_colleagues: ClassVar[bool] = True
    help: int
    seconds: int


@fact
class StopAsked(Fact):
    """Somebody asks that a talk be ended because of its manner, and says by which way the matter goes on."""

    kind: ClassVar[str] = "stop.asked"
    mark: int
    stop: int
    onward: str


@fact
class StopDecided(Fact):
    """A second person agreed that the talk is ended, or not (`state`); the matter goes on by `onward`."""

    kind: ClassVar[str] = "stop.decided"
    mark: int
    stop: int
    state: str
    onward: str


@fact
class StopLifted(Fact):
    """The customer may talk with us by that way again."""

    kind: ClassVar[str] = "stop.lifted"
    mark: int
    stop: int


@fact
class AppealMade(Fact):
    """The customer objects to what was found or done."""

    kind: ClassVar[str] = "appeal.made"
    mark: int
    appeal: int


@fact
class AppealDecided(Fact):
    """Somebody who had decided none of it looked again (`state`)."""

    kind: ClassVar[str] = "appeal.decided"
    mark: int
    appeal: int
    state: str


@fact
class AppealOverdue(Fact):
    """An appeal was not decided in time."""

    kind: ClassVar[str] = "appeal.overdue"
    mark: int
    appeal: int


@fact
class AppealAnswered(Fact):
    """The answer to an appeal was sent to the customer."""

    kind: ClassVar[str] = "appeal.answered"
    mark: int
    appeal: int
    message: int


@fact
class PoliceTold(Fact):
    """The police were told of it (`way`)."""

    kind: ClassVar[str] = "harassment.police"
    mark: int
    way: str


@fact
class EvidenceFetched(Fact):
    """Somebody took the evidence of a mark along: so many parts, listed in a file of this SHA-256."""

    kind: ClassVar[str] = "harassment.evidence"
    mark: int
    count: int
    sha256: str


@fact
class ConsultationMade(Fact):
    """Somebody asks their employer for counsel."""

    kind: ClassVar[str] = "consultation.made"
    among_colleagues: ClassVar[bool] = True
    consultation: int


@fact
class ConsultationAnswered(Fact):
    """Who asked for counsel was answered."""

    kind: ClassVar[str] = "consultation.answered"
    among_colleagues: ClassVar[bool] = True
    consultation: int


@fact
class ConsultationOverdue(Fact):
    """Who asked for counsel has not heard in time."""

    kind: ClassVar[str] = "consultation.overdue"
    among_colleagues: ClassVar[bool] = True
    consultation: int


@fact
class CareSet(Fact):
    """Something is to be done for somebody whom harassment or many hard contacts met (`sort`)."""

    kind: ClassVar[str] = "care.set"
    among_colleagues: ClassVar[bool] = True
    care: int
    sort: str
    person: int


@fact
class CareSettled(Fact):
    """It was done, or they did not wish it (`outcome`)."""

    kind: ClassVar[str] = "care.settled"
    among_colleagues: ClassVar[bool] = True
    care: int
    sort: str
    outcome: str


@fact
class CareOverdue(Fact):
    """It was not done in time."""

    kind: ClassVar[str] = "care.overdue"
    among_colleagues: ClassVar[bool] = True
    care: int
    sort: str


@fact
class TermsChanged(Fact):
    """It was changed what a company has agreed on (`fields` names it)."""

    kind: ClassVar[str] = "shield_terms.changed"
    fields: list[str]
    version: int


@fact
class TermsApproved(Fact):
    """The company approved the words in which we warn and end a talk."""

    kind: ClassVar[str] = "shield_terms.approved"
    version: int


@fact
class ConductPolicyWritten(Fact):
    """Somebody wrote a version of what customers are told about harassment; none reads it yet."""

    kind: ClassVar[str] = "conduct_policy.written"
    version: int


@fact
class ConductPolicyApproved(Fact):
    """The company approved that version: customers read it from now on."""

    kind: ClassVar[str] = "conduct_policy.approved"
    version: int


@fact
class DutyChanged(Fact):
    """It was changed how far somebody is with a duty (`key`)."""

    kind: ClassVar[str] = "duty.changed"
    operator: int
    key: str
    fields: list[str]
