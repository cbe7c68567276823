"""What merging and splitting share: rows go from one case to another, and back."""

from datetime import datetime
from typing import Any

from django.db.models import F

from madoguchi.cases.events import CaseChanged, MessageReceived, MessageWritten, StatusChanged
from madoguchi.cases.models import Case, Message
from madoguchi.cases.queries import together
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound

# Delivery tells the last two.
_SPEAKING = (MessageReceived.kind, MessageWritten.kind, "message.failed", "message.bounced")


def locked(case: int, other: int) -> tuple[Case, Case]:
    """Both cases as they are now, locked in one order whoever is which. Raises NotFound."""
    rows = {c.pk: c for c in Case.objects.select_for_update().filter(pk__in=[case, other]).order_by("pk")}
    if case not in rows or other not in rows:
        raise NotFound(case)
    return rows[case], rows[other]


def writer_of(case: Case) -> str:
    """Who holds the answer of a case; empty for nobody."""
    holder = together(case.pk).writer
    return holder.name if holder else ""


def gone_on_since(
    case: int, told: Event, *, last_message: int, besides: list[int]
) -> tuple[bool, datetime | None]:
    """Whether the conversation went on after what an event tells, and since when a customer heard there waits for
    an answer; the messages `besides` are none of it.
    """
    events = Event.objects.filter(case_id=case, kind__in=_SPEAKING, pk__gt=told.pk)
    said = Message.objects.filter(case_id=case, pk__gt=last_message, automatic="").exclude(pk__in=besides)
    answered = said.filter(author=Message.Author.STAFF).order_by("pk").last()
    customers = said.filter(author=Message.Author.CUSTOMER, pk__gt=answered.pk if answered else 0)
    unanswered = customers.order_by("pk").first()
    return events.exists(), unanswered.at if unanswered else None


def change(case: Case, values: dict[str, Any], *, by: Actor, **more: Any) -> None:
    """Write the columns, and tell each change that figures are made of."""
    if case.status != values["status"]:
        record(StatusChanged(**case.where, before=case.status, after=values["status"]), by=by)
    for name in ("priority", "tags"):
        before, after = getattr(case, name), values[name]
        if before != after:
            record(CaseChanged(**case.where, field=name, before=before, after=after), by=by)
    Case.objects.filter(pk=case.pk).update(**values, **more, version=F("version") + 1)
