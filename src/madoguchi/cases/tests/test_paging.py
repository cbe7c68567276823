"""Whatever the cases are, the pages of a view put together are the plain sorted list of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import queries
from madoguchi.cases.factories import make_case
from madoguchi.cases.lists import CasePage, Place, View
from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Mention, Note, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-08-01T10:00:00+09:00")
SIZES = (1, 2, 3, 50)
COUNT = 12


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a case is like: many share a minute, so that order within one is tested, too."""

    status: Status
    minute: int
    desk: int
    mine: bool | None
    tagged: bool
    mentioned: bool
    warned: bool
    due: int


drawn = st.builds(
    Drawn,
    status=st.sampled_from(list(Status)),
    minute=st.integers(0, 4),
    desk=st.integers(0, 1),
    mine=st.sampled_from([True, False, None]),
    tagged=st.booleans(),
    mentioned=st.booleans(),
    warned=st.booleans(),
    due=st.integers(0, 4),
)
WANTED: dict[View, Callable[[Drawn], bool]] = {
    View.MINE: lambda d: d.mine is True and d.status in ACTIVE,
    View.UNASSIGNED: lambda d: d.mine is None and d.status in ACTIVE,
    View.OPEN: lambda d: d.status in OURS_TO_ACT,
    View.WAITING: lambda d: d.status in (Status.WAITING_CUSTOMER, Status.WAITING_THIRD),
    View.ACTIVE: lambda d: d.status in ACTIVE,
    View.SOLVED: lambda d: d.status in (Status.SOLVED, Status.CLOSED),
    View.ALL: lambda d: True,
    View.DUE: lambda d: d.warned and d.status in ACTIVE,
    View.MENTIONS: lambda d: d.mentioned,
}


@pytest.fixture
def desks(world: World) -> list[Desk]:
    return [world.ours.desk, make_desk(world.ours.company)]


@pytest.fixture
def cases(world: World, desks: list[Desk]) -> list[Case]:
    """As many cases as are drawn each time; drawing changes what they are like."""
    points = [world.ours.entry_point, make_entry_point(desks[1])]
    found = [make_case(points[n % 2], text=f"靴{n}") for n in range(COUNT)]
    make_case(world.theirs.entry_point)
    with world.ours.scope():
        for case in found:
            Note.objects.create(
                company=world.ours.company, case=case, user=world.ours.agent, text="@", at=clock.now()
            )
    return found


def shape(world: World, desks: list[Desk], cases: list[Case], wanted: list[Drawn]) -> None:
    """Make the cases what was drawn."""
    Mention.objects.all().delete()
    notes = {note.case_id: note for note in Note.objects.all()}
    who = {True: world.ours.agent, False: world.ours.supervisor, None: None}
    for case, d in zip(cases, wanted, strict=True):
        case.status, case.touched_at = d.status, START + timedelta(minutes=d.minute)
        case.desk, case.assignee, case.tags = desks[d.desk], who[d.mine], ["返品"] if d.tagged else ["配送"]
        case.due_warned, case.due_at = d.warned, START + timedelta(hours=d.due)
        if d.mentioned:
            note = notes[case.pk]
            note.mentions.create(company=case.company, case=case, user=world.ours.agent, at=note.at)
    Case.objects.bulk_update(
        cases, ["status", "touched_at", "desk", "assignee", "tags", "due_warned", "due_at"]
    )


def expected(
    cases: list[Case], drawn_: list[Drawn], wanted: Callable[[Drawn], bool], *, by_due: bool = False
) -> list[int]:
    rows = [case for case, d in zip(cases, drawn_, strict=True) if wanted(d)]
    if by_due:
        return [case.pk for case in sorted(rows, key=lambda c: (c.due_at or START, c.pk))]
    return [case.pk for case in sorted(rows, key=lambda c: (c.touched_at, c.pk), reverse=True)]


def turned(page: Callable[[Place | None], CasePage], size: int) -> list[int]:
    """All pages one after the other, each found by what the page before wrote."""
    seen: list[int] = []
    before: Place | None = None
    while True:
        found = page(before)
        assert len(found.cases) <= size
        seen += [case.id for case in found.cases]
        if found.next is None:
            return seen
        assert len(found.cases) == size
        before = Place.read(str(found.next))
        assert before == found.next


few = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
drawings = st.lists(drawn, min_size=COUNT, max_size=COUNT)


@few
@given(drawings, st.sampled_from(SIZES))
def test_every_view(
    world: World, desks: list[Desk], cases: list[Case], drawing: list[Drawn], size: int
) -> None:
    both, me = [d.pk for d in desks], world.ours.agent.pk
    with world.ours.scope():
        shape(world, desks, cases, drawing)
        for view, wanted in WANTED.items():

            def page(before: Place | None, view: View = view) -> CasePage:
                return queries.page_of(view, desks=both, person=me, before=before, size=size)

            first = expected(cases, drawing, wanted, by_due=view == View.DUE)
            assert turned(page, size) == first, view


@few
@given(drawings, st.sampled_from(SIZES))
def test_a_tag(world: World, desks: list[Desk], cases: list[Case], drawing: list[Drawn], size: int) -> None:
    both = [d.pk for d in desks]
    with world.ours.scope():
        shape(world, desks, cases, drawing)

        def page(before: Place | None) -> CasePage:
            return queries.page_with_tag("返品", desks=both, before=before, size=size)

        assert turned(page, size) == expected(cases, drawing, lambda d: d.tagged)


@few
@given(drawings)
def test_counts_agree_with_the_views(
    world: World, desks: list[Desk], cases: list[Case], drawing: list[Drawn]
) -> None:
    both, me = [d.pk for d in desks], world.ours.agent.pk
    with world.ours.scope():
        shape(world, desks, cases, drawing)
        counted = queries.counts(desks=both, person=me)
    views = {
        view: counted.pop(view) for view in (View.MINE, View.UNASSIGNED, View.OPEN, View.WAITING, View.DUE)
    }
    assert views == {view: sum(map(WANTED[view], drawing)) for view in views}
    active = [sum(d.desk == n and d.status in ACTIVE for d in drawing) for n in (0, 1)]
    named = {"mentions": sum(d.mentioned for d in drawing)}
    assert counted == named | {f"desk:{pk}": number for pk, number in zip(both, active, strict=True)}


@few
@given(drawings)
def test_one_desk_shows_only_its_own(
    world: World, desks: list[Desk], cases: list[Case], drawing: list[Drawn]
) -> None:
    with world.ours.scope():
        shape(world, desks, cases, drawing)
        for number, desk in enumerate(desks):
            page = queries.page_of(View.ACTIVE, desks=[desk.pk], person=None)
            here = expected(cases, drawing, lambda d, n=number: d.desk == n and d.status in ACTIVE)
            assert [case.id for case in page.cases] == here


def test_what_is_touched_between_two_pages_makes_none_appear_twice(world: World, cases: list[Case]) -> None:
    desks = [case.desk_id for case in cases[:2]]
    with world.ours.scope():
        first = queries.page_of(View.ALL, desks=desks, person=None, size=5)
        Case.objects.filter(pk=cases[0].pk).update(touched_at=clock.now() + timedelta(minutes=1))
        second = queries.page_of(View.ALL, desks=desks, person=None, before=first.next, size=50)
    seen = [case.id for case in (*first.cases, *second.cases)]
    assert len(seen) == len(set(seen)) == COUNT - 1
    assert cases[0].pk not in seen


def test_no_desk_no_case(world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        for view in View:
            page = queries.page_of(view, desks=[], person=world.ours.agent.pk)
            assert (page.cases, page.next) == ([], None), view
        assert queries.counts(desks=[], person=None) == {
            "mine": 0,
            "unassigned": 0,
            "open": 0,
            "waiting": 0,
            "mentions": 0,
            "due": 0,
        }


def test_another_companys_desk_among_those_asked_for_shows_nothing_of_it(
    world: World, cases: list[Case]
) -> None:
    with world.ours.scope():
        for view in View:
            page = queries.page_of(view, desks=[world.theirs.desk.pk], person=world.ours.agent.pk)
            assert page.cases == [], view
        assert queries.page_with_tag("返品", desks=[world.theirs.desk.pk]).cases == []
