"""When a step falls due: by the hours of the desk where they are known, never on days when offices are closed."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.companies.models import Desk
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import USUAL
from madoguchi.tasks.due import Unit, due_after

WORKS = Desk(opens=time(10), closes=time(18))
UNKNOWN = Desk()


def tokyo(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("begin", "count", "unit", "due"),
    [
        ("2026-11-27 11:00", 2, Unit.HOURS, "2026-11-27 13:00"),
        # A Friday afternoon goes on on Monday, and so does what begins at the weekend.
        ("2026-11-27 17:00", 2, Unit.HOURS, "2026-11-30 11:00"),
        ("2026-11-28 15:00", 90, Unit.MINUTES, "2026-11-30 11:30"),
        # Before the desk opens nothing has passed.
        ("2026-11-27 07:00", 30, Unit.MINUTES, "2026-11-27 10:30"),
        # What ends with the day is due on that day.
        ("2026-11-27 10:00", 8, Unit.HOURS, "2026-11-27 18:00"),
        ("2026-11-27 11:00", 0, Unit.DAYS, "2026-11-27 18:00"),
        ("2026-11-27 19:00", 0, Unit.DAYS, "2026-11-30 18:00"),
        ("2026-11-27 11:00", 1, Unit.DAYS, "2026-11-30 18:00"),
        # Over the turn of the year, and a holiday (成人の日) after it.
        ("2026-12-28 11:00", 1, Unit.DAYS, "2027-01-04 18:00"),
        ("2027-01-08 17:30", 1, Unit.HOURS, "2027-01-12 10:30"),
    ],
)
def test_a_desk_whose_hours_are_known(begin: str, count: int, unit: Unit, due: str) -> None:
    assert due_after(tokyo(begin), count, unit, desk=WORKS) == tokyo(due)


@pytest.mark.parametrize(
    ("begin", "count", "unit", "due"),
    [
        ("2026-11-27 23:00", 2, Unit.HOURS, "2026-11-28 01:00"),
        ("2026-11-27 11:00", 1, Unit.DAYS, "2026-11-30 18:00"),
    ],
)
def test_of_any_other_desk_hours_pass_by_the_clock_and_days_are_business_days(
    begin: str, count: int, unit: Unit, due: str
) -> None:
    assert due_after(tokyo(begin), count, unit, desk=UNKNOWN) == tokyo(due)


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.integers(0, 48),
    st.sampled_from(list(Unit)),
)
def test_nothing_falls_due_outside_the_hours_nor_before_it_begins(
    minutes: int, count: int, unit: Unit
) -> None:
    start = tokyo("2026-01-01 00:00") + timedelta(minutes=minutes)

    due = due_after(start, count, unit, desk=WORKS).astimezone(TOKYO)

    assert due >= start
    assert USUAL.works_on(due.date())
    assert time(10) <= due.time() <= time(18)
