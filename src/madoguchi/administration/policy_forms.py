"""A policy being written: the form beside the text in which it will stand."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.administration.forms.levels import FACTS_IN_FORM, OWN_HOURS, PolicyForm, policy_fits_the_form
from madoguchi.administration.levels import (
    Shown,
    conditions_in_words,
    matters_of,
    people_of,
    shown_levels,
)
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.promises.document import ALWAYS_NAME, Document
from madoguchi.promises.editing import put, put_policy, text_at
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.policy import PRIORITIES, Metric, Policy
from madoguchi.promises.queries import read_text

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

    `before` is how it, or the one of which it is a copy, is written; what no field shows of it stays. `others` are
    those of its conditions, in words.
    """

    desk: Desk
    document: Document
    form: PolicyForm
    place: int | None
    before: Mapping[str, Any]
    others: Sequence[tuple[str, str]]

    def saved(self, *, by: Actor) -> ServiceLevels:
        """Write it, as `put_policy` does."""
        policy, calendar = self._written()
        version = self.form.cleaned_data["version"]
        return put_policy(self.desk, policy, place=self.place, calendar=calendar, version=version, by=by)

    def tried(self) -> Shown:
        """What the text with it would have meant. Nothing is changed."""
        return shown_levels(self.desk, self.text(), tries=True)

    def text(self) -> str:
        """The text with it, as it stood when the form was filled."""
        policy, calendar = self._written()
        document = deepcopy(self.document)
        put(document, policy, place=self.place, calendar=calendar)
        return document.text()

    def _written(self) -> tuple[dict[str, Any], Any]:
        chosen, calendar = self.form.cleaned_data["calendar"], None
        if chosen == OWN_HOURS:
            chosen, calendar = _own_name(), own_calendar(self.desk)
        return self.form.written(calendar=chosen, before=self.before), calendar


def writing_of(
    desk: Desk, levels: ServiceLevels | None, *, data: QueryDict | None, place: int | None, copy: str = ""
) -> Writing:
    """A policy that is written anew (`place` None), as a copy of another where an address names one, or changed.

    Raises NotFound for a place that there is not, and for a policy that says more than the form can hold.
    """
    version = version_of(levels, data)
    document = Document.read(text_at(levels, version))
    read = read_text(document.text()) if document.policies else ()
    like = place if place is not None or not _is_number(copy) else int(copy)
    policy = None if like is None else _at(read, like)
    before = {} if like is None else document.policies[like - 1]
    if policy and place is None:
        policy = replace(policy, name=_name_of_copy(policy))
        before = before | {"name": policy.name}
    begun = {"version": version, "calendar": next(iter(document.calendars), OWN_HOURS)}
    if policy is None:
        begun |= _begun()
    form = PolicyForm(
        data,
        calendars=_calendars(desk, document),
        matters=list(matters_of(desk).items()),
        policy=policy,
        begun=begun,
        people=people_of(desk),
        taken=[one.name for number, one in enumerate(read, 1) if number != place],
    )
    return Writing(desk, document, form, place, before, _others(policy))


def version_of(levels: ServiceLevels | None, data: QueryDict | None) -> int:
    """The version from which what is sent was filled (0 where it names none); the latest where nothing is sent."""
    if not data:
        return levels.version if levels else 0
    sent = data.get("version", "")
    return int(sent) if _is_number(sent) else 0


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


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) < 10


def _at(read: tuple[Policy, ...], place: int) -> Policy:
    if not 1 <= place <= len(read) or not policy_fits_the_form(read[place - 1]):
        raise NotFound(place)
    return read[place - 1]


def _others(policy: Policy | None) -> list[tuple[str, str]]:
    when = policy.when if policy else {}
    return conditions_in_words({name: one for name, one in when.items() if name not in FACTS_IN_FORM}, {})


def _name_of_copy(policy: Policy) -> str:
    return (_("%(name)s (copy)") % {"name": policy.name})[:100]


def _begun() -> dict[str, Any]:
    return {"warn": 80} | {
        f"{metric}_{priority}": timedelta(hours=hours)
        for metric, each in _BEGIN.items()
        for priority, hours in zip(PRIORITIES, each, strict=True)
    }
