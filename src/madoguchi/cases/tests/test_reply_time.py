"""How soon a desk answers: the arithmetic, what is kept of it, and for how long it holds."""

from datetime import datetime, timedelta
from math import ceil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases import jobs
from madoguchi.cases.actions import measure, measure_reply_times
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, ReplyTime
from madoguchi.cases.queries import reply_time, reply_times
from madoguchi.cases.reply_time import Figure, Wait, figure, figures_of, hours_of, slot_of, slots
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import Side, World

MONDAY = datetime.fromisoformat("2026-08-03T10:00:00+09:00")
SATURDAY = datetime.fromisoformat("2026-08-01T10:00:00+09:00")
NOW = datetime.fromisoformat("2026-08-04T18:30:00+09:00")
HOUR = 3600

seconds = st.lists(st.integers(0, 10**6), max_size=60)


def waits(answered: list[int], waiting: list[int]) -> list[Wait]:
    return [Wait(MONDAY, s, answered=True) for s in answered] + [
        Wait(MONDAY, s, answered=False) for s in waiting
    ]


def nearest_rank(values: list[int]) -> int:
    """The 80th percentile as every book has it."""
    return sorted(values)[ceil(len(values) * 80 / 100) - 1]


class TestArithmetic:
    @pytest.mark.parametrize(
        ("answered", "waiting", "expected", "cases"),
        [
            ([1, 2, 3, 4, 5], [], 4, 5),
            ([5, 4, 3, 2, 1], [], 4, 5),
            ([7, 7, 7, 7, 9], [], 7, 5),
            ([1, 2, 3, 4, 5], [3], 4, 5),  # who has waited for three says nothing of four
            ([1, 2, 3, 4, 5], [4], 4, 6),
            ([1, 2, 3, 4, 5], [9], 5, 6),
            ([1, 2, 3, 4, 5], [9, 9], 9, 7),
            ([1, 2, 3, 4, 5], [0] * 50, 4, 5),
            ([], [9] * 30, 9, 30),
        ],
    )
    def test_who_still_waits_for_longer_counts_as_not_answered(
        self, answered: list[int], waiting: list[int], expected: int, cases: int
    ) -> None:
        found = figure(waits(answered, waiting))

        assert (found.seconds, found.cases) == (expected, cases)

    @given(seconds.filter(bool), seconds)
    def test_it_is_never_below_the_true_percentile(self, answered: list[int], waiting: list[int]) -> None:
        found = figure(waits(answered, waiting)).seconds

        assert found >= nearest_rank(answered)
        assert figure(waits(answered, [])).seconds == nearest_rank(answered)

    @given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans()), min_size=1))
    def test_longer_waits_never_make_it_shorter(self, grown: list[tuple[int, int, bool]]) -> None:
        before = figure([Wait(MONDAY, s, answered) for s, _more, answered in grown])
        after = figure([Wait(MONDAY, s + more, answered) for s, more, answered in grown])

        assert after.seconds >= before.seconds

    @given(seconds.filter(bool), seconds, st.integers(0, 10**6))
    def test_one_more_who_waits_longer_than_that_never_makes_it_shorter(
        self, answered: list[int], waiting: list[int], more: int
    ) -> None:
        before = figure(waits(answered, waiting)).seconds

        assert figure(waits(answered, [*waiting, before + more])).seconds >= before

    @pytest.mark.parametrize(
        ("moment", "slot"),
        [
            ("2026-08-03T00:00:00+09:00", "weekday-00"),
            ("2026-08-03T08:59:59+09:00", "weekday-00"),
            ("2026-08-03T09:00:00+09:00", "weekday-09"),
            ("2026-08-07T14:59:00+09:00", "weekday-12"),
            ("2026-08-07T15:00:00+00:00", "weekend-00"),  # Saturday in Japan
            ("2026-08-09T23:59:59+09:00", "weekend-18"),
            ("2026-08-11T10:00:00+09:00", "weekend-09"),  # the Day of the Mountain, a Tuesday
            ("2026-08-11T15:00:00+00:00", "weekday-00"),
        ],
    )
    def test_the_week_has_parts(self, moment: str, slot: str) -> None:
        assert slot_of(datetime.fromisoformat(moment)) == slot
        assert slot in slots()

    def test_a_part_says_which_hours_it_holds(self) -> None:
        assert [hours_of(slot) for slot in ("weekday-00", "weekday-15", "weekend-18")] == [
            (False, 0, 9),
            (False, 15, 18),
            (True, 18, 24),
        ]

    def test_a_part_with_few_cases_has_the_figure_of_days_like_it_or_of_the_week(self) -> None:
        many = [Wait(MONDAY, n, answered=True) for n in range(1, 21)]
        evening = [Wait(MONDAY + timedelta(hours=9), n, answered=True) for n in (1, 2, 3)]
        few = [Wait(SATURDAY, n, answered=True) for n in range(1, 20)]

        found = figures_of([*many, *evening, *few])

        assert {slot: (f.seconds, f.cases) for slot, f in found.items()} == {
            "any": (16, 42),
            "weekday-09": (16, 20),
            "weekday-18": (16, 23),
            "weekend-09": (16, 42),
        }
        assert figures_of(few) == {}

    def test_but_never_less_than_those_few_waited(self) -> None:
        many = [Wait(MONDAY, n, answered=True) for n in range(1, 21)]
        few = [Wait(SATURDAY, s, answered=True) for s in (5, 9 * HOUR, 40 * HOUR)]

        assert figures_of([*many, *few])["weekend-09"] == Figure(40 * HOUR, 23)

    def test_of_a_part_with_next_to_none_nothing_is_promised(self) -> None:
        many = [Wait(MONDAY, n, answered=True) for n in range(1, 101)]
        two = [Wait(SATURDAY, 1, answered=True)] * 2

        assert list(figures_of([*many, *two])) == ["any", "weekday-09"]

    @given(
        st.lists(
            st.tuples(st.sampled_from([MONDAY, SATURDAY, NOW]), st.integers(0, 10**6), st.booleans()),
            max_size=90,
        )
    )
    def test_no_part_promises_less_than_its_own_cases_bear(
        self, drawn: list[tuple[datetime, int, bool]]
    ) -> None:
        given_waits = [Wait(at, s, answered) for at, s, answered in drawn]

        found = figures_of(given_waits)

        for slot in set(found) - {"any"}:
            own = [wait for wait in given_waits if slot_of(wait.opened_at) == slot]
            assert len(own) >= 3
            assert found[slot].seconds >= figure(own).seconds
            assert found[slot].cases >= 20
        if len(given_waits) < 20:
            assert found == {}


@pytest.mark.django_db
class TestMeasuring:
    def test_every_desk_has_its_own_figures(self, world: World) -> None:
        answer_all(world.ours, [n * 60 for n in range(1, 21)])
        answer_all(world.theirs, [n * HOUR for n in range(1, 21)])

        measured()

        assert rows(world.ours) == [("any", 16 * 60, 20), ("weekday-09", 16 * 60, 20)]
        assert rows(world.theirs) == [("any", 16 * HOUR, 20), ("weekday-09", 16 * HOUR, 20)]

    def test_who_waits_counts_and_who_is_at_rest_or_elsewhere_or_long_ago_does_not(
        self, world: World
    ) -> None:
        answer_all(world.ours, [n * 60 for n in range(1, 21)])
        for _ in range(2):
            opened(world.ours)
        opened(world.ours, status="solved")
        opened(world.ours, status="closed", continued_in=opened(world.ours, status="solved"))
        for _ in range(40):
            opened(world.ours, opened_at=NOW - timedelta(weeks=4, seconds=1))

        measured()

        assert rows(world.ours) == [("any", 18 * 60, 22), ("weekday-09", 18 * 60, 22)]

    def test_measuring_again_takes_the_place_of_what_was_measured(self, world: World) -> None:
        answer_all(world.ours, [n * 60 for n in range(1, 21)])
        measured()
        with world.ours.scope():
            Case.objects.filter(first_replied_at=MONDAY + timedelta(seconds=60)).update(
                opened_at=MONDAY - timedelta(hours=2)
            )
        measured()
        measured()

        # One of the twenty is of another part now: the others have the figure of all days like theirs.
        assert [row[0] for row in rows(world.ours)] == ["any", "weekday-09"]
        assert {row[2] for row in rows(world.ours)} == {20}

    def test_of_very_many_the_newest_are_enough(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(measure, "MOST_CASES", 20)
        answer_all(world.ours, [HOUR] * 20)
        for n in range(5):
            opened(world.ours, opened_at=MONDAY - timedelta(hours=n + 1))

        measured()

        assert rows(world.ours)[0] == ("any", HOUR, 20)

    def test_one_query_reads_and_two_write_a_desk(self, world: World) -> None:
        answer_all(world.ours, [HOUR] * 20)

        with CaptureQueriesContext(connection) as asked:
            measured()

        reading = [q["sql"] for q in asked if 'FROM "cases_case"' in q["sql"]]
        assert len(reading) == 2  # one for each desk of the two companies

    def test_the_newest_cases_of_a_desk_are_found_by_an_index(self, world: World) -> None:
        with world.ours.scope(), connection.cursor() as cursor:
            # Of so few rows it depends on chance whether they are sorted; of many they are not.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            found = Case.objects.filter(desk=world.ours.desk, opened_at__gte=NOW).order_by("-opened_at")
            assert "case_opened_at_desk" in found.explain()


@pytest.mark.django_db
class TestAsking:
    def test_the_hour_of_the_week_decides_where_it_has_enough(self, world: World) -> None:
        answer_all(world.ours, [n * 60 for n in range(1, 21)])
        answer_all(world.ours, [30 * HOUR] * 19, at=SATURDAY)
        measured()

        asked = [(MONDAY, 16 * 60), (SATURDAY, 30 * HOUR), (MONDAY + timedelta(hours=12), None)]
        with world.ours.scope(), clock.held_at(NOW):
            desk = world.ours.desk.pk
            assert [reply_time(desk, at=moment) for moment, _ in asked] == [s for _, s in asked]

    def test_a_part_of_the_week_in_which_nobody_answers_promises_no_less_than_they_wait(
        self, world: World
    ) -> None:
        answer_all(world.ours, [n * 60 for n in range(1, 101)])
        for _ in range(20):
            opened(world.ours, opened_at=SATURDAY)
        measured()

        with world.ours.scope(), clock.held_at(NOW):
            desk = world.ours.desk.pk
            assert reply_time(desk, at=SATURDAY) == (NOW - SATURDAY).total_seconds()
            assert reply_time(desk, at=MONDAY) == 80 * 60

    def test_without_enough_cases_or_after_a_day_there_is_none(self, world: World) -> None:
        answer_all(world.ours, [60] * 19)
        measured()
        assert ask(world.ours) is None
        answer_all(world.ours, [60])
        measured()
        assert ask(world.ours) == 60
        assert ask(world.ours, later=timedelta(days=1)) == 60
        assert ask(world.ours, later=timedelta(days=1, seconds=1)) is None

    def test_another_companys_is_nobodys(self, world: World) -> None:
        answer_all(world.ours, [60] * 20)
        measured()

        with world.theirs.scope(), clock.held_at(NOW):
            assert reply_times(world.ours.desk.pk) == []


def opened(side: Side, **fields: object) -> Case:
    """A case of Monday morning whose fields are then set as given."""
    with clock.held_at(MONDAY):
        case = make_case(side.entry_point)
    with side.scope():
        Case.objects.filter(pk=case.pk).update(**fields)
    return case


def answer_all(side: Side, seconds: list[int], *, at: datetime = MONDAY) -> None:
    for wait in seconds:
        opened(side, opened_at=at, first_replied_at=at + timedelta(seconds=wait))


def measured() -> None:
    with clock.held_at(NOW):
        jobs.measure(0)


def rows(side: Side) -> list[tuple[str, int, int]]:
    with side.scope(), clock.held_at(NOW):
        return [(row.slot, row.seconds, row.cases) for row in reply_times(side.desk.pk)]


def ask(side: Side, *, later: timedelta = timedelta(0)) -> int | None:
    with side.scope(), clock.held_at(NOW + later):
        return reply_time(side.desk.pk, at=MONDAY)


@pytest.mark.django_db
def test_there_is_a_figure_for_every_open_desk_and_none_for_a_closed_one(world: World) -> None:
    with world.ours.scope():
        type(world.ours.desk).objects.filter(pk=world.ours.desk.pk).update(active=False)
    answer_all(world.ours, [60] * 20)

    assert measure_reply_times() == 1
    with scope.everywhere(reason="a test looks at everything"):
        assert not ReplyTime.objects.exists()
