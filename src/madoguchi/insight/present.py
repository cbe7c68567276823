"""What the people of desks do now: ready, on a call, wrapping up, away or off work, since when; by desk and operator.

A person is counted at each desk at which they sit, for they answer at all of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from madoguchi.kernel import clock
from madoguchi.people.models import Seat
from madoguchi.people.queries import running_engagements
from madoguchi.routing.models import State, Worker
from madoguchi.routing.queries import heard_since
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.phones import HEARD_WITHIN

_PHONE = AgentPhone.State


class Doing(StrEnum):
    """What somebody does, in the order in which it is shown."""

    READY = "ready"
    TALKING = "talking"
    WRAPPING = "wrapping"
    AWAY = "away"
    BREAK = "break"
    OFF = "off"


# What one does by the telephone counts before what one says of oneself.
_BY_PHONE = {_PHONE.RINGING: Doing.TALKING, _PHONE.TALKING: Doing.TALKING, _PHONE.WRAPPING: Doing.WRAPPING}
_SAID = {State.AVAILABLE: Doing.READY, State.AWAY: Doing.AWAY, State.BREAK: Doing.BREAK, State.OFF: Doing.OFF}


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who sits at a desk for an operator, what they do, and since when (None: nothing was ever said)."""

    person: int
    name: str
    desk: int
    operator: int
    employer: str
    doing: Doing
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """How many people of one operator at one desk do what."""

    desk: int
    operator: int
    employer: str
    counts: dict[Doing, int]


def present_at(desks: Sequence[int]) -> list[Present]:
    """Everybody who sits at these desks today, by desk, operator and reading of their names. Three queries."""
    seats = Seat.objects.filter(
        engagement__in=running_engagements().filter(desk_id__in=desks), member__user__is_active=True
    )
    by_desk = ("engagement__desk__position", "engagement__desk_id", "engagement__operator__name")
    rows = seats.order_by(*by_desk, "member__user__kana", "member__user__name", "pk")
    columns = ("member__user_id", "member__user__name", "engagement__desk_id", "engagement__operator_id")
    found = list(rows.values_list(*columns, "engagement__operator__name"))
    doing = doing_now({row[0] for row in found})
    return [
        Present(person, name, desk, operator, employer, *doing[person])
        for person, name, desk, operator, employer in found
    ]


def doing_now(people: Collection[int]) -> dict[int, tuple[Doing, datetime | None]]:
    """What each of these people does, and since when. Two queries."""
    workers = {one.user_id: one for one in Worker.objects.filter(user_id__in=people)}
    heard = clock.now() - HEARD_WITHIN
    phones = {one.user_id: one for one in AgentPhone.objects.filter(user_id__in=people, seen_at__gt=heard)}
    return {one: _doing(workers.get(one), phones.get(one)) for one in people}


def _doing(worker: Worker | None, phone: AgentPhone | None) -> tuple[Doing, datetime | None]:
    if phone and phone.state in _BY_PHONE:
        return _BY_PHONE[_PHONE(phone.state)], phone.since
    if worker is None:
        ready = phone is not None and phone.state == _PHONE.READY
        return (Doing.READY, phone.since) if ready and phone else (Doing.OFF, None)
    if worker.state == State.AVAILABLE and not worker.is_here(heard_since()):
        return Doing.AWAY, worker.seen_at
    return _SAID[State(worker.state)], worker.since


def grouped(people: Iterable[Present]) -> list[Group]:
    """How many of each operator at each desk do what, in the order of the people."""
    found: dict[tuple[int, int], Group] = {}
    for one in people:
        key = (one.desk, one.operator)
        if key not in found:
            found[key] = Group(one.desk, one.operator, one.employer, dict.fromkeys(Doing, 0))
        found[key].counts[one.doing] += 1
    return list(found.values())
