"""The form of somebody outside to whom callers may be put through."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ContactForm(forms.Form):
    """A name and a number."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("As operators choose it, such as a carrier or a repair shop."),
    )
    number = forms.CharField(
        label=_("Phone number"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
