"""Moments in Japanese and English, to the character."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from madoguchi.look import moments

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 8, 1, 14, 0, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def in_tokyo():
    with timezone.override(TOKYO):
        yield


@pytest.mark.parametrize(
    ("moment", "japanese", "english"),
    [
        (datetime(2026, 8, 1, 13, 5, tzinfo=TOKYO), "13:05", "13:05"),
        (datetime(2026, 8, 1, 17, 0, tzinfo=TOKYO), "17:00", "17:00"),
        (datetime(2026, 7, 31, 23, 59, tzinfo=TOKYO), "昨日", "yesterday"),
        (datetime(2026, 8, 2, 10, 0, tzinfo=TOKYO), "明日 10:00", "tomorrow 10:00"),
        (datetime(2026, 7, 30, 9, 0, tzinfo=TOKYO), "7月30日", "30 Jul"),
        (datetime(2026, 8, 3, 9, 0, tzinfo=TOKYO), "8月3日", "3 Aug"),
        (datetime(2025, 12, 31, 9, 0, tzinfo=TOKYO), "2025年12月31日", "31 Dec 2025"),
        (datetime(2026, 7, 31, 15, 30, tzinfo=UTC), "00:30", "00:30"),
    ],
)
def test_a_near_moment_is_said_shortly(moment, japanese, english):
    with translation.override("ja"):
        assert moments.near(moment, now=NOW) == japanese
    with translation.override("en"):
        assert moments.near(moment, now=NOW) == english


def test_a_full_moment_names_the_day_of_the_week():
    moment = datetime(2026, 8, 1, 1, 0, tzinfo=UTC)
    with translation.override("ja"):
        assert moments.full(moment) == "2026年8月1日(土) 10:00"
    with translation.override("en"):
        assert moments.full(moment) == "Sat 1 Aug 2026, 10:00"


@pytest.mark.parametrize(
    ("left", "japanese", "english"),
    [
        (timedelta(minutes=12, seconds=59), "あと 12分", "12 min left"),
        (timedelta(seconds=30), "あと 0分", "0 min left"),
        (timedelta(hours=2, minutes=48), "あと 2時間48分", "2 h 48 min left"),
        (timedelta(hours=3), "あと 3時間", "3 h left"),
        (timedelta(days=1, hours=5), "あと 1日", "1 day left"),
        (timedelta(days=3), "あと 3日", "3 days left"),
        (timedelta(minutes=-75), "1時間15分 超過", "1 h 15 min over"),
    ],
)
def test_remaining_time_is_rounded_down(left, japanese, english):
    with translation.override("ja"):
        assert moments.remaining(left) == japanese
    with translation.override("en"):
        assert moments.remaining(left) == english
