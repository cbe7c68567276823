"""A day drawn from the log is the day that was, and the simulator reads it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.routing_day import day as command
from madoguchi.project.tests.shell import Shell
from madoguchi.routing.actions import pull
from madoguchi.routing.days import days_of
from madoguchi.routing.factories import at_work, knows
from madoguchi.routing.replay import day_of
from madoguchi.routing.simulation import POLICIES, replicated
from madoguchi.voice.events import CallEnded, CallPlaced

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 2, 0, tzinfo=UTC)  # nine o'clock in Japan
MONDAY = date(2026, 11, 2)
run = Shell(command).run


def step(minutes: float, act: Callable[[], Any]) -> Any:
    """Something happens so many minutes after nine."""
    with clock.held_at(NINE + timedelta(minutes=minutes)):
        return act()


def take_and_answer(person: User, *, at: float, after: float) -> None:
    actor = actor_of(person)
    with scope.acting_for(actor.companies):
        case = step(at, lambda: pull(by=actor))
        step(at + after, lambda: reply(case, Reply(text="はい。", confirmed=ANYTHING), by=actor))


def call(world: World, *, at: float, waits: float, talks: float, number: int = 1) -> None:
    moments = [NINE + timedelta(minutes=at), NINE + timedelta(minutes=at + waits)]
    moments.append(moments[1] + timedelta(minutes=talks))
    spans = [{"spent": "wait", "begin": moments[0].isoformat(), "end": moments[1].isoformat()}]
    if talks:
        spans.append({"spent": "talk", "begin": moments[1].isoformat(), "end": moments[2].isoformat()})
    outcome = "talked" if talks else "abandoned"
    where = {
        "company": world.ours.company.pk,
        "desk": world.ours.desk.pk,
        "entry_point": world.ours.entry_point.pk,
    }
    fact = CallEnded(**where, call=number, outcome=outcome, ended_by="caller", spans=spans)
    with world.ours.scope():
        step(at + waits + talks, lambda: record(fact, by=system("test")))


@pytest.fixture
def said(world: World) -> dict[str, Any]:
    """A Monday: a case answered after four minutes of work, whose customer writes again; two calls, one given up."""
    step(0, lambda: at_work(world.ours.agent))
    knows(world.ours.agent, "返品", 2)
    case = step(0, lambda: make_case(world.ours.entry_point))
    take_and_answer(world.ours.agent, at=4, after=4)
    step(40, lambda: say_again(case))
    call(world, at=50, waits=2, talks=5)
    call(world, at=55, waits=4, talks=0)
    with world.ours.scope():
        found = day_of(world.ours.desk, MONDAY)
    assert found is not None
    return found


def test_what_came_stands_there_with_what_is_known_of_it(world: World, said: dict[str, Any]) -> None:
    agent = f"p{world.ours.agent.pk}"
    mail = {"channel": "email", "priority": 2, "language": "ja"}
    assert said["contacts"] == [
        {"at": "2026-11-02T09:00:00+09:00", **mail, "handle": 240.0},
        {"at": "2026-11-02T09:40:00+09:00", **mail, "last": agent},
        {"at": "2026-11-02T09:50:00+09:00", "channel": "call", "handle": 300.0},
        {"at": "2026-11-02T09:55:00+09:00", "channel": "call", "patience": 240.0},
    ]
    assert (said["handle"], said["patience"], said["target"]) == (240.0, 360.0, 14_400)


def test_who_was_there_stands_there_without_a_name(world: World, said: dict[str, Any]) -> None:
    [person] = said["people"]
    assert person == {
        "name": f"p{world.ours.agent.pk}",
        "from": "2026-11-02T09:04:00+09:00",
        "until": "2026-11-02T09:34:00+09:00",
        "skills": {"返品": 2},
    }
    assert world.ours.agent.name not in json.dumps(said, ensure_ascii=False)


def test_a_call_that_we_made_did_not_come_in(world: World) -> None:
    side = world.ours
    where = {"company": side.company.pk, "desk": side.desk.pk, "entry_point": side.entry_point.pk}
    placed = CallPlaced(**where, call=2, person=side.agent.pk, tries=1)
    with side.scope():
        step(0, lambda: record(placed, by=system("test")))
    call(world, at=0, waits=1, talks=3, number=2)
    call(world, at=10, waits=2, talks=5, number=3)
    with side.scope():
        found = day_of(side.desk, MONDAY)
    assert found is not None
    assert [one["at"] for one in found["contacts"]] == ["2026-11-02T09:10:00+09:00"]


def test_the_simulator_reads_it(said: dict[str, Any]) -> None:
    [day] = days_of(json.dumps(said))
    [figures] = replicated(day, POLICIES["urgency"], replications=1, seed=1)
    assert figures.contacts == 4


def test_a_day_on_which_nothing_came_is_none(world: World) -> None:
    with world.ours.scope():
        assert day_of(world.ours.desk, MONDAY) is None


class TestCommand:
    def test_it_writes_a_day_or_several(self, world: World, said: dict[str, Any]) -> None:
        desk = ("--desk", str(world.ours.desk.pk))
        one = run(*desk, "--from", "2026-11-02")
        week = run(*desk, "--from", "2026-10-30", "--to", "2026-11-06")
        assert json.loads(one.stdout) == json.loads(week.stdout) == said

    def test_nothing_came_or_no_such_desk(self, world: World) -> None:
        assert run("--desk", str(world.ours.desk.pk), "--from", "2026-11-02").exit_code == 1
        assert run("--desk", "どこにもない", "--from", "2026-11-02").exit_code == 2
        assert (
            run("--desk", str(world.ours.desk.pk), "--from", "2026-11-02", "--to", "2026-11-01").exit_code
            == 2
        )
