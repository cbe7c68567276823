"""`madoguchi clock` at a desk: what it keeps is written and taken into use, and a case replayed from two files."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.project.cli.clock_case import events, policy, show, switch, try_, write
from madoguchi.project.cli.clock_replay import replay
from madoguchi.project.tests.shell import Shell
from madoguchi.promises.models import LevelsTrial, ServiceLevels

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 12, 1, 9, tzinfo=TOKYO)
LEVELS = '{"name": "標準", "targets": {"first-reply": 60}}'


def said(command: object, *arguments: object) -> str:
    done = Shell(command).run(*map(str, arguments))  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.stdout


def test_what_a_desk_keeps_and_a_case_replayed_from_what_is_printed(world: World, tmp_path: Path) -> None:
    file, lines = tmp_path / "policy.json", tmp_path / "events.jsonl"
    file.write_text(LEVELS)
    to_desk = ("--desk", world.ours.desk.name, "--as", world.ours.company_manager.email)

    with clock.held_at(NINE - timedelta(days=1)):
        assert said(write, file, *to_desk) == f"{world.ours.desk.name}: version 1, not in use\n"
        assert said(switch, *to_desk) == f"{world.ours.desk.name}: in use\n"
    with clock.held_at(NINE):
        case = make_case(world.ours.entry_point)
    number = case.spoken_number(world.ours.company.prefix)
    assert said(policy, *to_desk) == f"{LEVELS}\n"
    lines.write_text(said(events, number))
    with clock.held_at(NINE + timedelta(minutes=30)):
        shown = json.loads(said(show, number))
    replayed = json.loads(said(replay, file, lines, "--json", "--at", "2026-12-01T09:30"))

    assert replayed == shown
    assert shown["next_due_at"] == "2026-12-01T10:00:00+09:00"
    assert said(switch, *to_desk, "--off") == f"{world.ours.desk.name}: out of use\n"


def test_a_file_that_is_not_right_is_said_with_its_place_and_not_kept(world: World, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"targets":\n {"first_replies": 60}}')

    done = Shell(write).run(
        str(file), "--desk", world.ours.desk.name, "--as", world.ours.company_manager.email
    )

    assert done.exit_code == 2
    assert "2行目: targets.first_replies: " in done.output
    with world.ours.scope():
        assert not ServiceLevels.objects.exists()


@pytest.mark.parametrize("command", [switch, policy])
def test_a_desk_that_keeps_nothing(world: World, command: object) -> None:
    done = Shell(command).run(  # type: ignore[arg-type]
        "--desk", world.ours.desk.name, "--as", world.ours.company_manager.email
    )

    assert done.exit_code == 2
    assert "no service levels" in done.output


def test_a_file_is_tried_on_all_cases_and_changes_nothing(world: World, tmp_path: Path) -> None:
    file, wrong = tmp_path / "policy.json", tmp_path / "wrong.json"
    file.write_text(LEVELS)
    wrong.write_text("{")
    to_desk = ("--desk", world.ours.desk.name, "--as", world.ours.company_manager.email)
    with clock.held_at(NINE):
        for _ in range(3):
            make_case(world.ours.entry_point)

    with clock.held_at(NINE + timedelta(hours=2)):
        told = json.loads(said(try_, file, *to_desk, "--json"))
        lines = said(try_, file, *to_desk)
        refused = Shell(try_).run(str(wrong), *to_desk)
        may_not = Shell(try_).run(str(file), "--desk", world.ours.desk.name, "--as", world.ours.agent.email)

    clocks = {"first_reply": {"kept": 0, "broken": 3, "running": 0}}
    assert told == {"state": "done", "cases": 3, "of": 3, "clocks": clocks}
    assert lines.splitlines() == [
        "3 of 3 cases, done",
        "first_reply            0 kept        3 broken        0 running  0.0%",
    ]
    assert (refused.exit_code, may_not.exit_code) == (2, 1)
    with world.ours.scope():
        assert not ServiceLevels.objects.exists()
        assert LevelsTrial.objects.get().text == LEVELS
