"""The forms of what a desk keeps towards its customers: a policy, and the whole as a text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.lengths import LengthField
from madoguchi.administration.forms.parts import offer
from madoguchi.administration.forms.policy_acts import PRIORITY_NAMES, acts_form, fits_a_row
from madoguchi.cases.models import Severity
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.kernel.hours import ALWAYS
from madoguchi.promises.document import ALWAYS_NAME, is_plain, with_conditions, with_targets
from madoguchi.promises.durations import LONGEST
from madoguchi.promises.policy import PRIORITIES, USUAL_HOLDS, Hold, Metric, Policy, Target
from madoguchi.promises.queries import metric_name
from madoguchi.promises.reading_acts import written_acts

OWN_HOURS = "desk:"
HOLDS = {
    Hold.CUSTOMER: _("We wait for the customer"),
    Hold.THIRD: _("We wait for somebody else"),
    Hold.NEW: _("The case is new"),
    Hold.UNASSIGNED: _("Nobody is responsible"),
}
_WARNINGS = (50, 60, 70, 75, 80, 85, 90, 95)
_CHOSEN = ("priority", "channel", "matter", "severity", "account_rank")
FACTS_IN_FORM = (*_CHOSEN, "tags")
_SEVERITIES = [(one.name.lower(), one.label) for one in Severity if one]
_RANKS = [(one.value, one.label) for one in Customer.Rank if one]
_MEASURES = {f"{metric}_{part}" for metric in Metric for part in (*PRIORITIES, "time", "holds")}
_TIMES_HANG_ON = {"calendar", "priority", *_MEASURES}
# What sets tags apart in their field, or cannot be written there.
_NO_TAG = re.compile(r"[,、\r\n\0]|^$")
_LONGEST_TAGS = 400
_TIMES = [("business", _("Working hours")), ("calendar", _("By the clock"))]


class LevelsForm(forms.Form):
    """Policies with their calendars, as `docs/clocks.md` writes them."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label=_("Policies and calendars (JSON)"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "First and next reply, update, wait, work and resolution: by priority, and by which calendar."
        ),
    )


class PolicyForm(forms.Form):
    """A policy: for which cases it is, and how long each thing may take for each priority."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    name = forms.CharField(label=_("Name"), max_length=100)
    priority = forms.MultipleChoiceField(
        label=_("Priority"),
        required=False,
        choices=list(PRIORITY_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    channel = forms.MultipleChoiceField(
        label=_("Channel"),
        required=False,
        choices=EntryPoint.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    matter = forms.MultipleChoiceField(
        label=_("Kind of matter"), required=False, widget=forms.CheckboxSelectMultiple
    )
    severity = forms.MultipleChoiceField(
        label=_("Severity"), required=False, choices=_SEVERITIES, widget=forms.CheckboxSelectMultiple
    )
    account_rank = forms.MultipleChoiceField(
        label=_("Rank of the account"), required=False, choices=_RANKS, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=_LONGEST_TAGS,
        help_text=_("One of them is enough. Several are set apart by commas."),
    )
    calendar = forms.ChoiceField(label=_("Which working hours"))
    warn = forms.TypedChoiceField(label=_("Warn beforehand"), coerce=int)

    def __init__(
        self,
        data: Any = None,
        *,
        calendars: Sequence[tuple[str, Any]],
        matters: Sequence[tuple[str, str]],
        policy: Policy | None = None,
        begun: Mapping[str, Any],
        people: Sequence[tuple[str, str]] = (),
        taken: Iterable[str] = (),
    ) -> None:
        self.taken = frozenset(taken)
        initial: dict[str, Any] = dict(begun) | (_said(policy) if policy else {})
        super().__init__(data, initial=initial)
        self.acts = acts_form(data, people=people, acts=policy.acts if policy else ())
        offer(self.fields["calendar"], calendars)
        offer(self.fields["channel"], _and_what_is_set(EntryPoint.Kind.choices, initial.get("channel", ())))
        for name, offered in (("severity", _SEVERITIES), ("account_rank", _RANKS)):
            offer(self.fields[name], _and_what_is_set(offered, initial.get(name, ())))
        of_matters = _and_what_is_set(matters, initial.get("matter", ()))
        offer(self.fields["matter"], of_matters)
        if not of_matters:
            del self.fields["matter"]
        percents = sorted({*_WARNINGS, initial.get("warn", 80)})
        offer(self.fields["warn"], [(one, _passed(one)) for one in percents])
        for metric in Metric:
            self._measure(metric)

    def _measure(self, metric: Metric) -> None:
        name = metric_name(metric)
        for priority in reversed(PRIORITIES):
            named = f"{name} {PRIORITY_NAMES[priority]}"
            self.fields[f"{metric}_{priority}"] = LengthField(named=named)
        self.fields[f"{metric}_time"] = forms.ChoiceField(
            label=_("Counted"), choices=_TIMES, required=False, initial="business"
        )
        self.fields[f"{metric}_holds"] = forms.MultipleChoiceField(
            label=_("Stands still while"),
            required=False,
            choices=[(hold.value, label) for hold, label in HOLDS.items()],
            widget=forms.CheckboxSelectMultiple,
            initial=[hold.value for hold in USUAL_HOLDS[metric]],
        )

    def about(self) -> list[Any]:
        """The fields of for which cases it is."""
        return [self[name] for name in FACTS_IN_FORM if name in self.fields]

    def measures(self) -> list[tuple[str, bool, list[tuple[Any, Any]], Any, Any]]:
        """Of each metric its name, whether anything is said of it, its lengths by priority, its time and its pauses."""
        return [self._of(metric) for metric in Metric]

    def _of(self, metric: Metric) -> tuple[str, bool, list[tuple[Any, Any]], Any, Any]:
        lengths = [(PRIORITY_NAMES[name], self[f"{metric}_{name}"]) for name in reversed(PRIORITIES)]
        said = any(_is_said(field.value()) or field.errors for _name, field in lengths)
        return metric_name(metric), said, lengths, self[f"{metric}_time"], self[f"{metric}_holds"]

    def clean(self) -> None:
        """Something must be promised, and what is done by itself must be whole."""
        super().clean()
        if self.acts.is_bound and not self.acts.is_valid():
            self.add_error(None, gettext("Look at what is done by itself: something is missing there."))
        if "name" in self.changed_data and self.cleaned_data.get("name") in self.taken:
            self.add_error(
                "name", gettext("Another policy of this desk is called so. Give this one another name.")
            )
        for field in self._excluded():
            self.add_error(
                field,
                gettext(
                    "This policy is not for this priority: empty the time, or choose the priority above."
                ),
            )
        if not self.errors and not self._targets() and not self._keeps_idle_times():
            self.add_error(
                None, gettext("Write at least one time: how long something may take for one priority.")
            )

    def _keeps_idle_times(self) -> bool:
        """Whether it was written as text with times of excluded priorities alone, and nobody has touched those."""
        lengths = (f"{metric}_{name}" for metric in Metric for name in PRIORITIES)
        return not _TIMES_HANG_ON & {*self.changed_data} and any(map(self.cleaned_data.get, lengths))

    def _excluded(self) -> list[str]:
        """Times that somebody wrote for priorities of which its own conditions say that it is not for them."""
        chosen = self.cleaned_data.get("priority") or PRIORITIES
        names = [f"{metric}_{name}" for metric in Metric for name in PRIORITIES if name not in chosen]
        return [name for name in names if name in self.changed_data and self.cleaned_data.get(name)]

    def _targets(self) -> dict[tuple[Metric, str], Target]:
        data = self.cleaned_data
        return {
            (metric, name): Target(
                data[f"{metric}_{name}"],
                data[f"{metric}_time"] == "business" and data["calendar"] != ALWAYS_NAME,
                frozenset(Hold(one) for one in data[f"{metric}_holds"]),
            )
            for metric in Metric
            for name in data.get("priority") or PRIORITIES
            if data.get(f"{metric}_{name}")
        }

    def written(self, *, calendar: str, before: Mapping[str, Any]) -> dict[str, Any]:
        """The policy as `docs/clocks.md` writes it, with this calendar. Of what was written `before` (empty: it is new)
        all stays to the letter but what somebody has touched.
        """
        data, found = self.cleaned_data, dict(before)
        touched = set(self.changed_data if before else self.fields)
        found |= {name: data[name] for name in ("name", "warn") if name in touched}
        if "calendar" in touched:
            found["calendar"] = calendar
        if touched & {*FACTS_IN_FORM}:
            found = with_conditions(found, self._conditions())
        if touched & _TIMES_HANG_ON:
            found = with_targets(found, self._targets())
        if self.acts.is_bound and (self.acts.has_changed() or not before):
            found.pop("acts", None)
            found |= {"acts": written_acts(acts)} if (acts := self.acts.acts()) else {}
        return found

    def _conditions(self) -> dict[str, list[str]]:
        data = self.cleaned_data
        tags = [tag.strip() for tag in data["tags"].replace("、", ",").split(",") if tag.strip()]
        return {name: data.get(name, []) for name in _CHOSEN} | {"tags": tags}


def policy_fits_the_form(policy: Policy) -> bool:
    """Whether the form can hold it: one that says more is written as text."""
    tags = policy.when.get("tags", frozenset())
    in_field = len(_joined(tags)) <= _LONGEST_TAGS and not any(_NO_TAG.search(tag) for tag in tags)
    short = all(target.length <= LONGEST for target in policy.targets.values())
    hidden = policy.calendar_name == ALWAYS_NAME and policy.calendar != ALWAYS
    rows = all(fits_a_row(act) for act in policy.acts)
    return is_plain(policy) and all(policy.when.values()) and in_field and short and rows and not hidden


def _said(policy: Policy) -> dict[str, Any]:
    """What the fields of a policy hold."""
    found: dict[str, Any] = {name: sorted(policy.when.get(name, ())) for name in _CHOSEN}
    found |= {
        "name": policy.name,
        "tags": _joined(policy.when.get("tags", ())),
        "calendar": policy.calendar_name or ALWAYS_NAME,
        "warn": round(policy.warn_share * 100),
    }
    for (metric, priority), target in policy.targets.items():
        found[f"{metric}_{priority}"] = target.length
        found[f"{metric}_time"] = "business" if target.business else "calendar"
        found[f"{metric}_holds"] = [hold.value for hold in target.holds]
    return found


def _joined(tags: Iterable[str]) -> str:
    return "、".join(sorted(tags))


def _and_what_is_set(offered: Sequence[tuple[str, Any]], chosen: Iterable[str]) -> list[tuple[str, Any]]:
    """What is offered, and behind it what is chosen all the same."""
    known = {name for name, _label in offered}
    label = gettext("%(value)s (not known here)")
    return [*offered, *((one, label % {"value": one}) for one in chosen if one not in known)]


def _is_said(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(part not in (None, "") for part in parts)


def _passed(percent: int) -> str:
    return gettext("When %(percent)s%% of the time has passed") % {"percent": percent}
