"""What customers write is read for grave words."""

from madoguchi.cases.events import CaseOpened, MessageReceived
from madoguchi.cases.models import Message
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.signals.grave import look_for_grave_words


@reacts_to(CaseOpened, MessageReceived, name="signals.look")
def look_for_grave_words_in(event: Recorded) -> None:
    """Read the message that came, or with which a case began."""
    fact = event.fact()
    if isinstance(fact, MessageReceived):
        look_for_grave_words(fact.message)
        return
    first = Message.objects.filter(case=event.case, author=Message.Author.CUSTOMER).order_by("id").first()
    if first is not None:
        look_for_grave_words(first.pk)
