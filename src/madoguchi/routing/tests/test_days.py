"""Days as files say them: the examples of the document, and what is wrong is named."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import madoguchi
from madoguchi.project.cli.routing_simulate import simulate
from madoguchi.project.tests.shell import Shell
from madoguchi.routing.days import WORDS, Wrong, day_by_chance, day_of_tables, days_of, said_of, spelled
from madoguchi.routing.figures import NAMES
from madoguchi.routing.simulation import POLICIES, Contact

DOCUMENT = (Path(madoguchi.__file__).parents[2] / "docs" / "routing.md").read_text()
EXAMPLES = dict(re.findall(r"(?ms)^```(?:json|csv) (\w+)\n(.*?)^```$", DOCUMENT))
HOUR = 3600.0
CHANCE = "rate=60 agents=3 handle=120 patience=100 target=20 hours=1"
run = Shell(simulate)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class TestDocument:
    def test_the_example_gives_the_result_that_stands_there(self, tmp_path: Path) -> None:
        (tmp_path / "day.json").write_text(EXAMPLES["day"])
        shown = run.answer(str(tmp_path / "day.json"), "--policy", "urgency", "--policy", "anyone")
        wanted = json.loads(EXAMPLES["result"])
        for name, figures in shown["policies"].items():
            shown["policies"][name] = {n: figures[n] for n in wanted["policies"][name]}
        assert shown == wanted

    def test_tables_say_a_day_as_well(self) -> None:
        day = day_of_tables(EXAMPLES["contacts"], EXAMPLES["people"])
        assert day.contacts[1] == Contact(at=32_430.0, handle=420.0, needs=frozenset({("returns", 2)}))
        assert (day.contacts[2].channel, day.contacts[2].last) == ("chat", 2)
        assert [(s.begins, s.ends, s.skills) for s in day.shifts] == [
            (32_400.0, 43_200.0, {"returns": 3, "english": 1}),
            (32_400.0, 43_200.0, {}),
        ]
        assert day.shifts[1].languages == {"ja", "en"}

    def test_every_figure_and_policy_is_explained(self) -> None:
        assert [name for name in (*NAMES, *POLICIES) if f"`{name}`" not in DOCUMENT] == []


def there(until: str = "10:00", **contact: object) -> dict[str, object]:
    """A day with one person and one contact."""
    return {
        "people": [{"name": "a", "from": "9:00", "until": until}],
        "contacts": [{"at": "9:00"} | contact],
    }


WRONG = [
    ("{", "json", "line 1"),
    ("[]", "object", "/"),
    ('{"people": [], "contacts": []}', "list", "people"),
    ('{"people": [{"name": "a"}], "contacts": [{"at": "9:00"}]}', "time", "people[0].from"),
    ('{"people": [{"nam": "a"}], "contacts": [{"at": "9:00"}]}', "names", "people"),
    (json.dumps(there("8:00")), "order", "people[0].until"),
    (json.dumps({"days": [there(last="b")]}), "person", "days[0].contacts[0].last"),
    (json.dumps(there(handle="x")), "number", "contacts[0].handle"),
    (json.dumps(there(handle=0)), "number", "contacts[0].handle"),
    (json.dumps(there(needs=3)), "skills", "contacts[0].needs"),
    (json.dumps(there() | {"x": 1}), "field", "x"),
    ('{"rate": 1e12, "agents": 1, "handle": 1}', "size", "rate, agents, handle, hours"),
    ('{"rate": 10, "agents": 1}', "number", "handle"),
]


@pytest.mark.parametrize(("text", "what", "where"), WRONG)
def test_what_is_wrong_is_named_with_its_place(text: str, what: str, where: str) -> None:
    with pytest.raises(Wrong) as refused:
        days_of(text)
    assert (refused.value.what, refused.value.where) == (what, where)
    assert said_of(refused.value, "en") == f"{where}: {WORDS[what]}"


@given(JSON)
def test_whatever_is_written_is_understood_or_said_to_be_wrong(said: object) -> None:
    with pytest.raises(Wrong):
        days_of(json.dumps(said))


@given(JSON, st.sampled_from(["at", "handle", "needs", "language", "priority", "target", "last", "patience"]))
def test_so_is_a_contact_with_anything_in_it(said: object, field: str) -> None:
    there = {"name": "a", "from": "9:00", "until": "10:00"}
    try:
        days_of(json.dumps({"people": [there], "contacts": [{"at": "9:00"} | {field: said}]}))
    except Wrong as wrong:
        assert wrong.where.startswith("contacts[0]")  # noqa: PT017


def test_whole_dates_count_from_the_midnight_of_the_first_day() -> None:
    there = {"name": "a", "from": "2026-11-02T09:00:00+09:00", "until": "2026-11-02T18:00:00+09:00"}
    [day] = days_of(json.dumps({"people": [there], "contacts": [{"at": "2026-11-02T00:30:00Z"}]}))
    assert [contact.at for contact in day.contacts] == [34_200.0]


def test_a_day_by_chance_is_spelled_in_a_line() -> None:
    day = day_by_chance(spelled(CHANCE))
    assert (day.rate, len(day.shifts), day.handle, day.patience, day.until) == (
        60 / HOUR,
        3,
        120.0,
        100.0,
        HOUR,
    )
    with pytest.raises(Wrong, match="wait: There is no such field"):
        day_by_chance(spelled("rate=1 agents=1 handle=1 wait=1"))


class TestCommand:
    def test_shows_a_table_with_erlang_a_beside_it(self) -> None:
        told = run.run("--mmn", CHANCE, "--policy", "fifo", "--replications", "2")
        assert told.exit_code == 0
        assert re.search(r"fifo +Erlang A", told.output)
        assert re.search(r"abandonment +[\d.]+ ± [\d.]+ % +[\d.]+ %", told.output)

    def test_the_same_seed_gives_the_same_document(self) -> None:
        one, again, other = (run.answer("--mmn", CHANCE, "--replications", "2", "--seed", n) for n in "334")
        assert one == again
        assert one["policies"] != other["policies"]
        assert sorted(one["policies"]) == sorted(POLICIES)

    def test_tables_and_standard_input(self, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text(EXAMPLES["people"])
        arguments = ("-", "--people", str(tmp_path / "people.csv"), "--json", "--policy", "fifo")
        told = run.run(*arguments, given=EXAMPLES["contacts"])
        assert json.loads(told.stdout)["policies"]["fifo"]["contacts"]["mean"] == 3

    def test_what_is_wrong_is_said_in_the_readers_language(self, tmp_path: Path) -> None:
        (tmp_path / "day.json").write_text("{}")
        told = run.run(str(tmp_path / "day.json"), "--language", "ja")
        assert told.exit_code == 2
        assert "people: 空でないリストが必要です。" in told.output
        assert run.run("/nowhere.json").exit_code == 1
        assert run.run().exit_code == 2
