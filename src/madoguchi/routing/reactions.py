"""What comes is given out at once, where a desk wishes that."""

from collections.abc import Sequence

from madoguchi.cases.events import CaseAssigned, CaseOpened, MessageReceived, StatusChanged
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.routing.actions import push_at, pushing_desks
from madoguchi.routing.events import PresenceChanged

HEARD = (CaseOpened, MessageReceived, CaseAssigned, StatusChanged, PresenceChanged)


@reacts_to(*HEARD, name="routing.push", together=True)
def give_out(events: Sequence[Recorded]) -> None:
    """Look what waits at a company's desks, at all where somebody came; done again it gives out what is left."""
    touched = {event.desk for event in events}
    push_at([desk for desk in pushing_desks() if desk.pk in touched or None in touched])
