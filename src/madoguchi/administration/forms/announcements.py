"""The form of a recording for callers."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.voice.speech import MOST_WORDS, can_speak


class AnnouncementForm(forms.Form):
    """A recording and the name by which it is played; where this installation has a voice, words in its place."""

    name = forms.CharField(
        label=_("Name of the recording"),
        max_length=40,
        help_text=_(
            "As flows name it, such as greeting, menu, closed or music. The newest of a name counts."
        ),
    )
    words = forms.CharField(
        label=_("What it says"),
        required=False,
        max_length=MOST_WORDS,
        help_text=_("It stands beside the name where flows are written."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    file = forms.FileField(
        label=_("WAV or MP3 file"),
        help_text=_(
            "Two minutes at most. It is made into what a telephone carries; listen to it afterwards."
        ),
        widget=forms.FileInput(attrs={"accept": ".wav,.mp3,audio/wav,audio/mpeg"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if can_speak():
            self.fields["file"].required = False
            self.fields["words"].help_text = gettext(
                "Without a file it is spoken: write it in Japanese, as it is to be read. The voice is Open JTalk's"
                " “Mei”."
            )

    def clean_file(self) -> Any:
        """A file, or words that are spoken in its place."""
        file = self.cleaned_data["file"]
        if not file and not self.cleaned_data.get("words") and "words" not in self.errors:
            raise forms.ValidationError(gettext("Choose a file, or write words to be spoken."))
        return file
