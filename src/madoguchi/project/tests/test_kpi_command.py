"""`madoguchi kpi`: every figure listed, recomputed for a span, and led back to the events it rests on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.insight.catalogue import DEFINITIONS
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.people.factories import World
from madoguchi.project.cli.kpi import kpi as command
from madoguchi.project.tests.shell import Shell
from madoguchi.promises.tests.living import NINE
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
from madoguchi.voice.events import CallEnded
from madoguchi.voice.logic import By, Outcome, Span, Spent

pytestmark = pytest.mark.django_db
shell = Shell(command)
DAY = ("--from", "2026-12-01", "--to", "2026-12-01")


def call(point: EntryPoint, uid: str, *, waits: int, talks: int, days: int = 0) -> int:
    """A call at nine on the first of December that waits, and is answered if it talks at all."""
    begin = NINE + timedelta(days=days)
    turned, end = begin + timedelta(seconds=waits), begin + timedelta(seconds=waits + talks)
    spans = [Span(Spent.WAIT, begin, turned), *[Span(Spent.TALK, turned, end)] * bool(talks)]
    outcome = Outcome.TALKED if talks else Outcome.ABANDONED
    with scope.acting_for([point.company_id]), clock.held_at(end):
        made = begin_call(point, Begun(uid=uid, caller="", flow=0, at=begin))
        over = Over(outcome=outcome, ended_by=By.CALLER, answered_at=begin, ended_at=end, spans=tuple(spans))
        end_call(uid, over)
    return made.pk


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number that was called twice; one of the callers gave up after half a minute."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    call(point, "one", waits=10, talks=60)
    call(point, "two", waits=30, talks=0)
    return point


def rows(*arguments: str) -> list[Any]:
    return shell.rows(*arguments)


def ours(world: World, *arguments: str) -> list[Any]:
    return rows(*arguments, "--company", world.ours.company.slug)


def events_of(company: int) -> dict[int, str]:
    with scope.acting_for([company]):
        return dict(Event.objects.values_list("id", "kind"))


def test_without_a_name_it_lists_every_definition() -> None:
    told = rows()

    assert [(one["name"], one["version"]) for one in told] == [(one.name, one.version) for one in DEFINITIONS]
    assert told[0] == {
        "name": "response_rate",
        "version": "a",
        "title": "Response rate",
        "formula": "ans ÷ off",
        "denominator": "Calls that reached the queue",
        "source": "月刊コールセンタージャパン「応答率」",
        "goal": "≥ 90%",
        "unit": "share",
        "written_down": True,
    }


def test_in_words_it_says_what_is_not_written_down() -> None:
    lines = shell.run().stdout.splitlines()

    assert len(lines) == len(DEFINITIONS)
    assert lines[0] == f"{'response_rate va':<26} ans ÷ off"
    assert [line for line in lines if line.startswith("shrinkage ")] == [
        f"{'shrinkage v1':<26} 1 − time on queue ÷ paid time  (not written down yet)"
    ]


@pytest.fixture
def peak(world: World) -> EntryPoint:
    """Eight half hours of 550 calls: 120 in one of them, of which half give up, and 430 in the others: one does."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    slots = [3] * 120 + [slot for slot in range(8) if slot != 3] * 61 + [0] * 3
    lost = {*range(60), 549}
    with scope.acting_for([point.company_id]), clock.held_at(NINE + timedelta(hours=5)), transaction.atomic():
        for number, slot in enumerate(slots):
            begin = NINE + slot * timedelta(minutes=30)
            turn, end = (begin + timedelta(seconds=after) for after in (10, 190))
            parts = [("wait", begin, turn), *[("talk", turn, end)] * (number not in lost)]
            told = [{"spent": n, "begin": a.isoformat(), "end": b.isoformat()} for n, a, b in parts]
            where = {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
            outcome = "abandoned" if number in lost else "talked"
            record(
                CallEnded(**where, call=number, outcome=outcome, ended_by="caller", spans=told),
                by=system("test"),
            )
    return point


def test_a_day_that_answers_well_hides_the_half_hour_that_does_not(world: World, peak: EntryPoint) -> None:
    names = ("response_rate", "experienced_response", "abandonment_rate", "aht")
    found = {name: ours(world, name, *DAY)[0] for name in names}

    assert (found["response_rate"]["over"], found["response_rate"]["under"]) == (489, 550)
    assert round(found["response_rate"]["value"], 3) == 0.889
    assert round(1 - found["experienced_response"]["value"], 3) == 0.218
    assert found["experienced_response"]["over"] == 430
    assert (found["abandonment_rate"]["over"], found["aht"]["value"]) == (61, 180)


def test_a_figure_is_told_in_each_of_its_versions(world: World, number: EntryPoint) -> None:
    told = ours(world, "service_level", *DAY)

    assert [(one["version"], one["over"], one["under"], one["value"]) for one in told] == [
        ("A", 1, 2, 0.5),
        ("G", 1, 1, 1.0),
        *(("G+fo", 1, 1, 1.0), ("G+aband", 1, 2, 0.5), ("G+sab", 1, 1, 1.0), ("G+fo+aband", 1, 2, 0.5)),
        *(("G+fo+sab", 1, 1, 1.0), ("G+aband+sab", 1, 2, 0.5), ("G+fo+aband+sab", 1, 2, 0.5)),
        ("S", 1, 2, 0.5),
    ]
    assert {(one["from"], one["to"]) for one in told} == {
        ("2026-12-01T00:00:00+09:00", "2026-12-02T00:00:00+09:00")
    }


def test_another_target_is_told_with_its_formula(world: World, number: EntryPoint) -> None:
    told = ours(world, "service_level", "--version", "A", "--target", "5", *DAY)

    assert [(one["over"], one["under"], one["formula"]) for one in told] == [
        (0, 2, "ans within T ÷ off, T = 5 s")
    ]


def test_one_version_alone(world: World, number: EntryPoint) -> None:
    [told] = ours(world, "response_rate", "--version", "b", *DAY)

    assert (told["version"], told["value"], told["formula"]) == ("b", 0.5, "ans ÷ (off + blk)")


def test_explained_it_leads_down_to_the_events(world: World, number: EntryPoint) -> None:
    [told] = ours(world, "abandonment_rate", *DAY, "--explain")

    kinds = events_of(world.ours.company.pk)
    assert [(one["over"], one["under"]) for one in told["rests_on"]] == [(0, 1), (1, 1)]
    assert [[kinds[pk] for pk in one["events"]] for one in told["rests_on"]] == [
        ["call.began", "call.ended"],
        ["call.began", "call.ended"],
    ]
    assert sum(one["over"] for one in told["rests_on"]) == told["over"]


def test_in_words(world: World, number: EntryPoint) -> None:
    result = shell.run(
        "response_rate", "--version", "a", *DAY, "--explain", "--company", world.ours.company.slug
    )
    head, formula, *parts = result.stdout.splitlines()

    assert head == f"{world.ours.company.slug}  response_rate va  50.0%  (1 ÷ 2)"
    assert formula == (
        "    ans ÷ off; of: Calls that reached the queue; source: 月刊コールセンタージャパン「応答率」"
    )
    assert [" ".join(line.split()[2:5]) for line in parts] == ["1 ÷ 1", "0 ÷ 1"]


def test_what_nothing_is_kept_for_is_told_so(world: World) -> None:
    result = shell.run("shrinkage", *DAY, "--company", world.ours.company.slug)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == (
        f"{world.ours.company.slug}  shrinkage v1  –"
        "  Nothing that this needs is written down in this version of Madoguchi."
    )
    [told] = ours(world, "shrinkage", *DAY)
    assert (told["value"], told["over"], told["written_down"]) == (None, None, False)


def test_each_company_is_told_for_itself(world: World, number: EntryPoint) -> None:
    told = {one["company"]: one["value"] for one in rows("response_rate", "--version", "a", *DAY)}

    assert told == {world.ours.company.slug: 0.5, world.theirs.company.slug: None}


def test_a_desk_an_operator_and_a_channel_narrow_it(world: World, number: EntryPoint) -> None:
    side, other = world.ours, make_desk(world.ours.company, name="法人窓口")
    wanted = [
        ("--desk", side.desk.name),
        ("--desk", str(other.pk)),
        ("--operator", side.operator.name),
        ("--operator", str(world.theirs.operator.pk)),
        ("--channel", "phone"),
        ("--channel", "email"),
        ("--kind", "customers"),
        ("--kind", "recall"),
    ]
    with scope.everywhere(reason="test"):
        Desk.objects.filter(pk=other.pk).update(kind=Desk.Kind.RECALL)

    under = [ours(world, "abandonment_rate", *DAY, *narrower)[0]["under"] for narrower in wanted]

    assert under == [2, 0, 2, 0, 2, 0, 2, 0]


def test_a_day_counts_wholly_and_a_moment_to_the_second(world: World) -> None:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    for days in (0, 1):
        call(point, f"day{days}", waits=10, talks=60, days=days)

    def under(*span: str) -> float:
        return ours(world, "asa", *span)[0]["under"]

    assert under("--from", "2026-12-01", "--to", "2026-12-02") == 2
    assert under("--from", "2026-12-01T09:00", "--to", "2026-12-02T09:00") == 1
    assert under("--from", "2026-12-01T09:01", "--to", "2026-12-02T09:00:01") == 1


def test_without_a_span_it_is_the_last_thirty_days(world: World) -> None:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    call(point, "one", waits=10, talks=60)
    with clock.held_at(NINE + timedelta(days=30)):
        assert ours(world, "asa")[0]["under"] == 1
    with clock.held_at(NINE + timedelta(days=31)):
        assert ours(world, "asa")[0]["under"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("magic",),
        ("asa", "--version", "9"),
        ("asa", "--company", "nobody"),
        ("asa", "--desk", "どこにもない窓口"),
        ("asa", "--operator", "どこにもない会社"),
    ],
)
def test_what_is_not_there_is_told_so(world: World, arguments: tuple[str, ...]) -> None:
    result = shell.run(*arguments)

    assert isinstance(result.exception, NotFound)
    assert result.stdout == ""


def test_a_desk_of_one_company_is_none_of_another(world: World) -> None:
    result = shell.run("asa", "--company", world.ours.company.slug, "--desk", world.theirs.desk.name)

    assert isinstance(result.exception, NotFound)


def test_it_changes_nothing(world: World, number: EntryPoint) -> None:
    before = events_of(world.ours.company.pk)

    first, second = (ours(world, "response_rate", *DAY, "--explain") for _time in range(2))

    assert first == second
    assert events_of(world.ours.company.pk) == before
