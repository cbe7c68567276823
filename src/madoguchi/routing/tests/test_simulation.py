"""Simulated days: they agree with what is known exactly, and what changes is the policy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.days import day_by_chance
from madoguchi.routing.figures import Estimate, Figures, estimate, estimates, quantile, student
from madoguchi.routing.logic import Order, Policy
from madoguchi.routing.simulation import POLICIES, Contact, Day, Shift, replicated
from madoguchi.routing.tests.test_erlang import queue

HOUR = 3600.0
NEEDS = frozenset({("returns", 2)})


class TestFigures:
    @pytest.mark.parametrize(
        ("freedom", "value"), [(1, 12.706), (2, 4.303), (5, 2.571), (9, 2.262), (19, 2.093), (99, 1.984)]
    )
    def test_students_t(self, freedom: int, value: float) -> None:
        assert student(0.95, freedom) == pytest.approx(value, abs=2e-3)

    def test_a_mean_and_its_interval(self) -> None:
        one = estimate([1.0, 2.0, 3.0])
        assert one.mean == 2.0
        assert one.half == pytest.approx(4.303 / 3**0.5, abs=1e-3)
        assert (one.low, one.high) == (one.mean - one.half, one.mean + one.half)

    def test_one_day_says_nothing_of_others(self) -> None:
        assert estimate([5.0]) == Estimate(5.0, float("inf"))

    def test_a_quantile_is_a_value_that_occurred(self) -> None:
        assert [quantile([3, 1, 2, 4], part) for part in (0.25, 0.5, 0.95)] == [1, 2, 4]
        assert quantile([], 0.95) == 0.0


def once(day: Day, policy: Policy | None = None) -> Figures:
    return replicated(day, policy or Policy(), replications=1, seed=1)[0]


def shift(number: int = 1, **more: object) -> Shift:
    return Shift(**({"id": number, "begins": 0.0, "ends": HOUR} | more))  # type: ignore[arg-type]


class TestDay:
    def test_by_hand(self) -> None:
        """One person; three who come at once for 60 s each; the third gives up after 100 s."""
        come = [Contact(at=0.0, handle=60.0, patience=p) for p in (1000.0, 1000.0, 100.0)]
        told = once(Day(contacts=come, shifts=[shift()], target=20.0))
        assert (told.contacts, told.service_level, told.abandonment) == (3, 1 / 3, 1 / 3)
        assert (told.p95_wait, told.occupancy, told.spread) == (60.0, 120 / HOUR, 0.0)

    def test_nobody_is_given_anything_before_they_come_or_after_they_went(self) -> None:
        come = [Contact(at=0.0, handle=10.0), Contact(at=200.0, handle=10.0)]
        told = once(Day(contacts=come, shifts=[shift(begins=50.0, ends=100.0)]))
        assert (told.p95_wait, told.unanswered) == (50.0, 0.5)

    def test_three_chats_at_once_and_the_fourth_waits(self) -> None:
        come = [Contact(at=0.0, channel="chat", handle=90.0) for _ in range(4)]
        told = once(Day(contacts=come, shifts=[shift()]))
        assert (told.service_level, told.p95_wait) == (0.75, 90.0)

    def test_what_needs_a_skill_waits_for_it_or_is_handed_on(self) -> None:
        come = [Contact(at=0.0, handle=100.0, needs=NEEDS)]
        staff = [shift(1), shift(2, skills={"returns": 2}, begins=300.0)]
        day = Day(contacts=come, shifts=staff)

        minded, anyone = once(day), once(day, POLICIES["anyone"])

        assert (minded.p95_wait, minded.transfers) == (300.0, 0.0)
        assert (anyone.p95_wait, anyone.transfers) == (0.0, 100.0)
        assert anyone.occupancy == pytest.approx((50 / HOUR + 100 / 3300) / 2)

    def test_who_comes_to_another_than_answered_last_was_passed_on(self) -> None:
        come = [Contact(at=0.0, handle=100.0), Contact(at=1.0, handle=10.0, last=1)]
        assert once(Day(contacts=come, shifts=[shift(1), shift(2)])).transfers == 50.0

    def test_urgency_keeps_more_promises_than_age_where_some_have_more_time(self) -> None:
        come = [Contact(at=0.0, handle=100.0), Contact(at=1.0, handle=100.0, target=1000.0)]
        come += [Contact(at=2.0, handle=100.0, target=150.0)]
        day = Day(contacts=come, shifts=[shift()])
        assert once(day, Policy(order=Order.FIFO)).service_level == pytest.approx(2 / 3)
        assert once(day, Policy(order=Order.URGENCY)).service_level == 1.0


@pytest.mark.parametrize("agents", [10, 12, 14])
def test_a_day_by_chance_agrees_with_erlang_a(agents: int) -> None:
    said = {
        "rate": 200.0,
        "agents": agents,
        "handle": 180.0,
        "patience": 120.0,
        "target": 20.0,
        "hours": 10.0,
    }
    days = replicated(day_by_chance(said), Policy(), replications=40, seed=7)

    found, exact = estimates(days), queue(agents)

    assert found["abandonment"].low <= exact.abandonment() <= found["abandonment"].high
    assert found["service_level"].low <= exact.service_level(20.0) <= found["service_level"].high
    assert found["abandonment"].half < 0.01


@given(st.sampled_from(sorted(POLICIES)), st.integers(0, 1000))
def test_the_same_seed_gives_the_same_day_and_all_that_comes_is_accounted_for(name: str, seed: int) -> None:
    said = {"rate": 60.0, "agents": 2, "handle": 120.0, "patience": 100.0, "hours": 1.0}
    one, again = (
        replicated(day_by_chance(said), POLICIES[name], replications=1, seed=seed)[0] for _ in range(2)
    )
    assert one == again
    assert 0 <= one.service_level <= 1 - one.abandonment - one.unanswered + 1e-9
