"""`madoguchi seed`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_company
from madoguchi.infra import scope
from madoguchi.project.cli.seed import seed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA = settings.FILES_ROOT = tmp_path
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(seed, words)


def cases() -> int:
    with scope.everywhere(reason="a test counts the cases of all companies"):
        return Case.objects.count()


def newest() -> Case:
    with scope.everywhere(reason="a test looks for the newest case"):
        return Case.objects.order_by("-opened_at")[0]


def test_an_empty_installation_is_filled() -> None:
    done = run("--cases", "15")
    assert done.exit_code == 0
    assert done.stdout.startswith("15 cases of 8 customers with ")
    assert "madoguchi user samples" in done.stdout
    assert cases() == 15


def test_scripts_are_told_in_json(folder: Path) -> None:
    said = json.loads(run("--cases", "15", "--json").stdout)
    assert said["cases"] == 15
    assert said["customers"] == 8
    assert said["sign_ins"] == str(folder / "sample-sign-ins.json")
    assert set(said) == {"cases", "customers", "messages", "events", "sign_ins"}


def test_data_that_is_there_is_left_alone_unless_asked() -> None:
    make_company()
    refused = run("--cases", "15")
    assert refused.exit_code == 1
    assert "--add" in refused.stderr
    left = run("--cases", "15", "--if-empty")
    assert (left.exit_code, left.stdout) == (0, "There is data already; nothing was added.\n")
    assert json.loads(run("--if-empty", "--json").stdout) == {"cases": 0}
    assert cases() == 0


def test_cases_can_be_added() -> None:
    run("--cases", "4")
    assert run("--cases", "6", "--add").exit_code == 0
    assert cases() == 10


@pytest.mark.parametrize("written", ["2026-05-01T12:00:00+09:00", "2026-05-01T12:00"])
def test_the_world_ends_at_the_moment_that_is_given(written: str) -> None:
    assert run("--cases", "40", "--now", written).exit_code == 0
    assert newest().opened_at.date().isoformat() in ("2026-04-29", "2026-04-30", "2026-05-01")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--cases", "0"), "--cases"),
        (("--cases", "1000001"), "--cases"),
        (("--now", "yesterday"), "--now"),
    ],
)
def test_nonsense_is_refused(words: tuple[str, ...], complaint: str) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert complaint in refused.stderr
    assert cases() == 0
