"""What happens to a case is told to whom it concerns."""

from madoguchi.cases.events import CaseAssigned, MessageReceived, MessageWritten, NoteAdded, StatusChanged
from madoguchi.following.actions import follow_by_itself, notify
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to

_WRITTEN_IN = (NoteAdded.kind, MessageWritten.kind)


@reacts_to(NoteAdded, MessageReceived, MessageWritten, CaseAssigned, StatusChanged, name="following.notify")
def notify_whom_it_concerns(event: Recorded) -> None:
    """Tell those who are named, responsible or following; who wrote or was named may follow from now on."""
    notify(event)
    if event.kind in _WRITTEN_IN:
        follow_by_itself(event)
