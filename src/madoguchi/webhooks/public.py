"""What of an event is told to systems outside: that it happened and where, by ids and words of ours alone.

Nothing of it is a customer's or a colleague's own: who is told asks the API for more, through what the contract shows.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from madoguchi.cases.models import Case
from madoguchi.companies.models import Company
from madoguchi.infra.event_log import Recorded
from madoguchi.kernel.actor import Actor
from madoguchi.people.sight import Sight, sight_of

# Every kind that is told, and which of its fields are.
FIELDS: dict[str, tuple[str, ...]] = {
    "answer.approval_asked": ("answer",),
    "answer.approved": ("answer",),
    "answer.discarded": ("answer",),
    "answer.held": ("answer", "why"),
    "answer.returned": ("answer",),
    "answer.scheduled": ("answer", "due"),
    "answer.taken_back": ("answer",),
    "case.assigned": (),
    "case.changed": ("field",),
    "case.continued": (),
    "case.customer": ("before", "after"),
    "case.filled": ("field",),
    "case.linked": ("role",),
    "case.matter": ("before", "after"),
    "case.opened": ("channel", "customer", "automatic"),
    "case.split": ("messages",),
    "case.split_off": ("messages",),
    "case.status": ("before", "after"),
    "case.took_in": ("messages",),
    "case.unlinked": ("role",),
    "case.unmerged": (),
    "case.unsplit": (),
    "complaint.changed": ("complaint", "fields"),
    "complaint.closed": ("complaint",),
    "complaint.made": ("complaint", "severity"),
    "complaint.overdue": ("complaint",),
    "complaint.reopened": ("complaint",),
    "consent.said": ("customer", "consent", "purpose", "channel", "given"),
    "customer.belongs": ("customer", "group"),
    "customer.left": ("customer", "group"),
    "customer.changed": ("customer", "fields"),
    "customer.created": ("customer",),
    "customer.joined": ("customer", "other"),
    "customer.noted": ("customer", "noted", "sort", "until"),
    "customer.note_ended": ("customer", "noted", "ended"),
    "customer.parted": ("customer", "other"),
    "customer.reachable": ("customer",),
    "customer.verified": ("customer", "identity", "how"),
    "customer.use_resumed": ("customer",),
    "customer.use_stopped": ("customer",),
    "customer.undeliverable": ("customer",),
    "escalation.answered": ("escalation", "to", "late"),
    "escalation.asked": ("escalation", "to", "cause"),
    "escalation.asked_again": ("escalation", "to"),
    "escalation.closed": ("escalation", "article"),
    "escalation.overdue": ("escalation", "to"),
    "escalation.passed_on": ("escalation", "before_to", "to"),
    "escalation.withdrawn": ("escalation",),
    "grave.dismissed": ("grave",),
    "grave.found": ("grave", "message", "sorts"),
    "appeal.answered": ("mark", "appeal", "message"),
    "appeal.decided": ("mark", "appeal", "state"),
    "appeal.made": ("mark", "appeal"),
    "harassment.decided": ("mark", "state"),
    "harassment.marked": ("mark", "sort"),
    "harassment.warned": ("mark", "message"),
    "stop.decided": ("mark", "stop", "state", "onward"),
    "incident.raised": ("incident", "count"),
    "message.bounced": ("message",),
    "message.delayed": ("message",),
    "message.failed": ("message",),
    "message.queued": ("message",),
    "message.received": ("message", "channel", "automatic", "reopened"),
    "message.sent": ("message",),
    "message.taken_back": ("message",),
    "message.unsent": ("message",),
    "message.written": ("message", "automatic"),
    "note.added": ("note",),
    "order.decided": ("order", "choice"),
    "order.moved": ("order", "before", "after"),
    "order.paid": ("order",),
    "order.pieces_changed": ("order", "count"),
    "order.placed": ("order",),
    "reservation.awaited": ("reservation", "begins"),
    "reservation.booked": ("reservation", "begins"),
    "reservation.cancelled": ("reservation",),
    "reservation.changed": ("reservation", "before", "after"),
    "reservation.restored": ("reservation", "begins"),
    "order.resent": ("order", "resend_of"),
    "order.unpaid": ("order",),
    "parcel.dropped": ("order", "parcel"),
    "parcel.made": ("order", "parcel"),
    "parcel.moved": ("order", "parcel", "before", "after"),
    "return.asked": ("order", "back", "reason"),
    "return.moved": ("order", "back", "after"),
    "signal.raised": ("signal", "sort"),
    "slip.done": ("slip",),
    "slip.failed": ("slip",),
    "slip.made": ("slip", "escalation"),
    "slip.overdue": ("slip",),
    "slip.read": ("slip",),
    "slip.withdrawn": ("slip",),
}

# Of these a company's own systems are told: not of what colleagues do with one another's answers (37号告示).
COMPANY_KINDS = frozenset(kind for kind in FIELDS if not kind.startswith("answer."))


class Listener:
    """Whom events are told, and which of them."""

    def __init__(self, actor: Actor, *, kinds: Iterable[str] = ()) -> None:
        self._sight: Sight = sight_of(actor)
        self._kinds = frozenset(kinds) or frozenset(FIELDS)

    def hears(self, event: Recorded) -> bool:
        """Whether this event is one that they asked for, and may be told of."""
        if event.kind not in self._kinds or event.kind not in FIELDS:
            return False
        return self._sight.includes(kind=event.kind, company=event.company, desk=event.desk)


def told(events: Sequence[Recorded]) -> list[dict[str, Any]]:
    """These events as they are told. Two queries, at any number of events."""
    cases = {event.case for event in events if event.case}
    rows = Case.objects.filter(pk__in=cases).select_related("company")
    numbers = {case.pk: case.spoken_number(case.company.prefix) for case in rows} if cases else {}
    slugs = dict(Company.objects.filter(pk__in={event.company for event in events}).values_list("pk", "slug"))
    return [_told(event, slugs[event.company], numbers.get(event.case or 0)) for event in events]


def _told(event: Recorded, company: str, number: str | None) -> dict[str, Any]:
    data = event.data()
    return {
        "id": event.id,
        "type": event.kind,
        "at": event.at.isoformat(),
        "company": company,
        "desk": event.desk,
        "case": number,
        "by": event.actor_kind,
        "data": {name: data[name] for name in FIELDS[event.kind] if name in data},
    }
