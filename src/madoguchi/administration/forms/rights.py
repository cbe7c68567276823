"""Forms of what customers demand of their data."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import offer
from madoguchi.companies.models import Company
from madoguchi.rights.models import Request


class DemandForm(forms.Form):
    """Who demands what."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    who = forms.CharField(
        label=_("Whose data"),
        max_length=254,
        help_text=_("The number of a case, a mail address, a phone number or the number of the record."),
    )
    kind = forms.ChoiceField(label=_("Kind of demand"), choices=Request.Kind.choices)
    asker = forms.ChoiceField(label=_("Who asks"), choices=Request.Asker.choices)
    words = forms.CharField(
        label=_("In their words"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = forms.DateField(
        label=_("Due on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: two weeks from today. The law wants it without delay."),
    )

    def __init__(self, data: Any = None, *, companies: Sequence[Company], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["company"], [(each.pk, each.name) for each in companies])


class ProofForm(forms.Form):
    """How it was proven who asks."""

    proof = forms.ChoiceField(label=_("How it was proven"), choices=Request.Proof.choices)
    note = forms.CharField(
        label=_("What was seen"),
        max_length=300,
        required=False,
        help_text=_("Which document, which number was called. Copy no number of a document."),
    )


class RefusalForm(forms.Form):
    """Why it is refused."""

    reason = forms.CharField(
        label=_("Reason that the customer is told"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ErasureForm(forms.Form):
    """The word by which one person alone begins an erasure."""

    typed = forms.CharField(
        label=_("Number of the record"),
        max_length=20,
        required=False,
        help_text=_("Who checked the identity types it; a colleague need not."),
    )
