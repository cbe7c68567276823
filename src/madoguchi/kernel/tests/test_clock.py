"""The present moment, held still where wanted."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.kernel import clock

NOON = datetime(2026, 4, 1, 12, tzinfo=clock.TOKYO)


def test_it_goes_on_by_itself_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_it_can_be_held_and_held_within() -> None:
    with clock.held_at(NOON):
        assert clock.now() == NOON
        with clock.held_at(NOON + timedelta(hours=1)):
            assert clock.now() == NOON + timedelta(hours=1)
        assert clock.now() == NOON
    assert clock.now() > NOON


def test_it_goes_on_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), clock.held_at(datetime(1999, 1, 1, tzinfo=UTC)):
        raise ZeroDivisionError
    assert clock.now().year > 1999


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.held_at(datetime(2026, 4, 1)):  # noqa: DTZ001
        pass
