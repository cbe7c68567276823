"""One time, wanted by many in the same moment: one has it, whoever asks and however they come to it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from psycopg.errors import DeadlockDetected

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, cancel, change, drop, hold, undo, wait
from madoguchi.reservations.calling_up import call_up_waiting
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.tasks.models import Task
from tests.house.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 32
_State = Reservation.State


def tomorrow(hour: int, minute: int = 0) -> datetime:
    day = clock.now().astimezone(clock.TOKYO) + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def resource(world: World, **said: Any) -> Resource:
    return make_resource(make_store(world.ours.company), **said)


def holding(
    world: World, case: Case, wanted: Resource, begins: datetime, once: UUID | None = None
) -> Callable[[], Reservation]:
    agent = actor_of(world.ours.agent)

    def press() -> Reservation:
        with world.ours.scope():
            said = at(begins, once=once)
            return hold(case.customer, wanted, said, desk=case.desk, case=case.pk, by=agent)

    return press


def meetings() -> list[tuple[int, int]]:
    """Reservations that stand and meet on the same unit: there must be none."""
    with scope.everywhere(reason="a test looks at what is there"):
        rows = list(Reservation.objects.filter(state__in=[_State.HELD, _State.BOOKED]).order_by("id"))
    return [
        (one.pk, other.pk)
        for place, one in enumerate(rows)
        for other in rows[:place]
        if (one.resource_id, one.unit) == (other.resource_id, other.unit)
        and one.begins < other.taken_until
        and other.begins < one.taken_until
    ]


def kept() -> int:
    with scope.everywhere(reason="a test looks at what is there"):
        return Reservation.objects.exclude(state__in=[_State.CANCELLED, _State.LAPSED]).count()


def test_of_thirty_two_at_once_one_has_the_time(world: World, case: Case) -> None:
    fitting = resource(world)

    done = at_once(*[holding(world, case, fitting, tomorrow(10)) for _client in range(CLIENTS)])

    assert sum(isinstance(one, Reservation) for one in done) == 1
    assert sum(isinstance(one, Conflict) for one in done) == CLIENTS - 1
    assert kept() == 1


def test_of_five_tables_five_are_had_and_each_by_one(world: World, case: Case) -> None:
    tables = resource(world, units=5, kind="table")

    done = at_once(*[holding(world, case, tables, tomorrow(12)) for _client in range(CLIENTS)])

    assert sorted(one.unit for one in done if isinstance(one, Reservation)) == [1, 2, 3, 4, 5]
    assert sum(isinstance(one, Conflict) for one in done) == CLIENTS - 5
    assert meetings() == []


def test_times_that_overlap_are_had_by_as_many_as_fit(world: World, case: Case) -> None:
    """Each half hour is wanted by two or three; each lasts an hour, and half an hour is kept free afterwards."""
    fitting = resource(world, gap=30)
    begins = [tomorrow(10, 0) + timedelta(minutes=30 * (client % 13)) for client in range(CLIENTS)]

    done = at_once(*[holding(world, case, fitting, one) for one in begins])

    assert {type(one) for one in done} == {Reservation, Conflict}
    assert meetings() == []
    # Whoever was refused would have met somebody: nothing that is free was kept from anybody.
    had = [(one.begins, one.taken_until) for one in done if isinstance(one, Reservation)]
    length = timedelta(minutes=90)
    for one, outcome in zip(begins, done, strict=True):
        meets = any(first < one + length and one < until for first, until in had)
        assert isinstance(outcome, Reservation) or meets


def test_one_press_by_many_is_one_reservation(world: World, case: Case) -> None:
    once = uuid4()
    fitting = resource(world)

    done = at_once(*[holding(world, case, fitting, tomorrow(10), once) for _press in range(8)])

    assert len({one.pk for one in done}) == 1
    assert kept() == 1


def test_what_goes_past_the_actions_meets_the_database(world: World, case: Case) -> None:
    """The constraint alone, without any lock: rows that meet are written by one of thirty-two."""
    fitting = resource(world)
    with world.ours.scope():
        made = holding(world, case, fitting, tomorrow(10))()
        row = Reservation.objects.filter(pk=made.pk).values().get()
        Reservation.objects.filter(pk=made.pk).delete()

    def writing(number: int) -> Callable[[], Reservation]:
        def write() -> Reservation:
            with world.ours.scope():
                return Reservation.objects.create(**row | {"id": None, "number": number, "once": uuid4()})

        return write

    done = at_once(*[writing(number) for number in range(2001, 2001 + CLIENTS)])

    refused = [one for one in done if not isinstance(one, Reservation)]
    assert len(refused) == CLIENTS - 1
    # Rows that wait for each other meet the database as well: it sends all of them away but one.
    assert all(
        isinstance(one, IntegrityError) or isinstance(one.__cause__, DeadlockDetected) for one in refused
    )
    assert kept() == 1


def test_changes_cancellations_and_holds_leave_no_two_together(world: World, case: Case) -> None:
    """Four have a time each and want the next one's, four give theirs up and want it back, others want any of them."""
    fitting = resource(world)
    agent = actor_of(world.ours.agent)
    hours = list(range(10, 18))
    with world.ours.scope():
        had = [holding(world, case, fitting, tomorrow(hour))() for hour in hours]
        assert [book(one, by=agent) for one in had] == [True] * len(hours)

    def moving(place: int) -> Callable[[], Any]:
        def move() -> Any:
            with world.ours.scope():
                return change(had[place], fitting, at(tomorrow(hours[place + 4])), by=agent)

        return move

    def giving_up(place: int) -> Callable[[], Any]:
        def give() -> Any:
            with world.ours.scope():
                return undo(cancel(had[place], by=agent), by=agent)

        return give

    works = [moving(place) for place in range(4)] + [giving_up(place) for place in range(4, 8)]
    works += [holding(world, case, fitting, tomorrow(hour)) for hour in hours * 3]

    done = at_once(*works)

    assert {type(one) for one in done} <= {Reservation, Conflict}
    assert meetings() == []


def test_two_workers_call_up_who_waits_once(world: World, case: Case) -> None:
    wanted, agent, begins = resource(world), actor_of(world.ours.agent), tomorrow(10)
    had = holding(world, case, wanted, begins)()
    with world.ours.scope():
        waits = wait(case.customer, wanted, at(begins), desk=case.desk, case=case.pk, by=agent)
        drop(had, by=agent)
        Reservation.objects.filter(pk=waits.pk).update(freed_at=clock.now() - timedelta(minutes=5))

    called = at_once(*[call_up_waiting] * 4)

    assert sorted(called) == [0, 0, 0, 1]
    with world.ours.scope():
        assert Reservation.objects.get(pk=waits.pk).state == _State.HELD
        assert Task.objects.filter(case=case).count() == 1
        assert Message.objects.filter(case=case, author="system").count() == 1
