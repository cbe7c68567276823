"""What calls that were given up would have brought: the formula, what counts, and the log that it is read from."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.insight.catalogue import definition
from madoguchi.insight.definitions import Unit, told
from madoguchi.insight.logged import Event
from madoguchi.insight.lost import lost_sales
from madoguchi.insight.reading import demand_in
from madoguchi.insight.records import Call, Demand

NOON = datetime(2026, 8, 3, 3, tzinfo=UTC)


def days(answered: int, given_up: int, *orders: int) -> list[Demand]:
    return [
        *(Demand(ref=f"a{n}", answered=True) for n in range(answered)),
        *(Demand(ref=f"g{n}", gave_up=True) for n in range(given_up)),
        *(Demand(ref=f"o{n}", yen=yen) for n, yen in enumerate(orders)),
    ]


@pytest.mark.parametrize(
    ("records", "value"),
    [
        (days(40, 10, 12_000, 8_000), 5_000.0),
        (days(10, 0, 9_000), 0.0),
        (days(10, 3), 0.0),
        (days(0, 3, 9_000), None),
        ([], None),
    ],
)
def test_it_is_given_up_times_mean_order_times_conversion(records: list[Demand], value: float | None) -> None:
    assert definition("lost_sales").reckon(records).value == value


@given(st.integers(1, 500), st.integers(0, 500), st.lists(st.integers(1, 99_999), min_size=1, max_size=30))
def test_the_short_form_is_the_long_one(answered: int, given_up: int, orders: list[int]) -> None:
    found = lost_sales(days(answered, given_up, *orders))

    long_form = given_up * (sum(orders) / len(orders)) * (len(orders) / answered)
    assert found.value == pytest.approx(long_form)
    assert len(found.parts) == answered + given_up + len(orders)
    assert found.under == answered


def test_what_counts_is_read_from_the_log() -> None:
    calls = [
        Call(ref="call 1", answered=True, desk=7, person=5),
        Call(ref="call 2", gave_up=True, desk=7),
        Call(ref="call 3", gave_up=True, call_back=True, desk=7),
        Call(ref="call 4", blocked=True, desk=7),
    ]
    begun = [
        Event(1, "case.opened", NOON, 11, 7, None, {"channel": "phone"}),
        Event(2, "case.opened", NOON, 12, 7, None, {"channel": "email"}),
    ]
    placed = [
        Event(3, "order.placed", NOON, 11, 7, 5, {"number": 1001, "total": 12_000}),
        Event(4, "order.placed", NOON, 12, 7, 5, {"number": 1002, "total": 9_000}),
        Event(5, "order.placed", NOON, 11, 7, 5, {"number": 1003, "total": 0}),
        Event(6, "order.placed", NOON, 11, 7, None, {"number": 1004, "total": 7_000}),
        Event(7, "order.placed", NOON, None, 7, 5, {"number": 1005, "total": 7_000}),
    ]

    found = demand_in(calls, placed, begun)

    assert [(one.ref, one.answered, one.gave_up, one.yen) for one in found] == [
        ("call 1", True, False, 0),
        ("call 2", False, True, 0),
        ("call 3", False, False, 0),
        ("order O-1001", False, False, 12_000),
    ]
    assert (found[-1].events, found[-1].desk, found[-1].person) == ((3,), 7, 5)
    assert told(lost_sales(found).value, Unit.YEN) == "¥12,000"
