"""The form of what a company agrees on against harassment."""

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.shield.models import Terms


class TermsForm(RowForm):
    """Where suspicion begins, by when people are looked after, and in which words we warn and end a talk."""

    class Meta:
        model = Terms
        fields = ("hold_minutes", "repeats", "care_hours", "warning", "ending", "words")
        widgets = {
            "warning": forms.Textarea(attrs={"rows": 6}),
            "ending": forms.Textarea(attrs={"rows": 6}),
            "words": forms.Textarea(attrs={"rows": 8}),
        }
        help_texts = {
            "hold_minutes": _("Of talk and hold on a call, or in a chat with a person."),
            "repeats": _("Only what comes again after an answer of ours counts."),
            "warning": _(
                "Proposed in the composer and sent like any answer. New words are used once the company approved them."
            ),
            "ending": _("Say that the matter goes on by another way, and how to object."),
            "words": _(
                "Empty: the usual ones. A sort, a colon, and words between commas, as in abuse: 馬鹿野郎、idiot. Sorts:"
                " hold, repeat, abuse, shouting, threat, rank, demand, apology, sexual, slander, privacy, dignity."
            ),
        }


class ConductForm(forms.Form):
    """What a company tells its customers about harassment, and the sentence of it that warnings quote."""

    text = forms.CharField(
        label=_("What customers read"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 20})
    )
    quoted = forms.CharField(
        label=_("Sentence that warnings quote"),
        max_length=300,
        required=False,
        help_text=_(
            "With the version and its address; earlier versions stay where customers were told of them."
        ),
    )
