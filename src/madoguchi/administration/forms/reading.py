"""Form of the numbers of customers an hour and a day from which on a company is told."""

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.reading import LEAST, MOST


class ReadingLimitForm(forms.Form):
    """From how many customers of one person within an hour and within a day on it is told."""

    per_hour = forms.IntegerField(
        label=_("Tell us from so many customers an hour on"),
        min_value=LEAST,
        max_value=MOST,
        help_text=_(
            "Of one person: cases and customers that were opened, by programs too; all customers whom searches and"
            " lists showed, each once an hour; and lists taken along."
        ),
    )
    per_day = forms.IntegerField(
        label=_("Tell us from so many customers a day on"), min_value=LEAST, max_value=MOST
    )
