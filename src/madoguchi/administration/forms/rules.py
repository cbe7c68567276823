"""The form of a rule, beside the builder of its filter."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.acts import ActsForm, Offered
from madoguchi.administration.forms.parts import offer
from madoguchi.rules.models import Rule
from madoguchi.rules.saying import KINDS, MOST_NAME, MOST_PER_CASE, MOST_PER_HOUR
from madoguchi.views.filter_options import EVENTS


class RuleForm(ActsForm):
    """When, then what, and how often at most; for which desk where that is still open."""

    name = forms.CharField(label=_("Name"), max_length=MOST_NAME)
    of_desk = forms.ChoiceField(label=_("Desk of the rule"))
    trigger = forms.ChoiceField(
        label=_("What sets it going"),
        choices=Rule.Trigger.choices,
        widget=forms.RadioSelect,
        initial=Rule.Trigger.EVENT,
        help_text=_(
            "As time goes by, the rule acts once on a case, and again only after something was said in it."
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What happens"),
        required=False,
        choices=[(kind, EVENTS[kind]) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    per_case = forms.IntegerField(
        label=_("Times on one case within an hour"),
        initial=3,
        min_value=1,
        max_value=MOST_PER_CASE,
        help_text=_("Beyond that it leaves the case alone."),
    )
    per_hour = forms.IntegerField(
        label=_("Times within an hour"),
        initial=500,
        min_value=1,
        max_value=MOST_PER_HOUR,
        help_text=_("Asked more often, the rule stops itself until somebody has looked at it."),
    )
    note = None  # type: ignore[assignment]

    def __init__(
        self, data: Any = None, *, offered: Offered, desks: Sequence[tuple[str, str]] | None, **kwargs: Any
    ) -> None:
        super().__init__(data, offered=offered, **kwargs)
        if desks is None:
            del self.fields["of_desk"]
        else:
            offer(self.fields["of_desk"], desks)

    def when(self) -> list[Any]:
        """The fields of what sets it going."""
        return [self[name] for name in ("trigger", "kinds")]

    def then(self) -> list[Any]:
        """The fields of what it does."""
        return [
            self[name]
            for name in (
                *("status", "priority", "severity", "assign", "desk"),
                *("tag", "untag", "plan", "task"),
            )
        ]

    def limits(self) -> list[Any]:
        """The fields of how often."""
        return [self[name] for name in ("per_case", "per_hour")]
