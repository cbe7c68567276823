"""Shifts as pages show them: of the people one leads, one's own of the coming days, and how many are there when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import staff_by_desk
from madoguchi.promises.ledger import calendar_for
from madoguchi.routing.queries import members_led
from madoguchi.routing.rosters import Hour, Roster, covered, holes_of, lines_of
from madoguchi.routing.shifts import Lost, calendars_of, rosters_of

DAYS, COMING = 7, 14


class ShiftsForm(forms.Form):
    """When somebody works."""

    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    shifts = forms.CharField(
        label=_("Shifts"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "A line each: a day or days, and the hours: mon-fri 9:00-12:00, 13:00-18:00. A single day:"
            " 2026-12-31 10:00-15:00, or 2026-12-31 off. What lies between two times is a break. Leave it empty for"
            " who is bound by no shifts."
        ),
    )


class FileForm(forms.Form):
    """Shifts of several people at once."""

    file = forms.FileField(
        label=_("CSV file"), help_text=_("With the columns email, day and hours, as it is saved here.")
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that takes weekly shifts away: from whom (`lost`), what is said of it, and the file (`lines`), which is
    taken in once it was agreed to.
    """

    lost: Sequence[Lost]
    words: str
    lines: str
    missed: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's, and their hours of it."""

    day: date
    hours: Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Covered:
    """A day of a desk: of each hour how few are there, and in which hours nobody is at some time of them."""

    day: date
    hours: Sequence[Hour]
    holes: Sequence[tuple[datetime, datetime]]


def led_with_shifts(actor: Actor) -> list[tuple[OperatorMember, Sequence[tuple[str, str]]]]:
    """The people whom the reader leads, with their shifts as lines. Two queries."""
    members = list(members_led(actor)[:500])
    rosters = rosters_of([one.pk for one in members])
    return [(one, lines_of(rosters.get(one.pk, Roster()))) for one in members]


def text_of(roster: Roster) -> str:
    """A roster as the form has it."""
    return "\n".join(" ".join(line) for line in lines_of(roster))


def own_days(person: int) -> list[Day] | None:
    """When somebody works in the coming fortnight; None for who has no shifts. One query."""
    calendars = calendars_of([person]).get(person)
    if calendars is None:
        return None
    first = _midnight(clock.today())
    found = []
    for number in range(COMING):
        begin = first + timedelta(days=number)
        spans = [span for one in calendars for span in one.spans(begin, begin + timedelta(days=1))]
        found.append(Day(begin.date(), sorted(spans)))
    return found


def desks_covered(actor: Actor) -> list[Desk]:
    """The desks at which the reader leads people."""
    return desks_of(actor, permission=Permission.CASE_TAKE_OVER)


def coverage(actor: Actor, desk: int, first: date) -> tuple[Desk, list[Covered], int]:
    """How many of the people whom the reader leads are at a desk in each hour of a week in which it is open, and of how
    many shifts are written. Raises NotFound.
    """
    found = next((one for one in desks_covered(actor) if one.pk == desk), None)
    if found is None:
        raise NotFound(desk)
    led = set(members_led(actor).values_list("user_id", flat=True))
    people = calendars_of(staff_by_desk([desk]).get(desk, set()) & led, desk=desk)
    calendars = [one for person in people.values() for one in person]
    opens = calendar_for(found)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    hours = [(day, covered(calendars, opens, day)) for day in days]
    return found, [Covered(day, each, holes_of(each)) for day, each in hours], len(people)


def hours_open(days: Sequence[Covered]) -> range:
    """From the first to the last hour in which the desk is open on any of these days."""
    found = [number for day in days for number, hour in enumerate(day.hours) if hour.people is not None]
    return range(min(found), max(found) + 1) if found else range(24)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.TOKYO)
