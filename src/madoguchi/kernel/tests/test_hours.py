"""Calendars: several frames a day, nights, holidays, closing days, changes, and clocks that are put back or forward."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import ALWAYS, USUAL, Calendar, Frame, Frames, frames, weekdays

MINUTE = timedelta(minutes=1)
NEW_YORK, LONDON, LORD_HOWE = (
    ZoneInfo("America/New_York"),
    ZoneInfo("Europe/London"),
    ZoneInfo("Australia/Lord_Howe"),
)
TWO_FRAMES = frames("09:00-12:00", "13:00-18:00")
SHOP = Calendar(
    week=(TWO_FRAMES,) * 5 + (frames("10:00-15:00"), ()),
    holidays=True,
    on_holidays=frames("10:00-12:00"),
    closed=frozenset({date(2026, 12, 8)}),
    closed_yearly=frozenset({(12, 31), (1, 1), (1, 2), (1, 3)}),
    changes={date(2026, 12, 9): frames("12:00-20:00"), date(2027, 1, 3): frames("11:00-13:00")},
)
NIGHT = Calendar(week=(frames("22:00-06:00"),) * 7)


def tokyo(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=TOKYO)


def spans(calendar: Calendar, begin: str, end: str) -> list[str]:
    zone = calendar.zone
    found = calendar.spans(
        datetime.fromisoformat(begin).replace(tzinfo=zone), datetime.fromisoformat(end).replace(tzinfo=zone)
    )
    return [f"{a.astimezone(zone):%m-%d %H:%M}–{b.astimezone(zone):%m-%d %H:%M}" for a, b in found]


@pytest.mark.parametrize(
    ("written", "begin", "end"),
    [
        ("09:00-18:00", 540, 1080),
        ("9:00〜18:00", 540, 1080),
        ("00:00-24:00", 0, 1440),
        ("22:00-06:00", 1320, 1800),
        ("08:30-08:30", 510, 1950),
    ],
)
def test_how_a_frame_is_written(written: str, begin: int, end: int) -> None:
    assert frames(written) == (Frame(begin, end),)


@pytest.mark.parametrize("written", ["9-18", "09:00", "24:30-25:00", "09:60-10:00", "", "-", "24:00-06:00"])
def test_what_is_no_frame(written: str) -> None:
    with pytest.raises(ValueError):
        frames(written)


def test_a_week_in_several_frames_with_a_holiday_a_closing_day_and_a_change() -> None:
    assert spans(SHOP, "2026-12-04 17:00", "2026-12-10 10:00") == [
        "12-04 17:00–12-04 18:00",
        "12-05 10:00–12-05 15:00",
        "12-07 09:00–12-07 12:00",
        "12-07 13:00–12-07 18:00",
        "12-09 12:00–12-09 20:00",
        "12-10 09:00–12-10 10:00",
    ]


def test_a_holiday_has_hours_of_its_own_and_a_change_counts_before_a_closing_day() -> None:
    assert SHOP.frames_on(date(2026, 11, 23)) == frames("10:00-12:00")
    assert SHOP.frames_on(date(2027, 1, 2)) == ()
    assert SHOP.frames_on(date(2027, 1, 3)) == frames("11:00-13:00")


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    shut = Calendar(week=(frames("22:00-06:00"),) * 7, closed=frozenset({date(2026, 12, 2)}))

    assert spans(shut, "2026-12-01 00:00", "2026-12-04 00:00") == [
        "12-01 00:00–12-01 06:00",
        "12-01 22:00–12-02 06:00",
        "12-03 22:00–12-04 00:00",
    ]
    assert NIGHT.passed(tokyo("2026-12-01 23:00"), tokyo("2026-12-02 23:00")) == timedelta(hours=8)


@pytest.mark.parametrize(
    ("begin", "hours", "due"),
    [
        ("2026-12-04 11:00", 2, "2026-12-04 14:00"),
        # What ends with a frame ends then, and not when the next one begins.
        ("2026-12-04 11:00", 1, "2026-12-04 12:00"),
        ("2026-12-04 12:30", 1, "2026-12-04 14:00"),
        ("2026-12-04 17:00", 7, "2026-12-07 10:00"),
        # Over the closing day into the changed hours.
        ("2026-12-07 17:00", 2, "2026-12-09 13:00"),
        # Over the turn of the year, in which only the third is open, for two hours.
        ("2026-12-30 17:00", 4, "2027-01-04 10:00"),
    ],
)
def test_when_so_many_hours_have_passed(begin: str, hours: int, due: str) -> None:
    assert SHOP.after(tokyo(begin), timedelta(hours=hours)) == tokyo(due)


def test_no_time_has_passed_at_once_and_who_never_opens_never_gets_there() -> None:
    never = Calendar(week=((),) * 7)
    moment = tokyo("2026-12-06 03:00")

    assert SHOP.after(moment, timedelta()) == moment
    assert never.after(moment, MINUTE) is None
    assert never.opens_after(moment) is None
    assert never.end_of_day(moment, 1) is None
    assert never.passed(moment, moment + timedelta(days=900)) == timedelta()


@pytest.mark.parametrize("days", [1, 255, 256, 257, 370, 799])
def test_who_opens_within_the_longest_time_of_being_closed_opens(days: int) -> None:
    moment = tokyo("2026-11-27 09:00")
    opens = moment + timedelta(days=days)
    late = Calendar(week=((),) * 7, changes={opens.date(): frames("09:00-18:00")})

    assert late.opens_after(moment) == opens
    assert late.after(moment, timedelta(hours=1)) == opens + timedelta(hours=1)


def test_whether_and_when_it_opens() -> None:
    assert SHOP.is_open(tokyo("2026-12-04 09:00"))
    assert not SHOP.is_open(tokyo("2026-12-04 12:00"))
    assert SHOP.opens_after(tokyo("2026-12-04 12:00")) == tokyo("2026-12-04 13:00")
    assert SHOP.opens_after(tokyo("2026-12-04 10:30")) == tokyo("2026-12-04 10:30")
    assert SHOP.opens_after(tokyo("2026-12-05 15:00")) == tokyo("2026-12-07 09:00")


@pytest.mark.parametrize(
    ("begin", "days", "end"),
    [
        ("2026-12-04 11:00", 0, "2026-12-04 18:00"),
        ("2026-12-04 18:00", 0, "2026-12-05 15:00"),
        ("2026-12-04 11:00", 2, "2026-12-07 18:00"),
        ("2026-12-06 11:00", 1, "2026-12-09 20:00"),
    ],
)
def test_the_end_of_a_working_day(begin: str, days: int, end: str) -> None:
    assert SHOP.end_of_day(tokyo(begin), days) == tokyo(end)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        *[("2026-11-27", True), ("2026-11-28", False), ("2026-11-29", False), ("2026-11-23", False)],
        *[("2026-12-28", True), ("2026-12-29", False), ("2027-01-01", False), ("2027-01-04", True)],
    ],
)
def test_days_on_which_offices_are_usually_open(day: str, open_: bool) -> None:
    assert USUAL.works_on(date.fromisoformat(day)) is open_
    assert weekdays(time(10), time(17)).works_on(date.fromisoformat(day)) is open_


def hours_on(calendar: Calendar, day: str) -> timedelta:
    begin = datetime.fromisoformat(day).replace(tzinfo=calendar.zone)
    return calendar.passed(begin, begin + timedelta(days=1))


def test_summer_time_leaves_an_hour_out_and_gives_one_back() -> None:
    """New York, 2026: two becomes three on March 8, two becomes one on November 1."""
    early = Calendar(zone=NEW_YORK, week=(frames("00:00-04:00"),) * 7)
    within = Calendar(zone=NEW_YORK, week=(frames("01:15-02:30"),) * 7)

    assert hours_on(early, "2026-03-08") == timedelta(hours=3)
    assert hours_on(early, "2026-11-01") == timedelta(hours=5)
    # 1:15 to 2:00 is there, 2:00 to 2:30 never comes.
    assert hours_on(within, "2026-03-08") == timedelta(minutes=45)
    # 1:15 to 2:00 comes twice.
    assert hours_on(within, "2026-11-01") == timedelta(minutes=45 + 75)


def test_a_frame_that_lies_in_the_hour_that_is_left_out_does_not_come() -> None:
    lost = Calendar(zone=LONDON, week=(frames("01:10-01:50"),) * 7)

    assert hours_on(lost, "2026-03-29") == timedelta()
    assert hours_on(lost, "2026-10-25") == timedelta(minutes=80)


def test_half_an_hour_of_summer_time() -> None:
    assert hours_on(Calendar(zone=LORD_HOWE, week=(frames("01:00-03:00"),) * 7), "2026-10-04") == timedelta(
        minutes=90
    )


# --- against a clock on the wall that is read every minute

MINUTES = st.integers(0, 1439)


@st.composite
def some_frames(draw: st.DrawFn) -> Frames:
    ends = sorted(draw(st.lists(st.integers(0, 96), max_size=6, unique=True)))
    day = [Frame(a * 15, b * 15) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    night = draw(st.booleans())
    return tuple(day) + (
        (Frame(1320, 1320 + draw(st.integers(1, 32)) * 15),) if night and ends[-1:] < [88] else ()
    )


ZONES = [TOKYO, NEW_YORK, LONDON, LORD_HOWE, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/St_Johns")]
# About the days on which the clocks of these zones change, and Japan's golden week.
DAYS = [
    "2026-03-07",
    "2026-03-28",
    "2026-04-04",
    "2026-05-01",
    "2026-10-03",
    "2026-10-24",
    "2026-10-31",
    "2026-12-30",
]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    day = date.fromisoformat(draw(st.sampled_from(DAYS)))
    near = [day + timedelta(days=count) for count in range(5)]
    return Calendar(
        zone=draw(st.sampled_from(ZONES)),
        week=tuple(draw(some_frames()) for _day in range(7)),
        holidays=draw(st.booleans()),
        on_holidays=draw(some_frames()),
        closed=frozenset(draw(st.lists(st.sampled_from(near), max_size=1))),
        changes={one: draw(some_frames()) for one in draw(st.lists(st.sampled_from(near), max_size=1))},
    )


def shown_on_the_wall(calendar: Calendar, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Every minute in which the wall clock shows a time of a frame of this day or of one that went over midnight."""
    at = begin
    while at < end:
        wall = at.astimezone(calendar.zone)
        minute = wall.hour * 60 + wall.minute
        today, yesterday = (
            calendar.frames_on(wall.date()),
            calendar.frames_on(wall.date() - timedelta(days=1)),
        )
        if any(f.begin <= minute < f.end for f in today) or any(minute + 1440 < f.end for f in yesterday):
            yield at
        at += MINUTE


@given(calendars(), st.sampled_from(DAYS), st.integers(0, 48 * 60), st.integers(1, 40 * 60))
@settings(max_examples=60, deadline=None)
def test_time_passes_while_the_wall_clock_shows_a_time_of_a_frame(
    calendar: Calendar, day: str, begin: int, length: int
) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) + begin * MINUTE
    end = start + length * MINUTE

    assert calendar.passed(start, end) == len(list(shown_on_the_wall(calendar, start, end))) * MINUTE


@given(calendars(), st.sampled_from(DAYS), st.integers(0, 48 * 60), st.integers(1, 30 * 60))
@settings(max_examples=100, deadline=None)
def test_after_and_passed_are_one_another_turned_about(
    calendar: Calendar, day: str, begin: int, length: int
) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) + begin * MINUTE
    due = calendar.after(start, length * MINUTE)

    if due is None:
        assert calendar.passed(start, start + timedelta(days=60)) == timedelta()
    else:
        assert calendar.passed(start, due) == length * MINUTE
        assert calendar.passed(start, due - MINUTE) == (length - 1) * MINUTE


@given(calendars(), st.sampled_from(DAYS), st.lists(st.integers(0, 6000), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_what_passes_in_two_parts_passes_in_one(calendar: Calendar, day: str, moments: list[int]) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    first, middle, last = (start + minutes * MINUTE for minutes in sorted(moments))

    assert calendar.passed(first, middle) + calendar.passed(middle, last) == calendar.passed(first, last)
    assert ALWAYS.passed(first, last) == last - first


def test_what_would_take_more_than_ten_years_never_comes_and_costs_no_more_than_that() -> None:
    # given a calendar with one minute a week, and two lengths
    rare = Calendar(week=(frames("09:00-09:01"), (), (), (), (), (), ()))
    monday = tokyo("2026-11-30T00:00")
    # when it is asked when they are over
    soon, late = (rare.after(monday, timedelta(minutes=n)) for n in (52, 5_000_000))
    # then the first is a year away, and the second never: only so many days were looked at
    assert soon == tokyo("2027-11-22T09:01")
    assert late is None
    assert len(rare._known) <= 3653 + 8
