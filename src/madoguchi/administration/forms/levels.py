"""The form of what a desk keeps towards its customers."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LevelsForm(forms.Form):
    """Policies with their calendars, as `docs/clocks.md` writes them."""

    text = forms.CharField(
        label=_("Policies and calendars (JSON)"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "First and next reply, update, wait, work and resolution: by priority, and by which calendar."
        ),
    )
