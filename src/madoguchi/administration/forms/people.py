"""Forms of people and their places."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import NOTHING_YET, RowForm, offer
from madoguchi.companies.models import Engagement
from madoguchi.people.models import User


class PlaceForm(forms.Form):
    """A role somewhere: `operator:3:agent`, `company:1:company_staff` or `administrator`."""

    place = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["place"], [("", NOTHING_YET), *places])


class PersonForm(RowForm):
    """A person's own particulars."""

    class Meta:
        model = User
        fields = ["name", "kana", "language"]


class PersonAddForm(PlaceForm):
    """A new person and their first role."""

    email = forms.EmailField(label=_("Mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=100)
    kana = forms.CharField(label=_("Reading of the name"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("ja", "日本語"), ("en", "English")])
    field_order = ["name", "kana", "email", "language", "place"]


class OutsidePhoneForm(forms.Form):
    """Where somebody is rung outside."""

    address = forms.CharField(
        label=_("Number or SIP address"),
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "Carriers that lead calls by webhooks ring it while the person takes calls, and it stands in their "
            "records. Companies see here only that there is one."
        ),
    )


class SeatsForm(forms.Form):
    """At which desks an operator's person sits."""

    engagements = forms.TypedMultipleChoiceField(
        label=_("Desks"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, engagements: Iterable[Engagement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["engagements"], [(e.pk, f"{e.company.name} / {e.desk.name}") for e in engagements])
