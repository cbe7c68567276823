"""What one resolution of a bot costs: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.figures import cost_of_one


@pytest.mark.parametrize(
    ("yen", "led", "solved", "decided", "one"),
    [
        (30_000, 100, 40, 50, 375),  # 80 of the 100 talks count as solved
        (30_000, 100, 50, 50, 300),
        (1_001, 2, 1, 1, 501),  # half a yen upwards
        (1, 100, 50, 50, 0),  # less than half a yen
        (1, 2, 1, 1, 1),
        (100_000_000, 1, 1, 1, 100_000_000),
        (30_000, 100, 1, 50, 15_000),
        (30_000, 1, 50, 50, 30_000),
        (30_005, 10, 1, 1, 3_001),
        (30_004, 10, 1, 1, 3_000),
        (0, 100, 40, 50, None),
        (30_000, 0, 0, 0, None),
        (30_000, 100, 0, 50, None),
    ],
)
def test_what_it_costs_by_what_it_solves(yen, led, solved, decided, one):
    assert cost_of_one(yen, led=led, solved=solved, decided=decided) == one


@given(st.integers(1, 10**9), st.integers(1, 10**5), st.integers(1, 10**4), st.integers(0, 10**4))
def test_it_is_never_cheaper_to_solve_less(yen, led, solved, unsolved):
    found = cost_of_one(yen, led=led, solved=solved, decided=solved + unsolved)
    everything = cost_of_one(yen, led=led, solved=solved, decided=solved)
    assert found is not None
    assert everything is not None
    assert found >= everything


@pytest.mark.parametrize("talks", [1, 10, 100])
def test_twice_the_cost_is_twice_as_dear(talks):
    once = cost_of_one(10_000 * talks, led=talks, solved=2, decided=4)
    twice = cost_of_one(20_000 * talks, led=talks, solved=2, decided=4)
    assert (once, twice) == (20_000, 40_000)
