"""Rules at work: what they want, what they do once, what they leave alone, and what they tell of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from tests.house.at_once import unfinished

from madoguchi.cases.actions import add_note, assign, change_status, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk
from madoguchi.fields.factories import make_field
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event, FailedReaction
from madoguchi.infra.reactions import enrol, run_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.actions import deactivate
from madoguchi.people.factories import World
from madoguchi.people.models import Seat
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels, tell_due
from madoguchi.routing.factories import at_work as present
from madoguchi.routing.models import State
from madoguchi.rules.actions import apply_due, apply_events, pause_rule, start_rule
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.tests.rules import acts, at_work, happened, where
from madoguchi.tasks.models import Plan
from madoguchi.tasks.planning import add_plan
from madoguchi.tasks.queries import tasks_of

pytestmark = pytest.mark.django_db(transaction=True)
TEST = system("test")
_LEVELS = {"targets": {"first_reply": 60}}


@pytest.fixture(autouse=True)
def _read_from_here(world: World) -> None:
    enrol()


def now(case: Case, world: World) -> Case:
    with world.ours.scope():
        return Case.objects.get(pk=case.pk)


def runs(world: World) -> list[RuleRun]:
    with world.ours.scope():
        return list(RuleRun.objects.order_by("id"))


def outcomes(world: World) -> list[tuple[str, int]]:
    return [(run.outcome, run.depth) for run in runs(world)]


def test_a_rule_acts_once_under_its_name_and_tells_why(world: World) -> None:
    wanted = {"version": 1, "any": [where(field="subject", test="contains", value="炊飯")["all"][0]]}
    wanted["any"].append({"field": "status", "test": "in", "value": ["solved"]})
    steps = acts(("priority", "4"), ("tag", "家電"), ("assign", str(world.ours.agent.pk)))
    rule = at_work(world.ours, filter=wanted, acts=steps)

    case = make_case(world.ours.entry_point, subject="炊飯器について")
    other = make_case(world.ours.entry_point, subject="鍋の蓋")
    theirs = make_case(world.theirs.entry_point, subject="炊飯器について")
    run_all()
    run_all()

    after = now(case, world)
    assert (after.priority, after.tags, after.assignee_id) == (4, ["家電"], world.ours.agent.pk)
    assert now(other, world).tags == []
    with world.theirs.scope():
        assert Case.objects.get(pk=theirs.pk).tags == []
    [run] = runs(world)
    assert (run.case_id, run.rule_id, run.version, run.outcome) == (case.pk, rule.pk, 1, "done")
    assert [(one["field"], one["met"]) for one in run.why] == [("subject", True), ("status", False)]
    assert [(one["do"], one["fate"]) for one in run.did] == [
        *(("tag", "done"), ("priority", "done"), ("assign", "done"))
    ]
    with world.ours.scope():
        told = list(
            Event.objects.filter(case_id=case.pk, actor_kind="system", actor_name="rule:新着").order_by("id")
        )
    assert [event.kind for event in told] == ["case.changed", "case.changed", "case.assigned"]
    assert {event.data["cause"] for event in told} == {f"rule:{rule.pk}:1"}


def test_a_rule_gives_nothing_to_who_is_away_and_does_the_rest(world: World) -> None:
    present(world.ours.agent, state=State.OFF)
    at_work(world.ours, acts=acts(("tag", "新着"), ("assign", str(world.ours.agent.pk))))

    case = make_case(world.ours.entry_point, subject="炊飯器について")
    run_all()

    [run] = runs(world)
    assert (now(case, world).assignee_id, now(case, world).tags) == (None, ["新着"])
    assert [(one["do"], one["fate"], one["reason"]) for one in run.did] == [
        ("tag", "done", ""),
        ("assign", "refused", "この方は離席中か勤務時間外です。"),
    ]


def test_paused_rules_and_other_events_set_nothing_going(world: World) -> None:
    rule = at_work(world.ours)
    at_work(world.ours, kinds=["message.received"], acts=acts(("tag", "再")))
    with world.ours.scope():
        pause_rule(rule, by=actor_of(world.ours.supervisor))

    case = make_case(world.ours.entry_point)
    run_all()
    assert (now(case, world).tags, runs(world)) == ([], [])

    say_again(case)
    run_all()
    assert now(case, world).tags == ["再"]


def test_each_rule_is_asked_of_the_case_as_the_one_before_left_it(world: World) -> None:
    with world.ours.scope():
        elsewhere = make_desk(world.ours.company)
    tagged = where(field="tags", test="in", value=["新着"])
    at_work(world.ours, filter=tagged, acts=acts(("tag", "早すぎ")))
    at_work(world.ours)
    at_work(world.ours, filter=tagged, acts=acts(("priority", "3")))

    case = make_case(world.ours.entry_point)
    run_all()

    assert (now(case, world).tags, now(case, world).priority) == (["新着"], 3)
    assert elsewhere.pk != now(case, world).desk_id


def test_one_that_moves_the_case_away_is_the_last_of_its_desk(world: World) -> None:
    from_here = at_work(world.ours)
    at_work(world.ours, acts=acts(("tag", "後")))
    with world.ours.scope():
        elsewhere = make_desk(world.ours.company)
        # Only who sees both desks can write this; the rule itself is what is looked at here.
        Rule.objects.filter(pk=from_here.pk).update(acts=acts(("desk", str(elsewhere.pk))))

    case = make_case(world.ours.entry_point)
    run_all()

    assert (now(case, world).desk_id, now(case, world).tags) == (elsewhere.pk, [])


def test_what_is_not_possible_is_told_and_holds_up_nothing(world: World) -> None:
    steps = acts(("assign", str(world.ours.agent.pk)), ("tag", "新着"))
    at_work(world.ours, acts=steps)
    with world.ours.scope():
        deactivate(world.ours.agent, by=actor_of(world.ours.manager))

    case = make_case(world.ours.entry_point)
    run_all()

    [run] = runs(world)
    assert (run.outcome, now(case, world).tags, now(case, world).assignee_id) == ("done", ["新着"], None)
    assert [(one["do"], one["fate"], bool(one["reason"])) for one in run.did] == [
        *(("tag", "done", False), ("assign", "refused", True))
    ]


def test_a_fault_of_the_program_is_told_and_the_next_rule_goes_on(world: World) -> None:
    broken = at_work(world.ours)
    at_work(world.ours, acts=acts(("priority", "4")))
    with world.ours.scope():
        Rule.objects.filter(pk=broken.pk).update(filter={"version": 7})

    case = make_case(world.ours.entry_point)
    run_all()

    assert outcomes(world) == [("failed", 0), ("done", 0)]
    assert now(case, world).priority == 4
    with world.ours.scope():
        assert FailedReaction.objects.count() == 0


def test_a_rule_never_reacts_to_what_it_did(world: World) -> None:
    at_work(
        world.ours, kinds=["case.opened", "case.status"], acts=acts(("status", "solved"), ("priority", "4"))
    )

    make_case(world.ours.entry_point)
    for _round in range(5):
        run_all()

    assert outcomes(world) == [("done", 0), ("looped", 1)]


def test_rules_that_set_one_another_off_end_after_three(world: World) -> None:
    """Two rules that undo what the other did: neither reacts to itself, and the chain ends."""
    solved, opened = (
        where(field="status", test="in", value=["solved"]),
        where(field="status", test="in", value=["open"]),
    )
    at_work(world.ours, name="開く", kinds=["case.status"], filter=solved, acts=acts(("status", "open")))
    at_work(world.ours, name="閉じる", kinds=["case.status"], filter=opened, acts=acts(("status", "solved")))
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        change_status(case, to=Status.SOLVED, by=TEST)
    for _round in range(6):
        run_all()

    assert outcomes(world) == [
        *(("done", 0), ("done", 0), ("looped", 1), ("done", 1), ("looped", 1), ("done", 2), ("looped", 3))
    ]
    assert now(case, world).status == "solved"


def test_one_case_so_often_within_the_hour_and_no_more(world: World) -> None:
    at_work(world.ours, kinds=["note.added"], per_case=2)
    case, other = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    agent = actor_of(world.ours.agent)
    start = clock.now()
    for text in ("一", "二", "三"):
        with world.ours.scope():
            add_note(case, text=text, by=agent)
            set_tags(case, to=[], by=TEST)
        run_all()
    with world.ours.scope():
        add_note(other, text="別", by=agent)
    run_all()
    assert [run.outcome for run in runs(world)] == ["done", "done", "limited", "done"]
    assert now(case, world).tags == []

    with clock.held_at(start + timedelta(minutes=61)):
        with world.ours.scope():
            add_note(case, text="四", by=agent)
        run_all()
    assert now(case, world).tags == ["新着"]


def test_a_rule_that_is_asked_too_often_stops_itself_and_says_so(world: World) -> None:
    rule = at_work(world.ours, per_hour=2)
    cases = [make_case(world.ours.entry_point) for _n in range(4)]
    run_all()

    with world.ours.scope():
        stopped = Rule.objects.get(pk=rule.pk)
        told = Event.objects.get(kind="rule.stopped")
    assert (stopped.state, told.data) == ("stopped", {"rule": rule.pk, "name": "新着", "times": 2})
    assert [run.outcome for run in runs(world)] == ["done", "done", "stopped"]
    assert [now(case, world).tags for case in cases] == [["新着"], ["新着"], [], []]

    later = make_case(world.ours.entry_point)
    with clock.held_at(clock.now() + timedelta(minutes=61)):
        with world.ours.scope():
            start_rule(stopped, by=actor_of(world.ours.supervisor))
        run_all()
    assert now(later, world).tags == ["新着"]


def waiting(hours: int) -> dict[str, Any]:
    unanswered = {"field": "first_reply", "test": "known", "value": False}
    return {"version": 1, "all": [unanswered, {"field": "opened", "test": "before", "value": f"{hours}h"}]}


def test_on_time_once_for_each_stretch_of_the_conversation(world: World) -> None:
    """Open for a day without an answer: once, and again when the customer has written again and waited as long."""
    at_work(world.ours, trigger="time", kinds=[], filter=waiting(24), acts=acts(("priority", "4")))
    case = make_case(world.ours.entry_point)
    assert apply_due() == 0

    day = clock.now() + timedelta(hours=25)
    with clock.held_at(day):
        assert apply_due() == 1
        assert apply_due() == 0
    assert now(case, world).priority == 4

    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(priority=2)
    with clock.held_at(day):
        assert apply_due() == 0
    with clock.held_at(day + timedelta(hours=1)):
        say_again(case)
        assert apply_due() == 1
        assert apply_due() == 0
    assert [(run.event_id, run.outcome) for run in runs(world)] == [(None, "done"), (None, "done")]
    assert now(case, world).priority == 4


def test_on_time_it_goes_bit_by_bit_through_every_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.rules.actions.applying.AT_ONCE", 2)
    monkeypatch.setattr("madoguchi.rules.actions.applying.LOOKS", 1)
    at_work(world.ours, trigger="time", kinds=[])
    cases = [make_case(world.ours.entry_point) for _n in range(5)]
    theirs = make_case(world.theirs.entry_point)

    acted = [apply_due() for _minute in range(4)]

    assert acted == [2, 2, 1, 0]
    assert [now(case, world).tags for case in cases] == [["新着"]] * 5
    with world.theirs.scope():
        assert Case.objects.get(pk=theirs.pk).tags == []


def test_nothing_is_done_to_a_case_that_went_on_in_another(world: World) -> None:
    at_work(world.ours, kinds=["case.assigned"])
    case, into = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    with world.ours.scope():
        assign(case, to=world.ours.agent.pk, by=TEST)
        Case.objects.filter(pk=case.pk).update(continued_in=into)
    run_all()

    assert (runs(world), now(case, world).tags) == ([], [])


def test_on_time_one_that_cannot_be_read_holds_up_no_other(world: World) -> None:
    broken = at_work(world.ours, trigger="time", kinds=[], acts=acts(("priority", "4")))
    at_work(world.ours, trigger="time", kinds=[])
    with world.ours.scope():
        Rule.objects.filter(pk=broken.pk).update(filter={"version": 7})
    case = make_case(world.ours.entry_point)

    assert apply_due() == 1

    assert (now(case, world).tags, now(case, world).priority) == (["新着"], case.priority)


def test_what_passes_is_tried_again_and_counts_as_no_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work(world.ours)
    case = make_case(world.ours.entry_point)

    def locked(*_given: Any, **_named: Any) -> None:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patched:
        patched.setattr("madoguchi.rules.actions.acting.foresee", locked)
        run_all()
    assert (runs(world), now(case, world).tags) == ([], [])
    with world.ours.scope():
        assert [failure.reader for failure in FailedReaction.objects.all()] == ["rules.apply"]
    with clock.held_at(clock.now() + timedelta(days=1)):
        run_all()
    assert (outcomes(world), now(case, world).tags) == ([("done", 0)], ["新着"])


def test_a_case_is_not_solved_past_what_its_desk_needs_to_know(world: World) -> None:
    field = make_field(world.ours.desk, label="原因", required=True)
    at_work(world.ours, acts=acts(("status", "solved"), ("tag", "新着")))

    case = make_case(world.ours.entry_point)
    run_all()

    [run] = runs(world)
    assert (now(case, world).status, now(case, world).tags) == (Status.NEW, ["新着"])
    told = {one["do"]: (one["fate"], field.label in one["reason"]) for one in run.did}
    assert told == {"tag": ("done", False), "status": ("refused", True)}


def leaves_the_desk(world: World) -> None:
    with world.ours.scope():
        Seat.objects.filter(member__user=world.ours.supervisor).delete()


@pytest.mark.parametrize("trigger", ["event", "time"])
def test_a_rule_stops_when_its_writer_no_longer_leads_the_desk(world: World, trigger: str) -> None:
    rule = at_work(world.ours, trigger=trigger, kinds=["case.opened"] if trigger == "event" else [])
    at_work(world.ours, filter=where(field="tags", test="in", value=["別"]))
    leaves_the_desk(world)

    case = make_case(world.ours.entry_point)
    for _again in range(2):
        run_all()
        apply_due()

    assert (now(case, world).tags, runs(world)) == ([], [])
    with world.ours.scope():
        rule.refresh_from_db()
        [left] = Event.objects.filter(kind="rule.left")
        told = list(Notification.objects.values_list("user", "case", "kind", "why", "who", "event"))
    assert rule.state == "left"
    expected = {"rule": rule.pk, "name": "新着", "writer": world.ours.supervisor.pk}
    assert (left.data, left.desk_id) == (expected, rule.desk_id)
    assert told == [(world.ours.manager.pk, case.pk, "rule.left", "assigned", "新着", left.pk)]


def test_whoever_takes_it_into_use_answers_for_it(world: World) -> None:
    rule = at_work(world.ours)
    leaves_the_desk(world)
    make_case(world.ours.entry_point)
    run_all()
    manager = actor_of(world.ours.manager)

    with world.ours.scope():
        rule.refresh_from_db()
        with pytest.raises(NotAllowed):
            start_rule(rule, by=actor_of(world.ours.supervisor))
        rule.refresh_from_db()
        assert (rule.state, rule.version) == ("left", 1)
        start_rule(rule, by=manager)
        start_rule(rule, by=manager)
        versions = list(rule.versions.order_by("number").values_list("number", "user", "said"))
    assert [(number, user) for number, user, _said in versions] == [
        (1, world.ours.supervisor.pk),
        (2, world.ours.manager.pk),
    ]
    assert versions[0][2] == versions[1][2]

    case = make_case(world.ours.entry_point)
    run_all()
    assert now(case, world).tags == ["新着"]
    assert [run.version for run in runs(world)] == [2]


def test_a_case_that_no_rule_wants_stays_free_for_others(world: World) -> None:
    at_work(world.ours, filter=where(field="subject", test="contains", value="冷蔵庫"))
    other, wanted = (make_case(world.ours.entry_point, subject=s) for s in ("炊飯器の件", "冷蔵庫の件"))

    def taken(case: Case) -> Case:
        with world.ours.scope():
            return Case.objects.select_for_update(nowait=True).get(pk=case.pk)

    with unfinished(world.ours.company.pk, lambda: apply_events(happened("case.opened"))):
        assert taken(other).tags == []
        with pytest.raises(OperationalError):
            taken(wanted)

    assert (now(other, world).tags, now(wanted, world).tags) == ([], ["新着"])


def test_a_rule_sets_tasks_and_applies_a_plan_once(world: World) -> None:
    """Under its name and with its cause, told in its run; once for an event, however often that is read."""
    with world.ours.scope():
        lead = actor_of(world.ours.supervisor)
        steps = [{"title": "症状を聞く"}, {"title": "集荷を手配する", "after": 1, "unit": "days"}]
        plan = add_plan(world.ours.company, desk=world.ours.desk, name="修理", steps=steps, by=lead)
    rule = at_work(world.ours, acts=acts(("task", "折り返し電話"), ("plan", str(plan.pk)), ("tag", "修理")))

    case = make_case(world.ours.entry_point)
    run_all()
    run_all()

    with world.ours.scope():
        assert [task.title for task in tasks_of(case)] == ["症状を聞く", "集荷を手配する", "折り返し電話"]
        told = Event.objects.filter(kind__in=["task.added", "plan.applied"])
        assert {(one.actor_name, one.data["cause"]) for one in told} == {("rule:新着", f"rule:{rule.pk}:1")}
    [run] = runs(world)
    assert [(one["do"], one["fate"]) for one in run.did] == [
        *(("tag", "done"), ("plan", "done"), ("task", "done"))
    ]


def test_a_plan_that_is_no_more_for_the_case_is_told_and_holds_up_nothing(world: World) -> None:
    with world.ours.scope():
        lead, other = actor_of(world.ours.company_manager), make_desk(world.ours.company)
        plan = add_plan(world.ours.company, desk=None, name="修理", steps=[{"title": "確認"}], by=lead)
    steps = acts(("plan", str(plan.pk)), ("task", "電話"))
    at_work(world.ours, acts=steps)
    with world.ours.scope():
        Plan.objects.filter(pk=plan.pk).update(desk=other)
        with pytest.raises(Refused):
            at_work(world.ours, acts=steps)

    case = make_case(world.ours.entry_point)
    run_all()

    with world.ours.scope():
        assert [task.title for task in tasks_of(case)] == ["電話"]
    [run] = runs(world)
    assert [(one["do"], one["fate"], bool(one["reason"])) for one in run.did] == [
        *(("plan", "refused", True), ("task", "done", False))
    ]


def test_a_time_that_ran_out_sets_a_rule_going_once(world: World) -> None:
    with world.ours.scope():
        levels = set_levels(world.ours.desk, text=json.dumps(_LEVELS), by=TEST)
        switch_levels(levels, active=True, by=TEST)
    at_work(world.ours, name="予告", kinds=["clock.warned"], acts=acts(("tag", "期限間近")))
    rule = at_work(
        world.ours,
        kinds=["clock.breached"],
        acts=acts(("priority", "4"), ("assign", str(world.ours.supervisor.pk))),
    )
    begin = clock.now()
    with clock.held_at(begin):
        case = make_case(world.ours.entry_point)
        run_all()

    tags, priorities = [], []
    for minutes in (40, 50, 55, 61, 62, 70):
        with clock.held_at(begin + timedelta(minutes=minutes)):
            tell_due()
            run_all()
            run_all()
        tags.append(now(case, world).tags)
        priorities.append(now(case, world).priority)

    assert tags == [[], *[["期限間近"]] * 5]
    assert priorities == [2, 2, 2, 4, 4, 4]
    assert now(case, world).assignee_id == world.ours.supervisor.pk
    assert [(run.outcome, run.depth) for run in runs(world) if run.rule_id == rule.pk] == [("done", 0)]


def test_what_a_rule_breaks_by_itself_does_not_turn_in_a_circle(world: World) -> None:
    """Raised, the case has still less time: what then runs out sets the rule going again, and changes nothing more."""
    with world.ours.scope():
        targets = {"first_reply": {"normal": 60, "urgent": 30}, "resolution": {"normal": 600, "urgent": 45}}
        levels = set_levels(world.ours.desk, text=json.dumps({"targets": targets}), by=TEST)
        switch_levels(levels, active=True, by=TEST)
    at_work(world.ours, kinds=["clock.breached", "case.changed"], acts=acts(("priority", "4")))
    begin = clock.now()
    with clock.held_at(begin):
        case = make_case(world.ours.entry_point)
        run_all()

    with clock.held_at(begin + timedelta(minutes=61)):
        tell_due()
        for _round in range(5):
            run_all()

    with world.ours.scope():
        told = Event.objects.filter(case_id=case.pk, kind="clock.breached").values_list(
            "data__metric", flat=True
        )
        assert sorted(told) == ["first_reply", "resolution"]
        assert Event.objects.filter(case_id=case.pk, kind="case.changed").count() == 1
    assert sorted(outcomes(world)) == [("done", 0), ("looped", 1), ("same", 0)]
