"""Rhythms of days by the calendar: weeks, months with and without the day of the first, leap years, and notice."""

from datetime import date

import pytest

from madoguchi.commerce.intervals import day_after, day_before, nth_after


@pytest.mark.parametrize(
    ("first", "after", "every", "unit", "found"),
    [
        # Before the rhythm has begun, its first day is the next one.
        (date(2027, 1, 31), date(2026, 12, 1), 1, "month", date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 1, 30), 1, "month", date(2027, 1, 31)),
        (date(2027, 1, 4), date(2027, 1, 3), 1, "week", date(2027, 1, 4)),
        # A day of the rhythm is not after itself.
        (date(2027, 1, 31), date(2027, 1, 31), 1, "month", date(2027, 2, 28)),
        (date(2027, 1, 4), date(2027, 1, 4), 1, "week", date(2027, 1, 11)),
        (date(2027, 1, 4), date(2027, 1, 4), 2, "week", date(2027, 1, 18)),
        # Weeks are counted from the first, whatever lies between.
        (date(2027, 1, 4), date(2027, 1, 10), 1, "week", date(2027, 1, 11)),
        (date(2027, 1, 4), date(2027, 1, 11), 2, "week", date(2027, 1, 18)),
        (date(2027, 1, 4), date(2027, 1, 17), 2, "week", date(2027, 1, 18)),
        (date(2027, 1, 4), date(2027, 1, 18), 2, "week", date(2027, 2, 1)),
        (date(2027, 1, 4), date(2027, 12, 31), 4, "week", date(2028, 1, 3)),
        (date(2027, 1, 4), date(2028, 2, 28), 1, "week", date(2028, 3, 6)),
        (date(2027, 1, 4), date(2027, 6, 30), 26, "week", date(2027, 7, 5)),
        # Months keep the day of the first.
        (date(2027, 1, 15), date(2027, 1, 15), 1, "month", date(2027, 2, 15)),
        (date(2027, 1, 15), date(2027, 2, 14), 1, "month", date(2027, 2, 15)),
        (date(2027, 1, 15), date(2027, 2, 15), 1, "month", date(2027, 3, 15)),
        (date(2027, 1, 15), date(2027, 3, 1), 2, "month", date(2027, 3, 15)),
        (date(2027, 1, 15), date(2027, 3, 15), 2, "month", date(2027, 5, 15)),
        (date(2027, 1, 15), date(2027, 3, 31), 3, "month", date(2027, 4, 15)),
        (date(2027, 1, 15), date(2027, 12, 31), 3, "month", date(2028, 1, 15)),
        (date(2027, 11, 15), date(2027, 12, 31), 6, "month", date(2028, 5, 15)),
        (date(2027, 2, 1), date(2027, 2, 1), 12, "month", date(2028, 2, 1)),
        # Where a month has no such day, it is its last; the month after has the day again.
        (date(2027, 1, 31), date(2027, 2, 27), 1, "month", date(2027, 2, 28)),
        (date(2027, 1, 31), date(2027, 2, 28), 1, "month", date(2027, 3, 31)),
        (date(2027, 1, 31), date(2027, 4, 1), 1, "month", date(2027, 4, 30)),
        (date(2027, 1, 30), date(2027, 2, 1), 1, "month", date(2027, 2, 28)),
        (date(2027, 1, 29), date(2027, 2, 28), 1, "month", date(2027, 3, 29)),
        (date(2027, 12, 31), date(2028, 2, 28), 1, "month", date(2028, 2, 29)),
        (date(2027, 12, 31), date(2028, 2, 29), 1, "month", date(2028, 3, 31)),
        (date(2028, 2, 29), date(2028, 2, 29), 12, "month", date(2029, 2, 28)),
        (date(2028, 2, 29), date(2031, 12, 31), 12, "month", date(2032, 2, 29)),
        # Long without a worker: the next one ahead, and none of those between.
        (date(2027, 1, 31), date(2029, 7, 4), 1, "month", date(2029, 7, 31)),
        (date(2027, 1, 4), date(2030, 1, 1), 2, "week", date(2030, 1, 14)),
    ],
)
def test_the_next_day_by_the_calendar(first: date, after: date, every: int, unit: str, found: date) -> None:
    assert day_after(first, after, every=every, unit=unit) == found


@pytest.mark.parametrize(
    ("first", "day", "times", "every", "unit", "found"),
    [
        (date(2027, 1, 31), date(2027, 1, 31), 0, 1, "month", date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 1, 31), 1, 1, "month", date(2027, 2, 28)),
        (date(2027, 1, 31), date(2027, 2, 28), 1, 1, "month", date(2027, 3, 31)),
        (date(2027, 1, 31), date(2027, 1, 31), 12, 1, "month", date(2028, 1, 31)),
        (date(2027, 1, 31), date(2027, 1, 31), 2, 3, "month", date(2027, 7, 31)),
        (date(2027, 1, 4), date(2027, 1, 4), 3, 2, "week", date(2027, 2, 15)),
        (date(2027, 1, 4), date(2027, 1, 18), 2, 2, "week", date(2027, 2, 15)),
        (date(2027, 8, 31), date(2027, 8, 31), 6, 1, "month", date(2028, 2, 29)),
    ],
)
def test_the_day_so_many_times_later(
    first: date, day: date, times: int, every: int, unit: str, found: date
) -> None:
    assert nth_after(first, day, times, every=every, unit=unit) == found


@pytest.mark.parametrize(
    ("day", "notice", "until"),
    [
        (date(2027, 3, 31), 0, date(2027, 3, 31)),
        (date(2027, 3, 31), 1, date(2027, 3, 30)),
        (date(2027, 3, 5), 10, date(2027, 2, 23)),
        (date(2028, 3, 5), 10, date(2028, 2, 24)),
        (date(2027, 1, 5), 10, date(2026, 12, 26)),
        (date(2027, 1, 31), 60, date(2026, 12, 2)),
    ],
)
def test_until_when_notice_is_in_time(day: date, notice: int, until: date) -> None:
    assert day_before(day, notice=notice) == until
