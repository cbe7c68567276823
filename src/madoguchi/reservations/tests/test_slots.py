"""Which times there are, and that no unit is had by two: for any hours, lengths and order of asking."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import DAY_MINUTES, Calendar, Frame, frames
from madoguchi.reservations.slots import Slot, Taken, by_the_hour, by_the_night, free_units

MONDAY = date(2026, 11, 30)
OPEN = Calendar(week=(frames("10:00-12:00", "13:00-15:00"),) * 5 + ((),) * 2)
MINUTES = st.integers(5, 300)


def clock_of(slots: list[Slot]) -> list[str]:
    """When each begins, as the store's clock shows it."""
    return [f"{slot.begins.astimezone(TOKYO):%H:%M}" for slot in slots]


def test_times_begin_while_the_store_is_open_and_end_before_it_closes() -> None:
    slots = list(by_the_hour(OPEN, MONDAY, step=30, length=60, gap=15))

    assert clock_of(slots) == ["10:00", "10:30", "11:00", "13:00", "13:30", "14:00"]
    assert slots[0].ends == datetime(2026, 11, 30, 2, tzinfo=UTC)
    assert slots[0].taken_until == datetime(2026, 11, 30, 2, 15, tzinfo=UTC)


def test_nothing_begins_on_a_day_on_which_the_store_is_closed() -> None:
    saturday = date(2026, 12, 5)

    assert list(by_the_hour(OPEN, saturday, step=30, length=60, gap=0)) == []
    assert by_the_night(OPEN, saturday, nights=1, check_in=time(15), check_out=time(10), gap=0) is None


def test_a_frame_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    late = Calendar(week=(frames("22:00-02:00"),) * 7)

    slots = list(by_the_hour(late, MONDAY, step=60, length=120, gap=0))

    assert clock_of(slots) == ["22:00", "23:00", "00:00"]
    assert slots[-1].ends.astimezone(TOKYO) == datetime(2026, 12, 1, 2, tzinfo=TOKYO)


def test_nights_go_from_check_in_to_check_out() -> None:
    stay = by_the_night(OPEN, MONDAY, nights=2, check_in=time(15), check_out=time(10), gap=120)

    assert stay == Slot(
        datetime(2026, 11, 30, 15, tzinfo=TOKYO).astimezone(UTC),
        datetime(2026, 12, 2, 10, tzinfo=TOKYO).astimezone(UTC),
        datetime(2026, 12, 2, 12, tzinfo=TOKYO).astimezone(UTC),
    )


@pytest.mark.parametrize("nights", [0, -1, 61])
def test_nobody_stays_for_no_night_or_for_months(nights: int) -> None:
    assert by_the_night(OPEN, MONDAY, nights=nights, check_in=time(15), check_out=time(10), gap=0) is None


def test_an_hour_that_summer_time_leaves_out_is_no_time() -> None:
    spring = date(2026, 3, 29)
    berlin = Calendar(zone=ZoneInfo("Europe/Berlin"), week=(frames("01:00-04:00"),) * 7)

    slots = list(by_the_hour(berlin, spring, step=60, length=60, gap=0))

    assert [slot.begins for slot in slots] == [
        datetime(2026, 3, 29, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 1, tzinfo=UTC),
    ]


@given(
    begin=st.integers(0, DAY_MINUTES - 1), open_for=st.integers(1, DAY_MINUTES), step=MINUTES, length=MINUTES
)
def test_every_time_lies_within_the_hours_and_none_is_left_out(
    begin: int, open_for: int, step: int, length: int
) -> None:
    calendar = Calendar(week=((Frame(begin, begin + open_for),),) * 7)

    slots = list(by_the_hour(calendar, MONDAY, step=step, length=length, gap=10))

    opens = datetime(2026, 11, 30, tzinfo=TOKYO) + timedelta(minutes=begin)
    closes = opens + timedelta(minutes=open_for)
    assert all(opens <= slot.begins and slot.ends <= closes for slot in slots)
    assert all(slot.ends - slot.begins == timedelta(minutes=length) for slot in slots)
    assert len(slots) == max(0, (open_for - length) // step + 1)


@given(
    units=st.integers(1, 4),
    asked=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(0, 3)), max_size=40),
)
def test_whoever_is_given_a_free_unit_has_it_alone(units: int, asked: list[tuple[int, int, int]]) -> None:
    """Times of any place, length and gap, asked for in any order: of one unit no two meet, and who is refused would
    meet somebody on each of them.
    """
    start, quarter = datetime(2026, 11, 30, tzinfo=UTC), timedelta(minutes=15)
    had: list[Taken] = []
    for first, length, gap in asked:
        begins = start + first * quarter
        slot = Slot(begins, begins + length * quarter, begins + (length + gap) * quarter)
        free = free_units(slot, had, units=units)
        met = {one.unit for one in had if one.begins < slot.taken_until and slot.begins < one.until}
        assert met | set(free) == set(range(1, units + 1))
        if free:
            had.append(Taken(free[-1], slot.begins, slot.taken_until))

    for place, one in enumerate(had):
        for other in had[:place]:
            apart = one.until <= other.begins or other.until <= one.begins
            assert one.unit != other.unit or apart


def test_who_comes_when_another_leaves_meets_nobody() -> None:
    nine, ten, eleven = (datetime(2026, 11, 30, hour, tzinfo=UTC) for hour in (9, 10, 11))

    assert free_units(Slot(ten, eleven, eleven), [Taken(1, nine, ten)], units=1) == [1]
    assert free_units(Slot(nine, ten, ten), [Taken(1, ten, eleven)], units=1) == [1]
    assert free_units(Slot(nine, ten, eleven), [Taken(1, ten, eleven)], units=1) == []
