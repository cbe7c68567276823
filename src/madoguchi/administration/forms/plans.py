"""Forms of plans, and of a desk's hours and open tasks."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import KeptForm, RowForm
from madoguchi.companies.models import Desk
from madoguchi.tasks.due import Unit
from madoguchi.tasks.models import Plan
from madoguchi.tasks.steps import (
    MOST_MINUTES,
    MOST_STEPS,
    MOST_TITLE,
    NOBODY,
    RESPONSIBLE,
    WHO_APPLIES,
)

UNITS = [(Unit.MINUTES, _("minutes")), (Unit.HOURS, _("hours")), (Unit.DAYS, _("business days"))]
OWNERS = [
    (NOBODY, _("Nobody's yet")),
    (RESPONSIBLE, _("Whoever is responsible for the case")),
    (WHO_APPLIES, _("Whoever applies the plan")),
]


class PlanForm(KeptForm):
    """The name of a plan."""

    field_order = ["name", "where", "owner", "active"]

    class Meta:
        model = Plan
        fields = ["name", "active"]


class StepForm(forms.Form):
    """One step."""

    title = forms.CharField(label=_("What is to be done"), max_length=MOST_TITLE)
    minutes = forms.IntegerField(
        label=_("Minutes it takes"), required=False, min_value=1, max_value=MOST_MINUTES
    )
    after = forms.IntegerField(
        label=_("Due after"),
        required=False,
        min_value=0,
        max_value=1440,
        help_text=_("Empty: at no set time."),
    )
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS, initial=Unit.HOURS)
    owner = forms.ChoiceField(label=_("Whose it is"), choices=OWNERS, required=False)


class StepSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The steps of a plan in their order."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = gettext("Place in the order")
        form.fields["DELETE"].label = gettext("remove")

    def steps(self) -> list[dict[str, Any]]:
        """The steps to keep, as a plan keeps them."""
        kept = [form.cleaned_data for form in self.ordered_forms if form.cleaned_data.get("title")]
        return [{name: row[name] for name in ("title", "minutes", "after", "unit", "owner")} for row in kept]


StepFormSet = forms.formset_factory(
    StepForm, formset=StepSet, extra=3, can_order=True, can_delete=True, max_num=MOST_STEPS, validate_max=True
)


def step_rows(steps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of a plan as its formset begins with them."""
    return [dict(step) for step in steps]


class WorkForm(RowForm):
    """When a desk is at work, and what it does about open tasks."""

    class Meta:
        model = Desk
        fields = ["opens", "closes", "open_tasks", "chats_at_once"]
        widgets = {
            "opens": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "closes": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }
        help_texts = {
            "opens": _(
                "On business days, in Japan's time. Steps of plans that are due after hours or minutes are counted in"
                " these hours; without them, by the clock."
            ),
            "open_tasks": _("When a case is to be solved in which something is still to be done."),
            "chats_at_once": _(
                "Who has so many takes no further one. A chat counts for an hour after its last word, until it is"
                " solved. Empty: any number, of which the queue gives three."
            ),
        }
