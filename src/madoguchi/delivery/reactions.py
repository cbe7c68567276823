"""What delivery does when something happens to a case."""

from madoguchi.cases.actions.pending import carry_along, carry_home
from madoguchi.cases.events import (
    CaseContinued,
    CaseOpened,
    CaseSplit,
    CaseUnmerged,
    MessageReceived,
    StatusChanged,
)
from madoguchi.cases.models import Case, Status
from madoguchi.delivery.actions import acknowledge, hold_answers, take_report
from madoguchi.delivery.bases import note_bases
from madoguchi.delivery.events import MessageSent, MessageTakenBack
from madoguchi.delivery.template_use import note_use
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.intake.events import MessageReported
from madoguchi.promises.keeping import withdraw_unsaid


@reacts_to(CaseOpened, name="delivery.acknowledge")
def acknowledge_first_contact(event: Recorded) -> None:
    """Acknowledge a new case, but never to a robot."""
    opened = event.fact()
    if isinstance(opened, CaseOpened) and opened.case and not opened.automatic:
        acknowledge(opened.case, cause=event.id)


@reacts_to(MessageTakenBack, name="delivery.unsay")
def unsay_promises(event: Recorded) -> None:
    """What was promised in an answer that was taken back was never said."""
    taken_back = event.fact()
    if isinstance(taken_back, MessageTakenBack):
        withdraw_unsaid(event.case or 0, message=taken_back.message)


@reacts_to(MessageReported, name="delivery.report")
def take_what_was_reported(event: Recorded) -> None:
    """Let a message know that it came back, is late, arrived or was opened."""
    reported = event.fact()
    if isinstance(reported, MessageReported):
        take_report(reported.report)


@reacts_to(
    MessageReceived,
    MessageSent,
    StatusChanged,
    CaseSplit,
    CaseContinued,
    CaseUnmerged,
    name="delivery.hold",
)
def hold_what_waits(event: Recorded) -> None:
    """Hold answers that wait in a case where the customer wrote first or another answer left, or that was merged, split
    or closed.
    """
    fact = event.fact()
    if fact.case is None:
        return
    match fact:
        case MessageReceived(automatic=""):
            hold_answers(fact.case, why="customer_wrote", until=fact.message)
        case MessageSent():
            # No sooner: until then it can be taken back.
            hold_answers(fact.case, why="answered", until=fact.message)
        case StatusChanged(after=Status.SOLVED | Status.CLOSED):
            hold_answers(fact.case, why="closed")
        case CaseSplit():
            hold_answers(fact.case, why="split", since=event.at)
        case CaseContinued():
            carry_along(fact.case, Case.objects.get(pk=fact.into))
            hold_answers(fact.into, why="merged")
        case CaseUnmerged():
            carry_home(Case.objects.get(pk=fact.case))


@reacts_to(MessageSent, name="delivery.templates")
def note_templates(event: Recorded) -> None:
    """Note from which templates of the desk an answer was written that has left."""
    sent = event.fact()
    if isinstance(sent, MessageSent):
        note_use(sent.message, at=event.at)


@reacts_to(MessageSent, name="delivery.bases")
def note_what_it_rests_on(event: Recorded) -> None:
    """Note on which versions of articles an answer rests that has left."""
    sent = event.fact()
    if isinstance(sent, MessageSent):
        note_bases(sent.message, at=event.at)
