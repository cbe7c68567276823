"""`madoguchi routing people` as somebody at a shell meets it."""

import json

import pytest
from click.testing import CliRunner

from madoguchi.project.cli.routing_people import people

HALF_HOUR = ["--rate", "200", "--handle", "180"]


def test_so_many_people_are_needed_and_this_is_to_be_expected_of_them() -> None:
    said = CliRunner().invoke(people, [*HALF_HOUR, "--patience", "120", "--json"])

    assert said.exit_code == 0
    found = json.loads(said.stdout)
    assert {name: of["people"] for name, of in found.items()} == {"erlang_c": 14, "erlang_a": 12}
    assert found["erlang_c"] == {
        "people": 14,
        "rostered": 14,
        "service_level": 0.88835,
        "abandonment": 0.0,
        "wait": 7.835937,
        "occupancy": 0.714286,
    }
    assert round(found["erlang_a"]["abandonment"], 4) == 0.0616


def test_who_is_away_and_how_busy_people_may_be_count_too() -> None:
    said = CliRunner().invoke(people, [*HALF_HOUR, "--shrinkage", ".3", "--occupancy", ".7", "--json"])

    found = json.loads(said.stdout)["erlang_c"]
    assert (found["people"], found["rostered"]) == (15, 22)


def test_in_words_each_has_a_line() -> None:
    said = CliRunner().invoke(people, [*HALF_HOUR, "--share", ".9", "--target", "30"])

    assert said.exit_code == 0
    [line] = said.stdout.splitlines()
    assert line.startswith("erlang_c: 14 people (14 on the roster), service_level ")


@pytest.mark.parametrize(
    "wrong", [["--share", "1"], ["--rate", "0"], ["--handle", "-3"], ["--patience", "0"]]
)
def test_what_cannot_be_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(people, [*HALF_HOUR, *wrong]).exit_code == 2


def test_more_than_anybody_has_is_said() -> None:
    said = CliRunner().invoke(people, ["--rate", "1000000", "--handle", "180"])

    assert (said.exit_code, said.stdout) == (1, "")
    assert "no number of people suffices" in said.stderr
