"""The form of a calendar by which the times of a desk are counted."""

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import Calendar, Frames
from madoguchi.promises.located import Wrong, read_json
from madoguchi.promises.reading_calendar import read_calendar
from madoguchi.promises.wording import words_in

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BETWEEN = re.compile(r"[\s,、，・]+")
_CLOSED = (["closed"], ["休"], ["休み"], ["休業"])
# A day as people write it, of one year or of each: 2026年12月8日, 2026/12/8, 12月8日, 12/8.
_YEAR = r"(?:(?P<year>\d{4})\s*(?:年|[/.-])\s*)?"
_DAY = re.compile(_YEAR + r"(?P<month>\d{1,2})\s*(?:月|[/.-])\s*(?P<day>\d{1,2})\s*日?")
_UNTIL = re.compile(r"(?<=日)\s*(?:-|から|/)\s*(?=\d)")
_WHOLE_WEEK = {"mon": ["09:00-18:00"]}
_FIELD = re.compile(r"week\.(\w+)|(holiday_hours|closed|changes)")


class CalendarForm(forms.Form):
    """The hours of a week, holidays, days that are closed, and days with hours of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(label=_("Name"), max_length=100)
    holidays = forms.BooleanField(
        label=_("National holidays of Japan have hours of their own"), required=False
    )
    holiday_hours = forms.CharField(
        label=_("Hours on holidays"), required=False, max_length=100, help_text=_("Empty: closed.")
    )
    closed = forms.CharField(
        label=_("Closing days"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: 2026-12-08, 2026-08-12/2026-08-16, or every year 12-29/01-03."),
    )
    changes = forms.CharField(
        label=_("Days with other hours"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One a line: the day, then its hours: 2026-11-30 10:00-16:00, or closed: 2026-12-07 closed."
        ),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for number, day in enumerate(DAYS):
            self.fields[day] = forms.CharField(label=WEEKDAYS[number], required=False, max_length=100)

    def week(self) -> list[Any]:
        """The fields of the days."""
        return [self[day] for day in DAYS]

    def clean(self) -> None:
        """What `read_calendar` says, beside the field that it is about."""
        super().clean()
        if self.errors:
            return
        if not any(_hours(self.cleaned_data[day]) for day in DAYS):
            self.add_error("mon", gettext("Write the hours of at least one day: 09:00-18:00."))
            return
        parts = [wrong for part in self._parts() if (wrong := _wrong(part))]
        whole = None if parts else _wrong(self.written())
        for field, words in [*parts, *([whole] if whole else [])]:
            self.add_error(field if field in self.fields else None, words)

    def _parts(self) -> list[dict[str, Any]]:
        """Each line, and the hours of each day, as a calendar of its own: of all that is wrong everything is said."""
        whole = self.written()
        found: list[dict[str, Any]] = [{"week": {day: hours}} for day, hours in whole["week"].items()]
        other = {"week": _WHOLE_WEEK}
        found += [other | {"closed": [line]} for line in whole.get("closed", [])]
        found += [other | {"changes": {day: hours}} for day, hours in whole.get("changes", {}).items()]
        hours = whole.get("holiday_hours")
        return [*found, *([other | {"holidays": "JP", "holiday_hours": hours}] if hours else [])]

    def written(self) -> dict[str, Any]:
        """The calendar as `docs/clocks.md` writes it."""
        data = self.cleaned_data
        changed = (day_in(line).partition(" ") for line in _lines(data["changes"]))
        found: dict[str, Any] = {
            "week": {day: hours for day in DAYS if (hours := _hours(data[day]))},
            "closed": [days_in(line) for line in _lines(data["closed"])],
            "changes": {day: _hours(hours) or "closed" for day, _space, hours in changed},
        }
        if data["holidays"]:
            found |= {"holidays": "JP", "holiday_hours": _hours(data["holiday_hours"])}
        return {name: one for name, one in found.items() if one}


def days_in(line: str) -> str:
    """A day, or the first and last of several, as a calendar writes them; what is none stays as it is."""
    first, until, last = _UNTIL.sub("/", line).partition("/") if "日" in line else (line, "", "")
    days = [_written_day(part) for part in (first, last) if part]
    if len(days) == 2 and until and re.fullmatch(r"\d\d-\d\d", days[1]) and len(days[0]) > len(days[1]):
        days[1] = f"{days[0][:4]}-{days[1]}"
    return "/".join(days)


def day_in(line: str) -> str:
    """A line that begins with a day, with that as a calendar writes it."""
    found = _DAY.match(line)
    rest = line[found.end() :].strip() if found else ""
    return f"{_written_day(found[0])} {rest}".strip() if found else line


def _written_day(said: str) -> str:
    found = _DAY.fullmatch(said.strip())
    if not found:
        return said
    day = f"{int(found['month']):02d}-{int(found['day']):02d}"
    return f"{found['year']}-{day}" if found["year"] else day


def _wrong(calendar: dict[str, Any]) -> tuple[str | None, str] | None:
    """What is wrong with a calendar, and the field that it is about."""
    try:
        read_calendar(read_json(json.dumps(calendar)))
    except Wrong as error:
        found = _FIELD.match(error.field)
        words = words_in((get_language() or "ja")[:2])(error.words)
        said = words % error.values if error.values else words
        return (found[1] or found[2]) if found else None, said
    return None


def said_of_calendar(name: str, calendar: Calendar) -> dict[str, Any]:
    """What the fields of a calendar hold."""
    none = gettext("closed")
    changes = [f"{day} {_joined(hours) or none}" for day, hours in sorted(calendar.changes.items())]
    return {
        "name": name,
        "holidays": calendar.holidays,
        "holiday_hours": _joined(calendar.on_holidays),
        "closed": "\n".join([*_yearly(calendar.closed_yearly), *_ranges(calendar.closed)]),
        "changes": "\n".join(changes),
        **{day: _joined(hours) for day, hours in zip(DAYS, calendar.week, strict=True)},
    }


def fits_the_form(calendar: Calendar) -> bool:
    """Whether the form can hold it: it is in Japan's time."""
    return calendar.zone == TOKYO


def _joined(hours: Frames) -> str:
    return "、".join(map(str, hours))


def _hours(written: str) -> list[str]:
    found = [one for one in _BETWEEN.split(_plain(written)) if one]
    return [] if found in _CLOSED else found


def _lines(written: str) -> list[str]:
    return [" ".join(line.split()) for line in _plain(written).splitlines() if line.strip()]


def _plain(written: str) -> str:
    return unicodedata.normalize("NFKC", written).replace("〜", "-").replace("~", "-").replace("–", "-")


def _yearly(days: Iterable[tuple[int, int]]) -> list[str]:
    """Days of every year as stretches; one over the turn of the year is one."""
    leap = sorted(date(2024, month, day) for month, day in days)
    found = _stretches(leap)
    if len(found) > 1 and found[0][0] == date(2024, 1, 1) and found[-1][1] == date(2024, 12, 31):
        found = [*found[1:-1], (found[-1][0], found[0][1])]
    return [_between(f"{first:%m-%d}", f"{last:%m-%d}") for first, last in found]


def _ranges(days: Iterable[date]) -> list[str]:
    return [_between(first.isoformat(), last.isoformat()) for first, last in _stretches(sorted(days))]


def _between(first: str, last: str) -> str:
    return first if first == last else f"{first}/{last}"


def _stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
