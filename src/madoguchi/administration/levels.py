"""What a page shows of service levels: how much of a year their calendars cover, and what they would have meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.forms import Form
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.promises.coverage import ClosedDay, Coverage, coverage_of
from madoguchi.promises.located import Wrong
from madoguchi.promises.policy import Policy
from madoguchi.promises.queries import metric_name, read_text, said_here
from madoguchi.promises.trial import Trial, try_levels

EXAMPLE = """\
{
  "calendar": {
    "name": "平日",
    "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]},
    "holidays": "JP",
    "closed": ["12-29/01-03"]
  },
  "name": "標準",
  "targets": {
    "first_reply": {"urgent": 60, "high": 120, "normal": 240, "low": 480},
    "next_reply": "PT4H",
    "resolution": "PT24H"
  }
}
"""


@dataclass(frozen=True, slots=True)
class CalendarShown:
    """A calendar of the policies, with what it leaves out of the year in words."""

    name: str
    coverage: Coverage
    week: Sequence[tuple[str, str]]
    closed: Sequence[ClosedDay]


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to say of the policies as they stand in the form."""

    calendars: Sequence[CalendarShown]
    trial: Trial | None
    kept: Sequence[tuple[str, int, int, int, str]]


def shown_levels(desk: Desk, form: Form, *, tries: bool) -> Shown | None:
    """The same for what the form holds; None, with the reason beside the field, where that is not right."""
    text = form["text"].value() or ""
    try:
        policies = read_text(text.replace("\r\n", "\n"))
    except Wrong as error:
        if tries:
            form.is_valid()
            form.add_error("text", said_here(error))
        return None
    trial = try_levels(desk, policies) if tries else None
    kept = [
        (metric_name(one.metric), one.kept, one.broken, one.running, _percent(one.rate))
        for one in (trial.kept if trial else ())
    ]
    return Shown(_calendars(policies), trial, kept)


def _calendars(policies: Sequence[Policy]) -> list[CalendarShown]:
    named = {policy.calendar_name: policy.calendar for policy in policies}
    year = clock.now().astimezone(TOKYO).year + 1
    return [_calendar(name or _("round the clock"), coverage_of(one, year)) for name, one in named.items()]


def _calendar(name: str, coverage: Coverage) -> CalendarShown:
    week = [(str(WEEKDAYS[day]), "、".join(holes)) for day, holes in coverage.week]
    return CalendarShown(name, coverage, week, coverage.closed)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * 100:.1f}%"
