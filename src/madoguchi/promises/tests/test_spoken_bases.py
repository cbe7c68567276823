"""From when a time counts: from now, from a day that is named, or from what nobody knows yet; and whose act it is."""

from datetime import datetime

import pytest

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, frames
from madoguchi.promises.spoken import promises_in

# A Wednesday.
NOW = datetime(2026, 12, 2, 10, 30, tzinfo=TOKYO)
EVENING = NOW.replace(hour=19)
OFFICE = Calendar(week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2, holidays=True)


def dues(text: str, at: datetime = NOW) -> list[str]:
    """When what a text promises is due."""
    found = promises_in(text, at=at, calendar=OFFICE)
    return [f"{one.due_at.astimezone(TOKYO):%m-%d %H:%M}" for one in found]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("本日より3営業日以内にご返金いたします。", "12-07 18:00"),
        ("今日から3日以内に発送いたします。", "12-05 23:59"),
        ("本日より1週間以内に発送いたします。", "12-09 18:00"),
        ("今から30分以内にお電話いたします。", "12-02 11:00"),
        ("ただいまより2時間以内にご連絡いたします。", "12-02 12:30"),
        # The first of the days is tomorrow itself.
        ("明日以降3営業日以内に発送いたします。", "12-07 18:00"),
        ("明日から3日以内に発送いたします。", "12-05 23:59"),
        ("明後日より3営業日以内に発送いたします。", "12-08 18:00"),
        ("担当者より3営業日以内にご連絡いたします。", "12-07 18:00"),
        ("弊社より24時間以内にご連絡いたします。", "12-03 10:30"),
        ("混み合っておりますから、3営業日以内にご連絡いたします。", "12-07 18:00"),
        ("今後、3営業日以内にご案内いたします。", "12-07 18:00"),
        ("3日から5日以内に発送いたします。", "12-07 18:00"),
        ("We will reply within 2 business days.", "12-04 18:00"),
        ("We will reply within 24 hours from now.", "12-03 10:30"),
    ],
)
def test_a_length_counts_from_the_day_that_is_said_before_it(text: str, due: str) -> None:
    assert dues(text) == [due]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("明日はお休みのため、明後日にご連絡いたします。", "12-04 18:00"),
        ("本日は定休日のため、明日ご連絡いたします。", "12-03 18:00"),
        ("明日は休業日ですので、金曜日までにご返信いたします。", "12-04 18:00"),
        ("本日休業のため、明日ご連絡いたします。", "12-03 18:00"),
        ("明日の休業のため、4日までにご連絡いたします。", "12-04 18:00"),
        ("明日、お電話いたします。", "12-03 18:00"),
        ("明日には発送いたします。", "12-03 18:00"),
        ("明日の15時にお電話いたします。", "12-03 15:00"),
    ],
)
def test_a_day_that_is_only_spoken_of_is_no_time(text: str, due: str) -> None:
    assert dues(text) == [due]


@pytest.mark.parametrize(
    "text",
    [
        "商品到着後7日以内に返金いたします。",
        "商品の到着後、7日以内に返金いたします。",
        "ご返品の商品が届いてから3営業日以内に返金いたします。",
        "入金確認後、3営業日以内に発送いたします。",
        "入金確認後、弊社より3営業日以内に発送いたします。",
        "ご入金の翌営業日に発送いたします。",
        "到着日の翌日より7日以内に返金いたします。",
        "12月10日から3営業日以内に発送いたします。",
        "確認でき次第、2時間以内にご連絡いたします。",
        "明日から24時間以内にご連絡いたします。",
        "明日15時より発送いたします。",
        "We will refund you within 7 days of receiving the item.",
        "We will ship within 3 business days after payment.",
    ],
)
def test_what_counts_from_something_that_is_still_to_happen_is_left_alone(text: str) -> None:
    assert dues(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("お客様には明日までに確認いただきます。", []),
        ("明日までにご返送頂きます。", []),
        ("明日までに確認させていただきます。", ["12-03 18:00"]),
        ("明日14時に伺わせていただきます。", ["12-03 14:00"]),
        ("お待ちいただきますが、明日までにご連絡いたします。", ["12-03 18:00"]),
    ],
)
def test_what_the_customer_is_to_do_is_no_promise_of_ours(text: str, found: list[str]) -> None:
    assert dues(text) == found


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("今夜12時までにご連絡いたします。", "12-03 00:00"),
        ("明日の夜12時までにご連絡いたします。", "12-04 00:00"),
        ("今夜1時までに復旧いたします。", "12-03 01:00"),
        ("今夜8時までにご連絡いたします。", "12-02 20:00"),
        ("本日24時までにご連絡いたします。", "12-03 00:00"),
    ],
)
def test_midnight_is_the_end_of_the_day(text: str, due: str) -> None:
    assert dues(text) == [due]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("本日中にご連絡いたします。", "12-02 23:59"),
        ("今日中に発送いたします。", "12-02 23:59"),
        ("We will reply today.", "12-02 23:59"),
        ("明日中にご連絡いたします。", "12-03 18:00"),
    ],
)
def test_after_work_today_goes_on_until_it_ends(text: str, due: str) -> None:
    assert dues(text, EVENING) == [due]
