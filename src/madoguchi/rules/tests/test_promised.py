"""What a policy says of the moments of its clocks is done once, told, and foreseen."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import read_clocks, set_levels, switch_levels
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.notices import notices_of
from madoguchi.promises.queries import read_text
from madoguchi.promises.trial import try_levels
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State
from madoguchi.rules.actions import do_promised
from madoguchi.rules.tests.rules import happened
from madoguchi.tasks.queries import tasks_of

pytestmark = pytest.mark.django_db(transaction=True)
Opened = Callable[..., Case]


def levels(world: World, *acts: dict[str, Any]) -> str:
    policy = {"name": "標準", "targets": {"first_reply": 60, "resolution": 600}, "acts": list(acts)}
    with world.ours.scope():
        by = actor_of(world.administrator)
        kept = set_levels(world.ours.desk, text=json.dumps(policy), by=by)
        switch_levels(kept, active=True, by=by)
    return kept.text


@pytest.fixture
def opened(world: World) -> Opened:
    def at(*acts: dict[str, Any], until: tuple[int, ...]) -> Case:
        """A case after so many minutes, at each of which the worker looked twice."""
        levels(world, *acts)
        begin = clock.now()
        with clock.held_at(begin):
            case = make_case(world.ours.entry_point)
            look(world, case)
        for minutes in until:
            with clock.held_at(begin + timedelta(minutes=minutes)):
                look(world, case)
                look(world, case)
        with world.ours.scope():
            return Case.objects.get(pk=case.pk)

    return at


def look(world: World, case: Case) -> None:
    """What the worker does."""
    with world.ours.scope():
        read_clocks(case.pk)
    with world.ours.scope():
        for moment in happened("clock.reached"):
            do_promised(moment)


def did(world: World, case: Case) -> list[tuple[int, list[tuple[str, str]]]]:
    with world.ours.scope():
        found = Event.objects.filter(case_id=case.pk, kind="clock.acted").order_by("id")
        return [(one.data["seconds"], [(act["do"], act["fate"]) for act in one.data["did"]]) for one in found]


def test_acts_are_done_once_before_at_and_after_the_time_is_due(world: World, opened: Opened) -> None:
    case = opened(
        {"do": "notify", "value": "seniors", "before": "30m", "metrics": ["first_reply"]},
        {"do": "priority", "value": "high", "metrics": ["first_reply"]},
        {"do": "tag", "value": "期限切れ", "metrics": ["first_reply"]},
        {"do": "assign", "value": "seniors", "after": "1h", "metrics": ["first_reply"]},
        {"do": "task", "value": "お詫びの電話", "after": "1h", "metrics": ["first_reply"]},
        until=(29, 31, 61, 62, 121, 122),
    )

    assert did(world, case) == [
        (-1800, [("notify", "done")]),
        (0, [("priority", "done"), ("tag", "done")]),
        (3600, [("assign", "done"), ("task", "done")]),
    ]
    assert (case.priority, case.tags, case.assignee_id) == (3, ["期限切れ"], world.ours.supervisor.pk)
    with world.ours.scope():
        assert [task.title for task in tasks_of(case)] == ["お詫びの電話"]
        told = Notification.objects.filter(case=case, kind="clock.reached")
        assert [(one.user_id, one.who) for one in told] == [(world.ours.supervisor.pk, "標準")]


def test_a_notice_of_delay_is_drafted_once_for_a_clock_and_never_sent(world: World, opened: Opened) -> None:
    act = {"do": "delay_notice", "value": "seniors", "before": "30m", "metrics": ["first_reply"]}
    case = opened(act, until=(29, 31, 32))

    assert did(world, case) == [(-1800, [("delay_notice", "done")])]
    with world.ours.scope():
        [notice] = notices_of(case)
        assert (notice.promise, notice.metric, notice.state) == (None, "first_reply", "open")
        told = Notification.objects.filter(case=case, kind="clock.reached").values_list("user", flat=True)
        assert list(told) == [world.ours.supervisor.pk]
        assert not Outgoing.objects.exists()
        reply(case, Reply(text="承知しました。"), by=actor_of(world.ours.agent))
        read_clocks(case.pk)
        assert notices_of(case) == []


def test_no_notice_is_drafted_where_nobody_is_meant(world: World, opened: Opened) -> None:
    act = {"do": "delay_notice", "value": "responsible", "before": "30m", "metrics": ["first_reply"]}
    case = opened(act, until=(29, 31))

    assert did(world, case) == [(-1800, [("delay_notice", "refused")])]
    with world.ours.scope():
        assert (notices_of(case), happened("delay.drafted")) == ([], [])


def test_nothing_is_done_once_the_case_is_answered(world: World, opened: Opened) -> None:
    case = opened({"do": "tag", "value": "遅い", "before": "10m", "metrics": ["first_reply"]}, until=(10,))
    with world.ours.scope():
        reply(case, Reply(text="承知しました。"), by=actor_of(world.ours.agent))

    with clock.held_at(clock.now() + timedelta(minutes=70)):
        look(world, case)

    assert did(world, case) == []


def test_a_moment_that_is_handled_again_is_not_done_again(world: World, opened: Opened) -> None:
    case = opened({"do": "task", "value": "電話", "metrics": ["first_reply"]}, until=(61,))
    with world.ours.scope():
        [moment] = happened("clock.reached")
        tasks_of(case)[0].delete()

        do_promised(moment)

        assert list(tasks_of(case)) == []
    assert did(world, case) == [(0, [("task", "done")])]


def test_a_priority_is_raised_and_never_lowered(world: World, opened: Opened) -> None:
    case = opened({"do": "priority", "value": "low", "metrics": ["first_reply"]}, until=(61,))

    assert (case.priority, did(world, case)) == (2, [(0, [("priority", "same")])])


def test_who_does_not_work_at_the_desk_cannot_be_named(world: World) -> None:
    with pytest.raises(Refused, match=world.theirs.agent.email):
        levels(world, {"do": "assign", "value": world.theirs.agent.email})

    with world.ours.scope():
        assert not ServiceLevels.objects.exists()


def test_a_case_is_moved_to_another_desk_of_the_company_and_to_none_that_is_not(
    world: World, opened: Opened
) -> None:
    with world.ours.scope():
        second = make_desk(world.ours.company, name="二次窓口")
    for stranger in (world.theirs.desk.name + "他社", world.ours.desk.name):
        with pytest.raises(Refused, match=stranger):
            levels(world, {"do": "desk", "value": stranger})

    case = opened({"do": "desk", "value": "二次窓口", "metrics": ["first_reply"]}, until=(59, 61))

    assert (case.desk_id, did(world, case)) == (second.pk, [(0, [("desk", "done")])])


def test_whoever_left_since_is_told_of_as_refused(world: World, opened: Opened) -> None:
    person = world.ours.agent
    case = opened({"do": "assign", "value": person.email, "metrics": ["first_reply"]}, until=(30,))
    person.is_active = False
    person.save(update_fields=["is_active"])

    with clock.held_at(clock.now() + timedelta(minutes=61)):
        look(world, case)

    assert did(world, case) == [(0, [("assign", "refused")])]


@pytest.mark.parametrize(("state", "fate"), [(State.BREAK, "refused"), (State.AVAILABLE, "done")])
def test_it_is_given_to_nobody_who_is_away(world: World, opened: Opened, state: State, fate: str) -> None:
    at_work(world.ours.supervisor, state=state)

    case = opened({"do": "assign", "value": "seniors", "metrics": ["first_reply"]}, until=(59, 61))

    assert did(world, case) == [(0, [("assign", fate)])]
    assert case.assignee_id == (world.ours.supervisor.pk if fate == "done" else None)


def test_trying_says_how_often_it_would_have_been_done(world: World, opened: Opened) -> None:
    tag = {"do": "tag", "value": "遅い", "metrics": ["first_reply"]}
    opened(tag, until=())
    text = levels(world, tag, {"do": "tag", "value": "半ば", "before": "30m"})
    with clock.held_at(clock.now() + timedelta(minutes=61)), world.ours.scope():
        trial = try_levels(world.ours.desk, read_text(text))

        assert [(policy, metric, act.value, times) for policy, metric, act, times in trial.acts] == [
            ("標準", "first_reply", "半ば", 1),
            ("標準", "first_reply", "遅い", 1),
        ]
        assert not Event.objects.filter(kind="clock.acted").exists()


def test_a_rule_hears_by_what_it_was_done(world: World, opened: Opened) -> None:
    case = opened({"do": "tag", "value": "遅い", "metrics": ["first_reply"]}, until=(61,))

    with world.ours.scope():
        changed = Event.objects.get(case_id=case.pk, kind="case.changed")
        assert changed.actor_name == system("policy:標準").name
        assert changed.data["cause"].startswith("moment:")
