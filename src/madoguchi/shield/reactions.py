"""What customers write and how long calls last is looked at; our warnings are noted; rests are offered."""

from madoguchi.cases.events import CaseOpened, MessageReceived, MessageWritten
from madoguchi.cases.models import Case, Message
from madoguchi.complaints.events import ComplaintChanged, ComplaintMade
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.shield.events import HarassmentMarked
from madoguchi.shield.load import offer_rest_where_needed
from madoguchi.shield.models import Mark
from madoguchi.shield.noticing import look_at_call, look_at_message
from madoguchi.shield.stopping import note_warning
from madoguchi.voice.events import CallEnded, CallRemembered


@reacts_to(CaseOpened, MessageReceived, name="shield.notice")
def notice_in_message(event: Recorded) -> None:
    """Look at what came, or with what a case began."""
    fact = event.fact()
    if isinstance(fact, MessageReceived):
        look_at_message(fact.message)
        return
    first = Message.objects.filter(case=event.case, author=Message.Author.CUSTOMER).order_by("id").first()
    if first is not None:
        look_at_message(first.pk)


@reacts_to(CallEnded, CallRemembered, name="shield.notice_calls")
def notice_in_call(event: Recorded) -> None:
    """Look at how long somebody was on a call."""
    fact = event.fact()
    if isinstance(fact, CallEnded | CallRemembered):
        look_at_call(fact.call)


@reacts_to(MessageWritten, name="shield.note_warning")
def note_that_we_warned(event: Recorded) -> None:
    """Note of an answer that it holds the approved warning."""
    fact = event.fact()
    if isinstance(fact, MessageWritten):
        note_warning(fact.message)


@reacts_to(HarassmentMarked, ComplaintMade, ComplaintChanged, name="shield.rest")
def offer_rest_after(event: Recorded) -> None:
    """Offer a rest to whom it was one hard contact too many."""
    fact = event.fact()
    person = getattr(fact, "responsible", None)
    if isinstance(fact, HarassmentMarked):
        person = Mark.objects.filter(pk=fact.mark).values_list("person", flat=True).first()
    case = Case.objects.filter(pk=event.case).first()
    if person and case:
        offer_rest_where_needed(person, case)
