"""A calendar being written: the form beside the text in which it will stand."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from madoguchi.administration.forms.calendars import CalendarForm, fits_the_form, said_of_calendar
from madoguchi.administration.policy_forms import own_calendar, version_of
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.hours import Calendar
from madoguchi.promises.document import Document, calendar_from
from madoguchi.promises.editing import put_calendar, text_at
from madoguchi.promises.models import ServiceLevels


@dataclass(slots=True)
class CalendarWriting:
    """A calendar of a desk on its way into the text, in place of the one called `before` (empty: a new one)."""

    desk: Desk
    form: CalendarForm
    before: str

    def saved(self, *, by: Actor) -> ServiceLevels:
        """Write it, as `put_calendar` does."""
        data = self.form.cleaned_data
        where = {"name": data["name"], "before": self.before, "version": data["version"]}
        return put_calendar(self.desk, self.form.written(), **where, by=by)


def calendar_writing_of(
    desk: Desk, levels: ServiceLevels | None, *, data: QueryDict | None, place: int | None
) -> CalendarWriting:
    """A calendar that is written anew (`place` None), or changed. Raises NotFound where nothing is kept yet, for a
    place that there is not, and for a calendar that says more than the form can hold.
    """
    if levels is None:
        raise NotFound(desk.pk)
    version = version_of(levels, data)
    named = Document.read(text_at(levels, version)).calendars
    name, calendar = ("", calendar_from(own_calendar(desk))) if place is None else _at(named, place)
    said = said_of_calendar(name, calendar) | {"version": version}
    return CalendarWriting(desk, CalendarForm(data, initial=said), name)


def _at(named: dict[str, Any], place: int) -> tuple[str, Calendar]:
    if not 1 <= place <= len(named):
        raise NotFound(place)
    name = list(named)[place - 1]
    calendar = calendar_from(named[name])
    if not fits_the_form(calendar):
        raise NotFound(place)
    return name, calendar
