"""Where the parcel of a sample order is by now."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.commerce.slips import slip_of
from madoguchi.sample.parcels import Sent

WENT = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sent(order: int, *, after: timedelta, came: bool = False) -> Sent:
    return Sent(order, 7, [(31, 2), (32, 1)], WENT, WENT + 48 * HOUR if came else None, WENT + after)


@pytest.mark.parametrize(
    ("order", "after", "came", "states"),
    [
        (10, HOUR, False, ["handed_over"]),
        (10, 6 * HOUR, False, ["handed_over", "in_transit"]),
        (10, 90 * HOUR, False, ["handed_over", "in_transit"]),
        (9, 29 * HOUR, False, ["handed_over", "in_transit"]),
        (9, 31 * HOUR, False, ["handed_over", "in_transit", "absent"]),
        (9, 60 * HOUR, True, ["handed_over", "in_transit", "delivered"]),
    ],
)
def test_it_is_where_it_would_be(order: int, after: timedelta, came: bool, states: list[str]) -> None:
    parcel = sent(order, after=after, came=came)

    assert [(company, of, state) for company, of, state, _at in parcel.steps(5)] == [
        (7, 5, one) for one in states
    ]
    assert parcel.row(5)[:4] == (5, 7, order, 1)
    assert parcel.row(5)[6:] == tuple(parcel.steps(5))[-1][2:]
    assert list(parcel.pieces(5)) == [(7, 5, 31, 2), (7, 5, 32, 1)]


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_each_has_a_slip_of_its_own_that_is_typed_right(one: int, other: int) -> None:
    (*_, carrier, slip, _state, _at), (*_, other_slip, _s, _a) = (
        sent(o, after=HOUR).row(5) for o in (one, other)
    )

    assert slip_of(slip, carrier) == slip
    assert (slip == other_slip) == (one == other)
