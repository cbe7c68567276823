"""Days of a calendar as people write them, and everything that is wrong said at once. No database."""

from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.administration.forms.calendars import CalendarForm, day_in, days_in


def form(**given: str) -> CalendarForm:
    return CalendarForm({"version": "1", "name": "平日", "mon": "09:00-18:00"} | given, initial={})


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("12月31日", "12-31"),
        ("1月3日", "01-03"),
        ("12-31", "12-31"),
        ("2026年12月8日", "2026-12-08"),
        ("2026年 12月 8日", "2026-12-08"),
        ("12月29日-1月3日", "12-29/01-03"),
        ("12月29日から1月3日", "12-29/01-03"),
        ("2026年8月12日-2026年8月16日", "2026-08-12/2026-08-16"),
        ("2026年8月12日-8月16日", "2026-08-12/2026-08-16"),
        ("12-29/01-03", "12-29/01-03"),
        ("2026-08-12/2026-08-16", "2026-08-12/2026-08-16"),
        ("2026-12-08", "2026-12-08"),
        ("年末", "年末"),
    ],
)
def test_days_are_understood_as_people_write_them(said: str, written: str) -> None:
    assert days_in(said) == written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("2026年11月30日 10:00-16:00", "2026-11-30 10:00-16:00"),
        ("2026年12月7日 休み", "2026-12-07 休み"),
        ("2026/12/7 休み", "2026-12-07 休み"),
        ("2026-11-30 10:00-16:00", "2026-11-30 10:00-16:00"),
        ("いつか 休み", "いつか 休み"),
    ],
)
def test_so_are_days_with_other_hours(said: str, written: str) -> None:
    assert day_in(said) == written


def test_a_calendar_in_words_is_the_same_as_one_in_figures() -> None:
    words = form(closed="12月29日〜1月3日\n2026年12月8日", changes="2026年11月30日 10:00〜16:00")
    figures = form(closed="12-29/01-03\n2026-12-08", changes="2026-11-30 10:00-16:00")

    assert (words.is_valid(), figures.is_valid()) == (True, True)
    assert words.written() == figures.written()
    assert words.written()["closed"] == ["12-29/01-03", "2026-12-08"]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with override("ja"):
        wrong = form(
            mon="9時から",
            tue="18:00-09:00x",
            closed="年末\n2026-12-08\n13月1日",
            changes="いつか 10:00-16:00",
            holidays="on",
            holiday_hours="昼",
        )
        valid = wrong.is_valid()

    said: dict[str, Any] = {name: len(errors) for name, errors in wrong.errors.items()}
    assert not valid
    assert said == {"mon": 1, "tue": 1, "closed": 2, "changes": 1, "holiday_hours": 1}
