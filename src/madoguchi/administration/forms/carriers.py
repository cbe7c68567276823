"""The form of a carrier's account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.channels.phone.hooks.setting import USUAL_API
from madoguchi.channels.phone.models import CarrierAccount


class CarrierForm(RowForm):
    """By which account of a carrier calls come. The token is never shown again, not even read."""

    field_order = ["account", "token", "api"]

    token = forms.CharField(
        label=_("Auth token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = CarrierAccount
        fields = ["account", "api"]
        help_texts = {
            "account": _("As the carrier's console shows it (Account SID)."),
            "api": _("Recordings are fetched there and nowhere else."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.pk is not None
        shown = (
            _("One is stored. Write here only to replace it.")
            if stored
            else _("The same page, “Auth Token”.")
        )
        self.fields["token"].help_text = shown
        self.fields["token"].required = not stored
        if not stored:
            self.initial.setdefault("api", USUAL_API)

    def given(self) -> dict[str, Any]:
        """What was entered; None keeps the token that is stored."""
        data = self.cleaned_data
        return {**data, "account": data["account"].strip(), "token": data["token"] or None}
