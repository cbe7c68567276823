"""What delivery does when something happens to a case."""

from madoguchi.cases.events import CaseOpened
from madoguchi.delivery.actions import acknowledge, take_report
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.intake.events import MessageReported


@reacts_to(CaseOpened, name="delivery.acknowledge")
def acknowledge_first_contact(event: Recorded) -> None:
    """Acknowledge a new case, but never to a robot."""
    opened = event.fact()
    if isinstance(opened, CaseOpened) and opened.case and not opened.automatic:
        acknowledge(opened.case, cause=event.id)


@reacts_to(MessageReported, name="delivery.report")
def take_what_was_reported(event: Recorded) -> None:
    """Let a message know that it came back, is late, arrived or was opened."""
    reported = event.fact()
    if isinstance(reported, MessageReported):
        take_report(reported.report)
