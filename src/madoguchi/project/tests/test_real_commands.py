"""The command line as real processes: exit codes, JSON on standard output, words on the other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.people.factories import World

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """`run("case", "list")` is `madoguchi case list` on the test's database."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
        "MADOGUCHI_DATABASE_URL": database_url,
        "MADOGUCHI_DATA": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONIOENCODING": "utf-8",
    }
    (tmp_path / "data").mkdir()

    def madoguchi(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "madoguchi.project.cli", *arguments],
            env=environment,
            input=given,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return madoguchi


def test_a_mail_file_becomes_a_case_that_is_listed_shown_and_answered(
    world: World, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "m.eml"
    to = world.ours.entry_point.address
    file.write_bytes(
        f"From: m@home.example\r\nTo: {to}\r\nSubject: 返品\r\nMessage-ID: <m@home.example>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n靴です\r\n".encode()
    )
    number = f"{world.ours.company.prefix}-1001"

    taken = run("mail", "ingest", str(file), "--json")
    assert (taken.returncode, taken.stderr) == (0, "")
    assert json.loads(taken.stdout)["case"] == number

    listed = run("search", "靴", "--as", world.ours.agent.email, "--rebuild", "--json")
    [found] = map(json.loads, listed.stdout.splitlines())
    assert (found["case"], found["kind"], found["field"], found["subject"]) == (
        number,
        "message",
        "text",
        "返品",
    )
    assert found["snippet"] == "返品 靴です"
    listed = run("case", "list", "--query", "靴", "--json")
    assert [row["number"] for row in json.loads(listed.stdout)] == [number]

    arguments = ("case", "reply", number, "--as", world.ours.agent.email, "--text", "-", "--json")
    answered = run(*arguments, given="送ります。\n")
    assert (answered.returncode, json.loads(answered.stdout)["state"]) == (0, "queued")

    shown = json.loads(run("case", "show", number, "--json").stdout)
    assert [m["text"].strip() for m in shown["messages"]] == ["靴です", "送ります。"]
    assert shown["status"] == "waiting_customer"


def test_what_the_desk_wants_confirmed_is_sent_when_that_is_said_and_some_words_never_are(
    world: World, run: Run
) -> None:
    with scope.everywhere(reason="a test"):
        Desk.objects.filter(pk=world.ours.desk.pk).update(care_words="返金", forbidden_words="極秘")
    number = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)
    answer = ("case", "reply", number, "--as", world.ours.agent.email, "--text")

    asked, refused = run(*answer, "返金します。"), run(*answer, "極秘に返金します。", "--confirm")

    assert (asked.returncode, asked.stdout, len(asked.stderr.splitlines())) == (1, "", 1)
    assert ("返金" in asked.stderr, "--confirm" in asked.stderr) == (True, True)
    assert (refused.returncode, refused.stdout, "極秘" in refused.stderr) == (1, "", True)
    with scope.everywhere(reason="a test"):
        assert Outgoing.objects.count() == 0
    assert run(*answer, "返金します。", "--confirm").returncode == 0
    with scope.everywhere(reason="a test"):
        assert Outgoing.objects.count() == 1


def test_what_cannot_be_done_ends_with_1_and_one_line(world: World, run: Run) -> None:
    with scope.everywhere(reason="a test"):
        before = Case.objects.count()
    number = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)
    for arguments, words in (
        (("case", "show", "ZZZ-1"), "There is no case ZZZ-1."),
        (("case", "reply", number, "--as", world.ours.agent.email, "--text", " "), ""),
        (
            ("case", "reply", number, "--as", world.ours.company_staff.email, "--text", "x"),
            "Not allowed: case.reply.",
        ),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (1, ""), arguments
        assert done.stderr.startswith("Error: ")
        assert len(done.stderr.splitlines()) == 1
        assert words in done.stderr
    with scope.everywhere(reason="a test"):
        assert (Case.objects.count(), Outgoing.objects.count()) == (before + 1, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("case", "show"),
        ("case", "list", "--status", "away"),
        ("case", "reply", "A-1", "--as", "nobody@staff.example", "--text", "x"),
        ("mail", "ingest", "/no/such/file.eml"),
        ("events", "undo"),
    ],
)
def test_wrong_use_ends_with_2_and_says_how(world: World, run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: madoguchi ")
    assert "Error: " in done.stderr


def test_the_chain_is_checked_by_its_exit_code(world: World, run: Run) -> None:
    make_case(world.ours.entry_point)

    done = run("events", "verify")

    newest, summary = done.stdout.splitlines()
    assert (done.returncode, summary, done.stderr) == (0, "1 seals checked, 0 broken", "")
    assert run("events", "verify", "--expect", newest.removeprefix("newest seal ")).returncode == 0
    assert run("events", "verify", "--expect", "ab" * 32).returncode == 1
