"""The national holidays of Japan (国民の祝日に関する法律), with the days that stand in for one. Pure."""

from datetime import date, timedelta
from functools import lru_cache

import jpholiday


@lru_cache(maxsize=4096)
def holiday_name(day: date) -> str:
    """What the holiday on this day is called; empty where there is none."""
    return jpholiday.is_holiday_name(day) or ""


def holidays(year: int) -> dict[date, str]:
    """The holidays of a year, in order, and what each is called."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days))
    return {day: holiday_name(day) for day in days if holiday_name(day)}
