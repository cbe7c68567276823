"""The form of a recording for callers."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AnnouncementForm(forms.Form):
    """A recording and the name by which it is played."""

    name = forms.CharField(
        label=_("Name of the recording"),
        max_length=40,
        help_text=_(
            "As flows name it, such as greeting, menu, closed or music. The newest of a name counts."
        ),
    )
    file = forms.FileField(
        label=_("WAV file"),
        help_text=_(
            "Two minutes at most. It is made into what a telephone carries; listen to it afterwards."
        ),
        widget=forms.FileInput(attrs={"accept": ".wav,audio/wav"}),
    )
