"""Reserving: a time is held, had, waited for, changed, given up, and had again. The only writer of reservations.

Whoever takes a time of a resource does so under that resource's lock; should one come past it, an exclusion constraint
of the database lets nobody have what another has.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.actions import next_number
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.reservations import policies
from madoguchi.reservations.events import (
    ReservationAwaited,
    ReservationBooked,
    ReservationCancelled,
    ReservationChanged,
    ReservationDropped,
    ReservationHeld,
    ReservationRestored,
    ReservationsTaken,
)
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.reservations.queries import LONGEST, slot_at, taken_of
from madoguchi.reservations.slots import Slot, free_units

HOLD = timedelta(minutes=10)
_State = Reservation.State
_STANDS = (_State.BOOKED, _State.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A time as it was said: when it begins, for how many people, and (of rooms) for how many nights.

    `once` is made with the form.
    """

    begins: datetime
    once: UUID
    people: int = 1
    nights: int = 1
    note: str = ""


@transaction.atomic
def hold(
    customer: Customer,
    resource: Resource,
    wanted: Wanted,
    *,
    desk: Desk,
    case: int | None = None,
    by: Actor,
) -> Reservation:
    """Keep a time for a customer for ten minutes, while it is read back to them. A second press gives the same one.

    Raises NotAllowed, Refused for a time that there is not and for too many people, Conflict where others have it.
    """
    company = customer.company_id
    _require_here(resource, desk, company, by)
    one_at_a_time(f"reservation {company} {wanted.once}")
    there = Reservation.objects.select_related("resource__store").filter(company=company, once=wanted.once)
    if made := there.first():
        return made
    slot, now = _slot(resource, wanted.begins, people=wanted.people, nights=wanted.nights), clock.now()
    unit = _free_unit(resource, slot)
    made = _make(customer, resource, wanted, slot, desk=desk, case=case, by=by, unit=unit, held=now + HOLD)
    record(ReservationHeld(**_told(made), until=(now + HOLD).isoformat()), by=by)
    return made


@transaction.atomic
def wait(
    customer: Customer,
    resource: Resource,
    wanted: Wanted,
    *,
    desk: Desk,
    case: int | None = None,
    by: Actor,
) -> Reservation:
    """Put a customer on the waiting list of a time that others have. A second press gives the same one.

    Raises NotAllowed, and Refused for a time that there is not, for too many people, and for one that is free.
    """
    company = customer.company_id
    _require_here(resource, desk, company, by)
    one_at_a_time(f"reservation {company} {wanted.once}")
    there = Reservation.objects.select_related("resource__store").filter(company=company, once=wanted.once)
    if made := there.first():
        return made
    slot = _slot(resource, wanted.begins, people=wanted.people, nights=wanted.nights)
    if _units_free(resource, slot):
        raise Refused(_("This time is free: reserve it."), field="at")
    made = _make(customer, resource, wanted, slot, desk=desk, case=case, by=by, unit=None, held=None)
    record(ReservationAwaited(**_told(made), begins=made.begins.isoformat()), by=by)
    return made


@transaction.atomic
def offer(reservation: Reservation, *, until: datetime | None = None, by: Actor) -> None:
    """Keep a time for who waited for it, for ten minutes or `until` a moment. Raises NotAllowed, and Conflict where
    nothing is free, or they do not wait any more.
    """
    one = _locked(reservation, by, states=(_State.WAITING,))
    now = clock.now()
    if one.begins <= now:
        raise Conflict(_("This time has begun already. Choose another."))
    slot = Slot(one.begins, one.ends, one.taken_until)
    held = until or now + HOLD
    _set(one, unit=_free_unit(one.resource, slot), state=_State.HELD, held_until=held)
    record(ReservationHeld(**_told(one), until=held.isoformat()), by=by)


@transaction.atomic
def book(reservation: Reservation, *, by: Actor) -> bool:
    """Let a customer have what was held for them; whether they had it not yet. A second press changes nothing.

    Where the ten minutes are over it is had all the same, as long as nobody else has it. Raises NotAllowed, and
    Conflict where somebody does, or where it was let go.
    """
    one = _locked(reservation, by, states=(_State.HELD, _State.LAPSED, _State.BOOKED))
    if one.state == _State.BOOKED:
        return False
    unit, slot = one.unit, Slot(one.begins, one.ends, one.taken_until)
    if one.held_until is None:
        raise Conflict(_("It was let go. Choose a time again."))
    if one.state == _State.LAPSED or one.held_until <= clock.now():
        unit = _free_unit(one.resource, slot, without=one.pk)
    _set(one, unit=unit, state=_State.BOOKED, held_until=None)
    record(ReservationBooked(**_told(one), begins=one.begins.isoformat()), by=by)
    return True


@transaction.atomic
def drop(reservation: Reservation, *, by: Actor) -> None:
    """Let a time that is held go. Raises NotAllowed, and Conflict where the customer has it by now."""
    one = _locked(reservation, by, states=(_State.HELD, _State.LAPSED))
    if one.held_until is not None:
        _set(one, state=_State.LAPSED, held_until=None)
        record(ReservationDropped(**_told(one)), by=by)


@transaction.atomic
def change(reservation: Reservation, resource: Resource, wanted: Wanted, *, by: Actor) -> bool:
    """Let a customer have another time, or something else; whether they had anything else before. What they had is
    kept, so that this can be undone; a second press changes nothing. A remark that the actor may not read stays.

    Raises NotAllowed, Refused as `hold`, and Conflict where others have it or the reservation does not stand any more;
    then the customer still has what they had.
    """
    if resource.company_id != reservation.company_id:
        raise NotAllowed(Permission.ORDER_TAKE)
    one = _locked(reservation, by, states=(_State.BOOKED,), also=resource)
    slot = _slot(resource, wanted.begins, people=wanted.people, nights=wanted.nights)
    unit = _free_unit(resource, slot, without=one.pk)
    before, former = one.begins, _as_it_is(one)
    reads = policies.may_read_note(by, company=one.company_id)
    note = _noted(wanted.note) if reads else one.note
    values: dict[str, Any] = {"begins": slot.begins, "ends": slot.ends, "taken_until": slot.taken_until}
    values |= {"resource": resource, "people": wanted.people, "note": note}
    if all(getattr(one, name) == value for name, value in values.items()):
        return False
    _set(one, **values, unit=unit, former=former)
    fact = ReservationChanged(**_told(one), before=before.isoformat(), after=one.begins.isoformat())
    record(fact, by=by)
    return True


@transaction.atomic
def cancel(reservation: Reservation, *, by: Actor) -> Reservation:
    """Give a time up, or a place on the waiting list. What it was is kept, so that this can be undone.

    Raises NotAllowed, and Conflict where it does not stand any more.
    """
    one = _locked(reservation, by, states=_STANDS)
    _set(one, state=_State.CANCELLED, former=_as_it_is(one))
    record(ReservationCancelled(**_told(one)), by=by)
    return one


@transaction.atomic
def undo(reservation: Reservation, *, by: Actor) -> Reservation:
    """Take the last change or cancellation back. Raises NotAllowed, and Conflict where there is none, where the time is
    over, or where others have it by now; then nothing changes.
    """
    former = reservation.former or {}
    was = Resource.objects.select_related("store").filter(pk=former.get("resource")).first()
    one = _locked(reservation, by, states=(_State.BOOKED, _State.CANCELLED), also=was)
    if was is None or one.former != reservation.former:
        raise Conflict(_("Nothing is there to be undone."))
    moments = {name: datetime.fromisoformat(former[name]) for name in ("begins", "ends", "taken_until")}
    if moments["begins"] <= clock.now():
        raise Conflict(_("This time has begun already. Choose another."))
    waited = former["state"] == _State.WAITING
    unit = None if waited else _free_unit(was, Slot(**moments), without=one.pk)
    said = {name: former[name] for name in ("state", "people", "note")}
    _set(one, **moments, **said, resource=was, unit=unit, former=None)
    record(ReservationRestored(**_told(one), begins=one.begins.isoformat()), by=by)
    return one


def _require_here(resource: Resource, desk: Desk, company: int, by: Actor) -> None:
    same = desk.company_id == company == resource.company_id
    if not same or not policies.may_reserve(by, company=company, desk=desk.pk):
        raise NotAllowed(Permission.ORDER_TAKE)


def _slot(resource: Resource, begins: datetime, *, people: int, nights: int) -> Slot:
    """The time that is wanted. Raises Refused where there is none, or where it is for fewer people."""
    if not 1 <= people <= resource.seats:
        words = _("It is for %(most)s people at most. Take several, or something larger.")
        raise Refused(words % {"most": resource.seats}, field="people")
    slot = slot_at(resource, begins, nights=nights)
    if slot is None:
        raise Refused(_("There is no such time. Choose one of those that are shown."), field="at")
    return slot


def _units_free(resource: Resource, slot: Slot, *, without: int | None = None) -> list[int]:
    """The units that are free, under the resource's lock: nobody takes one before this transaction ends.

    Holds of about then whose time is over are let go here, so that the constraint does not keep others from what nobody
    has.
    """
    one_at_a_time(f"resource {resource.pk}")
    over = Reservation.objects.filter(
        resource=resource,
        state=_State.HELD,
        held_until__lte=clock.now(),
        begins__gte=slot.begins - LONGEST,
        begins__lt=slot.taken_until,
    )
    over.exclude(pk=without).update(state=_State.LAPSED)
    taken = taken_of(resource, slot.begins, slot.taken_until, without=without)
    return free_units(slot, taken, units=resource.units)


def _free_unit(resource: Resource, slot: Slot, *, without: int | None = None) -> int:
    """A unit that is free. Raises Conflict."""
    free = _units_free(resource, slot, without=without)
    if not free:
        raise Conflict(_("Somebody else has this time meanwhile. Choose another, or wait for it."))
    return free[0]


def _make(
    customer: Customer,
    resource: Resource,
    wanted: Wanted,
    slot: Slot,
    *,
    desk: Desk,
    case: int | None,
    by: Actor,
    unit: int | None,
    held: datetime | None,
) -> Reservation:
    with _alone():
        return Reservation.objects.create(
            company_id=customer.company_id,
            number=next_number(customer.company_id, "reservation"),
            customer=customer,
            resource=resource,
            desk=desk,
            case_id=case,
            user_id=by.id,
            state=_State.HELD if held else _State.WAITING,
            unit=unit,
            begins=slot.begins,
            ends=slot.ends,
            taken_until=slot.taken_until,
            people=wanted.people,
            note=_noted(wanted.note),
            held_until=held,
            once=wanted.once,
            made_at=clock.now(),
        )


@transaction.atomic
def note_taken_along(counts: Mapping[int, int], *, day: date, store: int | None, by: Actor) -> None:
    """A person takes the reservations of a day along, so many of each company: each company's log says so.

    Called by what makes such a file, which lets nobody have it who may not.
    """
    for company, count in sorted(counts.items()):
        record(ReservationsTaken(company=company, day=day.isoformat(), store=store, count=count), by=by)


def _locked(
    reservation: Reservation, by: Actor, *, states: tuple[str, ...], also: Resource | None = None
) -> Reservation:
    """The reservation as it is now, held until the transaction ends. Resources are locked before reservations, the
    lower id first, so that no two wait for one another. Raises NotAllowed, and Conflict for any other state.
    """
    if not policies.may_reserve(by, company=reservation.company_id, desk=reservation.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    for pk in sorted({reservation.resource_id, also.pk if also else reservation.resource_id}):
        one_at_a_time(f"resource {pk}")
    rows = Reservation.objects.select_for_update(of=("self",)).select_related("resource__store", "customer")
    one = rows.get(pk=reservation.pk)
    if one.state not in states:
        raise Conflict(_("Somebody else has changed this reservation meanwhile. Look at it again."))
    return one


def _as_it_is(one: Reservation) -> dict[str, Any]:
    moments = {name: getattr(one, name).isoformat() for name in ("begins", "ends", "taken_until")}
    return {
        **moments,
        "state": str(one.state),
        "resource": one.resource_id,
        "people": one.people,
        "note": one.note,
    }


def _set(one: Reservation, **values: Any) -> None:
    for name, value in values.items():
        setattr(one, name, value)
    with _alone():
        one.save(update_fields=list(values))


@contextmanager
def _alone() -> Iterator[None]:
    """Say it in words where the database lets two not have the same."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        words = _("Somebody else has this time meanwhile. Choose another, or wait for it.")
        raise Conflict(words) from error


def _told(one: Reservation) -> dict[str, Any]:
    return {**one.where, "reservation": one.pk, "number": one.number}


def _noted(written: str) -> str:
    return one_line(blot_card_numbers(written), most=500)
