"""`madoguchi access` says who was shown whose data."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from madoguchi.cases.actions import note_look, note_search
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.access import access as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 1, 3, 5, tzinfo=UTC)
run, rows = Shell(command).run, Shell(command).rows


@pytest.fixture
def case(world: World) -> Case:
    """A case of ours that the agent looked at and searched for; somebody else looked at one of theirs a day later."""
    case, theirs = make_case(world.ours.entry_point), make_case(world.theirs.entry_point)
    with scope.everywhere(reason="a test looks on both sides"):
        with clock.held_at(NOON):
            note_look(case, by=actor_of(world.ours.agent))
            note_search(cases=[case.pk], by=actor_of(world.ours.agent))
        with clock.held_at(NOON + timedelta(days=1)):
            note_look(theirs, by=actor_of(world.theirs.agent))
    return case


def test_each_line_is_a_look_the_newest_first(world: World, case: Case) -> None:
    who = world.ours.agent
    number = case.spoken_number(world.ours.company.prefix)
    assert rows()[1:] == [
        {"at": NOON.isoformat(), "person": who.name, "email": who.email, "company": world.ours.company.name}
        | {"customer": customer, "case": shown, "searches": searches, "shown": 1}
        for customer, shown, searches in ((case.customer_id, number, 0), (0, "", 1))
    ]
    assert rows()[0]["email"] == world.theirs.agent.email


def test_it_is_narrowed(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)
    assert [row["case"] for row in rows("--case", number)] == [number]
    assert len(rows("--person", world.ours.agent.email)) == 2
    assert [row["email"] for row in rows("--since", "2026-04-02")] == [world.theirs.agent.email]
    assert len(rows("--as", world.ours.company_manager.email)) == 2
    assert rows("--as", world.ours.agent.email) == []


def test_as_a_table_and_in_words(world: World, case: Case) -> None:
    table = list(csv.DictReader(StringIO(run("--csv").stdout)))
    assert [row["searches"] for row in table] == ["0", "0", "1"]
    assert "1 searches, 1 shown" in run().stdout.splitlines()[2]


def test_a_case_that_is_not_there_is_refused(world: World, case: Case) -> None:
    assert run("--case", "ZZZ-9", "--as", world.ours.company_manager.email).exit_code == 1
    assert run("--person", "nobody@home.example").exit_code == 1


def test_in_a_table_nothing_counts_as_a_formula(world: World, case: Case) -> None:
    type(world.ours.agent).objects.filter(pk=world.ours.agent.pk).update(name='=HYPERLINK("x")')

    table = list(csv.DictReader(StringIO(run("--csv").stdout)))

    assert [row["person"] for row in table][1:] == ['\'=HYPERLINK("x")'] * 2
