"""When what is collected leaves."""

from datetime import datetime, time

import pytest

from madoguchi.following.digest import is_due, last_moment
from madoguchi.following.models import Way, Wishes


def at(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+09:00")


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-12-01T08:59", "2026-11-30T09:00"),  # Tuesday, before the time
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("2026-12-06T12:00", "2026-12-04T09:00"),  # Sunday: Friday's
        ("2026-11-23T12:00", "2026-11-20T09:00"),  # 勤労感謝の日
        ("2027-01-02T12:00", "2026-12-28T09:00"),  # the turn of the year
    ],
)
def test_daily_means_business_days_at_ones_own_time(now: str, moment: str) -> None:
    assert last_moment(Wishes(digest_at=time(9)), now=at(now)) == at(moment)


def test_hourly_means_full_hours_on_any_day() -> None:
    assert last_moment(Wishes(hourly=True), now=at("2026-12-06T23:59")) == at("2026-12-06T23:00")


@pytest.mark.parametrize(
    ("way", "since", "now", "due"),
    [
        (Way.MAIL, "2026-12-01T10:00", "2026-12-01T10:00", True),
        (Way.DIGEST, "2026-12-01T10:00", "2026-12-01T10:59", False),
        (Way.DIGEST, "2026-12-01T10:00", "2026-12-01T11:00", True),
        # Nobody was there to send it in time: it leaves then.
        (Way.DIGEST, "2026-12-01T10:00", "2026-12-01T14:30", True),
        (Way.BELL, "2026-12-01T10:00", "2026-12-02T10:00", False),
        (Way.NONE, "2026-12-01T10:00", "2026-12-02T10:00", False),
    ],
)
def test_what_waited_since_then_is_due(way: Way, since: str, now: str, due: bool) -> None:
    assert is_due(way, since=at(since), wishes=Wishes(hourly=True), now=at(now)) is due
