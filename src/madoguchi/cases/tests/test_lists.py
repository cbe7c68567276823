"""Every view holds just its cases, in order, page by page."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases import actions, queries
from madoguchi.cases.factories import make_case
from madoguchi.cases.lists import _COUNTS, COUNT_TO, CaseLine, Place, View
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-08-01T10:00:00+09:00")


def make_cases(world: World, count: int) -> list[Case]:
    cases = []
    for n in range(count):
        with clock.held_at(START + timedelta(minutes=n)):
            cases.append(make_case(world.ours.entry_point, subject=f"件{n}"))
    return cases


def test_each_status_is_in_its_views(world: World) -> None:
    agent = actor_of(world.ours.agent)
    cases = make_cases(world, 6)
    desks = [world.ours.desk.pk]
    with scope.acting_for(agent.companies):
        for case, status in zip(cases, Status, strict=True):
            actions.change_status(case, to=status, by=agent)
        actions.assign(cases[1], to=agent.id, by=agent)
        make_mention(world, cases[2])

        def seen(view: View) -> list[str]:
            page = queries.page_of(view, desks=desks, person=agent.id)
            assert page.next is None
            return [c.subject for c in page.cases]

        assert seen(View.ALL) == ["件5", "件4", "件3", "件2", "件1", "件0"]
        assert seen(View.ACTIVE) == ["件3", "件2", "件1", "件0"]
        assert seen(View.OPEN) == ["件1", "件0"]
        assert seen(View.WAITING) == ["件3", "件2"]
        assert seen(View.SOLVED) == ["件5", "件4"]
        assert seen(View.MINE) == ["件1"]
        assert seen(View.UNASSIGNED) == ["件3", "件2", "件0"]
        assert seen(View.MENTIONS) == ["件2"]
        counted = queries.counts(desks=desks, person=agent.id)
        assert counted == {
            "mine": 1,
            "unassigned": 3,
            "open": 2,
            "waiting": 2,
            "mentions": 1,
            "due": 0,
            f"desk:{desks[0]}": 4,
        }


def make_mention(world: World, case: Case) -> None:
    supervisor = actor_of(world.ours.supervisor)
    actions.add_note(case, text=f"@{world.ours.agent.name} お願いします", by=supervisor)


def test_pages_follow_one_another_without_gap_or_repeat_over_several_desks(world: World) -> None:
    other = make_entry_point(make_desk(world.ours.company))
    for n in range(7):
        with clock.held_at(START + timedelta(minutes=n // 2)):
            make_case(other if n % 2 else world.ours.entry_point, subject=f"件{n}")
    desks = [world.ours.desk.pk, other.desk_id]
    with scope.acting_for([world.ours.company.pk]):
        seen: list[int] = []
        before: Place | None = None
        while True:
            page = queries.page_of(View.ALL, desks=desks, person=None, before=before, size=3)
            seen += [c.id for c in page.cases]
            if page.next is None:
                break
            before = Place.read(str(page.next))
        assert seen == list(Case.objects.order_by("-touched_at", "-id").values_list("pk", flat=True))


def test_a_page_takes_one_query(world: World) -> None:
    make_cases(world, 3)
    with scope.acting_for([world.ours.company.pk]), CaptureQueriesContext(connection) as asked:
        page = queries.page_of(View.ACTIVE, desks=[world.ours.desk.pk], person=None)
        assert len(page.cases) == 3
    assert len(asked) == 1


def test_a_line_says_of_a_case_what_the_case_says_itself(world: World) -> None:
    agent = actor_of(world.ours.supervisor)
    case = make_case(world.ours.entry_point, subject="炊飯器", sender=Party("a@home.example", "髙橋 美咲"))
    with scope.acting_for(agent.companies):
        actions.set_tags(case, to=["初期不良"], by=agent)
        for assignee in (None, agent.id):
            actions.assign(case, to=assignee, by=agent)
            case = queries.case_by_number(case.spoken_number(world.ours.company.prefix), actor=agent)
            (line,) = queries.page_of(View.ALL, desks=[case.desk_id], person=None).cases
            assert line == CaseLine.of(case, automatic="")
            assert line.assignee == (agent.name if assignee else None)
    assert (line.customer, line.desk, line.tags) == ("髙橋 美咲", world.ours.desk.name, ["初期不良"])
    assert line.spoken_number == f"{world.ours.company.prefix}-1001"


@given(st.text(max_size=40))
def test_a_place_reads_only_what_a_place_wrote(written: str) -> None:
    place = Place.read(written)
    assert place is None or Place.read(str(place)) == place


@pytest.fixture
def many_active(world: World) -> list[int]:
    """More unassigned cases at each of two desks than are counted."""
    desks = [world.ours.desk, make_desk(world.ours.company)]
    with world.ours.scope(), clock.held_at(START):
        first = make_case(world.ours.entry_point)
        copied = [
            Case(
                company_id=first.company_id,
                number=100_000 + n,
                desk=desks[n % 2],
                customer_id=first.customer_id,
                channel=first.channel,
                subject=f"件{n}",
                status=list(Status)[n // 2 % 4],
                reply_token=f"many-{n}",
                opened_at=START,
                touched_at=START + timedelta(seconds=n),
            )
            for n in range(2 * 2 * COUNT_TO)
        ]
        Case.objects.bulk_create(copied, batch_size=1000)
    return [desk.pk for desk in desks]


def test_no_number_on_the_rail_is_counted_further_than_it_is_shown(
    world: World, many_active: list[int]
) -> None:
    with world.ours.scope(), connection.cursor() as cursor:
        counted = queries.counts(desks=many_active, person=None)
        values = {"desks": many_active, "person": None, "worked": many_active, "approved": many_active}
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_COUNTS}", values)
        (plan,) = cursor.fetchone()

    named = ("open", "waiting", "unassigned", *(f"desk:{pk}" for pk in many_active))
    assert {name: counted[name] for name in named} == dict.fromkeys(named, COUNT_TO)
    # Two desks, what is open and what waits at each; and once what is unassigned.
    assert _rows_read(plan[0]["Plan"]) == (2 * 2 + 1) * COUNT_TO


def _rows_read(plan: dict[str, Any]) -> int:
    """How many cases a plan took from the table or its indexes."""
    here = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == "cases_case" else 0
    return round(here + sum(_rows_read(part) for part in plan.get("Plans", [])))
