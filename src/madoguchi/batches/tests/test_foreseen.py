"""What the preview says of each case is what then becomes of it, and why: whatever the action would refuse."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.batches.actions import undo
from madoguchi.batches.acts import wanted
from madoguchi.batches.queries import Group, preview
from madoguchi.batches.tests.test_batches import begun, cases, columns, fates, go, ids, state_of
from madoguchi.cases.actions import assign, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, HandOff, Note
from madoguchi.companies.models import Desk
from madoguchi.escalations.actions import Whom, ask
from madoguchi.escalations.tests.conftest import HOUR, question
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, remove_tasks, tick
from madoguchi.tasks.models import Task
from madoguchi.tasks.planning import add_plan

pytestmark = pytest.mark.django_db
__all__ = ["cases"]
SYSTEM = system("test")
SOLVE = {"do": "status", "value": "solved"}


def changed(case: Case, **values: Any) -> None:
    Case.objects.filter(pk=case.pk).update(**values)


def _fields(world: World, some: list[Case]) -> str:
    """Two of four lack what is asked, one of them of its kind of matter only."""
    why = make_field(world.ours.desk, label="原因", required=True)
    part = make_field(world.ours.desk, label="部品", required=True)
    repair = make_matter(world.ours.desk, name="修理", fields=[part])
    changed(some[0], filled={why.key: "断線"})
    changed(some[1], filled={why.key: "断線"}, matter_id=repair.pk)
    changed(some[2], status="closed")
    return "部品"


def _tasks(world: World, some: list[Case]) -> str:
    Desk.objects.filter(pk=world.ours.desk.pk).update(open_tasks=Desk.OpenTasks.REFUSE)
    by = actor_of(world.ours.agent)
    done, gone, left = (add_task(case, Wanted(title="電話"), by=by) for case in some[:3])
    tick(done, done=True, by=by)
    remove_tasks(some[1], [gone.pk], by=by)
    # What went on in a case is to be done there.
    changed(some[3], continued_in=some[2].pk)
    add_task(Case.objects.get(pk=left.case_id), Wanted(title="返金"), by=by)
    return "電話、返金"


def _questions(world: World, some: list[Case]) -> str:
    asked = question(question="保証は延びますか", due_at=clock.now() + HOUR * 3)
    ask(some[1], Whom(to="person", person=world.ours.supervisor.pk), asked, by=actor_of(world.ours.agent))
    return "保証は延びますか"


def _words(world: World, some: list[Case]) -> str:
    Desk.objects.filter(pk=world.ours.desk.pk).update(hand_off=Desk.HandOff.CLOSING)
    changed(some[1], first_replied_at=clock.now())
    make_field(world.ours.desk, label="原因", required=True)
    return "引き継ぎ"


WAYS: dict[str, Callable[[World, list[Case]], str]] = {
    "fields": _fields,
    "tasks": _tasks,
    "questions": _questions,
    "words": _words,
}


def told(groups: list[Group]) -> list[tuple[str, str, int]]:
    return sorted((group.state, group.reason, group.count) for group in groups)


def tallied(outcomes: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
    return sorted((*one, outcomes.count(one)) for one in set(outcomes))


@pytest.mark.parametrize("macro", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_what_keeps_cases_from_being_solved_is_foreseen(
    world: World, cases: list[Case], supervisor: Actor, way: str, macro: bool
) -> None:
    verb, value = "status", "solved"
    with world.ours.scope():
        named = WAYS[way](world, cases)
        if macro:
            verb = "macro"
            made = add_macro(
                world.ours.company, desk=world.ours.desk, name="解決", acts=[SOLVE], by=supervisor
            )
            value = str(made.pk)
        foreseen = preview(wanted(verb, value, by=supervisor), ids(cases), by=supervisor)
    before = columns(cases)

    batch = go(begun(world, cases, verb, value, supervisor))

    became = fates(batch)
    assert told(foreseen) == tallied(became)
    refused = [one for one in became if one[0] == "refused"]
    assert refused
    assert any(named in reason for _state, reason in refused)
    kept = [
        (was, now) for was, now, fate in zip(before, columns(cases), became, strict=True) if fate in refused
    ]
    assert [was for was, _now in kept] == [now for _was, now in kept]


def test_chats_are_given_while_there_is_room(world: World, cases: list[Case], supervisor: Actor) -> None:
    # given four chats and a mail, a desk that lets one have two at once, and an agent who has one
    mail = make_case(world.ours.entry_point)
    with world.ours.scope():
        for case in cases:
            changed(case, channel="chat", touched_at=clock.now())
        Desk.objects.filter(pk=world.ours.desk.pk).update(chats_at_once=2)
        assign(Case.objects.get(pk=cases[2].pk), to=world.ours.agent.pk, by=SYSTEM)
        act = wanted("assign", str(world.ours.agent.pk), by=supervisor)
        # They are taken in their order, whatever the order in which they were ticked.
        foreseen = preview(act, [mail.pk, *reversed(ids(cases))], by=supervisor)

    batch = go(begun(world, [*cases, mail], "assign", str(world.ours.agent.pk), supervisor))

    assert [state for state, _reason in fates(batch)] == ["done", "refused", "same", "refused", "done"]
    assert told(foreseen) == tallied(fates(batch))
    assert state_of(cases, "assignee_id") == [world.ours.agent.pk, None, world.ours.agent.pk, None]


@pytest.mark.parametrize(
    ("acts", "states"),
    [
        ([{"do": "tag", "value": "急"}, {"do": "tag", "value": "返品"}], ["refused", "done", "done"]),
        ([{"do": "task", "value": "電話"}, SOLVE], ["refused"] * 3),
        ([{"do": "task", "value": "電話"}], ["refused", "done", "done"]),
        ([{"do": "plan", "value": "計画"}], ["refused", "done", "done"]),
        ([{"do": "note", "value": "確認済み"}, SOLVE], ["done", "done", "done"]),
    ],
    ids=["tags that are too many together", "tasks of its own", "too many tasks", "a plan", "a note"],
)
def test_a_macro_is_foreseen_with_all_that_it_does(
    world: World, cases: list[Case], supervisor: Actor, acts: list[dict[str, str]], states: list[str]
) -> None:
    # given a case with nearly as many tags, and quite as many done tasks, as one takes
    tidy = "tag" not in acts[0]["do"]
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(open_tasks=Desk.OpenTasks.REFUSE)
        set_tags(cases[0], to=[str(n) for n in range(19)], by=SYSTEM)
        plan = add_plan(
            world.ours.company, desk=world.ours.desk, name="計画", steps=[{"title": "梱包"}], by=supervisor
        )
        full = [
            Task(company=world.ours.company, case=cases[0], title=str(n), place=n, made_at=clock.now())
            for n in range(100 if tidy else 0)
        ]
        Task.objects.bulk_create(full)
        Task.objects.update(done_at=clock.now())
        said = [one | {"value": str(plan.pk)} if one["do"] == "plan" else one for one in acts]
        made = add_macro(world.ours.company, desk=world.ours.desk, name="手配", acts=said, by=supervisor)
        foreseen = preview(wanted("macro", str(made.pk), by=supervisor), ids(cases[:3]), by=supervisor)
    before = columns(cases)

    batch = go(begun(world, cases[:3], "macro", str(made.pk), supervisor))

    became = [state for state, _reason in fates(batch)]
    assert became == states
    counted = Counter(dict.fromkeys(states, 0))
    for group in foreseen:
        counted[group.state] += group.count
    assert counted == Counter(states)
    for was, now, state in zip(before, columns(cases), states, strict=False):
        assert state == "done" or was == now


def test_a_note_that_would_tell_many_and_a_plan_out_of_use_are_foreseen(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("cases.actions.note", "macros.actions"):
        monkeypatch.setattr(f"madoguchi.{place}.MOST_UNASKED", 0)
    with world.ours.scope():
        plan = add_plan(
            world.ours.company, desk=world.ours.desk, name="計画", steps=[{"title": "梱包"}], by=supervisor
        )
        acts = [
            [{"do": "note", "value": f"@{world.ours.desk.name} 確認を"}],
            [{"do": "plan", "value": str(plan.pk)}],
        ]
        macros = [
            add_macro(world.ours.company, desk=world.ours.desk, name=f"手配{n}", acts=each, by=supervisor)
            for n, each in enumerate(acts)
        ]
        type(plan).objects.update(active=False)
        foreseen = [
            preview(wanted("macro", str(one.pk), by=supervisor), ids(cases), by=supervisor) for one in macros
        ]

    batches = [go(begun(world, cases, "macro", str(one.pk), supervisor)) for one in macros]

    assert [told(groups) for groups in foreseen] == [tallied(fates(batch)) for batch in batches]
    assert [{state for state, _reason in fates(batch)} for batch in batches] == [{"refused"}] * 2
    with world.ours.scope():
        assert not Note.objects.exists()
        assert not Task.objects.exists()
        assert not HandOff.objects.exists()


def test_machines_are_asked_nothing(world: World, cases: list[Case]) -> None:
    make_field(world.ours.desk, label="原因", required=True)
    with world.ours.scope():
        foreseen = preview(wanted("status", "solved", by=SYSTEM), ids(cases), by=SYSTEM)

    assert [group for group in foreseen if group.reason and "原因" in group.reason] == []


def test_foreseeing_many_costs_no_more_than_few(world: World, cases: list[Case], supervisor: Actor) -> None:
    make_field(world.ours.desk, label="原因", required=True)
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(open_tasks=Desk.OpenTasks.REFUSE)

        def queries(some: list[int]) -> int:
            with CaptureQueriesContext(connection) as seen:
                assert preview(wanted("status", "solved", by=supervisor), some, by=supervisor)
            return len(seen)

        assert queries(ids(cases)) == queries(ids(cases[:1])) <= 6


def test_very_many_reasons_are_told_as_one(world: World, supervisor: Actor) -> None:
    some = [make_case(world.ours.entry_point) for _ in range(23)]
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(open_tasks=Desk.OpenTasks.REFUSE)
        for n, case in enumerate(some[:22]):
            add_task(case, Wanted(title=f"電話 {n}"), by=supervisor)
        foreseen = preview(wanted("status", "solved", by=supervisor), ids(some), by=supervisor)

    assert [group.count for group in foreseen] == [*[1] * 20, 3]
    assert foreseen[0].state == "done"
    assert foreseen[-1].reason == "ほかの理由（結果に 1 件ずつ出ます）"
    assert len(foreseen[-1].examples) == 3


def test_where_nothing_was_changed_there_is_nothing_to_undo(
    world: World, cases: list[Case], supervisor: Actor
) -> None:
    make_field(world.ours.desk, label="原因", required=True)
    batch = go(begun(world, cases, "status", "solved", supervisor))
    before = columns(cases)

    with world.ours.scope(), pytest.raises(Conflict, match="取り消すものはありません"):
        undo(batch, by=supervisor)

    assert go(batch).state == "done"
    assert columns(cases) == before
