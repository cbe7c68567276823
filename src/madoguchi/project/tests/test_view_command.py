"""`madoguchi view`: saving, listing, deleting, and the cases that a view holds."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as case_command
from madoguchi.project.cli.view import view as command
from madoguchi.project.tests.shell import Shell
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
MINE = json.dumps({"version": 1, "all": [{"field": "assignee", "test": "in", "value": ["me"]}]})
run = Shell(command).run


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def kept() -> list[tuple[str, str]]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(SavedView.objects.filter(deleted_at=None).values_list("name", "audience"))


@pytest.fixture
def lead(world: World) -> str:
    return world.ours.supervisor.email


def test_a_view_is_saved_listed_deleted_and_taken_back(world: World, lead: str) -> None:
    desk, agent = world.ours.desk.name, world.ours.agent.email
    pk = int(done(run("add", "担当分", "--filter", MINE, "--as", lead, "--desk", desk)))

    row: dict[str, Any] = json.loads(done(run("list", "--as", agent, "--json")))[0]
    assert row == {
        "id": pk,
        "name": "担当分",
        "audience": "desk",
        "desk": world.ours.desk.pk,
        "filter": json.loads(MINE),
        "columns": [],
        "order": "newest",
        "count": 0,
        "more": False,
    }
    assert done(run("list", "--as", agent)) == f"{pk:>6}  0  担当分\n"
    done(run("delete", str(pk), "--as", lead))
    assert kept() == []
    done(run("delete", str(pk), "--restore", "--as", lead))
    assert kept() == [("担当分", "desk")]


def test_whoever_may_not_share_saves_nothing(world: World) -> None:
    agent = world.ours.agent.email
    refused = run("add", "担当分", "--filter", MINE, "--as", agent, "--company", world.ours.company.slug)
    nonsense = run("add", "担当分", "--filter", "{}", "--as", agent)

    assert isinstance(refused.exception, NotAllowed)
    assert nonsense.exit_code == 2
    assert kept() == []


def test_the_cases_of_a_view_are_those_of_who_asks(world: World, lead: str) -> None:
    """Of two cases one is the agent's: `me` in a view means whoever looks."""
    mine, _other = (make_case(world.ours.entry_point, subject=f"件{n}") for n in range(2))
    with world.ours.scope():
        assign(mine, to=world.ours.agent.pk, by=system("test"))
    done(run("add", "担当分", "--filter", MINE, "--as", lead, "--desk", str(world.ours.desk.pk)))

    def listed(email: str, *more: str) -> list[str]:
        arguments = ["list", "--view", "担当分", "--as", email, "--json", *more]
        return [row["subject"] for row in json.loads(done(CliRunner().invoke(case_command, arguments)))]

    assert listed(world.ours.agent.email) == ["件0"]
    assert listed(lead) == []
    assert listed(world.ours.agent.email, "--status", "solved") == []
    unknown = CliRunner().invoke(case_command, ["list", "--view", "別の", "--as", lead])
    assert unknown.exit_code == 2
    nobody = CliRunner().invoke(case_command, ["list", "--view", "担当分"])
    assert nobody.exit_code == 2


def test_a_view_is_saved_with_an_order(world: World, lead: str) -> None:
    done(run("add", "待ち", "--filter", MINE, "--as", lead, "--order", "waiting"))
    refused = run("add", "別", "--filter", MINE, "--as", lead, "--order", "oldest")

    rows = json.loads(done(run("list", "--as", lead, "--json")))
    assert [(row["name"], row["order"]) for row in rows] == [("待ち", "waiting")]
    assert refused.exit_code == 2
