"""How often: counted in the database, by windows of time."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.infra import limits
from madoguchi.infra.limits import TooOften
from madoguchi.infra.models import RateCount
from madoguchi.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def test_up_to_the_limit_it_may_be_done_and_then_no_more() -> None:
    with clock.held_at(NOON + timedelta(seconds=15)):
        for _ in range(3):
            limits.count("form 203.0.113.5", most=3, seconds=60)
        with pytest.raises(TooOften) as refused:
            limits.count("form 203.0.113.5", most=3, seconds=60)
    assert refused.value.seconds == 45
    assert str(refused.value) == "too often: try again in 45 seconds"


def test_in_the_next_window_it_may_be_done_again() -> None:
    with clock.held_at(NOON):
        limits.count("form", most=1, seconds=60)
    with clock.held_at(NOON + timedelta(seconds=59)), pytest.raises(TooOften):
        limits.count("form", most=1, seconds=60)
    with clock.held_at(NOON + timedelta(seconds=60)):
        limits.count("form", most=1, seconds=60)


def test_keys_are_counted_apart() -> None:
    with clock.held_at(NOON):
        limits.count("a", most=1, seconds=60)
        limits.count("b", most=1, seconds=60)
        with pytest.raises(TooOften):
            limits.count("a", most=1, seconds=60)


def test_old_windows_are_forgotten_and_the_present_one_is_kept() -> None:
    for hours in (0, 1, 2):
        with clock.held_at(NOON + timedelta(hours=hours)):
            limits.count("form", most=5, seconds=60)
    assert limits.forget_before(int((NOON + timedelta(hours=1)).timestamp())) == 1
    assert RateCount.objects.count() == 2
