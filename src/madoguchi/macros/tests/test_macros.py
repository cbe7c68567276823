"""Macros: several acts in one, with the rights of who runs them, all or none, and one way back."""

from typing import Any

import pytest

from madoguchi.cases.actions import save_draft, set_priority, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft, Note
from madoguchi.companies.factories import make_desk
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.macros.actions import (
    add_macro,
    change_macro,
    delete_macro,
    occasion_for,
    restore_macro,
    run_macro,
    undo_run,
)
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.macros.queries import macro_by_id, macros_for, run_of
from madoguchi.macros.steps import Step, read_steps, write_steps
from madoguchi.macros.verbs import act_of, foresee
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import tick
from madoguchi.tasks.planning import add_plan
from madoguchi.tasks.queries import tasks_of

pytestmark = pytest.mark.django_db
Acts = list[dict[str, str]]


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def acts(*steps: tuple[str, str]) -> Acts:
    return [{"do": do, "value": value} for do, value in steps]


def desk_macro(world: World, by: Actor, *steps: tuple[str, str], name: str = "返品を受ける") -> Macro:
    with world.ours.scope():
        return add_macro(world.ours.company, desk=world.ours.desk, name=name, acts=acts(*steps), by=by)


def columns(case: Case) -> dict[str, Any]:
    row = Case.objects.filter(pk=case.pk).values().get()
    return {name: value for name, value in row.items() if name != "version"}


def test_everything_is_done_once_and_undone_at_once(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    steps = [
        ("status", "waiting_third"),
        ("tag", "返品"),
        ("tag", "VIP"),
        ("priority", "3"),
        ("assign", "me"),
    ]
    macro = desk_macro(world, supervisor, *steps, ("note", "{{case}} を確認"), ("text", "{{customer}}様"))
    with world.ours.scope():
        before = columns(case)
        ran = run_macro(macro, case, by=agent)

        now = Case.objects.get(pk=case.pk)
        assert (now.status, now.tags, now.priority) == ("waiting_third", ["返品", "VIP"], 3)
        assert now.assignee_id == agent.id
        number = case.spoken_number(world.ours.company.prefix)
        assert [note.text for note in Note.objects.filter(case=case)] == [f"{number} を確認"]
        draft = Draft.objects.get(case=case, kind="reply")
        assert (draft.text, draft.user_id, ran.texts) == ("髙橋 美咲様", agent.id, ["髙橋 美咲様"])
        told = Event.objects.filter(case_id=case.pk, actor_id=agent.id).order_by("id")
        assert [event.kind for event in told] == [
            *("case.changed", "case.changed", "case.changed", "case.assigned", "note.added", "case.status"),
            "macro.ran",
        ]
        assert {event.data["cause"] for event in told} == {f"macro:{ran.run.pk}"}

        undo_run(run_of(ran.run.pk, actor=agent), by=agent)

        assert columns(case) == before
        assert not Draft.objects.filter(case=case, kind="reply").exists()
        assert Note.objects.filter(case=case).count() == 1
        with pytest.raises(NotFound):
            run_of(ran.run.pk, actor=agent)
        with pytest.raises(Conflict):
            undo_run(ran.run, by=agent)


def test_a_step_that_is_not_allowed_leaves_everything_as_it_was(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    """Agents give work to nobody: the tag that would come before is not set either."""
    to = str(world.ours.supervisor.pk)
    macro = desk_macro(world, supervisor, ("tag", "返品"), ("assign", to), ("text", "お待ちください。"))
    with world.ours.scope():
        before, events = columns(case), Event.objects.count()
        with pytest.raises(NotAllowed):
            run_macro(macro, case, by=agent)
        assert (columns(case), Event.objects.count()) == (before, events)
        assert (MacroRun.objects.count(), Draft.objects.count()) == (0, 0)


@pytest.mark.parametrize(("value", "holder"), [("me", "agent"), ("", None)])
def test_a_case_that_is_theirs_or_free_already_keeps_no_macro_from_the_rest(
    world: World, case: Case, agent: Actor, supervisor: Actor, value: str, holder: str | None
) -> None:
    macro = desk_macro(world, supervisor, ("assign", value), ("tag", "返品"), ("note", "確認済み"))
    with world.ours.scope():
        held_by = agent.id if holder else None
        Case.objects.filter(pk=case.pk).update(assignee_id=held_by)
        act = act_of("assign", str(held_by or ""), by=agent)
        assert foresee(act, Case.objects.get(pk=case.pk), by=agent) == ("same", "")

        run_macro(macro, case, by=agent)

        now = Case.objects.get(pk=case.pk)
        assert (now.assignee_id, now.tags, now.hops) == (held_by, ["返品"], 0)
        assert [note.text for note in Note.objects.filter(case=case)] == ["確認済み"]
        assert not Event.objects.filter(case_id=case.pk, kind="case.assigned").exists()


def test_a_colleagues_case_is_not_taken_by_a_macro(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    macro = desk_macro(world, supervisor, ("assign", "me"), ("tag", "返品"))
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(assignee_id=supervisor.id)
        with pytest.raises(NotAllowed):
            run_macro(macro, Case.objects.get(pk=case.pk), by=agent)
        now = Case.objects.get(pk=case.pk)
        assert (now.assignee_id, now.tags) == (supervisor.id, [])


def test_undo_leaves_alone_what_happened_since(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    macro = desk_macro(world, supervisor, ("tag", "返品"))
    with world.ours.scope():
        ran = run_macro(macro, case, by=agent)
        set_priority(case, to=4, by=system("test"))  # type: ignore[arg-type]
        before = columns(case)
        with pytest.raises(Conflict):
            undo_run(ran.run, by=agent)
        assert columns(case) == before
        assert MacroRun.objects.get().undone_at is None


def test_words_go_behind_what_is_being_written_and_written_on_words_stay(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    with world.ours.scope():
        body = ReplyTemplate.objects.create(company=world.ours.company, name="お礼", body="{{agent}}です。")
    macro = desk_macro(world, supervisor, ("template", str(body.pk)), ("text", "以上です。"))
    typed = {"text": "髙橋様 ", "to": "", "cc": "a@b.example", "bcc": ""}
    with world.ours.scope():
        ran = run_macro(macro, case, by=agent, typed=typed)
        draft = Draft.objects.get(case=case, kind="reply")
        assert (draft.text, draft.cc) == ("髙橋様\n\n青木 翔です。\n\n以上です。", "a@b.example")

        save_draft(case, kind="reply", text=draft.text + "\n追伸", by=agent)
        undo_run(ran.run, by=agent)
        assert Draft.objects.get(case=case, kind="reply").text == draft.text + "\n追伸"


def test_whose_it_is(world: World, case: Case, agent: Actor, supervisor: Actor) -> None:
    """One's own is one's own; who leads a desk shares; nobody else does, and nobody of the company directs."""
    side = world.ours
    with side.scope():
        own = add_macro(side.company, desk=None, name="自分用", acts=acts(("tag", "x")), by=agent)
        shared = add_macro(side.company, desk=side.desk, name="共有", acts=acts(("tag", "y")), by=supervisor)
        elsewhere = make_case(side.entry_point)
        elsewhere.desk = make_desk(side.company)

        assert [m.pk for m in macros_for(case, actor=agent)] == [shared.pk, own.pk]
        assert [m.pk for m in macros_for(case, actor=supervisor)] == [shared.pk]
        assert macros_for(case, actor=actor_of(side.company_manager)) == []
        assert [m.pk for m in macros_for(elsewhere, actor=agent)] == [own.pk]
        refused = [(agent, side.desk), (supervisor, elsewhere.desk)]
        refused += [(actor_of(one), None) for one in (side.company_manager, side.company_staff)]
        for by, desk in refused:
            with pytest.raises(NotAllowed):
                add_macro(side.company, desk=desk, name="n", acts=acts(("tag", "n")), by=by)
        with pytest.raises(NotAllowed):
            change_macro(shared, name="別", acts=shared.acts, by=agent)
        with pytest.raises(NotFound):
            macro_by_id(own.pk, actor=supervisor)
        with pytest.raises(NotFound):
            run_macro(own, case, by=supervisor)
        assert Macro.objects.count() == 2


def test_changing_putting_away_and_taking_back(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    macro = desk_macro(world, supervisor, ("tag", "返品"))
    with world.ours.scope():
        change_macro(macro, name="返品", acts=acts(("status", "solved")), by=supervisor)
        delete_macro(macro, by=supervisor)
        assert macros_for(case, actor=agent) == []
        with pytest.raises(NotFound):
            run_macro(macro_by_id(macro.pk, actor=supervisor, deleted=True), case, by=agent)
        restore_macro(macro_by_id(macro.pk, actor=supervisor, deleted=True), by=supervisor)
        assert [one.name for one in macros_for(case, actor=agent)] == ["返品"]
        told = Event.objects.filter(kind__startswith="macro.").order_by("id")
        assert [event.kind for event in told] == [
            *("macro.added", "macro.changed", "macro.deleted", "macro.restored")
        ]


def test_a_desk_that_wants_words_is_asked_for_them(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    """Of a case that was answered something is told on handing it on; a macro is no way round that."""
    macro = desk_macro(world, supervisor, ("assign", str(world.ours.agent.pk)))
    with world.ours.scope():
        assert occasion_for(macro, case, by=supervisor) is None
        Case.objects.filter(pk=case.pk).update(first_replied_at=case.opened_at)
        case.refresh_from_db()
        assert occasion_for(macro, case, by=supervisor) == "person"
        with pytest.raises(Refused, match="窓口"):
            run_macro(macro, case, by=supervisor)
        assert Case.objects.get(pk=case.pk).assignee_id is None


def test_nothing_of_another_company(world: World, agent: Actor, supervisor: Actor) -> None:
    macro = desk_macro(world, supervisor, ("tag", "返品"))
    theirs = make_case(world.theirs.entry_point)
    with world.theirs.scope(), pytest.raises(NotFound):
        run_macro(macro, theirs, by=actor_of(world.theirs.supervisor))
    with world.ours.scope(), pytest.raises(Refused):
        add_macro(
            world.ours.company, desk=world.theirs.desk, name="n", acts=acts(("tag", "n")), by=supervisor
        )


def test_what_is_still_to_be_done_is_not_set_once_more(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    with world.ours.scope():
        steps = [{"title": "症状を聞く"}, {"title": "集荷"}]
        plan = add_plan(world.ours.company, desk=world.ours.desk, name="修理", steps=steps, by=supervisor)
    macro = desk_macro(world, supervisor, ("task", "電話"), ("plan", str(plan.pk)))
    with world.ours.scope():
        run_macro(macro, case, by=agent)
        run_macro(macro, case, by=agent)
        assert [task.title for task in tasks_of(case)] == ["症状を聞く", "集荷", "電話"]

        for task in tasks_of(case):
            tick(task, done=True, by=agent)
        run_macro(macro, case, by=agent)

        assert [task.title for task in tasks_of(case)] == ["症状を聞く", "集荷", "電話"] * 2


def test_a_note_that_would_tell_very_many_is_written_by_hand(
    world: World, case: Case, agent: Actor, supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("cases.actions.note", "macros.actions"):
        monkeypatch.setattr(f"madoguchi.{place}.MOST_UNASKED", 1)
    macro = desk_macro(world, supervisor, ("tag", "返品"), ("note", f"@{world.ours.desk.name} 確認を"))
    with world.ours.scope():
        before = columns(case)

        with pytest.raises(Refused, match="1名を超える"):
            run_macro(macro, case, by=agent)

        assert columns(case) == before
        assert Note.objects.filter(case=case).count() == 0


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("tag", ""),
        ([], "acts"),
        (acts(*[("tag", f"t{n}") for n in range(21)]), "acts"),
        (acts(("status", "open"), ("status", "new")), "acts"),
        (acts(("assign", "me"), ("desk", "1")), "assign"),
        (acts(("status", "opened")), "status"),
        (acts(("priority", "9")), "priority"),
        (acts(("assign", "us")), "assign"),
        (acts(("desk", "")), "desk"),
        (acts(("note", " ")), "note"),
        (acts(("eat", "it")), ""),
        ([{"do": "tag", "value": 4}], ""),
    ],
)
def test_what_makes_no_sense_is_refused(written: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_steps(written)
    assert refused.value.field == field


def test_steps_are_read_in_the_order_in_which_they_are_done() -> None:
    steps = read_steps(acts(("desk", "3"), ("note", "4111 1111 1111 1111"), ("untag", " b "), ("tag", "a")))

    assert [step.do for step in steps] == ["tag", "untag", "note", "desk"]
    assert "4111" not in steps[2].value
    assert steps[1] == Step("untag", "b")
    assert read_steps(write_steps(steps)) == steps


def test_setting_tags_again_changes_nothing(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    macro = desk_macro(world, supervisor, ("tag", "返品"))
    with world.ours.scope():
        set_tags(case, to=["返品"], by=system("test"))
        ran = run_macro(macro, Case.objects.get(pk=case.pk), by=agent)
        assert ran.run.version is None
        undo_run(ran.run, by=agent)
        assert Case.objects.get(pk=case.pk).tags == ["返品"]


def test_tasks_and_a_plan_are_set_and_the_untouched_ones_go_with_the_undo(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    steps = [{"title": "受付を確認する"}, {"title": "集荷を手配する"}]
    with world.ours.scope():
        plan = add_plan(world.ours.company, desk=world.ours.desk, name="修理", steps=steps, by=supervisor)
    macro = desk_macro(world, supervisor, ("task", "折り返し電話"), ("task", "お礼"), ("plan", str(plan.pk)))
    with world.ours.scope():
        ran = run_macro(macro, case, by=agent)
        titles = ["受付を確認する", "集荷を手配する", "折り返し電話", "お礼"]
        assert [task.title for task in tasks_of(case)] == titles
        causes = Event.objects.filter(kind="task.added").values_list("data__cause", flat=True)
        assert set(causes) == {ran.run.cause}

        tick(tasks_of(case)[0], done=True, by=agent)
        undo_run(run_of(ran.run.pk, actor=agent), by=agent)
        assert [task.title for task in tasks_of(case)] == ["受付を確認する"]


def test_a_plan_of_another_desk_leaves_everything_undone(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    other = make_desk(world.ours.company)
    with world.ours.scope():
        lead = actor_of(world.ours.company_manager)
        plan = add_plan(world.ours.company, desk=other, name="修理", steps=[{"title": "確認"}], by=lead)
    macro = desk_macro(world, supervisor, ("tag", "返品"), ("plan", str(plan.pk)))
    with world.ours.scope():
        with pytest.raises(NotFound):
            run_macro(macro, case, by=agent)

        assert (tasks_of(case), Case.objects.get(pk=case.pk).tags) == ([], [])


def test_how_grave_it_is_is_set_and_taken_back(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    macro = desk_macro(world, supervisor, ("severity", "4"))
    with world.ours.scope():
        before = columns(case)
        ran = run_macro(macro, case, by=agent)
        assert Case.objects.get(pk=case.pk).severity == 4
        undo_run(run_of(ran.run.pk, actor=agent), by=agent)
        assert columns(case) == before


@pytest.mark.parametrize("value", ["5", "-1", "grave", ""])
def test_how_grave_it_may_not_be_is_refused(world: World, supervisor: Actor, value: str) -> None:
    with pytest.raises(Refused):
        desk_macro(world, supervisor, ("severity", value))
    with world.ours.scope():
        assert list(Macro.objects.all()) == []
