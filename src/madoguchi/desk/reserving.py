"""Reserving beside a case, and reservations as they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.customers.queries import show
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import alike, whole_number
from madoguchi.look.moments import near, whole_day
from madoguchi.reservations import actions, policies
from madoguchi.reservations.actions import Wanted
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.reservations.queries import (
    calendar_of,
    could_have,
    free_on,
    had_beside,
    reservations_of,
    resources_to_have,
    store_known_by,
    waiting_for,
)
from madoguchi.reservations.slots import MOST_NIGHTS
from madoguchi.reservations.telling import span_of, tell

_State = Reservation.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was typed: what, on which day, for how many, and which of its times was pressed.

    `people` is 0 where `people_said`, as it was typed, is no number, and so is `nights`; `day` is None where `day_said`
    is no day, which is None where no day was asked for. `seen` is what the times belong to that were
    shown: whoever has chosen something else since is shown others first.
    """

    resource: int | None = None
    day: date | None = None
    people: int = 1
    people_said: str = "1"
    nights: int = 1
    nights_said: str = "1"
    day_said: str | None = None
    note: str = ""
    once: UUID = field(default_factory=uuid4)
    at: str = ""
    waits: bool = False
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    """One time that can be pressed: its moment as the form sends it, as it is said, and how many are free then."""

    value: str
    words: str
    free: int


@dataclass(frozen=True, slots=True)
class Days:
    """A day, and those beside it."""

    day: date

    @property
    def previous(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def before(self) -> date | None:
        """The day before, unless that is over."""
        return self.previous if self.day > clock.today() else None

    @property
    def words(self) -> str:
        """2026年11月30日(月)."""
        return whole_day(self.day)

    @property
    def after(self) -> date:
        """The next day."""
        return self.day + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A time that is being chosen: what there is, and the times of one thing on one day."""

    typed: Typed
    resources: Sequence[Resource]
    resource: Resource | None
    days: Days
    times: Sequence[Time] = ()
    problem: str = ""
    wrong: str = ""
    status: int = 200

    @property
    def wrong_field(self) -> bool:
        """Whether one of the fields is to be put right before a time can be pressed."""
        return self.wrong in ("day", "nights", "people")

    @property
    def first(self) -> Time | None:
        """The first time that is free, where one goes on by Enter."""
        return next((time for time in self.times if time.free), None)

    @property
    def seen(self) -> str:
        """What these times belong to, as the form sends it along."""
        return _seen(self.resource.pk if self.resource else None, self.days.day, self.typed.nights)


@dataclass(frozen=True, slots=True)
class Shown:
    """A reservation in words, as this reader may see it, and what can be done with it."""

    one: Reservation
    span: str
    name: str
    tone: str = ""
    note: str = ""
    may: Sequence[str] = ()
    free_now: bool = False
    until: str = ""


def typed_in(form: Mapping[str, str]) -> Typed:
    """What was typed. What makes no sense is as if it were not there."""
    at, waits = form.get("at", ""), form.get("wait", "")
    day, nights = form.get("go") or form.get("day"), form.get("nights", "1")
    return Typed(
        resource=_whole(form.get("resource", "")),
        day=_day(day or ""),
        day_said=day,
        people=_whole(form.get("people", "1")) or 0,
        people_said=form.get("people", "1"),
        nights=_whole(nights) or 0,
        nights_said=nights,
        note=form.get("note", "")[:600],
        once=_uuid(form.get("once", "")),
        at=at or waits,
        waits=bool(waits and not at),
        seen=form.get("seen", ""),
    )


def reserves_here(case: Case, *, actor: Actor) -> bool:
    """Whether the reader makes reservations at the case's desk, and the case did not go on elsewhere."""
    may = policies.may_reserve(actor, company=case.company_id, desk=case.desk_id)
    return may and case.continued_in_id is None


def require_reserver(case: Case, actor: Actor) -> None:
    """Raises NotAllowed for who makes no reservations at the case's desk, or where the case went on elsewhere."""
    if not reserves_here(case, actor=actor):
        raise NotAllowed(Permission.ORDER_TAKE)


def choosing(
    company: int,
    typed: Typed,
    *,
    store: int | None = None,
    changed: Reservation | None = None,
    error: Refused | Conflict | None = None,
) -> Choosing:
    """The form: what there is (that of this store first), and the times of one on a day. Two queries."""
    there = resources_to_have(company)
    known = [one for one in there if one.store_id == store]
    asked = typed.resource or (changed.resource_id if changed else None)
    resource = next((one for one in there if one.pk == asked), None) or next(iter([*known, *there]), None)
    day = typed.day or _first_day(changed)
    error = error or (_misread(resource, typed) if resource else None)
    return Choosing(
        typed=typed,
        resources=there,
        resource=resource,
        days=Days(day),
        times=_times(resource, day, typed.nights, changed) if resource else (),
        problem=str(error or ""),
        wrong=getattr(error, "field", ""),
        status=409 if isinstance(error, Conflict) else 422 if error else 200,
    )


def store_of(case: Case) -> int | None:
    """The store that the number or address leads to by which the customer came. One query, or none."""
    return store_known_by(case.entry_point_id)


def taken(case: Case, typed: Typed, *, by: Actor) -> Reservation:
    """Hold the time that was pressed, or put the customer on its waiting list. Raises as `hold` and `wait` do."""
    resource, wanted = pressed(case.company_id, typed)
    way = actions.wait if typed.waits else actions.hold
    return way(case.customer, resource, wanted, desk=case.desk, case=case.pk, by=by)


def moved(one: Reservation, typed: Typed, *, by: Actor) -> bool:
    """Let a customer have the time that was pressed instead of theirs; whether that is news. As `change`."""
    resource, wanted = pressed(one.company_id, typed)
    return actions.change(one, resource, wanted, by=by)


def pressed(company: int, typed: Typed) -> tuple[Resource, Wanted]:
    """What and when was pressed. Raises Refused."""
    resource = next((one for one in resources_to_have(company) if one.pk == typed.resource), None)
    if resource is None:
        raise Refused(_("Choose what is reserved."), field="resource")
    if misread := _misread(resource, typed):
        raise misread
    if typed.seen != _seen(typed.resource, typed.day, typed.nights):
        raise Refused(_("You chose something else meanwhile: here are its times."), field="at")
    try:
        begins = datetime.fromisoformat(typed.at)
    except ValueError:
        begins = None
    if begins is None or begins.tzinfo is None or not clock.can_be_meant(begins):
        raise Refused(_("There is no such time. Choose one of those that are shown."), field="at")
    wanted = Wanted(begins=begins, once=typed.once, people=typed.people, nights=typed.nights, note=typed.note)
    return resource, wanted


def act(one: Reservation, what: str, *, by: Actor) -> tuple[Reservation, str, bool]:
    """Do to a reservation what a button says; it as it is now, what is said of that, and whether it is news. Raises
    NotFound for a button that there is not, and as the actions do.
    """
    done = {
        "book": (actions.book, _("%(number)s is reserved.")),
        "cancel": (actions.cancel, _("%(number)s was cancelled.")),
        "undo": (actions.undo, _("%(number)s is again as it was before.")),
        "drop": (actions.drop, _("The time is free again.")),
        "offer": (actions.offer, _("The time is held for ten minutes.")),
    }
    if what not in done:
        raise NotFound(what)
    action, words = done[what]
    # Of these `book` alone may be pressed twice, and says so; the others refuse.
    news = action(one, by=by) is not False
    one.refresh_from_db()
    return one, words % {"number": one}, news


def told(one: Reservation, *, by: Actor) -> str:
    """Tell the customer by mail, in the case of the reservation; what is said of that to whoever asked for it."""
    case = case_of(one, actor=by)
    problem = tell(one, case, by=by) if case else _("Its case is not yours to answer.")
    if not problem:
        return _("The customer is told by mail.")
    return _("The customer was not told by mail: %(why)s") % {"why": problem}


def case_of(one: Reservation, *, actor: Actor) -> Case | None:
    """The case in which it was made, or in which that went on, where the reader may see it. One or two queries."""
    rows = visible(actor).select_related("company", "desk", "customer", "entry_point")
    found = rows.filter(pk=one.case_id or 0).first()
    return rows.filter(pk=found.continued_in_id).first() if found and found.continued_in_id else found


def reserved_of(case: Case, *, actor: Actor) -> list[Shown]:
    """What the case's customer reserved last. One query."""
    found = reservations_of(case.customer_id, actor=actor, company=case.company_id)
    return [shown(one, actor=actor) for one in found]


def shown(one: Reservation, *, actor: Actor, free: bool = False) -> Shown:
    """A reservation in words."""
    data_scope = actor.data_scope(company=one.company_id)
    return Shown(
        one,
        span_of(one),
        show(one.customer.name, "name", data_scope),
        tone={_State.BOOKED: "good", _State.HELD: "warn", _State.WAITING: "warn"}.get(_State(one.state), ""),
        note=show(one.note, "memo", data_scope),
        may=_may(one, actor),
        free_now=free,
        until=near(one.held_until, now=clock.now()) if one.held_until else "",
    )


def lines_of(rows: Sequence[Reservation], *, actor: Actor) -> list[Shown]:
    """Reservations of a list in words; those that wait and could be had are marked. One query for each that waits."""
    free = could_have(rows)
    return [shown(one, actor=actor, free=one.pk in free) for one in rows]


def met_by(one: Reservation, *, actor: Actor) -> list[Shown]:
    """What else its customer has at the same time, where it is about to be theirs: they are asked, and may have both.
    One query.
    """
    return [] if one.state != _State.HELD else [shown(other, actor=actor) for other in had_beside(one)]


def queue_behind(one: Reservation, *, actor: Actor) -> list[Shown]:
    """Who waits for a time that touches this one; nobody is asked for where it still is the customer's. One query, and
    one for each that waits.
    """
    return [] if one.state == _State.BOOKED else lines_of(waiting_for(one), actor=actor)


def _may(one: Reservation, actor: Actor) -> list[str]:
    if not policies.may_reserve(actor, company=one.company_id, desk=one.desk_id):
        return []
    ahead = one.begins > clock.now()
    ways = {
        _State.HELD: ["book", "drop"],
        _State.BOOKED: ["change", "cancel"] if ahead else ["cancel"],
        _State.WAITING: ["offer", "cancel"] if ahead else ["cancel"],
        _State.LAPSED: ["book"] if one.held_until and ahead else [],
    }.get(_State(one.state), [])
    return [*ways, "undo"] if one.former and one.state in (_State.BOOKED, _State.CANCELLED) else ways


def _times(resource: Resource, day: date, nights: int, changed: Reservation | None) -> list[Time]:
    zone = calendar_of(resource.store).zone
    own = changed.pk if changed else None
    found = free_on(resource, day, nights=nights, without=own)
    return [
        Time(one.slot.begins.isoformat(), f"{one.slot.begins.astimezone(zone):%H:%M}", one.units)
        for one in found
    ]


def _first_day(changed: Reservation | None) -> date:
    return max(clock.today(), changed.begins.astimezone(clock.TOKYO).date()) if changed else clock.today()


def _seen(resource: int | None, day: date | None, nights: int) -> str:
    return f"{resource} {day} {nights}"


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if clock.EARLIEST.date() < day < clock.LATEST.date() else None


def days_in(written: str) -> Days:
    """The day that an address asks for, or today."""
    return Days(_day(written) or clock.today())


def _misread(resource: Resource, typed: Typed) -> Refused | None:
    """What is wrong with the day, the nights or the number of people, so that none is taken for another in silence.
    Where one does not ask for people, more than one is told by the action.
    """
    if typed.day_said is not None and typed.day is None:
        return Refused(
            _("Enter a day as in 2026-12-24. Until then the times of today are shown."), field="day"
        )
    if resource.by_night and not 1 <= typed.nights <= MOST_NIGHTS:
        words = _("Write the number of nights as a number from 1 to %(most)d.")
        return Refused(words % {"most": MOST_NIGHTS}, field="nights")
    if typed.people and (resource.seats == 1 or typed.people <= resource.seats):
        return None
    words = _("Write the number of people as a number from 1 to %(most)d.")
    return Refused(words % {"most": resource.seats}, field="people")


def _whole(written: str) -> int | None:
    return whole_number(alike(written).strip())


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return uuid4()
