"""What a page shows of service levels: policies in words, how much of a year their calendars cover, and what they
would have meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from madoguchi.administration.forms.calendars import fits_the_form
from madoguchi.administration.forms.levels import policy_fits_the_form
from madoguchi.administration.forms.policy_acts import PRIORITY_NAMES, act_in_words
from madoguchi.cases.models import Severity
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.fields.models import Matter
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.look.moments import span
from madoguchi.people.queries import staff_of_desk
from madoguchi.promises.coverage import ClosedDay, Coverage, coverage_of
from madoguchi.promises.document import ALWAYS_NAME, Document, calendar_from
from madoguchi.promises.located import Wrong
from madoguchi.promises.long_trial import found_by
from madoguchi.promises.models import LevelsTrial
from madoguchi.promises.policy import PRIORITIES, Act, Facts, Metric, Policy
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
    """A calendar of the policies, with what it leaves out of the year in words; `place` among those of the text, where
    the form can hold it.
    """

    name: str
    place: int | None
    coverage: Coverage
    week: Sequence[tuple[str, str]]
    closed: Sequence[ClosedDay]


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of a policy: how its time is counted, and how long it may take, the most urgent first."""

    name: str
    time: str
    lengths: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A policy in words, at its place; `plain` is one that the form can hold."""

    place: int
    name: str
    conditions: Sequence[tuple[str, str]]
    measured: Sequence[Measured]
    warn: int
    plain: bool
    acts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to say of policies as they stand in a form, or are kept."""

    policies: Sequence[PolicyShown]
    calendars: Sequence[CalendarShown]
    trial: Trial | None
    kept: Sequence[tuple[str, int, int, int, str]]
    acts: Sequence[tuple[str, str, str, str, int]] = ()
    text: str = ""


def shown_levels(desk: Desk, text: str, *, tries: bool = False) -> Shown:
    """The same for a text. Raises Wrong for one that is not right."""
    policies = read_text(text.replace("\r\n", "\n"))
    return _shown(desk, text, try_levels(desk, policies) if tries else None)


def shown_trial(trial: LevelsTrial) -> Shown:
    """What a trial on all cases of 90 days has found so far, as `shown_levels` shows what was tried at once."""
    return _shown(trial.desk, trial.text, found_by(trial))


def _shown(desk: Desk, text: str, trial: Trial | None) -> Shown:
    policies = read_text(text.replace("\r\n", "\n"))
    kept = [
        (metric_name(one.metric), one.kept, one.broken, one.running, _percent(one.rate))
        for one in (trial.kept if trial else ())
    ]
    matters = matters_of(desk)
    people = people_of(desk) if any(one.acts for one in policies) else []
    shown = [_policy(place, one, matters, people) for place, one in enumerate(policies, 1)]
    done = [
        (
            policy,
            metric_name(metric),
            moment_in_words(act),
            act_in_words(replace(act, metrics=frozenset()), people),
            n,
        )
        for policy, metric, act, n in (trial.acts if trial else ())
    ]
    return Shown(shown, _calendars(policies, Document.read(text).calendars), trial, kept, done, text)


def shown_in(desk: Desk, form: Form, *, tries: bool) -> Shown | None:
    """The same for what a form holds as a text; None, with the reason beside the field, where that is not right."""
    try:
        return shown_levels(desk, form["text"].value() or "", tries=tries)
    except Wrong as error:
        if tries:
            form.is_valid()
            form.add_error("text", said_here(error))
        return None


def matters_of(desk: Desk) -> dict[str, str]:
    """The kinds of matter of a desk by their ids, those out of use as well. One query."""
    rows = Matter.objects.filter(desk=desk).order_by("place", "id")
    return {str(pk): name for pk, name in rows.values_list("pk", "name")}


def people_of(desk: Desk) -> list[tuple[str, str]]:
    """Who may be named in what a policy does: address and name of those who work at the desk. One query."""
    return list(staff_of_desk(desk.pk, company=desk.company_id).values_list("email", "name"))


def moment_in_words(act: Act) -> str:
    """How far from the time being due an act is done."""
    if not act.offset:
        return _("When it runs out")
    words = _("%(length)s before") if act.offset < timedelta() else _("%(length)s after")
    return words % {"length": length_in_words(abs(act.offset))}


def conditions_in_words(when: Facts, matters: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each fact of a case that is asked for by its name, and which values of it."""
    return [
        (_FACTS[name](), "・".join(_value(name, one, matters) for one in sorted(values)))
        for name, values in when.items()
    ]


def length_in_words(length: timedelta) -> str:
    """A length of time in hours and minutes, however long: nobody counts working hours in days."""
    hours, minutes = divmod(int(length.total_seconds() // 60), 60)
    if hours >= 24:
        whole = _("%(n)s h") % {"n": f"{hours:,}"}
        return f"{whole}{span(timedelta(minutes=minutes))}" if minutes else whole
    return span(length)


def _policy(
    place: int, policy: Policy, matters: Mapping[str, str], people: Sequence[tuple[str, str]]
) -> PolicyShown:
    measured = [
        _measured(metric, policy) for metric in Metric if any(m == metric for m, _p in policy.targets)
    ]
    conditions = conditions_in_words(policy.when, matters)
    warn = round(policy.warn_share * 100)
    acts = [(moment_in_words(act), act_in_words(act, people)) for act in policy.acts]
    return PolicyShown(place, policy.name, conditions, measured, warn, policy_fits_the_form(policy), acts)


def _measured(metric: Metric, policy: Policy) -> Measured:
    each = {name: policy.target(metric, name) for name in reversed(PRIORITIES)}
    business = {target.business for target in each.values() if target}
    times = [_("working hours: %(name)s") % {"name": policy.calendar_name}] * (True in business)
    times += [_("by the clock")] * (False in business)
    lengths = [
        (str(PRIORITY_NAMES[name]), length_in_words(target.length) if target else "—")
        for name, target in each.items()
    ]
    return Measured(metric_name(metric), "・".join(times), lengths)


_FACTS: Mapping[str, Any] = {
    "priority": lambda: _("Priority"),
    "channel": lambda: _("Channel"),
    "matter": lambda: _("Kind of matter"),
    "tags": lambda: _("Tags"),
    "desk": lambda: _("Desk"),
    "customer": lambda: _("Customer"),
    "language": lambda: _("Language"),
    "severity": lambda: _("Severity"),
    "account": lambda: _("Business customer"),
    "account_rank": lambda: _("Rank of the account"),
}


def _value(name: str, value: str, matters: Mapping[str, str]) -> str:
    if name == "priority":
        return str(PRIORITY_NAMES[value])
    if name == "severity":
        return str(Severity[value.upper()].label) if value.upper() in Severity.__members__ else value
    if name == "channel":
        return str(dict(EntryPoint.Kind.choices).get(value, value))
    return matters.get(value, value) if name == "matter" else value


def _calendars(policies: Sequence[Policy], written: Mapping[str, Any]) -> list[CalendarShown]:
    """Those of the text in their order, and what else policies count by."""
    named = {name: calendar_from(one) for name, one in written.items()}
    named |= {one.calendar_name: one.calendar for one in policies if one.calendar_name not in named}
    places = {name: place for place, name in enumerate(written, 1) if fits_the_form(named[name])}
    year = clock.now().astimezone(TOKYO).year + 1
    return [_calendar(name, places.get(name), coverage_of(one, year)) for name, one in named.items()]


def _calendar(name: str, place: int | None, coverage: Coverage) -> CalendarShown:
    week = [(str(WEEKDAYS[day]), "、".join(holes)) for day, holes in coverage.week]
    shown = name if name not in ("", ALWAYS_NAME) else _("round the clock")
    return CalendarShown(shown, place, coverage, week, coverage.closed)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate * 100:.1f}%"
