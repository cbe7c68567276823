"""What went on with a customer lately, beside the case and on the phone that rings: contacts, promises, purchases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.commerce.models import Order, OrderLine
from madoguchi.commerce.queries import warranty_of
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.queries import sees_customers
from madoguchi.desk.merging import number_of
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.promises.models import Promise
from madoguchi.voice.models import Call

LAST, MOST_PROMISES, MOST_LINES = 5, 3, 3

_CONTACTS = PreparedQuery(
    lambda: (
        Contact.objects.filter(
            Q(case__company__among=Slot("companies")) | Q(case__desk__among=Slot("desks")),
            customer=Slot("customer"),
        )
        .select_related("case__company", "case__matter", "case__assignee")
        .annotate(
            author=Subquery(_messages().values("author")[:1]),
            first=Subquery(_messages().values("pk")[:1]),
            writer=Subquery(_messages().exclude(user=None).values("user__name")[:1]),
            ending=Subquery(
                _messages()
                .annotate(code=Subquery(Call.objects.filter(message_id=OuterRef("pk")).values("code")[:1]))
                .values("code")[:1]
            ),
        )
        .order_by("-at", "-id")
    )
)
_PROMISES = PreparedQuery(
    lambda: (
        Promise.objects.filter(
            Q(case__company__among=Slot("companies")) | Q(case__desk__among=Slot("desks")),
            case__customer=Slot("customer"),
            state="open",
        )
        .select_related("case__company")
        .order_by("due_at", "id")
    )
)
_LINES = PreparedQuery(
    lambda: (
        OrderLine.objects.filter(order__customer=Slot("customer"), shipping=False)
        .annotate(placed_at=F("order__placed_at"))
        .select_related("order")
        .order_by("-placed_at", "-order_id", "place")
    )
)


@dataclass(frozen=True, slots=True)
class Touch:
    """A contact with the customer: by which channel and when, in words from whom it came, about what, who saw to it,
    and what came of it; `here` where it belongs to the case that is open.
    """

    at: datetime
    source: str
    channel: str
    about: str
    who: str
    came_of_it: str
    number: str
    here: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """Something that is still to be kept; `late` once its time ran out."""

    promise: Promise
    number: str
    late: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that was bought; `warranty` says until when, `holds` whether it still does."""

    line: OrderLine
    warranty: str
    holds: bool


def last_contacts(case: Case, *, actor: Actor, without: int | None = None) -> list[Touch]:
    """The last five contacts with a case's customer in cases that the reader may read, newest first, but the one that
    a message began (`without`: its id), such as the call that rings. One query.
    """
    found = _CONTACTS.rows(_readable(actor) | {"customer": case.customer_id}, most=LAST + 1)
    names = dict(EntryPoint.Kind.choices)
    return [
        Touch(
            one.at,
            _source(one),
            str(names.get(one.channel, one.channel)),
            " · ".join(part for part in (one.case.subject, str(one.case.matter or "")) if part),
            _who(one),
            str(Call.Code(one.ending).label if one.ending else Status(one.case.status).label),
            number_of(one.case),
            one.case_id == case.pk,
        )
        for one in [one for one in found if without is None or getattr(one, "first", None) != without][:LAST]
    ]


def still_promised(case: Case, *, actor: Actor) -> list[Promised]:
    """What is still promised to a case's customer in cases that the reader may read, what is due first. One query."""
    now = clock.now()
    rows = _PROMISES.rows(_readable(actor) | {"customer": case.customer_id}, most=MOST_PROMISES)
    return [Promised(one, number_of(one.case), one.due_at < now) for one in rows]


def last_bought(case: Case, *, actor: Actor) -> list[Piece]:
    """What a case's customer ordered last. One query; nothing for who does not see customers."""
    if not sees_customers(actor, company=case.company_id):
        return []
    lines = _LINES.rows({"customer": case.customer_id}, most=MOST_LINES)
    return [Piece(line, *warranty_in_words(line, line.order)) for line in lines]


def warranty_in_words(line: OrderLine, order: Order) -> tuple[str, bool]:
    """Until when there is a warranty on it, in words, and whether it still holds; nothing where there is none."""
    warranty = warranty_of(line, order)
    if warranty is None:
        return "", False
    words = _("Warranty until %(date)s") if warranty.holds else _("Warranty ended on %(date)s")
    return words % {"date": f"{warranty.until:%Y-%m-%d}"}, warranty.holds


def _messages() -> QuerySet[Message]:
    """What was said in a contact: by its case, for which there is an index."""
    return Message.objects.filter(case=OuterRef("case"), contact=OuterRef("pk")).order_by("id")


def _source(one: Contact) -> str:
    """From whom a contact came, in words: what went out by itself, such as a receipt, was no person's."""
    if one.inbound:
        return _("From the customer")
    return _("Sent by itself") if getattr(one, "author", None) == Message.Author.SYSTEM else _("From us")


def _who(one: Contact) -> str:
    """Who wrote or talked; of what the customer sent, who has the case; of what nobody wrote, nobody."""
    writer: str | None = getattr(one, "writer", None)
    return writer or (one.case.assignee.name if one.inbound and one.case.assignee else "")


def _readable(actor: Actor) -> dict[str, Any]:
    return {
        "companies": list(actor.companies_with(Permission.CASE_READ)),
        "desks": list(actor.desks_with(Permission.CASE_READ)),
    }
