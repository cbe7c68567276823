"""How soon a desk answers, in the words of its settings page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.models import ReplyTime
from madoguchi.cases.reply_time import ANY_HOUR, hours_of
from madoguchi.delivery.wording import usual_reply_time


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A part of the week, what customers who write then are told, and of how many cases that was measured."""

    part: str
    told: str
    cases: int


def lines_of(measured: Iterable[ReplyTime]) -> list[WaitLine]:
    """A line for each part of the week that was measured."""
    return [WaitLine(_part(row.slot), usual_reply_time(row.seconds), row.cases) for row in measured]


def _part(slot: str) -> str:
    if slot == ANY_HOUR:
        return _("At any hour")
    weekend, begin, end = hours_of(slot)
    if weekend:
        return _("Saturdays, Sundays and holidays, %(begin)d:00 to %(end)d:00") % {"begin": begin, "end": end}
    return _("Monday to Friday, %(begin)d:00 to %(end)d:00") % {"begin": begin, "end": end}
