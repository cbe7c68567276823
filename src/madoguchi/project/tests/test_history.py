"""`madoguchi events export`: who did what, when, before and after, and from where."""

import csv
import io
import json
from datetime import datetime

import pytest

from madoguchi.cases.actions import assign, change_status, set_tags
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.actions import change_company
from madoguchi.infra import scope
from madoguchi.infra.origin import coming_from
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.events import events as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
NEXT_DAY = datetime.fromisoformat("2026-08-04T09:00:00+09:00")
run = Shell(command).run


@pytest.fixture
def case(world: World) -> Case:
    """A case that came, was tagged from a page and solved the next day; and one of somebody else."""
    by = actor_of(world.ours.supervisor)
    make_case(world.theirs.entry_point)
    with clock.held_at(MORNING):
        case = make_case(world.ours.entry_point)
        with scope.acting_for(by.companies), coming_from("page 192.0.2.7"):
            set_tags(case, to=["=返品"], by=by)
    with clock.held_at(NEXT_DAY), scope.acting_for(by.companies):
        change_status(Case.objects.get(pk=case.pk), to=Status.SOLVED, by=by)
        assign(Case.objects.get(pk=case.pk), to=by.id, by=by)
    with scope.everywhere(reason="a test"):
        change_company(world.ours.company, name="ひなた服飾", accent_hue=10, by=actor_of(world.administrator))
    return case


def told(world: World, *more: str) -> list[dict[str, object]]:
    result = run("export", "--company", world.ours.company.prefix, *more)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_case_with_what_was_before_and_after(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)

    lines = told(world, "--case", number)

    assert [line["kind"] for line in lines] == ["case.opened", "case.changed", "case.status", "case.assigned"]
    tagged, solved = lines[1], lines[2]
    assert (tagged["before"], tagged["after"]) == ({"tags": []}, {"tags": ["=返品"]})
    assert (tagged["who"], tagged["by"], tagged["where"]) == ("森 美咲", "person", "page 192.0.2.7")
    assert (tagged["case"], tagged["desk"]) == (number, world.ours.desk.name)
    assert datetime.fromisoformat(str(tagged["at"])) == MORNING
    assert (solved["before"], solved["after"]) == ({"value": "new"}, {"value": "solved"})


def test_settings_too_and_nothing_of_others(world: World, case: Case) -> None:
    lines = told(world)

    changed = next(line for line in lines if line["kind"] == "company.changed")
    assert changed["after"] == {"name": "ひなた服飾", "accent_hue": 10}
    assert [line["kind"] for line in lines].count("case.opened") == 1


def test_from_a_day_to_another(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)

    first = told(world, "--case", number, "--until", "2026-08-04")
    rest = told(world, "--case", number, "--since", "2026-08-04")

    assert [line["kind"] for line in first] == ["case.opened", "case.changed"]
    assert [line["kind"] for line in rest] == ["case.status", "case.assigned"]


def test_as_a_table(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)

    result = run("export", "--company", world.ours.company.prefix, "--case", number, "--csv")

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows[1]["after"] == '{"tags": ["=返品"]}'
    assert rows[0]["before"] == ""


def test_a_case_or_company_that_is_not_there(world: World, case: Case) -> None:
    number = case.spoken_number(world.ours.company.prefix)

    assert run("export", "--company", world.theirs.company.prefix, "--case", number).exit_code == 1
    assert run("export", "--company", "ZZZ").exit_code == 1
