"""Figures of calls, by hand: numerators, denominators, what is counted and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.insight.calls import service_level, slot_of
from madoguchi.insight.catalogue import definition
from madoguchi.insight.records import Call
from madoguchi.insight.tests.counted import BUSY, NINE, answered, called_back, gave_up, value

# Ten that reached the queue, and two that met a busy line.
DAY = [
    *(answered(5) for _ in range(4)),
    *(answered(30), answered(20), gave_up(4.9), gave_up(15), gave_up(60), called_back()),
    *(BUSY, BUSY),
]


@pytest.mark.parametrize(
    ("name", "version", "over", "under"),
    [
        ("response_rate", "a", 6, 10),
        ("response_rate", "b", 6, 12),
        ("abandonment_rate", "1", 3, 10),
        ("service_level", "A", 5, 10),
        ("service_level", "G", 5, 6),
        ("service_level", "S", 7, 10),
        ("asa", "1", 70, 6),
    ],
)
def test_each_counts_what_its_formula_says(name: str, version: str, over: float, under: float) -> None:
    found = definition(name, version).reckon(DAY)

    assert (found.over, found.under, found.value) == (over, under, over / under)


def test_the_target_is_met_in_its_last_second_and_missed_after_it() -> None:
    calls = [answered(20), answered(20.001)]

    assert [service_level(version)(calls).value for version in "GAS"] == [0.5, 0.5, 0.5]
    assert service_level("A", target=21)(calls).value == 1


def test_who_chose_to_be_called_back_did_not_give_up() -> None:
    assert value("abandonment_rate", [called_back(), answered()]) == 0
    assert value("response_rate", [called_back(), answered()]) == 0.5


def test_times_are_those_of_answered_calls() -> None:
    calls = [answered(talk=100, hold=20, wrap=60), answered(talk=200, hold=0, wrap=40), gave_up()]

    names = ("att", "hold_time", "acw", "aht")
    assert [value(name, calls) for name in names] == [150, 10, 50, 210]


def test_the_longest_wait_and_the_ninetieth_of_a_hundred_really_occurred() -> None:
    calls = [answered(float(second)) for second in range(1, 101)]

    assert (value("longest_wait", calls), value("p90_wait", calls)) == (100, 90)
    assert value("p90_wait", [answered(7)]) == 7
    found = definition("p90_wait").reckon(calls)
    assert (found.over, found.under, found.sums) == (None, 100, "100")


def test_a_day_that_answers_well_hides_the_hour_in_which_it_does_not() -> None:
    """Eight half hours, 550 calls: 88.9% are answered, and 21.8% of the customers meet a half hour that answers 50%."""
    peak = [answered(slot=3) for _ in range(60)] + [gave_up(slot=3) for _ in range(60)]
    others = [slot for slot in range(8) if slot != 3]
    quiet = [answered(slot=others[at % 7]) for at in range(429)] + [gave_up(slot=0)]
    calls = peak + quiet

    assert len(calls) == 550
    assert round(value("response_rate", calls) or 0, 3) == 0.889
    assert round(1 - (value("experienced_response", calls) or 0), 3) == 0.218


def test_a_half_hour_of_exactly_four_fifths_answers() -> None:
    calls = [*(answered() for _ in range(4)), gave_up(), BUSY]

    assert value("experienced_response", calls) == 1
    assert value("experienced_response", [*calls, gave_up()]) == 0


def test_half_hours_are_the_same_in_japan_and_in_utc() -> None:
    assert slot_of(NINE.replace(minute=29, second=59)) == NINE
    assert slot_of(NINE.replace(minute=30)) == NINE.replace(minute=30)
    assert slot_of(None) is None


@pytest.mark.parametrize(
    ("name", "version"), [("response_rate", "a"), ("service_level", "G"), ("asa", "1"), ("p90_wait", "1")]
)
def test_where_nobody_called_there_is_no_figure(name: str, version: str) -> None:
    found = definition(name, version).reckon([])

    assert (found.value, found.parts) == (None, ())


CALLS = st.builds(
    lambda waited, what: Call(
        at=NINE, waited=waited, answered=what == "a", gave_up=what == "g", blocked=what == "b"
    ),
    st.floats(0, 500),
    st.sampled_from("agbo"),
)


@given(st.lists(CALLS, max_size=40))
def test_shares_lie_between_nothing_and_all_and_agree_with_one_another(calls: list[Call]) -> None:
    shares = {
        f"{name}{version}": value(name, calls, version)
        for name, version in [
            *(("response_rate", "a"), ("response_rate", "b"), ("abandonment_rate", "1")),
            *(("service_level", "A"), ("service_level", "G"), ("service_level", "S")),
        ]
    }
    a, b, gave = (shares[name] for name in ("response_ratea", "response_rateb", "abandonment_rate1"))
    level, lenient = shares["service_levelA"], shares["service_levelS"]

    assert all(one is None or 0 <= one <= 1 for one in shares.values())
    if a is not None and b is not None and gave is not None and level is not None and lenient is not None:
        assert b <= a
        assert a + gave <= 1 + 1e-9
        assert level <= a
        assert level <= lenient


@given(st.lists(CALLS, max_size=20), st.lists(CALLS, max_size=20))
def test_what_stands_above_and_below_the_line_adds_up_over_days(one: list[Call], other: list[Call]) -> None:
    level = definition("service_level", "A")
    both, first, second = level.reckon(one + other), level.reckon(one), level.reckon(other)

    assert both.over == (first.over or 0) + (second.over or 0)
    assert both.under == first.under + second.under
    assert sorted(part.under for part in both.parts) == sorted(
        part.under for part in (*first.parts, *second.parts)
    )
