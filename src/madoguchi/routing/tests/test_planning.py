"""From a queue to a roster and to money, against reckoned values."""

from functools import partial
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.erlang import ErlangA, ErlangC
from madoguchi.routing.planning import (
    Tariff,
    break_even,
    cheapest,
    pays_from,
    people_within,
    read_tariffs,
    rostered,
)

# 100 calls in half an hour, 180 s each.
patient = partial(ErlangC, rate=100 / 1800, handle=180.0)
# Tariffs of a telephone answering service, reckoned back from the prices that it publishes.
PUBLISHED = """\
スターター: 3000 / 20 / 190
シンプル: 5,000 / 40 / 190
アドバンス： 10000／80／200
プレステージ: 50000 / 160 / 250
"""


def by_c(agents: int) -> ErlangC:
    return patient(agents=agents)


@pytest.mark.parametrize(("people", "shrinkage", "on_the_roster"), [(14, 0.3, 20), (84, 0.3, 120), (9, 0, 9)])
def test_who_is_away_is_on_the_roster_too(people: int, shrinkage: float, on_the_roster: int) -> None:
    assert rostered(people, shrinkage) == on_the_roster


@given(st.integers(1, 500), st.integers(0, 99))
def test_so_many_remain_and_one_fewer_would_not_do(people: int, percent: int) -> None:
    needed = rostered(people, percent / 100)
    assert needed * (100 - percent) >= people * 100 > (needed - 1) * (100 - percent)


@pytest.mark.parametrize(("most", "people"), [(1.0, 14), (0.72, 14), (0.7, 15), (0.6, 17)])
def test_people_are_no_busier_than_they_may_be(most: float, people: int) -> None:
    assert people_within(0.8, 20, by_c, occupancy=most) == people
    assert by_c(people).occupancy() <= most


def test_where_callers_give_up_it_is_the_answered_ones_that_keep_people_busy() -> None:
    queue = partial(ErlangA, rate=100 / 1800, handle=180.0, patience=120.0)
    assert people_within(0.8, 20, lambda agents: queue(agents=agents)) == 12
    assert people_within(0.8, 20, lambda agents: queue(agents=agents), occupancy=0.75) == 13


def test_few_queues_are_reckoned_also_where_many_people_are_to_be_idle() -> None:
    tried: list[int] = []

    def by_a(agents: int) -> ErlangA:
        tried.append(agents)
        return ErlangA(rate=300 / 1800, handle=600.0, patience=120.0, agents=agents)

    assert people_within(0.8, 20, by_a, occupancy=0.04) == 2_500
    assert len(tried) <= 28
    assert by_a(2_500).occupancy() <= 0.04 < by_a(2_499).occupancy()


@pytest.mark.parametrize("wrong", [nan, inf, 0.0])
def test_what_is_no_time_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        ErlangA(rate=1.0, handle=1.0, patience=wrong, agents=1)
    with pytest.raises(ValueError, match="more than nothing"):
        ErlangC(rate=wrong, handle=1.0, agents=2)


@pytest.mark.parametrize("wrong", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="shrinkage"):
        rostered(1, wrong)
    with pytest.raises(ValueError, match="occupancy"):
        people_within(0.8, 20, by_c, occupancy=wrong - 0.9 if wrong < 0 else 1.1)


@pytest.mark.parametrize(
    ("calls", "name", "yen"),
    [
        (25, "スターター", 3_950),
        (60, "シンプル", 8_800),
        (120, "アドバンス", 18_000),
        (160, "アドバンス", 26_000),
    ],
)
def test_the_cheapest_of_published_tariffs(calls: int, name: str, yen: int) -> None:
    found = cheapest(read_tariffs(PUBLISHED), calls)
    assert (found.name, found.price(calls)) == (name, yen)


def test_a_desk_of_ones_own_pays_from_so_many_calls_on() -> None:
    assert break_even(300_000, 150, 450) == 1_000
    assert break_even(300_001, 150, 450) == 1_001
    assert break_even(300_000, 450, 450) is None


@pytest.mark.parametrize("line", ["3000 / 20 / 190", "a: 1 / 2", "a: 1 / 2 / -3", "a: x / 2 / 3"])
def test_a_line_that_makes_no_sense_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="^" + line.replace(".", r"\.") + "$"):
        read_tariffs(f"b: 1 / 2 / 3\n{line}")
    assert read_tariffs("b: 1 / 2 / 3") == [Tariff("b", 1, 2, 3)]


numbers = st.integers(0, 100_000)
tariffs = st.builds(Tariff, st.just("x"), numbers, st.integers(0, 500), st.integers(0, 1_000))


@given(st.lists(tariffs, min_size=1, max_size=6), st.integers(0, 2_000))
def test_no_tariff_costs_less_than_the_cheapest_and_more_calls_cost_no_less(
    offered: list[Tariff], calls: int
) -> None:
    best = cheapest(offered, calls)
    assert all(best.price(calls) <= one.price(calls) for one in offered)
    assert best.price(calls) <= best.price(calls + 1)


@given(st.integers(0, 10_000_000), st.integers(0, 1_000), st.integers(0, 1_000))
def test_from_the_break_even_on_ones_own_desk_costs_no_more(fixed: int, own: int, price: int) -> None:
    calls = break_even(fixed, own, price)
    if calls is None:
        assert price <= own
        return
    assert fixed + own * calls <= price * calls
    assert calls == 0 or fixed + own * (calls - 1) > price * (calls - 1)


@given(st.integers(0, 1_000_000), st.integers(0, 1_000), tariffs, st.integers(0, 100_000))
def test_a_desk_of_ones_own_pays_beside_a_tariff_from_there_on(
    fixed: int, own: int, tariff: Tariff, further: int
) -> None:
    calls = pays_from(fixed, own, tariff)
    if calls is None:
        # However many come: one more costs no less there, and there are some by which it costs more.
        assert tariff.excess <= own
        assert fixed + own * (tariff.included + 10**9) > tariff.price(tariff.included + 10**9)
        return
    assert fixed + own * (calls + further) <= tariff.price(calls + further)
    assert calls == 0 or fixed + own * (calls - 1) > tariff.price(calls - 1)
