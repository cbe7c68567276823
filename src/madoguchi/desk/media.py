"""By which medium and store customers come, what comes of it, and how many calls come of what appears."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce, Least

from madoguchi.cases.models import Contact
from madoguchi.commerce.models import MediaEvent, Order
from madoguchi.commerce.referrals import referred_orders
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.complaints.models import Complaint
from madoguchi.desk.planning import USUAL, begun
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.promises.ledger import calendar_for
from madoguchi.routing.erlang import ErlangC
from madoguchi.routing.planning import people_within, rostered
from madoguchi.routing.response import Appeared, Curve, curve_of
from madoguchi.voice.models import Call

SPANS = (7, 28, 90)
# So long what comes by a number is put down to what appeared with it last.
COUNTS_FOR = timedelta(days=7)
SLOT = timedelta(minutes=30)
MOST_EVENTS, MOST_BEFORE = 100, 20
LOST = Q(outcome=Call.Ending.ABANDONED) | Q(outcome=Call.Ending.BUSY)


@dataclass(frozen=True, slots=True)
class OfMedium:
    """What came by a medium: contacts, and those of their cases in which somebody complained; orders, their yen, what
    was spent, and so an order's cost. Of a medium of purchase there are contacts and complaints alone.
    """

    medium: str
    contacts: int = 0
    cases: int = 0
    complained: int = 0
    orders: int = 0
    sales: int = 0
    cost: int = 0

    @property
    def cost_of_order(self) -> int | None:
        """Yen spent for each order; None where nothing was ordered, or nothing spent."""
        return round(self.cost / self.orders) if self.orders and self.cost else None

    @property
    def complaint_rate(self) -> float | None:
        """In how many percent of cases somebody complained; None without a case."""
        return 100 * self.complained / self.cases if self.cases else None


@dataclass(frozen=True, slots=True)
class Slot:
    """Half an hour in which people are there: how many calls come, and how many people they need."""

    begins: datetime
    calls: float
    people: int
    rostered: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected: `curve` None where nothing tells how many calls; `before` is how many appearances it
    rests on, `handle` how many seconds a call takes.
    """

    event: MediaEvent
    curve: Curve | None
    before: int
    handle: float
    slots: Sequence[Slot] = ()

    @property
    def most(self) -> Slot | None:
        """The half hour that needs most people."""
        return max(self.slots, key=lambda one: (one.people, one.calls), default=None)


@dataclass(frozen=True, slots=True)
class Referred:
    """What referral codes came to: how many were `given`, how many brought an order (`used`), orders and their yen."""

    given: int
    used: int
    orders: int
    yen: int


def referred(actor: Actor, *, days: int) -> Referred | None:
    """The same of so many days; None where no code was given and none was named. Two queries."""
    begin, desks = clock.now() - timedelta(days=days), desks_seen(actor)
    companies, places = {desk.company_id for desk in desks}, [desk.pk for desk in desks]
    told = Event.objects.filter(kind="referral.given", company__in=companies, at__gte=begin)
    given = told.filter(desk_id__in=places).count()
    found = (
        referred_orders()
        .filter(desk__in=desks, placed_at__gte=begin)
        .aggregate(used=Count("referral", distinct=True), orders=Count("pk"), yen=Sum(F("net") + F("tax")))
    )
    if not given and not found["orders"]:
        return None
    return Referred(given, found["used"], found["orders"], found["yen"] or 0)


def desks_seen(actor: Actor) -> list[Desk]:
    """The desks of which somebody sees what came by which medium and store."""
    return desks_of(actor, permission=Permission.MEDIA_READ)


def by_medium(actor: Actor, *, days: int) -> list[OfMedium]:
    """What came in so many days by where entry points are published. Three queries. The busiest first."""
    begin, desks = clock.now() - timedelta(days=days), desks_seen(actor)
    found = _contacts("medium", desks, begin)
    here = {"desk__in": desks, "placed_at__gte": begin, "resend_of": None}
    orders = Order.objects.filter(**here).exclude(medium="").exclude(state=Order.State.CANCELLED)
    for row in orders.values("medium").annotate(n=Count("pk"), yen=Sum(F("net") + F("tax"))).order_by():
        found[row["medium"]] |= {"orders": row["n"], "sales": row["yen"]}
    spent = MediaEvent.objects.filter(
        entry_point__desk__in=desks, appears_at__gte=begin, appears_at__lte=clock.now()
    )
    for row in spent.values("medium").annotate(yen=Sum("cost")).order_by():
        found[row["medium"]] |= {"cost": row["yen"]}
    return _ordered(found)


def by_purchase(actor: Actor, *, days: int) -> list[OfMedium]:
    """Who turned to us in so many days, by which medium they had bought before. One query. The busiest first."""
    return _ordered(_contacts("bought", desks_seen(actor), clock.now() - timedelta(days=days)))


def media_events(actor: Actor) -> list[MediaEvent]:
    """The last hundred of what appears, with `calls`, `lost`, `talked`, `orders`, `sales`, `cost_of_order` and
    `lost_sales` (yen, estimated as `insight/lost.py` does: lost × sales ÷ talked; None where nobody was talked with).
    One query.
    """
    found = list(_counted(actor)[:MOST_EVENTS])
    for one in found:
        spent = one.cost and one.orders  # type: ignore[attr-defined]
        one.cost_of_order = round(one.cost / one.orders) if spent else None  # type: ignore[attr-defined]
        gone, talked = one.lost * one.sales, one.talked  # type: ignore[attr-defined]
        one.lost_sales = round(gone / talked) if talked else None  # type: ignore[attr-defined]
    return found


def forecast(pk: int, *, actor: Actor) -> Forecast:
    """When how many calls come of what appears, in half hours of the desk until seven days later, and how many people
    they need: 80 % answered in 20 seconds, 88 % occupancy and 30 % shrinkage at most. Raises NotFound.
    """
    event = _counted(actor).filter(pk=pk).first()
    if event is None:
        raise NotFound(pk)
    desk = event.entry_point.desk
    before = _before(event, desk)
    curve = curve_of(event.circulation, before, expected=event.expected)
    handle = float(begun(desk)["handle"])
    slots = _slots(event, curve, desk, handle) if curve else ()
    return Forecast(event, curve, len(before), handle, slots)


def _appeared() -> QuerySet[MediaEvent]:
    """What appears, with `until` when what comes is put down to it."""
    next_one = MediaEvent.objects.filter(
        entry_point=OuterRef("entry_point"), appears_at__gt=OuterRef("appears_at")
    ).order_by("appears_at")
    over = ExpressionWrapper(F("appears_at") + COUNTS_FOR, DateTimeField())
    return MediaEvent.objects.annotate(
        until=Least(Coalesce(Subquery(next_one.values("appears_at")[:1]), over), over)
    )


def _counted(actor: Actor) -> QuerySet[MediaEvent]:
    """What appears, with what came of it: until something else appears with the same number, or seven days are over."""
    of_number = {"entry_point": OuterRef("entry_point")}
    calls = Call.objects.filter(
        **of_number,
        direction=Call.Direction.INBOUND,
        offered_at__gte=OuterRef("appears_at"),
        offered_at__lt=OuterRef("until"),
    )
    orders = Order.objects.filter(
        **of_number, placed_at__gte=OuterRef("appears_at"), placed_at__lt=OuterRef("until"), resend_of=None
    ).exclude(state=Order.State.CANCELLED)
    sales = orders.order_by().values("entry_point").annotate(yen=Sum(F("net") + F("tax"))).values("yen")
    rows = _appeared().filter(entry_point__desk__in=desks_seen(actor))
    return (
        rows.annotate(calls=calls_in(calls), lost=calls_in(calls.filter(LOST)))
        .annotate(talked=calls_in(calls.filter(outcome=Call.Ending.TALKED)))
        .annotate(orders=calls_in(orders), sales=Coalesce(Subquery(sales), 0))
        .select_related("entry_point__desk")
        .order_by("-appears_at", "-pk")
    )


def calls_in(rows: QuerySet[Any]) -> Coalesce:
    """How many calls of one entry point there are among these, beside each row that names it."""
    counted = rows.order_by().values("entry_point").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _contacts(name: str, desks: Sequence[Desk], begin: datetime) -> defaultdict[str, dict[str, int]]:
    companies = {desk.company_id for desk in desks}
    told = Contact.objects.filter(company__in=companies, at__gte=begin).exclude(medium="", bought="")
    rows = told.filter(case__desk__in=desks, inbound=True).exclude(**{name: ""})
    complained = Exists(Complaint.objects.filter(case=OuterRef("case")))
    counted = rows.values(name).annotate(
        contacts=Count("pk"),
        cases=Count("case", distinct=True),
        complained=Count("case", distinct=True, filter=Q(complained)),
    )
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in counted.order_by():
        found[row.pop(name)] = row
    return found


def _ordered(found: Mapping[str, dict[str, int]]) -> list[OfMedium]:
    rows = [OfMedium(medium, **numbers) for medium, numbers in found.items()]
    return sorted(rows, key=lambda one: (-one.contacts, -one.orders, one.medium))


def _before(event: MediaEvent, desk: Desk) -> list[Appeared]:
    """What appeared before in the same medium of the company and is over, the latest twenty, with its calls."""
    now, calendar = clock.now(), calendar_for(desk)
    earlier = (
        _appeared()
        .filter(
            company=event.company_id,
            medium=event.medium,
            appears_at__lt=min(event.appears_at, now - COUNTS_FOR),
        )
        .order_by("-appears_at")[:MOST_BEFORE]
    )
    found = []
    for one in earlier:
        calls = Call.objects.filter(
            entry_point=one.entry_point_id,
            direction=Call.Direction.INBOUND,
            offered_at__gte=one.appears_at,
            offered_at__lt=one.until,  # type: ignore[attr-defined]
        )
        at = list(calls.values_list("offered_at", flat=True))
        delays = sum(calendar.passed(one.appears_at, moment).total_seconds() for moment in at)
        found.append(Appeared(one.circulation, len(at), delays))
    return found


def _slots(event: MediaEvent, curve: Curve, desk: Desk, handle: float) -> list[Slot]:
    """The half hours in which the desk is open, until less than half a call comes in one."""
    spans = calendar_for(desk).spans(event.appears_at, event.appears_at + COUNTS_FOR)
    begins = [(at, min(at + SLOT, last)) for first, last in spans for at in _steps(first, last)]
    calls = curve.along((end - begin).total_seconds() for begin, end in begins)
    found = []
    for (begin, end), number in zip(begins, calls, strict=True):
        if number < 0.5:
            break
        people = _people(number / (end - begin).total_seconds(), handle)
        found.append(Slot(begin, number, people, rostered(people, USUAL["shrinkage"] / 100)))
    return found


def _steps(first: datetime, last: datetime) -> Iterable[datetime]:
    at = first
    while at < last:
        yield at
        at += SLOT


def _people(rate: float, handle: float) -> int:
    def queue(agents: int) -> ErlangC:
        return ErlangC(rate=rate, handle=handle, agents=agents)

    share, busy = USUAL["share"] / 100, USUAL["occupancy"] / 100
    return people_within(share, USUAL["target"], queue, occupancy=busy)
