"""Form of something that appears in a medium."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.commerce.media import MOST_COPIES, MOST_COST, MOST_EXPECTED, SaidOfMedia
from madoguchi.commerce.models import MediaEvent
from madoguchi.companies.models import Company, EntryPoint


class MediaEventForm(forms.Form):
    """Where something appears, when, to how many, and by which number customers come then."""

    code = forms.CharField(
        label=_("Media code"), max_length=40, help_text=_("By which you tell it from others, such as A-0412.")
    )
    entry_point = forms.TypedChoiceField(
        label=_("Number or address that it names"),
        coerce=int,
        help_text=_("Who comes by it until something else appears with it, for seven days at most, counts."),
    )
    medium = forms.CharField(
        label=_("Medium"),
        max_length=200,
        required=False,
        help_text=_("Such as newspaper, television. Empty: where its number is published."),
    )
    appears_at = forms.DateTimeField(
        label=_("Appears at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    circulation = forms.IntegerField(
        label=_("Circulation"), min_value=1, max_value=MOST_COPIES, help_text=_("Copies, or viewers.")
    )
    cost = forms.IntegerField(
        label=_("What it costs in yen"),
        min_value=0,
        max_value=MOST_COST,
        required=False,
        help_text=_("From it comes what an order costs."),
    )
    expected = forms.IntegerField(
        label=_("Calls that are expected"),
        min_value=0,
        max_value=MOST_EXPECTED,
        required=False,
        help_text=_("Empty: by what appeared before in the same medium."),
    )

    def __init__(self, data: Any = None, *, company: Company, event: MediaEvent | None) -> None:
        initial = {name: getattr(event, name) for name in self.base_fields} if event else {}
        super().__init__(data, initial=initial | ({"entry_point": event.entry_point_id} if event else {}))
        points = EntryPoint.objects.filter(company=company).select_related("desk")
        self.fields["entry_point"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.address} ({one.medium or one.desk})") for one in points
        ]

    def said(self) -> SaidOfMedia:
        """It as the action takes it."""
        return SaidOfMedia(**self.cleaned_data | {"cost": self.cleaned_data["cost"] or 0})
