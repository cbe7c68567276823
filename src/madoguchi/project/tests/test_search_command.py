"""`madoguchi search` prints what the box finds, one object a line."""

from datetime import datetime

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import Engagement
from madoguchi.customers.factories import make_customer
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File, Party
from madoguchi.people.factories import World
from madoguchi.project.cli.search import search as command
from madoguchi.project.tests.shell import Shell
from madoguchi.search import queries
from madoguchi.search.actions import index
from madoguchi.search.factories import index_everything
from madoguchi.search.models import FileText

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
run, rows = Shell(command).run, Shell(command).rows


@pytest.fixture
def cases(world: World) -> list[Case]:
    with clock.held_at(MORNING):
        points = (world.ours.entry_point, world.theirs.entry_point)
        cases = [make_case(p, subject="件", text="靴の返品をお願いします", sender=MISAKI) for p in points]
    index_everything()
    return cases


@pytest.fixture
def number(world: World, cases: list[Case]) -> str:
    return cases[0].spoken_number(world.ours.company.prefix)


def test_each_line_is_a_case_and_where_it_was_found(world: World, number: str) -> None:
    with clock.held_at(MORNING):
        [row] = rows("返品", "--as", world.ours.agent.email)
    assert row == {
        "case": number,
        "kind": "message",
        "field": "text",
        "snippet": "件 靴の返品をお願いします",
        "at": "2026-08-03T00:00:00+00:00",
        "score": 6.0,
        "subject": "件",
    }


def test_the_installation_sees_all_and_a_person_what_the_box_shows_them(
    world: World, cases: list[Case], number: str
) -> None:
    theirs = cases[1].spoken_number(world.theirs.company.prefix)
    assert {row["case"] for row in rows("返品")} == {number, theirs}
    assert [row["case"] for row in rows("髙橋", "--as", world.ours.agent.email)] == [number]

    with world.ours.scope():
        Engagement.objects.filter(company=world.ours.company).update(masked=["name"])
    assert rows("髙橋", "--as", world.ours.agent.email) == []


def test_all_goes_on_behind_the_first_page(
    world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = queries.search.__kwdefaults__
    monkeypatch.setattr(queries.search, "__kwdefaults__", {**defaults, "size": 1})
    assert (len(rows("返品")), len(rows("返品", "--all"))) == (1, 2)


def test_a_customer_without_a_case_is_a_line_without_a_number(world: World) -> None:
    customer = make_customer(world.ours.company, name="渡邊 花子", email="hana@home.example")
    with world.ours.scope():
        index(cases=[], customers=[customer.pk])
    [row] = rows("渡辺", "--as", world.ours.agent.email)
    assert (row["case"], row["kind"]) == (None, "customer")
    assert row["snippet"] == "渡邊 花子 · たなか いちろう · hana@home.example"
    assert set(row) == {"case", "kind", "field", "snippet", "at", "score", "subject"}
    assert run("渡辺").stdout.split() == ["-", "|", *row["snippet"].split()]


def test_nothing_found_is_no_failure_and_prints_nothing(cases: list[Case]) -> None:
    result = run("ない言葉", "--json")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("arguments", [[], ["返品", "--as", "nobody@home.example"], ["返品", "--nonsense"]])
def test_what_makes_no_sense_is_refused(arguments: list[str], cases: list[Case]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_files_that_were_given_up_are_left_to_the_worker_again(world: World) -> None:
    make_case(world.ours.entry_point, files=(File("a.txt", "text/plain", "返品".encode()),))
    index_everything()
    with scope.everywhere(reason="a test gives a file up"):
        FileText.objects.update(state=FileText.State.GIVEN_UP, tries=9)

    result = run("--retry-files")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 files to be read again by the worker.\n"
    with scope.everywhere(reason="a test looks at what waits"):
        assert list(FileText.objects.values_list("state", "tries")) == [("waiting", 0)]
