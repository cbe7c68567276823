"""Shifts as people write them, and how many are there when."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, Frame, Frames, frames
from madoguchi.routing.rosters import MOST_DAYS, Roster, Senseless, covered, holes_of, lines_of, read_lines

# A Tuesday.
DAY = date(2026, 12, 1)
USUAL = "月-金 9:00-12:00, 13:00-18:00"


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("written", "days", "hours"),
    [
        (USUAL, range(5), "09:00-12:00 13:00-18:00"),
        ("mon-fri 9:00-12:00 13:00-18:00", range(5), "09:00-12:00 13:00-18:00"),
        ("土日 10:00〜15:00", (5, 6), "10:00-15:00"),
        ("月・水・金　9:00-13:00", (0, 2, 4), "09:00-13:00"),
        ("金-月 22:00-6:00", (4, 5, 6, 0), "22:00-06:00"),
        ("sat 8:00-12:00", (5,), "08:00-12:00"),
        ("月ー金 9:00ー18:00", range(5), "09:00-18:00"),
        ("月 ～ 金 9:00 - 12:00、13:00 ～ 18:00", range(5), "09:00-12:00 13:00-18:00"),
        ("平日 9時-17時半", range(5), "09:00-17:30"),
        ("毎日 ９：００〜１８：００", range(7), "09:00-18:00"),
        ("月曜日-水曜 9時15分-18時", range(3), "09:15-18:00"),
        ("土 22:00-翌6:00", (5,), "22:00-06:00"),
    ],
)
def test_a_line_names_days_and_hours(written: str, days: range, hours: str) -> None:
    week = read_lines([written, ""]).week
    expected = frames(*hours.split())
    assert [day for day in range(7) if week[day]] == sorted(days)
    assert all(week[day] == expected for day in days)


def test_a_single_day_counts_before_its_day_of_the_week() -> None:
    roster = read_lines([USUAL, "2026-12-01 休", "2026/12/5 10:00-15:00"])
    calendar = roster.calendar()
    assert [calendar.works_on(DAY + timedelta(days=n)) for n in range(6)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    assert roster.days == {DAY: (), date(2026, 12, 5): frames("10:00-15:00")}
    assert lines_of(roster) == [
        ("月-金", "09:00-12:00, 13:00-18:00"),
        ("2026-12-01", "休"),
        ("2026-12-05", "10:00-15:00"),
    ]


def test_two_lines_for_one_day_are_joined_and_the_next_morning_is_said() -> None:
    roster = read_lines(["火 9:00-12:00", "火 18:00-9:00", "2026-12-31(木) 休", "2026-12-31 休"])
    assert lines_of(roster) == [("火", "09:00-12:00, 18:00-翌09:00"), ("2026-12-31", "休")]
    assert read_lines(["月 9:00-12:00", "月-水 13:00-18:00"]).week[0] == frames("13:00-18:00")


@pytest.mark.parametrize(
    "line",
    [
        *("月", "月 ", "あ 9:00-12:00", "月- 9:00-12:00", "月火x 9:00-12:00", "月 9:00", "月 25:00-26:00"),
        *(
            "月 9:00-12:00, 11:00-13:00",
            "2026-02-30 9:00-12:00",
            "9:00-12:00",
            "- 9:00-10:00",
            "月 9:00-翌18:00",
        ),
    ],
)
def test_a_line_that_makes_no_sense_is_named(line: str) -> None:
    with pytest.raises(Senseless) as refused:
        read_lines([USUAL, line])
    assert str(refused.value) == line.strip()


def test_there_are_so_many_single_days_at_most() -> None:
    lines = [f"{DAY + timedelta(days=n)} 休" for n in range(MOST_DAYS + 1)]
    assert len(read_lines(lines[1:]).days) == MOST_DAYS
    with pytest.raises(Senseless):
        read_lines(lines)


@st.composite
def hours(draw: st.DrawFn) -> Frames:
    cuts = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), max_size=6)))
    return tuple(Frame(begin, end) for begin, end in zip(cuts[::2], cuts[1::2], strict=False))


@given(st.tuples(*[hours()] * 7), st.dictionaries(st.dates(date(2000, 1, 1), date(2099, 1, 1)), hours()))
def test_what_is_written_is_read_as_the_same(week: tuple[Frames, ...], days: dict[date, Frames]) -> None:
    roster = Roster(week, days)
    again = read_lines(" ".join(line) for line in lines_of(roster))
    assert (again, again.mark) == (roster, roster.mark)


def test_holes_are_the_open_hours_in_which_nobody_is_at_some_time() -> None:
    early = read_lines(["火 9:00-12:00, 13:00-15:30"]).calendar()
    late = read_lines(["火 10:00-12:00"]).calendar()
    opens = Calendar(week=(frames("09:00-18:00"),) * 7)

    found = covered([early, late], opens, DAY)

    people = [hour.people for hour in found]
    assert people[8:19] == [None, 1, 2, 2, 0, 1, 1, 0, 0, 0, None]
    assert holes_of(found) == [(at(12), at(13)), (at(15), at(18))]


def test_over_midnight_the_next_day_is_covered() -> None:
    night = read_lines(["月 22:00-6:00"]).calendar()
    found = covered([night], Calendar(), DAY)
    assert [hour.people for hour in found][:8] == [1, 1, 1, 1, 1, 1, 0, 0]
    assert holes_of(found) == [(at(6), at(24))]
