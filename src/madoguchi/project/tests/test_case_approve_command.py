"""`madoguchi case reply --at`, `case approve` and `case return`."""

import pytest
from click.testing import CliRunner

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
answer = Shell(command).answer


@pytest.fixture
def number(world: World) -> str:
    return make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)


def pending() -> list[PendingAnswer]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(PendingAnswer.objects.order_by("pk"))


def test_an_answer_is_scheduled_and_shown(world: World, number: str) -> None:
    email = world.ours.agent.email
    said = answer("reply", number, "--as", email, "--text", "明朝に。", "--at", "2026-12-24T09:00")

    assert (said["state"], said["due_at"]) == ("scheduled", "2026-12-24T09:00:00+09:00")
    (row,) = answer("show", number)["pending"]
    assert (row["state"], row["by"], row["text"]) == ("scheduled", email, "明朝に。")
    assert row["due_at"] == "2026-12-24T00:00:00+00:00"


@pytest.mark.parametrize("at", ["2020-01-01", "あした"])
def test_a_time_that_makes_no_sense_is_refused(world: World, number: str, at: str) -> None:
    words = ["reply", number, "--as", world.ours.agent.email, "--text", "はい", "--at", at]
    done = CliRunner().invoke(command, words)
    assert done.exit_code != 0
    assert pending() == []


def test_a_senior_returns_and_approves(world: World, number: str) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    agent, lead = world.ours.agent.email, world.ours.supervisor.email
    asked = answer("reply", number, "--as", agent, "--text", "一", "--word", "見てください")
    assert (asked["state"], asked["due_at"]) == ("awaiting", None)

    back = answer("return", number, "--as", lead, "--comment", "短いです")
    assert back["state"] == "returned"
    answer("reply", number, "--as", agent, "--text", "一、二")
    gone = answer("approve", number, "--as", lead, "--text", "一、二、三")

    assert gone["state"] == "queued"
    first, second = answer("show", number)["pending"]
    assert (first["comment"], first["decided_by"], first["word"]) == ("短いです", lead, "見てください")
    assert (second["state"], second["first_text"], second["changed_by"]) == ("left", "一、二", lead)
    assert answer("show", number)["messages"][-1]["outgoing"]["approved_by"] == lead
    again = CliRunner().invoke(command, ["approve", number, "--as", lead])
    assert "すでに森 美咲さんが承認しました。" in str(again.exception)


def test_nobody_approves_their_own(world: World, number: str) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
    lead = world.ours.supervisor.email
    answer("reply", number, "--as", lead, "--text", "一")
    done = CliRunner().invoke(command, ["approve", number, "--as", lead])
    assert (done.exit_code, [a.state for a in pending()]) == (1, ["awaiting"])
