"""A macro on many cases: foreseen, done to each by its own run, and undone."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.batches.actions import start, undo
from madoguchi.batches.acts import macros_for_many, wanted
from madoguchi.batches.models import Batch
from madoguchi.batches.queries import preview
from madoguchi.batches.tests.test_batches import cases, fates, go, ids, state_of
from madoguchi.cases.actions import add_note, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft, Note
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Refused
from madoguchi.macros.actions import add_macro, delete_macro
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
__all__ = ["cases"]
SYSTEM = system("test")
RETURNS = [
    {"do": "tag", "value": "返品"},
    {"do": "priority", "value": "4"},
    {"do": "status", "value": "waiting_third"},
]


@pytest.fixture
def macro_of(world: World, supervisor: Actor) -> Callable[[list[dict[str, str]]], Macro]:
    def made(acts: list[dict[str, str]], name: str = "返品の手配") -> Macro:
        with world.ours.scope():
            return add_macro(world.ours.company, desk=world.ours.desk, name=name, acts=acts, by=supervisor)

    return made


def begun(world: World, some: list[Case], macro: Macro, by: Actor) -> Batch:
    with world.ours.scope():
        return start(ids(some), verb="macro", value=str(macro.pk), by=by)


def test_all_its_acts_are_done_to_each_and_undone(
    world: World, cases: list[Case], supervisor: Actor, macro_of: Callable[[Any], Macro]
) -> None:
    macro = macro_of([*RETURNS, {"do": "note", "value": "倉庫に依頼済み"}])

    batch = go(begun(world, cases, macro, supervisor))

    assert fates(batch) == [("done", "")] * 4
    assert state_of(cases, "status") == ["waiting_third"] * 4
    assert state_of(cases, "tags") == [["返品"]] * 4
    with world.ours.scope():
        assert list(Note.objects.order_by("case_id").values_list("text", flat=True)) == ["倉庫に依頼済み"] * 4
        causes = set(Event.objects.filter(kind="case.status").values_list("data__cause", flat=True))
        runs = MacroRun.objects.order_by("id").values_list("pk", flat=True)
        assert causes == {f"macro:{run}" for run in runs}
        undo(batch, by=supervisor)

    assert go(batch).state == "undone"
    assert fates(batch) == [("undone", "")] * 4
    assert state_of(cases, "status") == ["new"] * 4
    assert state_of(cases, "tags") == [[]] * 4


def test_what_is_foreseen_is_what_happens(
    world: World, cases: list[Case], supervisor: Actor, macro_of: Callable[[Any], Macro]
) -> None:
    macro = macro_of([{"do": "tag", "value": "返品"}])
    elsewhere = make_case(make_entry_point(make_desk(world.ours.company)))
    with world.ours.scope():
        set_tags(cases[1], to=["返品"], by=SYSTEM)
        act = wanted("macro", str(macro.pk), by=supervisor)
        foreseen = preview(act, ids([*cases, elsewhere]), by=supervisor)

    batch = go(begun(world, [*cases, elsewhere], macro, supervisor))

    # Cases out of the supervisor's sight are left out of both.
    assert [(one.state, one.count) for one in foreseen] == [("done", 3), ("same", 1)]
    assert [state for state, _reason in fates(batch)] == ["done", "same", "done", "done"]
    with world.ours.scope():
        assert MacroRun.objects.count() == 3


def test_what_somebody_changed_since_stays_when_it_is_undone(
    world: World, cases: list[Case], supervisor: Actor, macro_of: Callable[[Any], Macro]
) -> None:
    batch = go(begun(world, cases, macro_of(RETURNS), supervisor))
    with world.ours.scope():
        set_tags(Case.objects.get(pk=cases[0].pk), to=["返品", "至急"], by=SYSTEM)
        add_note(Case.objects.get(pk=cases[1].pk), text="メモ", by=supervisor)
        undo(batch, by=supervisor)

    go(batch)

    assert [state for state, _reason in fates(batch)] == ["kept", "undone", "undone", "undone"]
    assert state_of(cases[:1], "tags") == [["返品", "至急"]]


@pytest.mark.parametrize("why", ["it writes an answer", "it is away", "it is another's", "it is none"])
def test_what_cannot_be_run_on_many_is_refused_and_nothing_begins(
    world: World,
    cases: list[Case],
    supervisor: Actor,
    agent: Actor,
    macro_of: Callable[[Any], Macro],
    why: str,
) -> None:
    answers = [{"do": "text", "value": "手配しました。"}]
    macro = macro_of([*RETURNS, *(answers if why == "it writes an answer" else [])])
    value = "x" if why == "it is none" else str(macro.pk)
    with world.ours.scope():
        if why == "it is away":
            delete_macro(macro, by=supervisor)
        if why == "it is another's":
            own = add_macro(world.ours.company, desk=None, name="自分用", acts=RETURNS, by=agent)
            value = str(own.pk)

        with pytest.raises(Refused):
            start(ids(cases), verb="macro", value=value, by=supervisor)

        assert not Batch.objects.exists()
        assert not Draft.objects.exists()
        offered = [one.pk for one in macros_for_many(supervisor)]
        assert (macro.pk in offered) is (why in ("it is another's", "it is none"))
