"""Forms of what macros and rules do: one field for each act, empty for what shall stay as it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import offer
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Priority, Severity, Status
from madoguchi.macros.steps import ME, NOTE, PLAN, TASK, TEMPLATE, TEXT, Step
from madoguchi.macros.verbs import Verb

NOBODY = "nobody"
_MANY = (Verb.TAG, Verb.UNTAG)


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from: people, desks, templates and plans by id."""

    people: Sequence[tuple[str, str]] = ()
    desks: Sequence[tuple[str, str]] = ()
    templates: Sequence[tuple[str, str]] = ()
    plans: Sequence[tuple[str, str]] = ()


class ActsForm(forms.Form):
    """What is done to a case."""

    status = forms.ChoiceField(label=_("Set the status"), required=False)
    priority = forms.ChoiceField(label=_("Set the priority"), required=False)
    severity = forms.ChoiceField(label=_("Set the severity"), required=False)
    assign = forms.ChoiceField(label=_("Make responsible"), required=False)
    desk = forms.ChoiceField(label=_("Hand over to a desk"), required=False)
    tag = forms.CharField(
        label=_("Add tags"), required=False, max_length=400, help_text=_("Several are set apart by commas.")
    )
    untag = forms.CharField(label=_("Take tags away"), required=False, max_length=400)
    plan = forms.ChoiceField(label=_("Apply a plan"), required=False)
    task = forms.CharField(
        label=_("Add tasks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line."),
    )
    note = forms.CharField(
        label=_("Add an internal note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, data: Any = None, *, offered: Offered, steps: Iterable[Step] = (), **kwargs: Any
    ) -> None:
        kwargs["initial"] = {**initial_of(steps), **kwargs.get("initial", {})}
        super().__init__(data, **kwargs)
        stays = [("", gettext("Stays as it is"))]
        offer(self.fields["status"], [*stays, *Status.choices])
        offer(self.fields["priority"], [*stays, *((str(value), label) for value, label in Priority.choices)])
        offer(self.fields["severity"], [*stays, *((str(value), label) for value, label in Severity.choices)])
        offer(self.fields["assign"], [*stays, *self.somebody(), *offered.people])
        offer(self.fields["desk"], [*stays, *offered.desks])
        offer(self.fields["plan"], [("", gettext("None")), *offered.plans])

    def somebody(self) -> list[tuple[str, str]]:
        """Who can be chosen without a name."""
        return [(NOBODY, gettext("Nobody in particular"))]

    def acts(self) -> list[dict[str, str]]:
        """What was chosen, as `read_steps` takes it."""
        data = self.cleaned_data
        found = [
            {"do": do, "value": "" if data[do] == NOBODY else data[do]}
            for do in (*Verb.values, NOTE, PLAN, TEMPLATE, TEXT)
            if do not in _MANY and data.get(do)
        ]
        found += [{"do": TASK, "value": line} for line in data.get(TASK, "").splitlines() if line.strip()]
        return found + [{"do": do, "value": tag} for do in _MANY for tag in tags_in(data.get(do, ""))]


class MacroForm(ActsForm):
    """A macro: its name, for whom it is where that is still open, and what it does."""

    feeling = forms.ChoiceField(
        label=_("Say how the customer feels"),
        required=False,
        help_text=_(
            "Whoever runs it judges so. Templates for customers who feel like this are offered first."
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    where = forms.ChoiceField(label=_("Who uses it"))
    template = forms.ChoiceField(
        label=_("Template for the answer"),
        required=False,
        help_text=_("It is put into the answer being written. Nothing is sent before you send it."),
    )
    text = forms.CharField(
        label=_("Text for the answer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Filled in when it is used: {{customer}} {{case}} {{agent}} {{desk}}"),
    )
    field_order = ("name", "where")

    def __init__(
        self, data: Any = None, *, offered: Offered, places: Sequence[Any] | None, **kwargs: Any
    ) -> None:
        super().__init__(data, offered=offered, **kwargs)
        offer(self.fields["template"], [("", gettext("None")), *offered.templates])
        offer(self.fields["feeling"], [("", gettext("Stays as it is")), *Feeling.choices])
        if places is None:
            del self.fields["where"]
        else:
            offer(self.fields["where"], places)

    def somebody(self) -> list[tuple[str, str]]:
        return [(ME, gettext("Whoever runs it")), *super().somebody()]


def initial_of(steps: Iterable[Step]) -> dict[str, str]:
    """The fields as steps fill them."""
    found: dict[str, str] = {}
    for step in steps:
        value = NOBODY if (step.do, step.value) == (Verb.ASSIGN, "") else step.value
        between = "\n" if step.do == TASK else "、"
        found[step.do] = f"{found[step.do]}{between}{value}" if step.do in found else value
    return found


def tags_in(line: str) -> list[str]:
    """The tags of a line."""
    words = line.replace("、", ",").replace("，", ",").split(",")
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))
