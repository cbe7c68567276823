"""Who waits for a time is called up when it is free: kept for them, written to, and set as a task, once, in order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations import calling_up
from madoguchi.reservations.actions import book, cancel, drop, hold, undo, wait
from madoguchi.reservations.calling_up import call_up_waiting
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.tasks.models import Task

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 23, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 1, tzinfo=UTC)
_State = Reservation.State


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def table(world: World) -> Resource:
    return make_resource(make_store(world.ours.company), seats=4)


def wants(world: World, table: Resource, agent: Actor, *, who: str, waits: bool = True) -> tuple[Case, int]:
    case = make_case(world.ours.entry_point, sender=Party(f"{who}@home.example", who))
    with world.ours.scope():
        take = wait if waits else hold
        made = take(case.customer, table, at(TEN), desk=world.ours.desk, case=case.pk, by=agent)
        if not waits:
            book(made, by=agent)
    return case, made.pk


def states(world: World) -> list[str]:
    with world.ours.scope():
        return list(Reservation.objects.order_by("pk").values_list("state", flat=True))


def test_the_first_who_waits_has_the_time_kept_and_is_told_once(
    world: World, agent: Actor, table: Resource
) -> None:
    with clock.held_at(NOW):
        _case, had = wants(world, table, agent, who="had", waits=False)
        case, first = wants(world, table, agent, who="first")
        other, _second = wants(world, table, agent, who="second")
        assert call_up_waiting() == 0
        with world.ours.scope():
            cancel(Reservation.objects.get(pk=had), by=agent)
        assert call_up_waiting() == 0
    with clock.held_at(NOW + timedelta(minutes=2)):
        assert call_up_waiting() == 0
    with clock.held_at(NOW + timedelta(minutes=4)):
        assert [call_up_waiting(), call_up_waiting()] == [1, 0]

    assert states(world) == ["cancelled", "held", "waiting"]
    with world.ours.scope():
        until = Reservation.objects.get(pk=first).held_until
        assert until == NOW + timedelta(hours=2, minutes=4)
        [task] = Task.objects.all()
        assert (task.case_id, task.due_at) == (case.pk, until)
        assert task.title == (
            f"キャンセル待ち：V-{Reservation.objects.get(pk=first).number}"
            "(2026年12月1日(火) 10:00 – 11:00)が空き、2026年11月30日(月) 10:04まで確保しています。"
            "メールでお知らせ済みです。予約を確定するか、お電話してください。"
        )
        told = Message.objects.filter(author="system")
        assert [one.case_id for one in told] == [case.pk]
        assert "2026年11月30日(月) 10:04" in told[0].text
        assert Case.objects.get(pk=case.pk).status == "waiting_customer"
        assert Event.objects.filter(kind="reservation.held", actor_id=None).count() == 1

    with clock.held_at(NOW + timedelta(hours=3)):
        assert call_up_waiting() == 0
    with clock.held_at(NOW + timedelta(hours=3, minutes=4)):
        assert call_up_waiting() == 1
    assert states(world) == ["cancelled", "lapsed", "held"]
    with world.ours.scope():
        assert sorted(Task.objects.values_list("case_id", flat=True)) == [case.pk, other.pk]


def test_a_slip_is_undone_within_minutes_and_nobody_was_called_up(
    world: World, agent: Actor, table: Resource
) -> None:
    with clock.held_at(NOW):
        _case, had = wants(world, table, agent, who="had", waits=False)
        wants(world, table, agent, who="first")
        with world.ours.scope():
            cancel(Reservation.objects.get(pk=had), by=agent)
        call_up_waiting()
        with world.ours.scope():
            undo(Reservation.objects.get(pk=had), by=agent)
    with clock.held_at(NOW + timedelta(minutes=5)):
        assert call_up_waiting() == 0

    assert states(world) == ["booked", "waiting"]
    with world.ours.scope():
        assert not Task.objects.exists()
        assert Reservation.objects.get(state="waiting").freed_at is None


def asked_while(call: Callable[[], int]) -> tuple[int, int]:
    """What it came to, and how many questions it asked of reservations and of what hangs on them."""
    with CaptureQueriesContext(connection) as asked:
        came_to = call()
    return came_to, len(
        [one for one in asked if "SAVEPOINT" not in one["sql"] and "set_config" not in one["sql"]]
    )


def test_however_many_wait_the_last_is_looked_at_and_who_waits_in_vain_costs_nothing(
    world: World, agent: Actor, table: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two: five wait for a table that is taken, one waits for another that is given back."""
    monkeypatch.setattr(calling_up, "PAGE", 2)
    other = make_resource(table.store, name="個室")
    with clock.held_at(NOW):
        wants(world, table, agent, who="has", waits=False)
        for who in ("a", "b"):
            wants(world, table, agent, who=who)
        few = asked_while(call_up_waiting)
        for who in ("c", "d", "e"):
            wants(world, table, agent, who=who)
        assert (asked_while(call_up_waiting), few[0]) == (few, 0)
        _case, had = wants(world, other, agent, who="had", waits=False)
        for who in ("late", "later"):
            wants(world, other, agent, who=who)
        with world.ours.scope():
            cancel(Reservation.objects.get(pk=had), by=agent)
        call_up_waiting()
    with clock.held_at(NOW + timedelta(minutes=4)):
        assert call_up_waiting() == 1
        # Who comes behind whoever was called up is not free any more, and waits from the beginning.
        assert call_up_waiting() == 0

    assert states(world) == ["booked", *["waiting"] * 5, "cancelled", "held", "waiting"]
    with world.ours.scope():
        assert not Reservation.objects.filter(state="waiting").exclude(freed_at=None).exists()


def test_times_that_begin_one_after_the_other_are_pages_and_the_longest_is_served_first(
    world: World, agent: Actor, table: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two times of one table meet: whoever waits longer has it, though the other one's begins before."""
    monkeypatch.setattr(calling_up, "PAGE", 1)
    with clock.held_at(NOW):
        case = make_case(world.ours.entry_point)
        half, late = TEN + timedelta(minutes=30), TEN + timedelta(hours=5)
        here: dict[str, Any] = {"desk": world.ours.desk, "case": case.pk, "by": agent}
        with world.ours.scope():
            had = [hold(case.customer, table, at(begins), **here) for begins in (half, late)]
            for begins in (half, TEN, late):
                wait(case.customer, table, at(begins), **here)
            for one in had:
                drop(one, by=agent)
        call_up_waiting()
    with clock.held_at(NOW + timedelta(minutes=4)):
        assert call_up_waiting() == 2

    assert states(world) == ["lapsed", "lapsed", "held", "waiting", "held"]
