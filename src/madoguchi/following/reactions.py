"""What happens to a case is told to whom it concerns."""

from madoguchi.cases.events import (
    AnswerApproved,
    AnswerHeld,
    AnswerReturned,
    ApprovalAsked,
    CaseAssigned,
    CaseChanged,
    CaseOpened,
    MessageReceived,
    MessageWritten,
    NoteAdded,
    PendingDiscarded,
    PendingTakenBack,
    StatusChanged,
)
from madoguchi.commerce.events import ReturnMoved
from madoguchi.delivery.events import MessageBounced, MessageFailed
from madoguchi.following import actions
from madoguchi.following.actions import follow_by_itself, notify, settle_asked, settle_refunds
from madoguchi.following.knowledge import KNOWLEDGE, concerned_by
from madoguchi.following.questions import QUESTIONS
from madoguchi.following.trouble import TROUBLE
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.promises.events import ClockBreached, ClockWarned, DelayWaits, PromiseBroken, PromiseWarned
from madoguchi.tasks.events import TaskAdded, TaskDue, TaskGiven

_WRITTEN_IN = (NoteAdded.kind, MessageWritten.kind)
_DECIDED = (AnswerApproved, AnswerReturned, AnswerHeld)
_NO_MORE_ASKED = (*_DECIDED, PendingTakenBack, PendingDiscarded)


@reacts_to(*KNOWLEDGE, name="following.tell")
def tell_of_knowledge(event: Recorded) -> None:
    """Tell who looks after an article, or approves, that it was found wrong, is to be looked at again or ends."""
    fact = event.fact()
    people = concerned_by(fact, event.company)
    actions.tell_of_knowledge(event, people, article=getattr(fact, "article", None))


@reacts_to(
    *(NoteAdded, CaseOpened, MessageReceived, MessageWritten, StatusChanged, ApprovalAsked),
    *(CaseAssigned, CaseChanged),
    *_NO_MORE_ASKED,
    *(TaskAdded, TaskGiven, TaskDue),
    *(ClockWarned, ClockBreached, PromiseWarned, PromiseBroken, DelayWaits),
    *(MessageBounced, MessageFailed),
    *QUESTIONS,
    *TROUBLE,
    ReturnMoved,
    name="following.notify",
)
def notify_whom_it_concerns(event: Recorded) -> None:
    """Tell those who are named, responsible, following, asked for their word, whose answer was decided on or did not
    arrive, whose a task is, who is asked or gets an answer, or whose clock runs out; who wrote or was named may follow
    from now on.
    """
    fact = event.fact()
    if isinstance(fact, CaseChanged) and fact.hop <= 0:
        return
    if event.kind in [fact.kind for fact in _NO_MORE_ASKED]:
        settle_asked(event)
    if event.kind == ReturnMoved.kind:
        settle_refunds(event)
    notify(event)
    if event.kind in _WRITTEN_IN:
        follow_by_itself(event)
