"""What can happen to a case."""

from dataclasses import field
from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CaseOpened(Fact):
    """A new matter began, through this channel, from this customer; it may follow a case closed long ago."""

    kind: ClassVar[str] = "case.opened"
    number: int
    channel: str
    customer: int
    automatic: str = ""
    follows: int | None = None


@fact
class CaseContinued(Fact):
    """The case turned out to be the same matter as another one; its messages went `into` that. `merge` is the row
    by which a person's merge is undone."""

    kind: ClassVar[str] = "case.continued"
    into: int
    merge: int | None = None


@fact
class CaseTookIn(Fact):
    """The messages of another case, which turned out to be the same matter, came into this one."""

    kind: ClassVar[str] = "case.took_in"
    other: int
    messages: int
    merge: int | None = None


@fact
class CaseUnmerged(Fact):
    """A merge was undone; told by both cases."""

    kind: ClassVar[str] = "case.unmerged"
    merge: int


@fact
class CaseSplit(Fact):
    """A person put messages of the case into a new one, `into`; `split` is the row by which that is undone."""

    kind: ClassVar[str] = "case.split"
    into: int
    messages: int
    split: int


@fact
class CaseSplitOff(Fact):
    """The case began with messages that a person took out of another one. The customer is told nothing of it."""

    kind: ClassVar[str] = "case.split_off"
    other: int
    number: int
    messages: int
    split: int


@fact
class CaseUnsplit(Fact):
    """A split was undone: the messages are back; told by both cases."""

    kind: ClassVar[str] = "case.unsplit"
    split: int


@fact
class CaseLinked(Fact):
    """A person tied the case to another one, which is its `role` (parent, child …); told by both cases."""

    kind: ClassVar[str] = "case.linked"
    other: int
    role: str
    link: int


@fact
class CaseUnlinked(Fact):
    """A link to another case was taken away; told by both cases."""

    kind: ClassVar[str] = "case.unlinked"
    other: int
    role: str
    link: int


@fact
class CaseToldApart(Fact):
    """A person said that the case is no duplicate of another one, or (`apart` false) took that back; told by both."""

    kind: ClassVar[str] = "case.told_apart"
    other: int
    apart: bool = True


@fact
class MessageReceived(Fact):
    """The customer said something; `reopened` when the case was at rest before, `goes_on` when it is one contact with
    what they said before in the same sitting.
    """

    kind: ClassVar[str] = "message.received"
    message: int
    channel: str
    automatic: str = ""
    reopened: bool = False
    goes_on: bool = False


@fact
class ToldAgain(Fact):
    """The customer wrote that they had said it before, or had to explain it once more, or whoever spoke with them says
    so; told once of a case.
    """

    kind: ClassVar[str] = "case.told_again"
    message: int


@fact
class MessageUnsent(Fact):
    """The customer took back what they had said: its words and files are gone."""

    kind: ClassVar[str] = "message.unsent"
    message: int


@fact
class MessageWritten(Fact):
    """Somebody of ours answered; whether it left is told by delivery."""

    kind: ClassVar[str] = "message.written"
    message: int
    automatic: str = ""


@fact
class NoteAdded(Fact):
    """An internal note, naming these people."""

    kind: ClassVar[str] = "note.added"
    note: int
    mentioned: list[int]


@fact
class CaseAssigned(Fact):
    """Responsibility went from one person to another; None is nobody. `hop` is 1 when the case was passed on by it,
    -1 when that was taken back."""

    kind: ClassVar[str] = "case.assigned"
    before: int | None
    after: int | None
    hop: int = 0


@fact
class HandedOff(Fact):
    """Somebody left words for whoever comes next, on a transfer or on closing."""

    kind: ClassVar[str] = "case.handed_off"
    hand_off: int
    occasion: str


@fact
class StatusChanged(Fact):
    """The case's status changed."""

    kind: ClassVar[str] = "case.status"
    before: str
    after: str


@fact
class CaseChanged(Fact):
    """A field of the case changed: subject, priority, severity, tags, feelings, `checked` or desk.

    `hop` as in CaseAssigned.
    """

    kind: ClassVar[str] = "case.changed"
    field: str
    before: str | int | list[str]
    after: str | int | list[str]
    hop: int = 0


@fact
class CaseCustomerChanged(Fact):
    """The case is another customer's from now on; told by cases that went on in it, too. What was said stays whose it
    was, and what was `checked` was compared with the former customer's record."""

    kind: ClassVar[str] = "case.customer"
    before: int
    after: int
    checked: list[str] = field(default_factory=list)


@fact
class CaseFilled(Fact):
    """A value of the case changed: of the field that was called `label` then. None is nothing; a customer is told by id
    (`of`). Of what `holds` data of the customer it is told that it changed, and no value."""

    kind: ClassVar[str] = "case.filled"
    field: int
    label: str
    of: str
    holds: str
    before: str | int | float | dict[str, int] | None
    after: str | int | float | dict[str, int] | None


@fact
class ProposalJudged(Fact):
    """Somebody wrote down whether the customer took what was proposed to them; None: nobody knows (any more)."""

    kind: ClassVar[str] = "case.proposal"
    taken: bool | None


@fact
class MatterChosen(Fact):
    """The case is of another kind of matter; None is none. The names are those of then."""

    kind: ClassVar[str] = "case.matter"
    before: int | None
    after: int | None
    before_name: str = ""
    after_name: str = ""


@fact
class ReplyTakenOver(Fact):
    """Somebody took the writing of the answer out of the hands of who held it (`before`)."""

    kind: ClassVar[str] = "case.taken_over"
    among_colleagues: ClassVar[bool] = True
    before: int


@fact
class AnswerScheduled(Fact):
    """An answer waits for its time, `due` (ISO 8601)."""

    kind: ClassVar[str] = "answer.scheduled"
    among_colleagues: ClassVar[bool] = True
    answer: int
    due: str


@fact
class ApprovalAsked(Fact):
    """An answer waits for a senior's word; `due` (ISO 8601) is when it would leave then, empty for at once."""

    kind: ClassVar[str] = "answer.approval_asked"
    among_colleagues: ClassVar[bool] = True
    answer: int
    due: str = ""


@fact
class AnswerHeld(Fact):
    """An answer that waited was held back, because (`why`) the customer wrote first, the case was merged or closed …"""

    kind: ClassVar[str] = "answer.held"
    among_colleagues: ClassVar[bool] = True
    answer: int
    writer: int
    why: str


@fact
class AnswerApproved(Fact):
    """A senior let a colleague's answer leave; `changed` when they changed its words, which the answer keeps."""

    kind: ClassVar[str] = "answer.approved"
    among_colleagues: ClassVar[bool] = True
    answer: int
    writer: int
    changed: bool


@fact
class AnswerReturned(Fact):
    """A senior gave a colleague's answer back with a comment, which the answer keeps."""

    kind: ClassVar[str] = "answer.returned"
    among_colleagues: ClassVar[bool] = True
    answer: int
    writer: int


@fact
class PendingTakenBack(Fact):
    """An answer that waited is being written again; its words are in the composer."""

    kind: ClassVar[str] = "answer.taken_back"
    among_colleagues: ClassVar[bool] = True
    answer: int


@fact
class PendingDiscarded(Fact):
    """An answer that waited will not leave."""

    kind: ClassVar[str] = "answer.discarded"
    among_colleagues: ClassVar[bool] = True
    answer: int


@fact
class LinkEnded(Fact):
    """The link to the customer's own page was ended; `generation` is the one that holds from now on."""

    kind: ClassVar[str] = "case.link_ended"
    generation: int


@fact
class SourceRead(Fact):
    """Somebody read a message as it came in, or (`sent`) as it left, with all in it; `moved_at` is when it did."""

    kind: ClassVar[str] = "message.source_read"
    message: int
    moved_at: str
    sent: bool


@fact
class FileHeld(Fact):
    """Something harmful was found in a file that came in; it is kept, and opened by nobody unasked."""

    kind: ClassVar[str] = "file.held"
    attachment: int
    finding: str


@fact
class AuditDownloaded(Fact):
    """Somebody took so many events of the company along as a file of this `form`: those that were `wanted`, or all of a
    `customer`.
    """

    kind: ClassVar[str] = "audit.downloaded"
    form: str
    events: int
    wanted: dict[str, str]
    customer: int | None = None


@fact
class LooksDownloaded(Fact):
    """Somebody took along who was shown what of the company, `since` a day, as a file; so many rows as it began."""

    kind: ClassVar[str] = "looks.downloaded"
    form: str
    looks: int
    since: str


@fact
class ReadMany(Fact):
    """A person was shown so many customers within the hour or day that began then: as many as the company wants to be
    told of, or more.
    """

    kind: ClassVar[str] = "customers.read_many"
    person: int
    customers: int
    hour: str
    period: str = "hour"


@fact
class ReadingLimitSet(Fact):
    """The company wants to be told from another number of customers within an hour or a day on."""

    kind: ClassVar[str] = "customers.reading_limit"
    before: int
    after: int
    day_before: int = 0
    day_after: int = 0


@fact
class ReadingAlarmSeen(Fact):
    """Somebody of the company has looked at it that a `person` read very many customers."""

    kind: ClassVar[str] = "customers.read_many_seen"
    person: int


@fact
class IdentityNeedsSet(Fact):
    """A company wants the identity of customers to be checked that far (0 to 3) before these acts."""

    kind: ClassVar[str] = "customers.identity_needs"
    needs: dict[str, int]


@fact
class ActedUnsure(Fact):
    """Somebody went on with an `act` for a customer although less was checked (`level`) than the company wants
    (`needed`), and why.
    """

    kind: ClassVar[str] = "case.acted_unsure"
    customer: int
    act: str
    level: int
    needed: int
    reason: str
