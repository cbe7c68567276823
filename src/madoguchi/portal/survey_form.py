"""The form of what a customer is asked once their case is solved."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.surveys.actions import MOST_WORDS
from madoguchi.surveys.queries import Question


class SurveyForm(forms.Form):
    """Whether it is solved, the questions of the desk as points in a row, and words."""

    solved = forms.ChoiceField(
        label=_("Is your matter solved?"),
        choices=[("yes", _("Yes, it is")), ("no", _("No, not yet"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Anything else you would like to tell us"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in questions:
            self.fields[one.name] = forms.ChoiceField(
                label=one.words, choices=_points(one), widget=forms.RadioSelect, required=False
            )
        self.order_fields(["solved", *(one.name for one in questions), "words"])


def _points(one: Question) -> list[tuple[str, str]]:
    ends = {one.points[0]: one.least, one.points[-1]: one.most}
    return [(str(point), f"{point} {ends.get(point, '')}".strip()) for point in one.points]
