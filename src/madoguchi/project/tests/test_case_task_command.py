"""`madoguchi case tasks` and `madoguchi case task`."""

import json
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as command
from madoguchi.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def number(world: World, case: Case) -> str:
    return case.spoken_number(world.ours.company.prefix)


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def answer(*words: str) -> Any:
    said = run(*words, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def test_one_is_set_listed_done_and_undone(world: World, number: str) -> None:
    me = ["--as", world.ours.agent.email]
    made = answer(
        *("task", "add", number, "部品を手配する", "--owner", world.ours.supervisor.email),
        *("--due", "2026-12-01T09:00", "--minutes", "30", *me),
    )

    assert (made["case"], made["title"], made["owner"], made["minutes"]) == (
        number,
        "部品を手配する",
        "森 美咲",
        30,
    )
    assert datetime.fromisoformat(made["due_at"]) == datetime.fromisoformat("2026-12-01T09:00+09:00")
    assert [one["id"] for one in answer("tasks", number, *me)] == [made["id"]]

    done = answer("task", "done", str(made["id"]), *me)
    again = answer("task", "done", str(made["id"]), *me)

    assert (done["done_by"], again["version"]) == ("青木 翔", done["version"])
    assert run("tasks", number, *me).output.startswith(f"[x]  {made['id']:>6}  部品を手配する  森 美咲")
    assert answer("task", "done", str(made["id"]), "--undo", *me)["done_at"] is None


def test_it_may_be_ones_own_or_nobodys(world: World, number: str) -> None:
    me = ["--as", world.ours.agent.email]

    assert answer("task", "add", number, "折り返し電話", "--owner", "me", *me)["owner"] == "青木 翔"
    assert answer("task", "add", number, "在庫を確認", *me)["owner"] is None


@pytest.mark.parametrize("person", ["company_staff", "agent"])
def test_who_may_not_work_there_sets_and_does_none(world: World, number: str, person: str) -> None:
    task = answer("task", "add", number, "在庫を確認", "--as", world.ours.agent.email)["id"]
    side = world.ours if person == "company_staff" else world.theirs
    who = ["--as", getattr(side, person).email]

    assert run("task", "add", number, "すぐに電話", *who).exit_code != 0
    assert run("task", "done", str(task), *who).exit_code != 0

    with world.ours.scope():
        assert [(one.title, one.done_at) for one in Task.objects.all()] == [("在庫を確認", None)]


def test_somebody_who_does_not_work_at_the_desk_gets_none(world: World, number: str) -> None:
    stranger = world.theirs.agent.email

    said = run("task", "add", number, "電話", "--owner", stranger, "--as", world.ours.agent.email)

    assert said.exit_code != 0
    with world.ours.scope():
        assert not Task.objects.exists()
