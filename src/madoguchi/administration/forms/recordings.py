"""The form of how long recordings of calls are kept."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RecordingForm(forms.Form):
    """For so many days; empty is as long as the calls."""

    days = forms.IntegerField(
        label=_("Days that recordings are kept"),
        required=False,
        help_text=_(
            "Empty: as long as the calls. What is older is deleted for good. A longer term counts at once, a "
            "shorter one seven days later; until then it can be taken back."
        ),
    )
