"""The form of an endpoint of webhooks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.administration.forms.parts import offer
from madoguchi.administration.wording import event_name
from madoguchi.companies.models import Company
from madoguchi.webhooks.public import COMPANY_KINDS

_GROUPS = (
    ("case.", pgettext_lazy("events", "Cases")),
    ("message.", _("Messages")),
    ("note.", _("Notes")),
    ("customer.", _("Customers")),
)


class EndpointForm(forms.Form):
    """Where to, and of what. Without `companies` it is of one that is there already."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    url = forms.CharField(
        label=_("Address of your system"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("It is sent a POST for each event. A key in the address is shown on this page alone."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without any it is told of everything, and of what is added later."),
    )

    def __init__(
        self, data: Any = None, *, companies: Sequence[Company] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        if companies is None:
            del self.fields["company"]
        else:
            offer(self.fields["company"], [(each.pk, each.name) for each in companies])
        offer(self.fields["kinds"], grouped_kinds())


def grouped_kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """The kinds of events that are told, by what they are about."""
    return [
        (
            str(name),
            [(kind, f"{event_name(kind)} ({kind})") for kind in sorted(COMPANY_KINDS) if kind.startswith(of)],
        )
        for of, name in _GROUPS
    ]
