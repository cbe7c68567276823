"""The national holidays of Japan."""

from datetime import date

from madoguchi.kernel.holidays import holidays


def written(year: int) -> list[str]:
    return [f"{day.month}/{day.day}" for day in holidays(year)]


def test_the_holidays_of_three_years_as_the_cabinet_office_lists_them() -> None:
    # With the days that stand in for a Sunday, 9/22 between two holidays, and what was moved for the games of 2021.
    assert written(2021) == [
        *("1/1", "1/11", "2/11", "2/23", "3/20", "4/29", "5/3", "5/4", "5/5"),
        *("7/22", "7/23", "8/8", "8/9", "9/20", "9/23", "11/3", "11/23"),
    ]
    assert written(2025) == [
        *("1/1", "1/13", "2/11", "2/23", "2/24", "3/20", "4/29", "5/3", "5/4", "5/5", "5/6"),
        *("7/21", "8/11", "9/15", "9/23", "10/13", "11/3", "11/23", "11/24"),
    ]
    assert written(2026) == [
        *("1/1", "1/12", "2/11", "2/23", "3/20", "4/29", "5/3", "5/4", "5/5", "5/6"),
        *("7/20", "8/11", "9/21", "9/22", "9/23", "10/12", "11/3", "11/23"),
    ]


def test_they_have_names() -> None:
    names = holidays(2026)

    assert names[date(2026, 1, 12)] == "成人の日"
    assert "勤労感謝の日" in names[date(2026, 11, 23)]
    assert date(2026, 11, 24) not in names
