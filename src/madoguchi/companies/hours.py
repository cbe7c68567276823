"""The hours of a desk as a calendar. Pure."""

from madoguchi.companies.models import Desk
from madoguchi.kernel.hours import Calendar, weekdays


def calendar_of(desk: Desk) -> Calendar | None:
    """When the desk's people are at work; None where nobody has said."""
    if desk.opens is None or desk.closes is None or desk.opens >= desk.closes:
        return None
    return weekdays(desk.opens, desk.closes)
