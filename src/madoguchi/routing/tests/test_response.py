"""The curve of calls after something appeared: known values, and that no call is lost or made up on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.response import USUAL_DELAY, Appeared, Curve, curve_of


def test_what_appeared_before_says_how_many_come_and_when() -> None:
    # 30 of 100,000 and 90 of 200,000: 4 of 10,000; each call an hour after on average.
    before = [Appeared(100_000, 30, 30 * 3_600.0), Appeared(200_000, 90, 90 * 3_600.0)]

    curve = curve_of(500_000, before)
    said = curve_of(500_000, before, expected=50)

    assert (curve, said) == (Curve(200.0, 3_600.0), Curve(50.0, 3_600.0))
    # 200·(1 − e^(−1/2)) in the first half hour.
    assert curve is not None
    assert curve.between(0, 1_800) == pytest.approx(78.6939, abs=1e-4)
    assert curve_of(500_000, []) is None
    assert curve_of(500_000, [], expected=10) == Curve(10.0, USUAL_DELAY)
    assert curve_of(500_000, [Appeared(1_000, 0, 0.0)]) == Curve(0.0, USUAL_DELAY)


@given(st.floats(0, 1e6), st.floats(60, 1e6), st.lists(st.floats(0, 1_800), min_size=1, max_size=400))
def test_stretches_together_are_the_whole(calls: float, delay: float, lengths: list[float]) -> None:
    curve = Curve(calls, delay)

    along = curve.along(lengths)

    assert sum(along) == pytest.approx(curve.between(0, sum(lengths)), abs=1e-6 + calls * 1e-9)
    assert all(one >= 0 for one in along)
    assert sum(along) <= calls * (1 + 1e-9)
