"""The form of a LINE account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.channels.line.models import Account


class LineAccountForm(RowForm):
    """By which Messaging API channel we speak. What is stored and secret is never shown again, not even read."""

    field_order = ["channel_id", "secret", "token"]

    secret = forms.CharField(
        label=_("Channel secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    token = forms.CharField(
        label=_("Channel access token (long-lived)"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Account
        fields = ["channel_id"]
        help_texts = {"channel_id": _("LINE Developers Console, the channel, “Basic settings”.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {
            "secret": _("The same page, “Channel secret”."),
            "token": _("The page “Messaging API”, at its end."),
        }
        stored = _("One is stored. Write here only to replace it.")
        for name, place in places.items():
            self.fields[name].help_text = stored if self.instance.pk else place
            self.fields[name].required = not self.instance.pk

    def given(self) -> dict[str, Any]:
        """What was entered; None keeps a secret that is stored."""
        data = self.cleaned_data
        return {
            "channel_id": data["channel_id"],
            "secret": data["secret"] or None,
            "token": data["token"] or None,
        }
