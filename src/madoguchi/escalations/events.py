"""What can happen to escalations and message slips. No event holds their words: they are read where they stand."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class EscalationAsked(Fact):
    """Whoever knows more was asked something of the case: `to` whom (a kind, and the person or desk it is), for which
    `cause`, and with how many `files`."""

    kind: ClassVar[str] = "escalation.asked"
    escalation: int
    to: str
    person: int | None
    to_desk: int | None
    cause: str
    files: int = 0


@fact
class EscalationFileFetched(Fact):
    """A `file` that went with a question was fetched, by whoever asked or is asked, or by the link of a `slip`."""

    kind: ClassVar[str] = "escalation.file_fetched"
    escalation: int
    file: int
    slip: int | None


@fact
class EscalationPassedOn(Fact):
    """Somebody else is asked instead: who was asked `before` (a kind), and who is now."""

    kind: ClassVar[str] = "escalation.passed_on"
    escalation: int
    before_to: str
    to: str
    person: int | None
    to_desk: int | None


@fact
class EscalationTaken(Fact):
    """Of several who are asked (`to`) one sees to it from now on (`person`), or (None) has given it back to all."""

    kind: ClassVar[str] = "escalation.taken"
    escalation: int
    to: str
    person: int | None


@fact
class EscalationAnswered(Fact):
    """An escalation was answered, by those who were asked (`to`); `late` when its time had run out by then. It
    took them so many `minutes` (None: nobody said)."""

    kind: ClassVar[str] = "escalation.answered"
    escalation: int
    to: str
    asker: int | None
    late: bool
    minutes: int | None = None


@fact
class EscalationAskedAgain(Fact):
    """The answer did not suffice: the same are asked again, with more words."""

    kind: ClassVar[str] = "escalation.asked_again"
    escalation: int
    to: str
    person: int | None
    to_desk: int | None


@fact
class EscalationClosed(Fact):
    """What became of the answer: an `article` (None: it was said why there is none)."""

    kind: ClassVar[str] = "escalation.closed"
    escalation: int
    article: int | None


@fact
class EscalationWithdrawn(Fact):
    """Nobody need answer any more."""

    kind: ClassVar[str] = "escalation.withdrawn"
    escalation: int


@fact
class EscalationWarned(Fact):
    """Four fifths of the time to answer have passed; told once for each time."""

    kind: ClassVar[str] = "escalation.warned"
    escalation: int
    to: str
    person: int | None
    to_desk: int | None
    asker: int | None


@fact
class EscalationOverdue(Fact):
    """The time to answer has run out; told once for each time."""

    kind: ClassVar[str] = "escalation.overdue"
    escalation: int
    to: str
    person: int | None
    to_desk: int | None
    asker: int | None


@fact
class SlipMade(Fact):
    """A message slip was written for somebody without an account, and leaves by mail; with an `escalation` it brings
    that."""

    kind: ClassVar[str] = "slip.made"
    slip: int
    escalation: int | None


@fact
class SlipSent(Fact):
    """The mail with a slip left; `reminds` that it was a reminder."""

    kind: ClassVar[str] = "slip.sent"
    slip: int
    reminds: bool


@fact
class SlipFailed(Fact):
    """The mail with a slip was refused, or could not be sent for days."""

    kind: ClassVar[str] = "slip.failed"
    slip: int
    maker: int | None


@fact
class SlipOpened(Fact):
    """The page of a slip was opened by the link of this generation; told once, and maybe of a program."""

    kind: ClassVar[str] = "slip.opened"
    slip: int
    generation: int


@fact
class SlipRead(Fact):
    """Whoever has the slip says that they have read it."""

    kind: ClassVar[str] = "slip.read"
    slip: int


@fact
class SlipDone(Fact):
    """Whoever has the slip says that it is done, or (by a person of the desk) it was heard so."""

    kind: ClassVar[str] = "slip.done"
    slip: int
    maker: int | None


@fact
class SlipReopened(Fact):
    """It is not done after all."""

    kind: ClassVar[str] = "slip.reopened"
    slip: int


@fact
class SlipSentAgain(Fact):
    """A slip leaves once more, with a new link; the old one opens nothing any more."""

    kind: ClassVar[str] = "slip.sent_again"
    slip: int
    generation: int


@fact
class SlipWithdrawn(Fact):
    """A slip does not hold any more; its link opens nothing."""

    kind: ClassVar[str] = "slip.withdrawn"
    slip: int


@fact
class SlipOverdue(Fact):
    """The time of a slip that is not done has run out; told once."""

    kind: ClassVar[str] = "slip.overdue"
    slip: int
    maker: int | None


@fact
class AccountAlerted(Fact):
    """A case of an account (a customer) is severe from the event `cause` on: how many who are responsible there were
    told by `slips`, how many could not be (`missed`), and which `people` of the desk are among them."""

    kind: ClassVar[str] = "account.alerted"
    account: int
    cause: int
    severity: int
    people: list[int]
    slips: int
    missed: int
