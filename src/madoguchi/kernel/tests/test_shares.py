"""Shares of what was counted, and the range in which the true one lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.shares import share_lies_between


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_range_is_that_of_wilsons_score(count: int, of: int, low: float, high: float) -> None:
    found = share_lies_between(count, of)

    assert (round(found[0], 4), round(found[1], 4)) == (low, high)


@given(st.integers(0, 5_000), st.integers(1, 5_000))
def test_it_holds_the_share_that_was_seen_and_mirrors(count: int, of: int) -> None:
    count = min(count, of)
    low, high = share_lies_between(count, of)

    assert 0 <= low <= count / of + 1e-12
    assert count / of - 1e-12 <= high <= 1
    other_low, other_high = share_lies_between(of - count, of)
    assert (round(1 - other_high, 9), round(1 - other_low, 9)) == (round(low, 9), round(high, 9))
