"""The form of what a desk asks its customers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.surveys.models import Survey


class SurveyForm(RowForm):
    """Whether and what customers are asked once a case is solved."""

    review_url = forms.URLField(
        label=_("Address for reviews"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_(
            "Shown to whoever says that it is solved and is content. Never where somebody complained or harassment"
            " is in question. Empty: nobody is asked."
        ),
    )
    field_order = ["active", "satisfied", "easy", "recommends", "invite_after", "review_url"]

    class Meta:
        model = Survey
        fields = ["active", "satisfied", "easy", "recommends", "invite_after", "review_url"]
        help_texts = {
            "active": _("On the customer’s own page, each time their case was solved."),
            "satisfied": _("From 1 to 5."),
            "easy": _("From 1 to 7."),
            "recommends": _("From 0 to 10."),
            "invite_after": _(
                "From 1 to 48, for cases by mail and form. Nobody is asked twice within 30 days, and nobody who "
                "complained, refused surveys, or whose manner is in question. Empty: nobody is written to."
            ),
        }
