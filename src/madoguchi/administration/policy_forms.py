"""A policy being written: the form beside the text in which it will stand."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.administration.forms.levels import OWN_HOURS, PolicyForm
from madoguchi.administration.levels import Shown, matters_of, shown_levels
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.promises.document import ALWAYS_NAME, Document, is_plain
from madoguchi.promises.editing import put, put_policy, text_at
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.policy import PRIORITIES, Metric, Policy
from madoguchi.promises.queries import read_text

_IN_FORM = ("priority", "channel", "matter", "tags")
_USUAL_HOURS = ("09:00", "18:00")
# With what a new policy begins: hours by priority, the least urgent first.
_BEGIN = {
    Metric.FIRST_REPLY: (8, 4, 2, 1),
    Metric.NEXT_REPLY: (8, 4, 2, 1),
    Metric.RESOLUTION: (40, 24, 16, 8),
}


@dataclass(slots=True)
class Writing:
    """A policy of a desk on its way into the text: at a `place` of it, or (None) behind all others.

    `others` are conditions of it that no field shows; they stay.
    """

    desk: Desk
    document: Document
    form: PolicyForm
    place: int | None
    others: Mapping[str, Any] = field(default_factory=dict)

    def saved(self, *, by: Actor) -> ServiceLevels:
        """Write it, as `put_policy` does."""
        policy, calendar = self._written()
        version = self.form.cleaned_data["version"]
        return put_policy(self.desk, policy, place=self.place, calendar=calendar, version=version, by=by)

    def tried(self) -> Shown:
        """What the text with it would have meant. Nothing is changed."""
        policy, calendar = self._written()
        document = deepcopy(self.document)
        put(document, policy, place=self.place, calendar=calendar)
        return shown_levels(self.desk, document.text(), tries=True)

    def _written(self) -> tuple[dict[str, Any], Any]:
        chosen, calendar = self.form.cleaned_data["calendar"], None
        if chosen == OWN_HOURS:
            chosen, calendar = _own_name(), own_calendar(self.desk)
        return self.form.written(calendar=chosen, others=self.others), calendar


def writing_of(
    desk: Desk, levels: ServiceLevels | None, *, data: QueryDict | None, place: int | None, copy: str = ""
) -> Writing:
    """A policy that is written anew (`place` None), as a copy of another where an address names one, or changed.

    Raises NotFound for a place that there is not, and for a policy that says more than the form can hold.
    """
    version = version_of(levels, data)
    document = Document.read(text_at(levels, version))
    read = read_text(document.text()) if document.policies else ()
    policy = _at(read, place) if place is not None else _copied(read, copy)
    begun = {"version": version, "calendar": next(iter(document.calendars), OWN_HOURS)}
    if policy is None:
        begun |= _begun()
    when = document.policies[place - 1].get("when", {}) if place is not None else {}
    others = {name: one for name, one in when.items() if name not in _IN_FORM}
    form = PolicyForm(
        data,
        calendars=_calendars(desk, document),
        matters=list(matters_of(desk).items()),
        policy=policy,
        begun=begun,
    )
    return Writing(desk, document, form, place, others)


def version_of(levels: ServiceLevels | None, data: QueryDict | None) -> int:
    """The version of which is spoken: that from which a form was filled, else the latest."""
    sent = data.get("version", "") if data else ""
    return int(sent) if sent.isdecimal() and len(sent) < 10 else (levels.version if levels else 0)


def own_calendar(desk: Desk) -> dict[str, Any]:
    """The hours at which the desk is at work on business days, as a calendar of the text; the usual ones, where
    nobody has said.
    """
    known = desk.opens is not None and desk.closes is not None
    first, last = (f"{desk.opens:%H:%M}", f"{desk.closes:%H:%M}") if known else _USUAL_HOURS
    return {"week": {"mon-fri": f"{first}-{last}"}, "holidays": "JP", "closed": ["12-29/01-03"]}


def _own_name() -> str:
    return _("Working hours of the desk")


def _calendars(desk: Desk, document: Document) -> list[tuple[str, str]]:
    own = own_calendar(desk)
    choices = [(name, name) for name in document.calendars]
    if own not in document.calendars.values():
        label = _("Hours of the desk: Monday to Friday %(hours)s, without holidays and the turn of the year")
        choices.append((OWN_HOURS, label % {"hours": own["week"]["mon-fri"]}))
    return [*choices, (ALWAYS_NAME, _("round the clock"))]


def _at(read: tuple[Policy, ...], place: int) -> Policy:
    if not 1 <= place <= len(read) or not is_plain(read[place - 1]):
        raise NotFound(place)
    return read[place - 1]


def _copied(read: tuple[Policy, ...], copy: str) -> Policy | None:
    if not copy.isdecimal():
        return None
    found = _at(read, int(copy))
    name = (_("%(name)s (copy)") % {"name": found.name})[:100]
    return Policy(name, found.targets, found.calendar, found.calendar_name, found.when, found.warn_share)


def _begun() -> dict[str, Any]:
    return {"warn": 80} | {
        f"{metric}_{priority}": timedelta(hours=hours)
        for metric, each in _BEGIN.items()
        for priority, hours in zip(PRIORITIES, each, strict=True)
    }
