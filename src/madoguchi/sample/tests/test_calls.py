"""When the sample's callers call, and how it goes: without a database."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from madoguchi.kernel import clock
from madoguchi.sample.calls import A_DAY, SampleCall, calls_before
from madoguchi.voice.queries import ONE_MATTER

CALLERS = ["+81900000000", "+81900000001", "+81900000002"]
# Tuesday 24 November 2026, in Tokyo.
EARLY, MORNING, NIGHT = (
    datetime(2026, 11, 23, 23, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 2, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 13, 0, tzinfo=UTC),
)
SUNDAY = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
WHENEVER = pytest.mark.parametrize("now", [EARLY, MORNING, NIGHT, SUNDAY])


def calls(now: datetime, callers: list[str] = CALLERS) -> list[SampleCall]:
    return sorted(calls_before(now, callers), key=lambda call: call.at)


def today(now: datetime) -> list[SampleCall]:
    day = now.astimezone(clock.TOKYO).date()
    return [call for call in calls(now) if call.at.astimezone(clock.TOKYO).date() == day]


@WHENEVER
def test_all_are_over_by_now_and_the_same_each_time(now: datetime) -> None:
    found = calls(now)

    assert found == calls(now)
    ends = [call.at + timedelta(seconds=call.waits + call.talks + call.wraps) for call in found]
    assert max(ends) < now


@WHENEVER
def test_of_days_before_all_lie_within_the_hours_of_the_desk_and_none_on_a_sunday(now: datetime) -> None:
    before = [call.at.astimezone(clock.TOKYO) for call in calls(now) if call.at < now - timedelta(days=1)]

    assert {at.weekday() for at in before} <= {0, 1, 2, 3, 4, 5}
    assert all(9 <= at.hour < 18 for at in before)


@pytest.mark.parametrize(("now", "count"), [(EARLY, A_DAY), (MORNING, A_DAY), (NIGHT, A_DAY), (SUNDAY, 0)])
def test_today_has_calls_also_before_the_desk_opens_but_not_where_it_stays_closed(
    now: datetime, count: int
) -> None:
    assert len(today(now)) == count


@WHENEVER
def test_of_who_gave_up_lately_no_case_would_come(now: datetime) -> None:
    lately = [call for call in calls(now) if not call.talks and call.at > now - 2 * ONE_MATTER]

    assert {call.caller for call in lately} <= {""}


def test_who_gave_up_earlier_calls_again_within_minutes_and_gets_through() -> None:
    found = calls(MORNING)
    gave_up = [call for call in found if not call.talks and call.caller]

    assert gave_up
    for call in gave_up:
        later = [one for one in found if one.caller == call.caller and one.at > call.at]
        assert later[0].at - call.at < timedelta(minutes=10)
        assert later[0].talks > 0


def test_where_no_number_is_known_all_are_withheld() -> None:
    found = calls(MORNING, [])

    assert {call.caller for call in found} == {""}
    assert all(one.at <= other.at for one, other in pairwise(found))
