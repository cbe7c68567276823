"""How it stands now: by indexes that hold only what waits, in an order that cuts off whoever waits least."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.insight import standing
from madoguchi.insight.standing import Queue, calls_at, longest_waiting, queues_at, trouble_at
from madoguchi.kernel import clock
from madoguchi.people.factories import Side, World

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 1, 3, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def came(side: Side, *ago: timedelta, **fields: object) -> list[Case]:
    made = []
    for one in ago:
        with clock.held_at(NOON - one):
            made.append(make_case(side.entry_point))
    with side.scope():
        if fields:
            Case.objects.filter(pk__in=[case.pk for case in made]).update(**fields)
    return made


def stands(side: Side, *desks: int) -> list[Queue]:
    with side.scope():
        return queues_at(desks or [side.desk.pk], now=NOON)


def test_steps_of_waiting_end_with_their_last_second(world: World) -> None:
    came(world.ours, 15 * MINUTE - timedelta(seconds=1), 15 * MINUTE, HOUR, 4 * HOUR)

    [queue] = stands(world.ours)

    assert (queue.waiting, queue.steps) == (4, (1, 1, 1, 1))
    assert queue.since == NOON - 4 * HOUR


@pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
def test_what_is_at_rest_waits_for_nobody(world: World, status: Status) -> None:
    came(world.ours, HOUR, status=status, due_at=NOON - HOUR)

    assert stands(world.ours) == []


def test_a_clock_runs_where_nobody_waits(world: World) -> None:
    came(world.ours, HOUR, waiting_since=None, due_at=NOON + MINUTE)

    assert stands(world.ours) == [Queue(world.ours.desk.pk, "email", due_soon=1)]


def test_a_clock_that_runs_out_now_has_run_out(world: World) -> None:
    came(world.ours, HOUR, due_at=NOON)
    came(world.ours, HOUR, due_at=NOON + HOUR)
    came(world.ours, HOUR, due_at=NOON + HOUR + MINUTE)

    [queue] = stands(world.ours)
    assert (queue.overdue, queue.due_soon) == (1, 1)


def test_of_many_those_who_wait_longest_are_shown(world: World) -> None:
    other = make_desk(world.ours.company)
    point = make_entry_point(other)
    here = came(world.ours, 3 * HOUR, MINUTE)
    with clock.held_at(NOON - 2 * HOUR):
        there = make_case(point)

    with world.ours.scope():
        found = longest_waiting([world.ours.desk.pk, other.pk], most=2)
        none = longest_waiting([world.ours.desk.pk], channel="chat")

    assert [one.id for one in found] == [here[0].pk, there.pk]
    assert none == []


def test_no_desk_is_no_trouble(world: World) -> None:
    with world.ours.scope():
        assert (queues_at([], now=NOON), longest_waiting([]), calls_at([]), trouble_at([])) == (
            [],
            [],
            {},
            {},
        )


def test_another_company_s_desk_shows_nothing_though_it_is_named(world: World) -> None:
    came(world.theirs, HOUR, due_at=NOON)

    assert stands(world.ours, world.theirs.desk.pk) == []
    with world.ours.scope():
        assert longest_waiting([world.theirs.desk.pk]) == []


@pytest.mark.parametrize(
    ("statement", "index"),
    [("_WAITING", "case_by_waiting"), ("_DUE", "case_by_due"), ("_LONGEST", "case_by_waiting")],
)
def test_the_rows_come_in_the_order_of_an_index_that_holds_these_alone(
    world: World, statement: str, index: str
) -> None:
    """Where it sorted them first, a desk with a hundred thousand of them would cost a hundred times as much."""
    values = {
        **dict.fromkeys(("now", "soon", "quarter", "hour", "hours"), NOON),
        "desks": [world.ours.desk.pk],
        "channel": "",
        "most": 10,
    }
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {getattr(standing, statement)}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert f"using {index} on cases_case" in plan


def test_on_one_channel_those_are_found_who_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel on which few write makes nobody read through all who wait on the others."""
    few = 3
    monkeypatch.setattr(
        standing, "_LONGEST", standing._LONGEST.replace(f"ELSE {standing.COUNT_TO} ", f"ELSE {few} ")
    )
    came(world.ours, 5 * HOUR, 4 * HOUR)
    [found] = came(world.ours, 3 * HOUR, channel="chat")
    came(world.ours, 2 * HOUR, channel="chat")

    with world.ours.scope():
        chats = longest_waiting([world.ours.desk.pk], channel="chat")
        everybody = longest_waiting([world.ours.desk.pk], most=4)

    assert [one.id for one in chats] == [found.pk]
    assert len(everybody) == 4
