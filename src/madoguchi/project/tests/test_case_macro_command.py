"""`madoguchi case macro`: what it does, lists, undoes and refuses."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel.errors import NotFound
from madoguchi.macros.actions import add_macro
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.tests.test_case_merge_command import answer, number, run
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def macro(world: World) -> Macro:
    side = world.ours
    with side.scope():
        acts = [{"do": "tag", "value": "返品"}, {"do": "text", "value": "{{customer}}様"}]
        return add_macro(side.company, desk=side.desk, name="返品", acts=acts, by=actor_of(side.supervisor))


def tags(case: Case, world: World) -> list[str]:
    with world.ours.scope():
        return Case.objects.get(pk=case.pk).tags


def test_it_is_run_listed_and_undone(world: World, case: Case, macro: Macro) -> None:
    one, who = number(case, world), ("--as", world.ours.agent.email)

    listed, said = answer("macro", one, *who), answer("macro", one, "返品", *who)

    with world.ours.scope():
        ran = MacroRun.objects.get()
    assert listed == [{"id": macro.pk, "name": "返品", "for": "desk"}]
    told = {"case": one, "macro": "返品", "run": ran.pk, "undone": False}
    assert said == told | {"texts": ["髙橋 美咲様"]}
    assert tags(case, world) == ["返品"]

    undone = run("macro", one, "--undo", str(ran.pk), *who)
    assert undone.output == f"Undone: 返品 on {one} (run {ran.pk}; --undo {ran.pk} undoes it)\n"
    assert tags(case, world) == []


def test_who_may_not_changes_nothing(world: World, case: Case, macro: Macro) -> None:
    one = number(case, world)

    unknown = run("macro", one, "交換", "--as", world.ours.agent.email)
    stranger = run("macro", one, "返品", "--as", world.theirs.agent.email)
    onlooker = run("macro", one, "返品", "--as", world.ours.company_staff.email)

    assert [type(one.exception) for one in (unknown, stranger, onlooker)] == [NotFound] * 3
    assert tags(case, world) == []


def test_who_is_not_here_is_given_a_case_by_a_yes_alone(world: World, case: Case) -> None:
    side, one = world.ours, number(case, world)
    at_work(side.agent, state=State.OFF)
    acts, lead = [{"do": "assign", "value": str(side.agent.pk)}], actor_of(side.supervisor)
    with side.scope():
        add_macro(side.company, desk=side.desk, name="係へ", acts=acts, by=lead)

    asked = run("macro", one, "係へ", "--as", side.supervisor.email)
    with side.scope():
        assert Case.objects.get(pk=case.pk).assignee_id is None
    assert asked.exit_code == 1
    assert f"{side.agent.name}さんは不在です" in asked.output
    assert "Nothing was changed: if that is right, add --confirm." in asked.output

    run("macro", one, "係へ", "--confirm", "--as", side.supervisor.email)
    with side.scope():
        assert Case.objects.get(pk=case.pk).assignee_id == side.agent.pk
