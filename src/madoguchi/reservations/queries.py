"""Which times are free, who has which, and what can be had where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from madoguchi.customers.queries import sees_customers
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.hours import Calendar
from madoguchi.promises.document import calendar_from
from madoguchi.reservations.models import Reservation, Resource, Store
from madoguchi.reservations.slots import Slot, Taken, by_the_hour, by_the_night, free_units

LAST = 5
# A unit that is taken reaches no further than this into later days: the longest stay, and clearing up after it.
LONGEST = timedelta(days=62)
_State = Reservation.State


@dataclass(frozen=True, slots=True)
class Free:
    """A time, and how many units are free then."""

    slot: Slot
    units: int


def calendar_of(store: Store) -> Calendar:
    """The hours of a store."""
    return calendar_from(store.hours)


def stores_of(company: int) -> QuerySet[Store]:
    """All stores of a company by name, with what can be had there. Not run yet."""
    return Store.objects.filter(company=company).prefetch_related("resources").order_by("name", "id")


def resources_to_have(company: int) -> list[Resource]:
    """What can be had of a company, by store and name. One query."""
    rows = Resource.objects.filter(company=company, active=True, store__active=True)
    return list(rows.select_related("store").order_by("store__name", "name", "id"))


def store_known_by(entry_point: int | None) -> int | None:
    """The store to which a number or address of ours leads, if it leads to one alone. One query."""
    if entry_point is None:
        return None
    return Store.objects.filter(entry_point=entry_point, active=True).values_list("pk", flat=True).first()


def live(now: datetime) -> Q:
    """Which reservations keep others away: a hold whose time is over does not."""
    return Q(state=_State.BOOKED) | Q(state=_State.HELD, held_until__gt=now)


def taken_of(
    resource: Resource, begins: datetime, until: datetime, *, without: int | None = None
) -> list[Taken]:
    """When somebody has which unit of a resource, between two moments. One query."""
    rows = Reservation.objects.filter(
        live(clock.now()),
        resource=resource,
        begins__gte=begins - LONGEST,
        begins__lt=until,
        taken_until__gt=begins,
    )
    found = rows.exclude(pk=without).values_list("unit", "begins", "taken_until")
    return [Taken(unit or 0, first, last) for unit, first, last in found]


def slots_on(resource: Resource, day: date, *, nights: int = 1) -> list[Slot]:
    """The times of a resource that begin on a day, taken or not, that are not over yet. Pure but for the clock."""
    calendar, now = calendar_of(resource.store), clock.now()
    if day > now.astimezone(calendar.zone).date() + timedelta(days=resource.days_ahead):
        return []
    if not resource.by_night:
        found = by_the_hour(calendar, day, step=resource.step, length=resource.length, gap=resource.gap)
        return [slot for slot in found if slot.begins > now]
    stay = by_the_night(
        calendar,
        day,
        nights=nights,
        check_in=resource.check_in,
        check_out=resource.check_out,
        gap=resource.gap,
    )
    # Who comes late in the evening still has the night: it is over when its first day is.
    return [stay] if stay and day >= now.astimezone(calendar.zone).date() else []


def free_on(resource: Resource, day: date, *, nights: int = 1, without: int | None = None) -> list[Free]:
    """The times of a resource on a day, and how many units are free at each; `without` leaves one reservation out, so
    that it can go elsewhere over its own time. One query, none where there is no time.
    """
    slots = slots_on(resource, day, nights=nights)
    if not slots:
        return []
    last = max(slot.taken_until for slot in slots)
    taken = taken_of(resource, slots[0].begins, last, without=without)
    return [Free(slot, len(free_units(slot, taken, units=resource.units))) for slot in slots]


def slot_at(resource: Resource, begins: datetime, *, nights: int = 1) -> Slot | None:
    """The time that begins at this moment; None where there is none."""
    day = begins.astimezone(calendar_of(resource.store).zone).date()
    days = (day - timedelta(days=1), day)
    slots = [slot for one in days for slot in slots_on(resource, one, nights=nights)]
    return next((slot for slot in slots if slot.begins == begins), None)


def resource_by_id(pk: int, *, company: int) -> Resource:
    """What can be had of a company, by its id. Raises NotFound. One query."""
    rows = Resource.objects.filter(pk=pk, company=company, active=True, store__active=True)
    found = rows.select_related("store").first()
    if found is None:
        raise NotFound(pk)
    return found


def reservation_by_id(pk: int, *, actor: Actor) -> Reservation:
    """A reservation of a company whose customers the actor sees. Raises NotFound. One query."""
    rows = Reservation.objects.select_related("company", "customer", "user", "desk", "resource__store")
    found = rows.filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def reservations_of(customer: int, *, actor: Actor, company: int, most: int = LAST) -> list[Reservation]:
    """What a customer has or waits for, the latest first. One query. Nothing for who does not see customers."""
    if not sees_customers(actor, company=company):
        return []
    rows = Reservation.objects.filter(customer=customer, company=company).exclude(state=_State.LAPSED)
    now = clock.now()
    shown = rows.filter(live(now) | Q(state__in=[_State.WAITING, _State.CANCELLED]))
    return list(shown.select_related("resource__store").order_by("-begins", "-id")[:most])


def reservations_on(day: date, *, actor: Actor, store: int | None = None) -> QuerySet[Reservation]:
    """Who comes on a day (of Japan) or is still there, and who waits for it, by time. Not run yet."""
    begin = datetime.combine(day, time(), clock.TOKYO)
    seen = [company for company in actor.companies if sees_customers(actor, company=company)]
    rows = Reservation.objects.filter(
        live(clock.now()) | Q(state__in=[_State.WAITING, _State.CANCELLED]),
        company__in=seen,
        begins__gte=begin - LONGEST,
        begins__lt=begin + timedelta(days=1),
        ends__gt=begin,
    )
    if store is not None:
        rows = rows.filter(resource__store=store)
    return rows.select_related("customer", "resource__store", "company").order_by("begins", "id")


def had_beside(one: Reservation) -> list[Reservation]:
    """What else the customer has or holds in any part of its time, the earliest first. One query."""
    theirs = Reservation.objects.filter(
        live(clock.now()),
        customer=one.customer_id,
        begins__gte=one.begins - LONGEST,
        begins__lt=one.ends,
        ends__gt=one.begins,
    )
    return list(
        theirs.exclude(pk=one.pk).select_related("customer", "resource__store").order_by("begins", "id")
    )


def waiting_for(one: Reservation) -> list[Reservation]:
    """Who waits for a time of the same resource that touches this one, the longest first. One query."""
    rows = Reservation.objects.filter(
        resource=one.resource_id,
        state=_State.WAITING,
        begins__gte=one.begins - LONGEST,
        begins__lt=one.taken_until,
        taken_until__gt=one.begins,
    )
    return list(
        rows.exclude(pk=one.pk).select_related("customer", "resource__store").order_by("made_at", "id")
    )


def could_have(rows: Sequence[Reservation]) -> set[int]:
    """Those of a list that wait and for whom there is a unit now. One query for each that waits."""
    found = set()
    for one in rows:
        if one.state == _State.WAITING and one.begins > clock.now():
            slot = Slot(one.begins, one.ends, one.taken_until)
            taken = taken_of(one.resource, slot.begins, slot.taken_until)
            if free_units(slot, taken, units=one.resource.units):
                found.add(one.pk)
    return found


def stores_seen(actor: Actor) -> list[Store]:
    """Stores of companies whose customers the actor sees, by company and name. One query."""
    seen = [company for company in actor.companies if sees_customers(actor, company=company)]
    return list(Store.objects.filter(company__in=seen).select_related("company").order_by("company", "name"))
