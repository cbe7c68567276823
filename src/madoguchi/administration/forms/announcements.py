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
        label=_("Words to be spoken"),
        required=False,
        max_length=MOST_WORDS,
        help_text=_(
            "In Japanese, as they are to be read; or upload a file. The voice is Open JTalk's “Mei”."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    file = forms.FileField(
        label=_("WAV file"),
        help_text=_(
            "Two minutes at most. It is made into what a telephone carries; listen to it afterwards."
        ),
        widget=forms.FileInput(attrs={"accept": ".wav,audio/wav"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if can_speak():
            self.fields["file"].required = False
        else:
            del self.fields["words"]

    def clean(self) -> dict[str, Any]:
        """One of both, where words are spoken."""
        data = self.cleaned_data
        if (
            "words" in self.fields
            and "file" not in self.errors
            and bool(data.get("words")) == bool(data.get("file"))
        ):
            raise forms.ValidationError(gettext("Write words to be spoken, or choose a file; not both."))
        return data
