"""All that happened between a customer and the company, of whatever kind, on one line of time.

Each kind is asked for by one query of its own and gives no more rows than a page has, so that the longest history costs
as much as a short one. A place on the line is a moment, a kind and a row: what happened at once stands in the order of
`Kind`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.cases.models import Case, Contact
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Order, OrderLine, Parcel, ParcelStep, Return, Subscription
from madoguchi.commerce.policies import may_take_orders
from madoguchi.commerce.referrals import brought_by
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Join
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import sees_customers, show, view_of
from madoguchi.desk.chat_events import ANSWERED, JUDGED, opinion_in_words
from madoguchi.desk.merging import number_of
from madoguchi.desk.orders import piece_in_words
from madoguchi.desk.subscribing import rhythm_of
from madoguchi.infra.models import Event
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.text import whole_number
from madoguchi.promises.models import Promise
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.telling import span_of
from madoguchi.signals.models import Signal
from madoguchi.surveys.policies import LOW, is_content

PAGE, _MOST_NAMES, _MOST_DIGITS = 40, 3, 18
# Above the id of any row.
_ALL = 2**63 - 1


class Kind(StrEnum):
    """What can stand on the line, in the order in which it is offered."""

    CONTACT = "contact"
    ORDER = "order"
    PARCEL = "parcel"
    RETURN = "return"
    RESERVATION = "reservation"
    CALL_BACK = "call-back"
    PROMISE = "promise"
    RATING = "rating"
    JOIN = "join"
    SUBSCRIPTION = "subscription"
    DEFECT = "defect"


ICONS: Mapping[Kind, str] = {
    Kind.CONTACT: "chat-bubble-left-right",
    Kind.ORDER: "shopping-cart",
    Kind.PARCEL: "archive-box",
    Kind.RETURN: "arrow-uturn-left",
    Kind.RESERVATION: "calendar-days",
    Kind.CALL_BACK: "phone",
    Kind.PROMISE: "hand-raised",
    Kind.RATING: "hand-thumb-up",
    Kind.JOIN: "user-group",
    Kind.SUBSCRIPTION: "arrow-path",
    Kind.DEFECT: "wrench-screwdriver",
}


@dataclass(frozen=True, slots=True)
class Place:
    """After which moment, kind and row a page begins. As text it is part of an address."""

    at: datetime
    kind: Kind
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.pk}"

    @classmethod
    def read(cls, written: str) -> Self | None:
        """The place that an address names; None for what is none."""
        at, _between, rest = written.partition("~")
        kind, _between, pk = rest.partition("~")
        number = whole_number(pk, most_digits=_MOST_DIGITS)
        if number is None or kind not in list(Kind):
            return None
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        known = moment.tzinfo is not None and clock.EARLIEST < moment < clock.LATEST
        return cls(moment, Kind(kind), number) if known else None

    def sorted(self) -> tuple[float, int, int]:
        """The newest first, then by kind, then the row that was made last."""
        return -self.at.timestamp(), list(Kind).index(self.kind), -self.pk


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, in words: what (`title`, where it leads), how it stands (`tag`, in this `tone`), and
    what else there is to say.
    """

    place: Place
    title: str
    url: str = ""
    words: str = ""
    tag: str = ""
    tone: str = ""

    @property
    def at(self) -> datetime:
        """When it was, or will be."""
        return self.place.at

    @property
    def icon(self) -> str:
        """What stands beside it."""
        return ICONS[self.place.kind]

    @property
    def is_ahead(self) -> bool:
        """Whether it is still to come."""
        return self.at > clock.now()


@dataclass(frozen=True, slots=True)
class Journey:
    """A page of the line, the newest first, and where the next one begins."""

    moments: Sequence[Moment]
    next: Place | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose line, who reads it, and from where on."""

    customer: int
    company: int
    actor: Actor
    after: Place | None
    size: int

    def of(self, asked: PreparedQuery[Any], kind: Kind) -> list[Any]:
        """A page of rows of a kind."""
        values = self.among | {"customer": self.customer, "company": self.company}
        return asked.rows(values | self._from_where(kind), most=self.size + 1)

    def _from_where(self, kind: Kind) -> dict[str, object]:
        """Rows before `at`, and of those at that moment those before `pk`: kinds that stand behind there have all."""
        if self.after is None:
            return {"at": clock.LATEST, "pk": _ALL}
        kinds = list(Kind)
        rank, theirs = kinds.index(kind), kinds.index(self.after.kind)
        pk = self.after.pk if rank == theirs else _ALL if rank > theirs else 0
        return {"at": self.after.at, "pk": pk}

    @property
    def among(self) -> dict[str, object]:
        """Where the reader may read cases."""
        return {
            "companies": list(self.actor.companies_with(Permission.CASE_READ)),
            "desks": list(self.actor.desks_with(Permission.CASE_READ)),
        }


def _line(rows: Callable[[], QuerySet[Any, Any]], at: str) -> PreparedQuery[Any]:
    """Rows of a kind, which happened `at`, the newest first, from a place on the line on. Put into SQL once."""

    def asked() -> QuerySet[Any, Any]:
        older = Q(**{f"{at}__lt": Slot("at")}) | Q(**{at: Slot("at")}, pk__lt=Slot("pk"))
        return rows().filter(older, **{f"{at}__lte": Slot("at")}).order_by(f"-{at}", "-pk")

    return PreparedQuery(asked)


def _readable(case: str = "") -> Q:
    """Cases that the reader may read; of rows of another table those `case` names."""
    wide, single = (
        Q(**{f"{case}company__among": Slot("companies")}),
        Q(**{f"{case}desk__among": Slot("desks")}),
    )
    return wide | single


def _theirs() -> dict[str, Slot]:
    return {"customer": Slot("customer"), "company": Slot("company")}


def journey_of(
    case: Case, *, actor: Actor, kind: str = "", after: Place | None = None, size: int = PAGE
) -> Journey:
    """A page of the line of the case's customer, of all kinds or of one. One query for each kind at most."""
    asked = _Asked(case.customer_id, case.company_id, actor, after, size)
    wanted = [kind] if kind in list(Kind) else list(Kind)
    lines = [_READ[Kind(one)](asked) for one in wanted]
    found = list(islice(merge(*lines, key=lambda one: one.place.sorted()), size + 1))
    shown = found[:size]
    return Journey(shown, shown[-1].place if len(found) > size else None)


def line_of(case: Case, kind: str, after: str, *, actor: Actor) -> dict[str, Any]:
    """What a page shows of the line from a place on, the person whose it is, and what their referral codes brought."""
    place = Place.read(after)
    orders = may_take_orders(actor, company=case.company_id, desk=case.desk_id)
    return {
        "after": place,
        "journey": journey_of(case, actor=actor, kind=kind, after=place),
        "person": view_of(case.customer, actor=actor),
        "brought": brought_by(case.customer),
        "may_refer": orders and not case.customer.joined_into_id,
    }


def kind_names() -> list[tuple[str, str]]:
    """What can be asked for, in words."""
    names = {
        Kind.CONTACT: pgettext("kind of moment", "Contacts"),
        Kind.ORDER: pgettext("kind of moment", "Orders"),
        Kind.PARCEL: pgettext("kind of moment", "Parcels"),
        Kind.RETURN: pgettext("kind of moment", "Returns"),
        Kind.RESERVATION: pgettext("kind of moment", "Reservations"),
        Kind.CALL_BACK: pgettext("kind of moment", "Call-backs"),
        Kind.PROMISE: pgettext("kind of moment", "Promises"),
        Kind.RATING: pgettext("kind of moment", "Ratings"),
        Kind.JOIN: pgettext("kind of moment", "Joined records"),
        Kind.SUBSCRIPTION: pgettext("kind of moment", "Subscriptions"),
        Kind.DEFECT: pgettext("kind of moment", "Defects"),
    }
    return [(kind.value, words) for kind, words in names.items()]


def _contacts(asked: _Asked) -> Iterator[Moment]:
    names = dict(EntryPoint.Kind.choices)
    for one in asked.of(_CONTACTS, Kind.CONTACT):
        channel = str(names.get(one.channel, one.channel))
        told = _("From the customer: %(channel)s") if one.inbound else _("From us: %(channel)s")
        number = number_of(one.case)
        yield Moment(
            Place(one.at, Kind.CONTACT, one.pk),
            told % {"channel": channel},
            url=reverse("desk:case", args=[number]),
            words=f"{number} {one.case.subject}",
        )


def _orders(asked: _Asked) -> Iterator[Moment]:
    if not sees_customers(asked.actor, company=asked.company):
        return
    for one in asked.of(_ORDERS, Kind.ORDER):
        names = [*one.names[:_MOST_NAMES], *("…" for _more in one.names[_MOST_NAMES:])]
        yield Moment(
            Place(one.placed_at, Kind.ORDER, one.pk),
            _("Order %(number)s, %(total)s") % {"number": one, "total": yen(one.total)},
            url=reverse("desk:order", args=[one.pk]),
            words="、".join(names),
            tag=one.get_state_display(),
            tone={Order.State.DELIVERED: "good", Order.State.CANCELLED: "warn"}.get(one.state, ""),
        )


def _parcels(asked: _Asked) -> Iterator[Moment]:
    if not sees_customers(asked.actor, company=asked.company):
        return
    for one in asked.of(_PARCELS, Kind.PARCEL):
        parcel = one.parcel
        yield Moment(
            Place(one.at, Kind.PARCEL, one.pk),
            _("Parcel %(number)s: %(state)s") % {"number": parcel, "state": one.get_state_display()},
            url=reverse("desk:order", args=[parcel.order_id]),
            words=f"{parcel.get_carrier_display()} {parcel.slip}".strip(),
            tone={Parcel.State.ABSENT: "warn", Parcel.State.RETURNED: "bad"}.get(one.state, ""),
        )


def _returns(asked: _Asked) -> Iterator[Moment]:
    if not sees_customers(asked.actor, company=asked.company):
        return
    for one in asked.of(_RETURNS, Kind.RETURN):
        given = (
            _("%(total)s given back") % {"total": yen(one.total)}
            if one.state == Return.State.REFUNDED
            else ""
        )
        yield Moment(
            Place(one.asked_at, Kind.RETURN, one.pk),
            _("Return of %(number)s: %(reason)s") % {"number": one.order, "reason": one.get_reason_display()},
            url=reverse("desk:order", args=[one.order_id]),
            words=given,
            tag=one.get_state_display(),
            tone="bad" if one.state == Return.State.REFUSED else "",
        )


def _reservations(asked: _Asked) -> Iterator[Moment]:
    """At the time that is reserved, which may be ahead."""
    if not sees_customers(asked.actor, company=asked.company):
        return
    tones = {Reservation.State.BOOKED: "good", Reservation.State.WAITING: "warn"}
    for one in asked.of(_RESERVATIONS, Kind.RESERVATION):
        yield Moment(
            Place(one.begins, Kind.RESERVATION, one.pk),
            _("Reservation %(number)s: %(what)s") % {"number": one, "what": one.resource},
            url=reverse("desk:reservation", args=[one.pk]),
            words=span_of(one),
            tag=one.get_state_display(),
            tone=tones.get(one.state, ""),
        )


def _call_backs(asked: _Asked) -> Iterator[Moment]:
    yield from _promised(asked, Kind.CALL_BACK, _CALL_BACKS)


def _promises(asked: _Asked) -> Iterator[Moment]:
    yield from _promised(asked, Kind.PROMISE, _PROMISES)


def _promised(asked: _Asked, kind: Kind, rows: PreparedQuery[Any]) -> Iterator[Moment]:
    """At the time for which it is promised."""
    for one in asked.of(rows, kind):
        late = one.broken_at is not None
        number = number_of(one.case)
        yield Moment(
            Place(one.due_at, kind, one.pk),
            _("%(kind)s promised for then") % {"kind": one.get_kind_display()},
            url=reverse("desk:case", args=[number]),
            words=f"{number} {one.words}",
            tag=pgettext("promise", "Broken") if late else one.get_state_display(),
            tone="bad" if late else "good" if one.state == Promise.State.KEPT else "",
        )


def _ratings(asked: _Asked) -> Iterator[Moment]:
    """How content the customer was at the end of a chat, or once a case was solved. The log knows cases by their ids
    alone.
    """
    for one in asked.of(_RATINGS, Kind.RATING):
        words, tone = _opinion(one)
        number = f"{one.prefix}-{one.called}"
        yield Moment(
            Place(one.at, Kind.RATING, one.pk),
            words,
            url=reverse("desk:case", args=[number]),
            words=number,
            tone=tone,
        )


def _opinion(told: Event) -> tuple[str, str]:
    """What a customer said in words, and whether that is good or bad news."""
    if told.kind == JUDGED:
        score = int(told.data["score"])
        words = _("The customer gives a talk %(score)s of 5") % {"score": score}
        return words, "bad" if score <= 2 else "good" if score >= 4 else ""
    points = {name: told.data[name] for name in LOW if told.data[name] is not None}
    bad = not told.data["solved"] or any(point <= LOW[name] for name, point in points.items())
    content = is_content(solved=told.data["solved"], points=points)
    return opinion_in_words(told.data), "bad" if bad else "good" if content else ""


def _joins(asked: _Asked) -> Iterator[Moment]:
    """For those who may join records; others do not see whole whose they were."""
    if not may_join(asked.actor, company=asked.company):
        return
    data_scope = asked.actor.data_scope(company=asked.company)
    for one in asked.of(_JOINS, Kind.JOIN):
        yield Moment(
            Place(one.at, Kind.JOIN, one.pk),
            _("Another record of the same person was joined"),
            words=show(one.name, "name", data_scope),
        )


def _subscriptions(asked: _Asked) -> Iterator[Moment]:
    """When they began; that one was cancelled stands beside, with the day of its last order."""
    if not sees_customers(asked.actor, company=asked.company):
        return
    tones = {Subscription.State.ACTIVE: "good", Subscription.State.HELD: "bad"}
    for one in asked.of(_SUBSCRIPTIONS, Kind.SUBSCRIPTION):
        words = f"{one.variant} × {one.quantity} · {rhythm_of(one.every, one.unit)}"
        if one.cancelled_at:
            words += " · " + _("Cancelled: %(reason)s") % {"reason": one.get_reason_display()}
        yield Moment(
            Place(one.begun_at, Kind.SUBSCRIPTION, one.pk),
            _("Subscription %(number)s began") % {"number": one},
            url=reverse("desk:subscription", args=[one.pk]),
            words=words,
            tag=one.get_state_display(),
            tone=tones.get(Subscription.State(one.state), ""),
        )


def _defects(asked: _Asked) -> Iterator[Moment]:
    """What was reported of products that the customer has, in cases that the reader may read."""
    for one in asked.of(_DEFECTS, Kind.DEFECT):
        number = number_of(one.case)
        yield Moment(
            Place(one.raised_at, Kind.DEFECT, one.pk),
            _("Defect of %(product)s reported") % {"product": one.product},
            url=reverse("desk:case", args=[number]),
            words=" · ".join(filter(None, (piece_in_words(one.lot, one.serial), one.words))),
            tone="warn",
        )


def _order_rows() -> QuerySet[Order, Order]:
    lines = OrderLine.objects.filter(order=OuterRef("pk"), shipping=False).order_by("place")
    names = ArraySubquery(lines.values("name")[: _MOST_NAMES + 1])
    return Order.objects.filter(**_theirs()).annotate(names=names)


def _step_rows() -> QuerySet[ParcelStep, ParcelStep]:
    rows = ParcelStep.objects.filter(parcel__order__customer=Slot("customer"), company=Slot("company"))
    return rows.select_related("parcel__order").only(
        *("company", "at", "state", "parcel__company", "parcel__number", "parcel__carrier", "parcel__slip"),
        *("parcel__order__company", "parcel__order__number"),
    )


def _promise_rows() -> QuerySet[Promise, Promise]:
    rows = Promise.objects.filter(_readable("case__"), case__customer=Slot("customer"))
    return rows.select_related("case__company")


def _rating_rows() -> QuerySet[Event, Event]:
    theirs = Case.objects.filter(_readable(), customer=Slot("customer"))
    one = Case.objects.filter(_readable(), pk=OuterRef("case_id"))
    rows = Event.objects.filter(
        company=Slot("company"), kind__in=(JUDGED, ANSWERED), case_id__in=theirs.values("pk")
    )
    return rows.annotate(prefix=one.values("company__prefix")[:1], called=one.values("number")[:1])


def _defect_rows() -> QuerySet[Signal, Signal]:
    rows = Signal.objects.filter(_readable("case__"), case__customer=Slot("customer"))
    return rows.filter(product__isnull=False, withdrawn_at=None).select_related("product", "case__company")


_GONE = (Reservation.State.HELD, Reservation.State.LAPSED)
_CONTACTS = _line(
    lambda: Contact.objects.filter(_readable("case__"), customer=Slot("customer")).select_related(
        "case__company"
    ),
    "at",
)
_ORDERS = _line(_order_rows, "placed_at")
_PARCELS = _line(_step_rows, "at")
_RETURNS = _line(
    lambda: Return.objects.filter(order__customer=Slot("customer"), company=Slot("company")).select_related(
        "order"
    ),
    "asked_at",
)
_RESERVATIONS = _line(
    lambda: (
        Reservation.objects.filter(**_theirs()).exclude(state__in=_GONE).select_related("resource__store")
    ),
    "begins",
)
_CALL_BACKS = _line(lambda: _promise_rows().filter(kind=Promise.Kind.CALL_BACK), "due_at")
_PROMISES = _line(lambda: _promise_rows().exclude(kind=Promise.Kind.CALL_BACK), "due_at")
_RATINGS = _line(_rating_rows, "at")
_JOINS = _line(
    lambda: Join.objects.filter(into=Slot("customer"), undone_at=None).annotate(name=F("customer__name")),
    "at",
)
_SUBSCRIPTIONS = _line(
    lambda: Subscription.objects.filter(**_theirs()).select_related("variant__product"), "begun_at"
)
_DEFECTS = _line(_defect_rows, "raised_at")

_READ: Mapping[Kind, Callable[[_Asked], Iterator[Moment]]] = {
    Kind.CONTACT: _contacts,
    Kind.ORDER: _orders,
    Kind.PARCEL: _parcels,
    Kind.RETURN: _returns,
    Kind.RESERVATION: _reservations,
    Kind.CALL_BACK: _call_backs,
    Kind.PROMISE: _promises,
    Kind.RATING: _ratings,
    Kind.JOIN: _joins,
    Kind.SUBSCRIPTION: _subscriptions,
    Kind.DEFECT: _defects,
}
