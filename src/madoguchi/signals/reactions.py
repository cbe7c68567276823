"""What customers write, and what staff write down of what they said, is read for grave words,
and for instructions that bypass an employer.
"""

from madoguchi.cases.events import CaseOpened, MessageReceived, NoteAdded
from madoguchi.cases.models import Message
from madoguchi.complaints.events import ComplaintChanged, ComplaintMade
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.signals.events import SignalRaised
from madoguchi.signals.grave import (
    look_at_complaint,
    look_at_note,
    look_at_signal,
    look_for_grave_words,
)
from madoguchi.signals.instructions import look_at_mail, look_at_what_was_noted


@reacts_to(CaseOpened, MessageReceived, name="signals.look")
def look_for_grave_words_in(event: Recorded) -> None:
    """Read the message that came, or with which a case began."""
    fact = event.fact()
    if isinstance(fact, MessageReceived):
        look_for_grave_words(fact.message)
        look_at_mail(fact.message)
        return
    first = Message.objects.filter(case=event.case, author=Message.Author.CUSTOMER).order_by("id").first()
    if first is not None:
        look_for_grave_words(first.pk)
        look_at_mail(first.pk)


@reacts_to(NoteAdded, SignalRaised, ComplaintMade, ComplaintChanged, name="signals.look_at_notes")
def look_for_grave_words_noted(event: Recorded) -> None:
    """Read what was written down: on the phone nobody but staff writes."""
    fact = event.fact()
    if isinstance(fact, NoteAdded):
        look_at_note(fact.note)
        look_at_what_was_noted(fact.note)
    elif isinstance(fact, SignalRaised):
        look_at_signal(fact.signal)
    elif isinstance(fact, ComplaintMade | ComplaintChanged):
        look_at_complaint(fact.complaint, at=event.at)
