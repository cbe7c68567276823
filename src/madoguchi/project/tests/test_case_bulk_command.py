"""`madoguchi case bulk`: seen before it is done, done with the rights of who is named, told case by case, undone."""

import json
from typing import Any

import pytest

from madoguchi.cases.actions import fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.fields.factories import make_field
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State
from madoguchi.views.actions import Audience, add_view

pytestmark = pytest.mark.django_db(transaction=True)
shell = Shell(command)


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Two cases at our desk, and one where our agent has no seat."""
    elsewhere = make_entry_point(make_desk(world.ours.company))
    return [make_case(point) for point in (world.ours.entry_point, world.ours.entry_point, elsewhere)]


def numbers(cases: list[Case], world: World) -> list[str]:
    return [case.spoken_number(world.ours.company.prefix) for case in cases]


def priorities() -> list[int]:
    with scope.everywhere(reason="a test"):
        return list(Case.objects.order_by("pk").values_list("priority", flat=True))


def test_what_would_become_of_them_is_seen_first(world: World, cases: list[Case]) -> None:
    named, before = numbers(cases[:2], world), priorities()
    told = shell.answer("bulk", "priority", "4", *named, "--as", world.ours.agent.email)
    assert told == {
        "batch": None,
        "foreseen": [{"state": "done", "reason": "", "count": 2, "examples": named}],
    }
    assert priorities() == before
    words = shell.run("bulk", "priority", "4", *named, "--as", world.ours.agent.email)
    assert "Nothing was changed: with --yes it is." in words.output


def test_it_is_done_told_case_by_case_and_undone(world: World, cases: list[Case]) -> None:
    named = numbers(cases[:2], world)
    asked: tuple[str, ...] = ("bulk", "priority", "4", *named, "--yes", "--as", world.ours.agent.email)
    result = shell.run(*asked, "--json")
    told: dict[str, Any] = json.loads(result.stdout)
    assert [(row["case"], row["state"]) for row in told["rows"]] == [(one, "done") for one in named]
    assert (told["state"], priorities()) == ("done", [4, 4, 2])
    assert "2 of 2" in result.stderr

    back = shell.answer("bulk-undo", str(told["batch"]), "--as", world.ours.agent.email)
    assert ([row["state"] for row in back["rows"]], priorities()) == (["undone", "undone"], [2, 2, 2])


def test_by_a_view_and_by_a_search_of_a_desks_own_field(world: World, cases: list[Case]) -> None:
    """What the console shows under the same name or words, and no case that the person does not see."""
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        fields = [make_field(desk, label="型番") for desk in (world.ours.desk, cases[2].desk)]
        for case, field in zip((cases[0], cases[2]), fields, strict=True):
            fill(case, field=field.pk, written="KS-10", by=system("tests"))
        wanted = {"version": 1, "all": [{"field": f"text:{fields[0].pk}", "test": "in", "value": ["ks-10"]}]}
        add_view(world.ours.company, audience=Audience.OWNER, name="KS-10", filter=wanted, by=by)

    for asked in (("--view", "KS-10"), ("--query", "型番:ks-10")):
        told = shell.answer("bulk", "tag", asked[1], *asked, "--yes", "--as", world.ours.agent.email)
        assert [row["case"] for row in told["rows"]] == numbers(cases[:1], world)
    with scope.everywhere(reason="a test"):
        tags = list(Case.objects.order_by("pk").values_list("tags", flat=True))
    assert tags == [["KS-10", "型番:ks-10"], [], []]


def test_by_a_filter_only_what_one_may_see(world: World, cases: list[Case]) -> None:
    wanted = json.dumps({"version": 1, "all": [{"field": "status", "test": "in", "value": ["new"]}]})
    told = shell.answer("bulk", "tag", "返品", "--filter", wanted, "--yes", "--as", world.ours.agent.email)
    assert {row["case"] for row in told["rows"]} == set(numbers(cases[:2], world))
    with scope.everywhere(reason="a test"):
        assert list(Case.objects.order_by("pk").values_list("tags", flat=True)) == [["返品"], ["返品"], []]


def test_people_are_named_by_their_address(world: World, cases: list[Case]) -> None:
    [number] = numbers(cases[:1], world)
    lead = world.ours.supervisor.email
    shell.answer("bulk", "assign", world.ours.agent.email, number, "--yes", "--as", lead)
    with scope.everywhere(reason="a test"):
        assert Case.objects.get(pk=cases[0].pk).assignee_id == world.ours.agent.pk


@pytest.mark.parametrize("who", ["agent", "company_staff"])
def test_nobody_changes_more_than_by_hand(world: World, cases: list[Case], who: str) -> None:
    before = priorities()
    named = numbers(cases[2:] if who == "agent" else cases[:2], world)
    result = shell.run("bulk", "priority", "4", *named, "--yes", "--as", getattr(world.ours, who).email)
    assert result.exit_code == 1
    assert priorities() == before


def test_what_makes_no_sense_is_refused(world: World, cases: list[Case]) -> None:
    before, by = priorities(), ("--yes", "--as", world.ours.agent.email)
    [number] = numbers(cases[:1], world)
    for asked in (("priority", "9", number), ("desk", "どこか", number), ("priority", "4")):
        assert shell.run("bulk", *asked, *by).exit_code == 1
    assert shell.run("bulk", "tag", "x", "--filter", "{", *by).exit_code == 2
    assert shell.run("bulk", "merge", "x", number, *by).exit_code == 2
    assert priorities() == before


def test_a_macro_is_named_as_people_name_it(world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        add_macro(
            world.ours.company,
            desk=world.ours.desk,
            name="至急",
            acts=[{"do": "priority", "value": "4"}],
            by=actor_of(world.ours.supervisor),
        )
    named = numbers(cases[:2], world)
    asked = ("bulk", "macro", "至急", *named, "--yes", "--as", world.ours.agent.email)

    told = shell.answer(*asked)

    assert [row["state"] for row in told["rows"]] == ["done", "done"]
    assert priorities() == [4, 4, 2]
    undone = shell.answer("bulk-undo", str(told["batch"]), "--as", world.ours.agent.email)
    assert (undone["state"], priorities()) == ("undone", [2, 2, 2])
    nobody = shell.run("bulk", "macro", "なし", *named, "--as", world.ours.agent.email)
    assert str(nobody.exception) == "0 macros for many cases are called なし."


def test_whoever_is_not_here_is_told_before_cases_are_given_to_them(world: World, cases: list[Case]) -> None:
    side, named = world.ours, numbers(cases[:1], world)
    at_work(side.agent, state=State.OFF)
    asked = ("bulk", "assign", side.agent.email, *named, "--as", side.supervisor.email)
    words = f"{side.agent.name}さんは不在です（いつ戻るかは分かりません）。それでも割り当てますか。"

    assert shell.answer(*asked)["not_here"] == {f"away:{side.agent.pk}": words}
    assert words in shell.run(*asked).output
    refused = shell.run(*asked, "--yes")
    assert f"{words} Nothing was changed: if that is right, add --confirm." in refused.output
    with scope.everywhere(reason="a test"):
        assert Case.objects.filter(assignee=side.agent.pk).count() == 0

    shell.run(*asked, "--yes", "--confirm")
    with scope.everywhere(reason="a test"):
        assert list(Case.objects.filter(assignee=side.agent.pk)) == cases[:1]
