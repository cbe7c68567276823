"""Lengths of time in a form: hours and minutes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.promises.durations import LONGEST


class LengthWidget(forms.MultiWidget):
    """Hours and minutes, each named for those who hear the page read."""

    def __init__(self, named: Any) -> None:
        inputs = [
            forms.NumberInput(
                attrs={"min": 0, "inputmode": "numeric", "aria-label": format_lazy("{} {}", named, unit)}
            )
            for unit in (_("hours"), _("minutes"))
        ]
        super().__init__(inputs)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The two fields, each with its unit behind it."""
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        inputs = (
            self._render(part["template_name"], {"widget": part}, renderer)  # type: ignore[attr-defined]
            for part in parts
        )
        unit = '{} <span aria-hidden="true">{}</span> '
        return format_html_join("", unit, zip(inputs, (gettext("hours"), gettext("minutes")), strict=True))

    def decompress(self, value: timedelta | None) -> list[int | None]:
        """The two numbers of a length."""
        return [None, None] if value is None else list(divmod(int(value.total_seconds() // 60), 60))


class LengthField(forms.MultiValueField):
    """How long something may take; None where both numbers are left empty."""

    def __init__(self, *, named: Any, label: Any = None) -> None:
        fields = [forms.IntegerField(min_value=0, required=False) for _unit in ("hours", "minutes")]
        super().__init__(
            fields, label=label, required=False, require_all_fields=False, widget=LengthWidget(named)
        )

    def compress(self, data_list: Sequence[int | None]) -> timedelta | None:
        """The length of the two numbers. Raises ValidationError for none, and for more than is ever meant."""
        if not any(part is not None for part in data_list):
            return None
        hours, minutes = (part or 0 for part in data_list)
        if not 0 < hours * 60 + minutes <= LONGEST.total_seconds() // 60:
            raise forms.ValidationError(gettext("Write how long, from 1 minute to ten years."))
        return timedelta(hours=hours, minutes=minutes)
