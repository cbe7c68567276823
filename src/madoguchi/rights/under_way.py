"""What keeps cases from going by a rule of retention: proof of harassment, and whatever goes on with a customer.

All are rows looked for from a case (`OuterRef`), whether there are any.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from madoguchi.cases.models import PendingAnswer
from madoguchi.commerce.models import Return
from madoguchi.complaints.models import Complaint
from madoguchi.escalations.models import Escalation
from madoguchi.promises.models import Promise
from madoguchi.rights.erasing import OPEN_ANSWERS, WAITING_RETURNS
from madoguchi.rights.models import Request
from madoguchi.shield.models import Mark
from madoguchi.signals.models import Incident, Signal

_ENDED = (Request.State.HANDED_OVER, Request.State.DONE, Request.State.LIFTED, Request.State.REFUSED)
OF_CASE = OuterRef("customer")


def marks_of(customer: Any) -> Iterator[QuerySet[Any]]:
    """Marks of harassment in any case of a customer."""
    yield Mark.objects.exclude(state=Mark.State.CLEARED).filter(case__customer=customer)


def marked() -> Iterator[QuerySet[Any]]:
    """Marks of harassment in a case, and in cases that go on in it."""
    marks = Mark.objects.exclude(state=Mark.State.CLEARED)
    yield marks.filter(case=OuterRef("pk"))
    yield marks.filter(case__continued_in=OuterRef("pk"))


def going_on(*, since: datetime, customer: Any = OF_CASE) -> Iterator[QuerySet[Any]]:
    """What goes on with the customer of a case, or with this one. An incident that was taken up is never closed: it
    counts while nobody has looked at it, and when it was taken up `since` then.
    """
    theirs = {"case__customer": customer}
    lately = Q(incident__state=Incident.State.TAKEN, incident__settled_at__gte=since)
    yield Request.objects.filter(customer=customer).exclude(state__in=_ENDED)
    yield Complaint.objects.filter(**theirs, state=Complaint.State.OPEN)
    yield Escalation.objects.filter(**theirs, state__in=(Escalation.State.OPEN, Escalation.State.ANSWERED))
    signals = Signal.objects.filter(**theirs, withdrawn_at=None)
    yield signals.filter(Q(incident__state=Incident.State.OPEN) | lately)
    yield Return.objects.filter(order__customer=customer, state__in=WAITING_RETURNS)
    yield Promise.objects.filter(**theirs, state=Promise.State.OPEN)
    yield PendingAnswer.objects.filter(**theirs, state__in=OPEN_ANSWERS)
