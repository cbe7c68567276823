"""Who covers which hour of a year, where several work by calendars of their own."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import ALWAYS, Calendar, frames
from madoguchi.promises.covering import Stretch, together
from madoguchi.promises.tests.telling import OFFICE

DAYS = Calendar(week=(frames("08:00-20:00"),) * 7)
NIGHTS = Calendar(week=(frames("20:00-08:00"),) * 7)


def test_day_and_night_together_leave_no_minute_of_a_year() -> None:
    found = together({"昼": DAYS, "夜": NIGHTS}, 2026, TOKYO)

    assert (found.hours, found.uncovered, found.others) == (8760, 0, [])
    assert found.each == [("昼", 4380, 4380), ("夜", 4380, 4380)]
    expected = (
        Stretch("00:00-08:00", ("夜",)),
        Stretch("08:00-20:00", ("昼",)),
        Stretch("20:00-24:00", ("夜",)),
    )
    assert found.week == [expected] * 7
    assert together({"昼": DAYS, "夜": NIGHTS}, 2028, TOKYO).hours == 8784


def test_holes_are_named_and_hours_of_both_are_nobodys_alone() -> None:
    found = together({"社内": OFFICE, "昼": DAYS}, 2026, TOKYO)

    assert found.week[0] == (
        Stretch("00:00-08:00", ()),
        Stretch("08:00-09:00", ("昼",)),
        Stretch("09:00-12:00", ("社内", "昼")),
        Stretch("12:00-13:00", ("昼",)),
        Stretch("13:00-18:00", ("社内", "昼")),
        Stretch("18:00-20:00", ("昼",)),
        Stretch("20:00-24:00", ()),
    )
    assert found.uncovered == 365 * 12 * 60
    # An office of 240 days of eight hours never stands alone beside who is there every day.
    assert found.each == [("社内", 1920, 0), ("昼", 4380, 4380 - 1920)]
    assert found.others == []


def test_days_with_more_holes_than_usual_are_told() -> None:
    closed = replace(
        DAYS, closed=frozenset({date(2026, 8, 12)}), changes={date(2026, 12, 31): frames("08:00-12:00")}
    )
    found = together({"昼": closed, "夜": NIGHTS}, 2026, TOKYO)

    assert found.others == [(date(2026, 8, 12), ["08:00-20:00"]), (date(2026, 12, 31), ["12:00-20:00"])]
    assert found.uncovered == (12 + 8) * 60


def test_nobody_covers_nothing() -> None:
    found = together({}, 2026, TOKYO)

    assert (found.uncovered, found.each) == (8760 * 60, [])
    assert found.week == [(Stretch("00:00-24:00", ()),)] * 7


def test_of_a_day_that_is_shorter_all_is_covered() -> None:
    found = together({"always": ALWAYS}, 2026, ZoneInfo("America/New_York"))

    assert (found.hours, found.uncovered, found.others) == (8760, 0, [])


_DAY = st.lists(st.integers(0, 24), min_size=2, max_size=4, unique=True).map(sorted)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    week = []
    for _day in range(7):
        times = draw(_DAY)
        pairs = zip(times[::2], times[1::2], strict=False)
        week.append(frames(*(f"{begin:02}:00-{end:02}:00" for begin, end in pairs)))
    return Calendar(week=tuple(week), holidays=draw(st.booleans()))


@given(calendars(), calendars())
@settings(max_examples=8, deadline=None)
def test_what_is_covered_and_what_is_not_make_up_the_year(one: Calendar, other: Calendar) -> None:
    found = together({"one": one, "other": other}, 2026, TOKYO)
    begin, end = (datetime(year, 1, 1, tzinfo=TOKYO) for year in (2026, 2027))
    minutes = {
        at
        for calendar in (one, other)
        for first, last in calendar.spans(begin, end)
        for at in _hours(first, last)
    }

    assert found.uncovered == found.minutes - 60 * len(minutes)
    for name, hours, alone in found.each:
        assert alone <= hours == {"one": one, "other": other}[name].passed(begin, end) / timedelta(hours=1)


def _hours(first: datetime, last: datetime) -> list[datetime]:
    count = round((last - first).total_seconds() / 3600)
    return [first + timedelta(hours=n) for n in range(count)]
