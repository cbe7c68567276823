"""When a time is that somebody names: by which calendar, over month's and year's ends, and what names none."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import ALWAYS, Calendar, frames
from madoguchi.promises.spoken_times import moments_in, number

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
OFFICE = Calendar(week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2, holidays=True)
SHOP = Calendar(week=(frames("10:00-20:00"),) * 6 + (frames("11:00-17:00"),))
NIGHT = Calendar(week=(frames("22:00-06:00"),) * 7)
NEVER = Calendar(week=((),) * 7)
_SIGNS = "〇一二三四五六七八九"


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=TOKYO)


def due(text: str, at: str, calendar: Calendar = OFFICE) -> list[str]:
    """When the times of a text are, said at a moment in Japan."""
    found = moments_in(normalize("NFKC", text), at=moment(at), calendar=calendar)
    return [f"{one.due_at.astimezone(TOKYO):%Y-%m-%d %H:%M}" for one in found]


# 2026-04-29 is a holiday, and so are 05-03 (a Sunday) to 05-06, by which Sunday's is made up for.
GOLDEN_WEEK = [
    # said on a Tuesday, a Thursday, a Friday
    ("翌営業日に", "2026-04-28 10:00", "2026-04-30 18:00"),
    ("1営業日以内に", "2026-04-28 23:30", "2026-04-30 18:00"),
    ("翌営業日までに", "2026-05-01 10:00", "2026-05-07 18:00"),
    ("3営業日以内に", "2026-04-30 10:00", "2026-05-08 18:00"),
    ("2、3営業日中に", "2026-04-30 10:00", "2026-05-08 18:00"),
    ("十営業日以内に", "2026-04-28 10:00", "2026-05-18 18:00"),
    ("within 2 business days", "2026-05-01 10:00", "2026-05-08 18:00"),
    ("within two working days", "2026-04-30 10:00", "2026-05-07 18:00"),
    ("週明けに", "2026-05-01 10:00", "2026-05-07 18:00"),
    ("週明けの月曜日に", "2026-04-24 10:00", "2026-04-27 18:00"),
    ("今週中に", "2026-04-28 10:00", "2026-05-01 18:00"),
    ("週末までに", "2026-04-28 10:00", "2026-05-01 18:00"),
    ("来週中に", "2026-04-28 10:00", "2026-05-08 18:00"),
    ("来週頭に", "2026-04-28 10:00", "2026-05-07 18:00"),
    ("再来週初めに", "2026-04-28 10:00", "2026-05-11 18:00"),
    ("再来週いっぱいで", "2026-04-28 10:00", "2026-05-15 18:00"),
    # a day that is named is that day, though nobody works then
    ("明日中に", "2026-04-28 10:00", "2026-04-29 23:59"),
    ("来週の水曜日までに", "2026-04-28 10:00", "2026-05-06 23:59"),
    ("5月6日までに", "2026-04-28 10:00", "2026-05-06 23:59"),
    ("7日以内に", "2026-04-29 10:00", "2026-05-06 23:59"),
]

MONTHS_AND_YEARS = [
    ("月末までに", "2026-11-10 09:00", "2026-11-30 18:00"),
    ("月末に", "2027-02-10 09:00", "2027-02-28 23:59"),  # a Sunday
    ("今月末までに", "2028-02-10 09:00", "2028-02-29 18:00"),  # a leap year
    ("来月末までに", "2027-01-31 09:00", "2027-02-28 23:59"),
    ("翌月末に", "2026-12-01 09:00", "2027-01-31 23:59"),
    ("再来月中に", "2026-11-30 09:00", "2027-01-31 23:59"),
    ("今月いっぱいで", "2026-11-30 09:00", "2026-11-30 18:00"),
    ("年末までに", "2026-11-30 09:00", "2026-12-31 18:00"),
    ("今年中には", "2027-01-01 00:00", "2027-12-31 18:00"),
    ("10日までに", "2026-12-10 09:00", "2026-12-10 18:00"),  # today
    ("10日までに", "2026-12-11 09:00", "2027-01-10 23:59"),  # gone for this month
    ("今月25日までに", "2026-12-10 09:00", "2026-12-25 18:00"),
    ("来月の15日15時までに", "2026-12-10 09:00", "2027-01-15 15:00"),
    ("翌月5日に", "2026-12-10 09:00", "2027-01-05 18:00"),
    ("再来月1日までに", "2026-12-10 09:00", "2027-02-01 18:00"),
    ("1月8日に", "2026-12-10 09:00", "2027-01-08 18:00"),  # long gone, so the next
    ("12月9日までに", "2026-12-10 09:00", "2026-12-09 18:00"),  # just gone, so this one
    ("10月11日に", "2026-12-10 09:00", "2026-10-11 23:59"),  # sixty days ago
    ("10月10日に", "2026-12-10 09:00", "2027-10-10 23:59"),  # sixty-one
    ("2/29までに", "2027-12-10 09:00", "2028-02-29 18:00"),  # the next one that there is
    ("2028年2月29日までに", "2026-12-10 09:00", "2028-02-29 18:00"),
    ("2027/1/15までに", "2026-12-10 09:00", "2027-01-15 18:00"),
    ("2027-1/15までに", "2026-12-10 09:00", "2027-01-15 18:00"),
    ("12月25日の15時30分までに", "2026-12-10 09:00", "2026-12-25 15:30"),
    ("12月25日（金）正午までに", "2026-12-10 09:00", "2026-12-25 12:00"),
    ("12/25(金曜日)の午前中に", "2026-12-10 09:00", "2026-12-25 12:00"),
    ("2か月以内に", "2026-12-10 09:00", "2027-02-08 18:00"),  # of thirty days each
    ("二ヶ月以内に", "2026-12-10 09:00", "2027-02-08 18:00"),
    ("52週間以内に", "2026-12-10 09:00", "2027-12-09 18:00"),
    ("366日以内に", "2026-12-10 09:00", "2027-12-11 23:59"),
]

HOURS = [
    # 2026-12-02 is a Wednesday
    ("半日ほどで", "2026-12-02 20:00", "2026-12-03 08:00"),
    ("45分以内に", "2026-12-02 23:30", "2026-12-03 00:15"),
    ("1、2時間程度で", "2026-12-02 10:30", "2026-12-02 12:30"),
    ("二、三時間後に", "2026-12-02 10:30", "2026-12-02 13:30"),
    ("48時間以内に", "2026-12-02 10:30", "2026-12-04 10:30"),
    ("999時間以内に", "2026-12-02 10:30", "2027-01-13 01:30"),
    ("in 2 hours", "2026-12-02 10:30", "2026-12-02 12:30"),
    ("within the next 2 days", "2026-12-02 10:30", "2026-12-04 18:00"),
    ("within an hour", "2026-12-02 10:30", "2026-12-02 11:30"),
    ("in three days", "2026-12-02 10:30", "2026-12-05 23:59"),
    ("within a week", "2026-12-02 10:30", "2026-12-09 18:00"),
    ("by end of day", "2026-12-02 10:30", "2026-12-02 18:00"),
    ("until the end of the day", "2026-12-02 10:30", "2026-12-02 18:00"),
    ("before Wednesday", "2026-12-02 10:30", "2026-12-09 18:00"),  # today is meant by “today”
    ("on Thursday", "2026-12-02 10:30", "2026-12-03 18:00"),
    ("by next Thursday", "2026-12-02 10:30", "2026-12-10 18:00"),
    ("next sunday", "2026-12-02 10:30", "2026-12-13 23:59"),
    ("水曜日までに", "2026-12-02 10:30", "2026-12-09 18:00"),
    ("今週の水曜日までに", "2026-12-02 10:30", "2026-12-02 18:00"),
    ("今週の月曜日までに", "2026-12-02 10:30", "2026-11-30 18:00"),  # gone: no promise is made of it
    ("日曜に", "2026-12-02 10:30", "2026-12-06 23:59"),
    ("金曜の夕方までに", "2026-12-02 10:30", "2026-12-04 18:00"),
    ("土曜10時頃に", "2026-12-02 10:30", "2026-12-05 10:00"),
    ("本日20時までに", "2026-12-02 10:30", "2026-12-02 20:00"),
    ("今日の夜8時までに", "2026-12-02 10:30", "2026-12-02 20:00"),
    ("本日夕方5時半までに", "2026-12-02 10:30", "2026-12-02 17:30"),
    ("明朝ではなく明日の朝9時に", "2026-12-02 10:30", "2026-12-03 09:00"),
    ("午前0時までに", "2026-12-02 10:30", "2026-12-02 00:00"),
    ("本日24時までに", "2026-12-02 10:30", "2026-12-03 00:00"),
    ("午後12時までに", "2026-12-02 10:30", "2026-12-02 12:00"),
    ("12月31日24時までに", "2026-12-02 10:30", "2027-01-01 00:00"),
    ("正午までに", "2026-12-02 10:30", "2026-12-02 12:00"),
    ("夕方までに", "2026-12-02 10:30", "2026-12-02 18:00"),
    ("17時を目処に", "2026-12-02 10:30", "2026-12-02 17:00"),
    ("2時間を目途に", "2026-12-02 10:30", "2026-12-02 12:30"),
    ("しあさってまでに", "2026-12-02 10:30", "2026-12-05 23:59"),
    ("明々後日に", "2026-12-02 10:30", "2026-12-05 23:59"),
]

NO_TIME = [
    "24時30分までに",  # the clock ends at 24
    "25時までに",
    "10時75分までに",
    "13月1日までに",
    "4月31日までに",
    "来月31日までに",  # said in January: February has none
    "367日以内に",
    "53週間以内に",
    "13か月以内に",
    "二三十日以内に",  # no number
    "3時間",  # a length alone
    "10時の便",
    "第3日曜",
    "31日間",
    "within hours",
    "one day",
    "",
]


@pytest.mark.parametrize(("text", "at", "expected"), [*GOLDEN_WEEK, *MONTHS_AND_YEARS, *HOURS])
def test_when_a_time_is(text: str, at: str, expected: str) -> None:
    assert due(text, at) == [expected]


@pytest.mark.parametrize("text", NO_TIME)
def test_what_is_no_time_is_left_alone(text: str) -> None:
    assert due(text, "2027-01-04 10:00") == []


@pytest.mark.parametrize(
    ("calendar", "text", "at", "expected"),
    [
        (SHOP, "明日中に", "2026-12-04 10:30", "2026-12-05 20:00"),  # Saturday is a working day
        (SHOP, "翌営業日に", "2026-12-05 10:30", "2026-12-06 17:00"),
        (SHOP, "今週中に", "2026-12-02 10:30", "2026-12-06 17:00"),
        (SHOP, "3営業日以内に", "2026-12-04 10:30", "2026-12-07 20:00"),
        (NIGHT, "本日中に", "2026-12-02 10:30", "2026-12-02 23:59"),  # work ends on the next day
        (ALWAYS, "明日中に", "2026-12-02 10:30", "2026-12-03 23:59"),
        (ALWAYS, "1営業日以内に", "2026-12-05 10:30", "2026-12-06 23:59"),
        (NEVER, "明日中に", "2026-12-02 10:30", "2026-12-03 23:59"),
        (NEVER, "今週中に", "2026-12-02 10:30", "2026-12-06 23:59"),
        (NEVER, "週明けに", "2026-12-02 10:30", "2026-12-07 23:59"),
        (NEVER, "3営業日以内に", "2026-12-02 10:30", None),
        (NEVER, "翌営業日に", "2026-12-02 10:30", None),
    ],
)
def test_days_end_by_the_calendar_of_the_desk(
    calendar: Calendar, text: str, at: str, expected: str | None
) -> None:
    assert due(text, at, calendar) == ([expected] if expected else [])


def test_today_is_that_of_the_zone_of_the_calendar() -> None:
    """Half past ten in Tokyo is half past eight of the evening before in New York."""
    new_york = Calendar(zone=ZoneInfo("America/New_York"), week=(frames("09:00-17:00"),) * 5 + ((),) * 2)

    (found,) = moments_in("今日中に", at=moment("2026-12-03 10:30"), calendar=new_york)

    assert found.due_at == datetime(2026, 12, 2, 23, 59, tzinfo=ZoneInfo("America/New_York"))


def test_the_words_stand_where_they_are_said_to_stand() -> None:
    text = "返金は3営業日以内に、交換品は12月25日までにお送りし、明日15時にお電話します。"

    found = moments_in(text, at=moment("2026-12-02 10:30"), calendar=OFFICE)

    assert [(one.words, text[one.begin : one.end]) for one in found] == [
        ("3営業日以内に", "3営業日以内に"),
        ("12月25日までに", "12月25日までに"),
        ("明日15時に", "明日15時に"),
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [("0", 0), ("007", 7), ("〇", 0), ("一〇", 10), ("二五", 25), ("十", 10), ("十五", 15), ("九十九", 99)],
)
def test_numbers_in_signs(written: str, value: int) -> None:
    assert number(written) == value


@pytest.mark.parametrize("count", range(1, 100))
def test_every_number_up_to_ninety_nine_is_read_as_it_is_written(count: int) -> None:
    tens, ones = divmod(count, 10)
    signs = (_SIGNS[tens] if tens > 1 else "") + "十" * bool(tens) + (_SIGNS[ones] if ones else "")

    assert number(signs) == count


@AT_ANY_SPEED
@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(1, 40))
def test_working_days_are_counted_one_by_one(today: date, count: int) -> None:
    """So many working days lie between, the last of them among them, and nothing else is counted."""
    at = datetime(today.year, today.month, today.day, 12, tzinfo=TOKYO)

    (found,) = moments_in(f"{count}営業日以内に", at=at, calendar=OFFICE)

    last = found.due_at.date()
    between = [today + timedelta(days=n) for n in range(1, (last - today).days + 1)]
    assert sum(OFFICE.works_on(day) for day in between) == count
    assert OFFICE.works_on(last)
    assert f"{found.due_at:%H:%M}" == "18:00"


@AT_ANY_SPEED
@given(st.integers(0, 4 * 365 * 24 * 60), st.integers(1, 999))
def test_hours_and_minutes_are_exact(minutes: int, count: int) -> None:
    at = moment("2026-01-01 00:00") + timedelta(minutes=minutes)

    found = [moments_in(f"{count}{unit}以内に", at=at, calendar=OFFICE)[0] for unit in ("分", "時間")]

    assert [one.due_at - at for one in found] == [timedelta(minutes=count), timedelta(hours=count)]


@AT_ANY_SPEED
@given(st.dates(date(2026, 1, 1), date(2029, 12, 31)))
def test_the_end_of_a_month_is_before_the_first_of_the_next(today: date) -> None:
    at = datetime(today.year, today.month, today.day, 9, tzinfo=TOKYO)

    (end,) = moments_in("今月末までに", at=at, calendar=OFFICE)
    (first,) = moments_in("来月1日までに", at=at, calendar=OFFICE)

    assert (first.due_at.date() - end.due_at.date()).days == 1
    assert (end.due_at.date().year, end.due_at.date().month) == (today.year, today.month)


@AT_ANY_SPEED
@given(
    st.lists(
        st.sampled_from(
            [*(row[0] for row in (*GOLDEN_WEEK, *HOURS)), "、", "。", "\n", "ご連絡", "3", "時", "まで", " "]
        ),
        max_size=12,
    )
)
def test_times_stand_in_their_order_and_none_within_another(parts: list[str]) -> None:
    text = normalize("NFKC", "".join(parts))

    found = moments_in(text, at=moment("2026-12-02 10:30"), calendar=OFFICE)

    assert all(before.end <= after.begin for before, after in pairwise(found))
    assert all(text[one.begin : one.end].strip("、 ") == one.words for one in found)
