"""What rules do when something happens to a case."""

from collections.abc import Sequence

from madoguchi.cases.events import (
    CaseAssigned,
    CaseChanged,
    CaseOpened,
    CaseTookIn,
    FileHeld,
    MessageReceived,
    MessageWritten,
    NoteAdded,
    StatusChanged,
)
from madoguchi.delivery.events import MessageBounced, MessageFailed
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.promises.events import ClockBreached, ClockReached, ClockWarned
from madoguchi.rules.actions import apply_events, do_promised


@reacts_to(
    *(CaseOpened, MessageReceived, MessageWritten, MessageFailed, MessageBounced, NoteAdded),
    *(CaseAssigned, StatusChanged, CaseChanged, CaseTookIn, FileHeld),
    *(ClockWarned, ClockBreached),
    name="rules.apply",
    together=True,
)
def apply_rules(events: Sequence[Recorded]) -> None:
    """Apply the rules of the desk to what happened to its case."""
    apply_events(events)


@reacts_to(ClockReached, name="rules.do_promised")
def do_what_a_policy_says(event: Recorded) -> None:
    """Do the acts of a policy whose moment has come."""
    do_promised(event)
