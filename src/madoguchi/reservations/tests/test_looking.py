"""What was ever reserved is not read again: each look is between two moments of an index."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, cancel, hold, wait
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.reservations.queries import free_on, reservations_on, waiting_for
from madoguchi.reservations.slots import MOST_NIGHTS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
TEN = datetime(2026, 11, 30, 1, tzinfo=UTC)
A_DAY = 24 * 60


@pytest.fixture(autouse=True)
def ours(world: World) -> Any:
    with world.ours.scope(), clock.held_at(NOW):
        yield


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def fitting(world: World) -> Resource:
    return make_resource(make_store(world.ours.company))


def plans(look: Callable[[], Any], *, said: str) -> list[str]:
    """How the database goes about what a look asks of the reservations, by its indexes."""
    with CaptureQueriesContext(connection) as asked:
        look()
    found = []
    with connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for one in asked.captured_queries:
            if one["sql"].startswith(said) and '"reservations_reservation"' in one["sql"]:
                cursor.execute(f"EXPLAIN {one['sql']}")
                found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found


def bounds(plan: str) -> tuple[bool, bool]:
    """Whether the index is read from a moment, and to a moment."""
    told = " ".join(line for line in plan.splitlines() if "Index Cond" in line)
    return ("begins >" in told, "begins <" in told)


@pytest.mark.parametrize("what", ["the day", "who waits", "what is free"])
def test_a_look_has_a_beginning_and_an_end(case: Case, fitting: Resource, agent: Actor, what: str) -> None:
    held = hold(case.customer, fitting, at(TEN), desk=case.desk, by=agent)
    looks: dict[str, Callable[[], Any]] = {
        "the day": lambda: list(reservations_on(date(2026, 11, 30), actor=agent)),
        "who waits": lambda: waiting_for(held),
        "what is free": lambda: free_on(fitting, date(2026, 11, 30)),
    }

    (plan,) = plans(looks[what], said="SELECT")

    assert bounds(plan) == (True, True)


def test_what_lets_holds_lapse_reads_holds_alone(case: Case, fitting: Resource, agent: Actor) -> None:
    """It is done under the resource's lock, each time somebody wants a time of it."""

    def wanted() -> Reservation:
        return hold(case.customer, fitting, at(TEN), desk=case.desk, by=agent)

    (plan,) = plans(wanted, said="UPDATE")

    assert "reservation_held" in plan
    assert bounds(plan) == (True, True)


def test_who_stays_longest_is_there_to_the_last_morning_and_waited_for(
    world: World, case: Case, agent: Actor
) -> None:
    """Sixty nights, and a whole day for cleaning: nothing that can be had reaches further into later days."""
    room = make_resource(make_store(world.ours.company), kind="room", gap=A_DAY)
    arrives = datetime(2026, 11, 30, 15, tzinfo=clock.TOKYO)
    stay = hold(case.customer, room, at(arrives, nights=MOST_NIGHTS), desk=case.desk, by=agent)
    book(stay, by=agent)
    last = arrives + timedelta(days=MOST_NIGHTS)
    waits = wait(case.customer, room, at(last), desk=case.desk, by=agent)

    cancelled = cancel(stay, by=agent)

    assert [one.pk for one in waiting_for(cancelled)] == [waits.pk]
    assert [one.pk for one in reservations_on(last.date(), actor=agent)] == [stay.pk, waits.pk]
    again = hold(case.customer, room, at(last), desk=case.desk, by=agent)
    late = wait(case.customer, room, at(arrives, nights=MOST_NIGHTS), desk=case.desk, by=agent)
    assert [one.pk for one in waiting_for(again)] == [waits.pk, late.pk]


def test_a_hold_of_the_longest_stay_lapses_for_who_comes_at_its_end(
    world: World, case: Case, agent: Actor
) -> None:
    room = make_resource(make_store(world.ours.company), kind="room", gap=A_DAY)
    arrives = datetime(2026, 11, 30, 15, tzinfo=clock.TOKYO)
    stay = hold(case.customer, room, at(arrives, nights=MOST_NIGHTS), desk=case.desk, by=agent)

    with clock.held_at(NOW + timedelta(minutes=10)):
        end = at(arrives + timedelta(days=MOST_NIGHTS))
        other = hold(case.customer, room, end, desk=case.desk, by=agent)

    stay.refresh_from_db()
    assert (stay.state, other.state, other.unit) == ("lapsed", "held", 1)
