"""`madoguchi clock replay`: one JSON document, or what is wrong with a file, in the language of who asks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = '{"targets": {"first-reply": 60}}'
EVENTS = """\
{"at": "2026-12-01T09:00:00+09:00", "type": "opened"}
{"at": "2026-12-01T11:00:00+09:00", "type": "answered"}
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    policy, events = tmp_path / "policy.json", tmp_path / "events.jsonl"
    policy.write_text(POLICY)
    events.write_text(EVENTS)
    return policy, events


def ran(
    *arguments: object, given: str = "", language: str = "ja_JP.UTF-8"
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on a machine of this language, without any database."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "LANG": language}
    command = [sys.executable, "-m", "madoguchi.project.cli", "clock", "replay", *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=False)


def test_the_clocks_as_one_document(files: tuple[Path, Path]) -> None:
    done = ran(*files, "--json")

    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(done.stdout)
    (clock,) = shown["clocks"]
    assert (shown["as_of"], shown["breached"]) == ("2026-12-01T11:00:00+09:00", True)
    assert (clock["metric"], clock["state"], clock["due_at"]) == (
        "first_reply",
        "met",
        "2026-12-01T10:00:00+09:00",
    )


def test_at_another_moment_for_people_and_from_standard_input(files: tuple[Path, Path]) -> None:
    done = ran(files[0], "-", "--at", "2026-12-01T09:30", given=EVENTS)

    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            "as of 2026-12-01T09:30:00+09:00",
            "first_reply 1        running  due 2026-12-01T10:00:00+09:00  1800/3600 s",
        ],
    )


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            '{\n "targets": {"first_replies": 60}\n}',
            "2行目: targets.first_replies: 「first_replies」という指標はありません。",
        ),
        (
            '{"targets": {"resolution": "soon"}}',
            '1行目: targets.resolution: 時間の長さではありません: "soon"。',
        ),
        ('{"targets": ', "1行目: JSONとして読めません"),
    ],
)
def test_a_policy_that_is_not_right(files: tuple[Path, Path], policy: str, said: str) -> None:
    files[0].write_text(policy)

    done = ran(*files, "--json")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{files[0]}: {said}")
    assert len(done.stderr.splitlines()) == 1


def test_events_that_are_not_right_in_english(files: tuple[Path, Path]) -> None:
    files[1].write_text(EVENTS + '{"at": "2026-12-01T12:00:00+09:00", "type": "status", "to": "waiting"}')

    done = ran(*files, language="en_US.UTF-8")

    assert done.returncode == 2
    assert done.stderr.startswith(f"{files[1]}: line 3: to: “waiting” is no status. Known are: new, open,")
    assert ran(*files, "--language", "ja").stderr.startswith(f"{files[1]}: 3行目: to: ")


def test_a_file_that_is_not_there(files: tuple[Path, Path]) -> None:
    files[0].unlink()

    done = ran(*files)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{files[0]}: このファイルを読めません")


@pytest.mark.parametrize("at", ["2026-11-30T09:00", "tomorrow"])
def test_a_moment_that_makes_no_sense(files: tuple[Path, Path], at: str) -> None:
    done = ran(*files, "--at", at)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--at: ")
