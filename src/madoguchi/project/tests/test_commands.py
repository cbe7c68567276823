"""The command line as a whole: quick, and no command in another's way."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner
from tests.servers import migrated

from madoguchi.infra import postgres
from madoguchi.infra.postgres import PostgresError
from madoguchi.infra.tests.folders import data_folder
from madoguchi.kernel.errors import Conflict
from madoguchi.project import cli
from madoguchi.project.cli import commands

pytestmark = pytest.mark.long

SOURCE = Path(commands.__file__).parents[3]


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


def madoguchi(*arguments: str, data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "madoguchi.project.cli", *arguments],
        env={**environ, "PYTHONPATH": str(SOURCE), "MADOGUCHI_DATA": str(data)} | settings,
        cwd=data,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_and_loads_none(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from madoguchi.project.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print('loaded', [name for name in sys.modules if name.startswith(('django', 'psycopg', 'granian'))])\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(SOURCE)}

    printed = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True).stdout

    assert [name for name in commands.COMMANDS if f"  {name} " not in printed] == []
    assert printed.splitlines()[-1] == "loaded []"


def test_every_command_has_help_of_its_own(tmp_path: Path) -> None:
    code = (
        "import json\n"
        "from click.testing import CliRunner\n"
        "from madoguchi.project.cli import commands, main\n"
        "asked = lambda name: CliRunner().invoke(main, [name, '--help'], prog_name='madoguchi')\n"
        "ran = {name: asked(name) for name in commands.COMMANDS}\n"
        "print(json.dumps({name: [run.exit_code, run.stderr, run.stdout] for name, run in ran.items()}))\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(SOURCE), "MADOGUCHI_DATA": str(tmp_path)}

    printed = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True).stdout

    shown = json.loads(printed)
    assert list(shown) == list(commands.COMMANDS)
    for name, (exit_code, errors, words) in shown.items():
        assert (exit_code, errors) == (0, "")
        assert words.startswith(f"Usage: madoguchi {name} ")
    assert not (tmp_path / "postgres").exists()


def test_an_unknown_command_is_wrong_use(tmp_path: Path) -> None:
    done = madoguchi("tickets", data=tmp_path)

    assert done.returncode == 2
    assert "No such command 'tickets'" in done.stderr


def test_the_version(tmp_path: Path) -> None:
    assert madoguchi("--version", data=tmp_path).stdout == "madoguchi, version 0.1.0\n"


@pytest.mark.parametrize(
    "error", [Conflict("Somebody else was faster."), PostgresError("It does not start.")]
)
def test_what_a_person_can_act_on_is_said_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setattr(commands, "_load", lambda name, entry: click.Command(name, callback=fails))

    done = CliRunner().invoke(cli.main, ["case"])

    assert (done.exit_code, done.output) == (1, f"Error: {error}\n")


def test_a_command_alone_has_the_database_for_as_long_as_it_runs(tmp_path: Path) -> None:
    migrated.install(tmp_path)
    done = madoguchi("migrate", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not postgres.is_running(tmp_path)
    assert madoguchi("migrate", "--check", data=tmp_path).returncode == 0

    listed = madoguchi("case", "list", "--json", data=tmp_path)

    assert (listed.returncode, listed.stdout.strip()) == (0, "[]")
    assert not postgres.is_running(tmp_path)
    assert _servers(tmp_path) == []


def test_a_database_that_was_never_migrated_is_said_to_be_so(tmp_path: Path) -> None:
    assert madoguchi("migrate", "--check", data=tmp_path).returncode == 1

    listed = madoguchi("case", "list", data=tmp_path)

    assert listed.returncode == 1
    assert 'role "madoguchi_app" does not exist\nAsk: madoguchi doctor' in listed.stderr


def test_migrating_a_database_that_does_not_answer_says_so_in_two_lines(tmp_path: Path) -> None:
    nowhere = f"postgresql://madoguchi@/madoguchi?host={tmp_path}/nothing"

    asked = madoguchi("migrate", data=tmp_path, MADOGUCHI_DATABASE_URL=nowhere)

    assert asked.returncode == 1
    assert asked.stdout == ""
    first, second = asked.stderr.splitlines()
    assert first.startswith("Error: The database refused: ")
    assert first.endswith("No such file or directory")
    assert second == "Ask: madoguchi doctor"


def _servers(data: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and str(data / "postgres") in (process.info["cmdline"] or [])
    ]
