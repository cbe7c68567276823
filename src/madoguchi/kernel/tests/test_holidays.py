"""The days on which offices in Japan are closed."""

from datetime import date

import pytest

from madoguchi.kernel.holidays import holidays, is_business_day


def written(year: int) -> list[str]:
    return [f"{day.month}/{day.day}" for day in sorted(holidays(year))]


def test_the_holidays_of_two_years_as_the_cabinet_office_lists_them() -> None:
    # With the days that stand in for a Sunday, and 9/22 between two holidays.
    assert written(2025) == [
        *("1/1", "1/13", "2/11", "2/23", "2/24", "3/20", "4/29", "5/3", "5/4", "5/5", "5/6"),
        *("7/21", "8/11", "9/15", "9/23", "10/13", "11/3", "11/23", "11/24"),
    ]
    assert written(2026) == [
        *("1/1", "1/12", "2/11", "2/23", "3/20", "4/29", "5/3", "5/4", "5/5", "5/6"),
        *("7/20", "8/11", "9/21", "9/22", "9/23", "10/12", "11/3", "11/23"),
    ]


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-11-27", True),
        ("2026-11-28", False),
        ("2026-11-29", False),
        ("2026-11-23", False),
        ("2026-12-28", True),
        ("2026-12-29", False),
        ("2027-01-01", False),
        ("2027-01-04", True),
    ],
)
def test_weekends_holidays_and_the_turn_of_the_year(day: str, open_: bool) -> None:
    assert is_business_day(date.fromisoformat(day)) is open_
