"""What delivery does when something happens to a case."""

from madoguchi.cases.events import CaseOpened
from madoguchi.delivery.actions import acknowledge
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to


@reacts_to(CaseOpened, name="delivery.acknowledge")
def acknowledge_first_contact(event: Recorded) -> None:
    """Acknowledge a new case, but never to a robot."""
    opened = event.fact()
    if isinstance(opened, CaseOpened) and opened.case and not opened.automatic:
        acknowledge(opened.case, cause=event.id)
