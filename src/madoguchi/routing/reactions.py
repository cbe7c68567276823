"""What comes is sent on and given out at once, where a desk wishes that."""

from collections.abc import Sequence

from madoguchi.cases.events import CaseAssigned, CaseChanged, CaseOpened, MessageReceived, StatusChanged
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.routing.actions import push_at, pushing_desks
from madoguchi.routing.dividing import divide_those
from madoguchi.routing.events import PresenceChanged

HEARD = (CaseOpened, MessageReceived, CaseChanged, CaseAssigned, StatusChanged, PresenceChanged)
# What a rule asks of a case may be known only later.
COMES = {CaseOpened.kind, MessageReceived.kind, CaseChanged.kind}


@reacts_to(*HEARD, name="routing.push", together=True)
def give_out(events: Sequence[Recorded]) -> None:
    """Send on what came to a desk with rules, and look what waits at a company's desks, at all where somebody came.
    Done again it does what is left.
    """
    touched = {event.desk for event in events}
    touched |= divide_those(event.case for event in events if event.case and event.kind in COMES)
    push_at([desk for desk in pushing_desks() if desk.pk in touched or None in touched])
