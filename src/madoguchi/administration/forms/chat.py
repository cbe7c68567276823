"""The form of a chat's settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.channels.webchat.models import Widget


class ChatForm(RowForm):
    """What a chat says, what it asks, and where it may stand."""

    sites = forms.CharField(
        label=_("Sites"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("On whose pages the chat may stand: one a line, such as https://shop.example."),
    )

    field_order = ["title", "greeting", "hue", "sites"]

    class Meta:
        model = Widget
        fields = ["title", "greeting", "hue", "ask", "mail_after"]
        help_texts = {
            "title": _("Empty: the name of the desk shown to customers."),
            "greeting": _("What stands above the first message."),
            "hue": _(
                "0 to 359, such as 25 for red, 145 for green, 262 for blue. Empty: the company's colour."
            ),
            "ask": _("A mail address is needed to answer whoever has left. It is not proven by being typed."),
            "mail_after": _("For visitors who gave a mail address and have left the chat."),
        }

    def __init__(self, data: Any = None, *, instance: Widget, **kwargs: Any) -> None:
        initial = {"sites": "\n".join(instance.sites)}
        super().__init__(data, instance=instance, initial=initial, **kwargs)

    def clean_sites(self) -> list[str]:
        """The sites one by one."""
        return str(self.cleaned_data["sites"]).splitlines()
