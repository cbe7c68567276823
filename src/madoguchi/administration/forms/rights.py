"""Forms of what customers demand of their data."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import offer
from madoguchi.cases.identity import Act, Level, Reason
from madoguchi.companies.models import Company
from madoguchi.customers.models import Customer, Purpose
from madoguchi.rights.actions.deciding import FIELDS
from madoguchi.rights.keeping_back import ITEMS, Part
from madoguchi.rights.models import Request, RetentionRule

_LEVELS = [(0, _("Nothing wanted")), *[one for one in Level.choices if one[0]]]


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
    because = forms.ChoiceField(
        label=_("Why it is enough"),
        choices=[("", _("It is as much as the company wants")), *Reason.choices],
        required=False,
        help_text=_(
            "Only where the company wants a document for demands, and it was proven by something else."
        ),
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


class ReleaseForm(forms.Form):
    """The word by which one person alone lets a disclosure go."""

    typed = forms.CharField(
        label=_("Number of the record"),
        max_length=20,
        required=False,
        help_text=_("Only where nobody else of the company may look over it; a colleague types nothing."),
    )
    reason = forms.CharField(label=_("Why nobody else looks over it"), max_length=300, required=False)


class WithholdForm(forms.Form):
    """What is kept back, and by which item of the law."""

    parts = forms.MultipleChoiceField(
        label=_("Parts that are kept back"), required=False, widget=forms.CheckboxSelectMultiple
    )
    item = forms.TypedChoiceField(label=_("By which item (33条2項)"), coerce=int, choices=list(ITEMS.items()))
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For yourselves; the customer is told the item."),
    )

    def __init__(self, data: Any = None, *, parts: Iterable[Part], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["parts"], [(one.key, one.called) for one in parts])


class CorrectionForm(forms.Form):
    """What shall stand in the record."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    kana = forms.CharField(label=_("Reading"), max_length=200, required=False)
    address = forms.CharField(label=_("Postal address"), max_length=300, required=False)

    @classmethod
    def of(cls, customer: Customer) -> "CorrectionForm":
        """The form with what stands there now."""
        return cls(initial={name: getattr(customer, name) for name in FIELDS})


class ConsentWordsForm(forms.Form):
    """The words to which customers consent for a purpose."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
    text = forms.CharField(
        label=_("Words that are read to the customer"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What has been consented to stays as it was; this becomes the next version."),
    )

    def __init__(self, data: Any = None, *, companies: Sequence[Company], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["company"], [(each.pk, each.name) for each in companies])


class RetentionForm(forms.Form):
    """After how many months something goes."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    kind = forms.ChoiceField(label=_("What goes"), choices=RetentionRule.Kind.choices)
    months = forms.IntegerField(
        label=_("Months after a customer's last contact"),
        min_value=1,
        max_value=240,
        help_text=_("A rule that is changed is off until somebody else switches it on."),
    )

    def __init__(self, data: Any = None, *, companies: Sequence[Company], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["company"], [(each.pk, each.name) for each in companies])


class IdentityForm(forms.Form):
    """For each act, how far the identity is to be checked before it."""

    def __init__(self, data: Any = None, *, needs: Mapping[Act, Level]) -> None:
        super().__init__(data)
        for act, level in needs.items():
            self.fields[act.value] = forms.TypedChoiceField(
                label=act.label, coerce=int, choices=_LEVELS, initial=int(level)
            )
