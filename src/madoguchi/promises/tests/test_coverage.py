"""How much of a year a calendar covers, and which holes it has."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from madoguchi.kernel.hours import ALWAYS, Calendar, frames
from madoguchi.promises.coverage import ClosedDay, coverage_of
from madoguchi.promises.tests.telling import OFFICE


def test_round_the_clock_a_year_has_no_hole() -> None:
    found = coverage_of(ALWAYS, 2026)

    assert (found.total, found.covered, found.week, found.closed) == (8760, 8760, [], [])
    assert found.is_whole
    assert coverage_of(ALWAYS, 2028).total == 8784


def test_an_office_has_nights_a_noon_a_weekend_and_holidays() -> None:
    found = coverage_of(OFFICE, 2026)

    assert found.week[0] == (0, ["00:00-09:00", "12:00-13:00", "18:00-24:00"])
    assert found.week[5:] == [(5, ["00:00-24:00"]), (6, ["00:00-24:00"])]
    assert ClosedDay(date(2026, 5, 4), "みどりの日") in found.closed
    assert ClosedDay(date(2026, 12, 29), "") in found.closed
    # 261 weekdays, of which 17 are holidays, and four more are closed.
    assert len(found.closed) == 17 + 4
    assert found.covered == (261 - 21) * 8
    assert not found.is_whole


def test_a_night_covers_the_morning_after_it() -> None:
    week = (frames("08:00-20:00", "20:00-08:00"),) * 7

    assert coverage_of(Calendar(week=week), 2026).is_whole
    only_nights = coverage_of(Calendar(week=(frames("22:00-06:00"),) * 7), 2026)
    assert only_nights.week[3] == (3, ["06:00-22:00"])


def test_a_year_with_summer_time_has_as_many_hours_as_any() -> None:
    found = coverage_of(replace(ALWAYS, zone=ZoneInfo("America/New_York")), 2026)

    assert (found.total, found.covered) == (8760, 8760)
