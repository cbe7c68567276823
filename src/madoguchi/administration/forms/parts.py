"""What the forms of the settings are made of."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk

NOTHING_YET = "—"
FIELD_NAMES = {
    "name": _("Name"),
    "kana": _("Reading of the name"),
    "email": _("Mail address"),
    "phone": _("Phone number"),
    "member": _("Member number"),
    "address": _("Postal address"),
    "memo": _("Memo about the customer"),
}


class RowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form drawn from a model. It works on a copy: the row itself is changed by actions alone.

    Links to scoped rows are declared without a queryset, which needs a scope: `__init__` sets it.
    """

    def __init__(self, data: Any = None, *, instance: models.Model | None = None, **kwargs: Any) -> None:
        super().__init__(data, instance=copy.copy(instance), **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.IntegerField) and name in (self._meta.fields or ()):
                _round_limit(field, self._meta.model._meta.get_field(name))

    def save(self, commit: bool = True) -> Any:
        """Refused on purpose: pages hand `cleaned_data` to an action."""
        raise TypeError("forms do not write: call an action")


class KeptForm(RowForm):
    """What somebody looks after, and for which desks it is: `desk:3`, or `company:1` for all of a company's."""

    where = forms.ChoiceField(label=_("For which desks"))
    owner = forms.ChoiceField(
        label=_("Who looks after it"), required=False, help_text=_("Who sees to it that it stays right.")
    )

    def __init__(
        self, *args: Any, places: Sequence[Any], people: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["where"], places)
        offer(self.fields["owner"], [("", gettext("Nobody looks after it")), *people])


def _round_limit(field: forms.IntegerField, column: "models.Field[Any, Any]") -> None:
    """Nobody is told the largest number of a column of the database: a round one below it is the limit."""
    _least, most = connection.ops.integer_field_range(column.get_internal_type())
    if most is not None:
        unit = 10 ** (len(str(most)) - 1)
        field.validators.append(MaxValueValidator(most // unit * unit))


def date_input() -> forms.DateInput:
    """A date as browsers take it."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def offer(field: forms.Field, choices: Iterable[Any]) -> None:
    """Let a field be chosen among these."""
    cast(forms.ChoiceField, field).choices = list(choices)


def choose_from(field: forms.Field, rows: models.QuerySet[Any]) -> None:
    """Let a field be one of these rows."""
    cast("forms.ModelChoiceField[Any]", field).queryset = rows


def grouped_desks(desks: Iterable[Desk]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Desks to choose from, under their company's name."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for desk in desks:
        groups.setdefault(desk.company.name, []).append((desk.pk, desk.name))
    return list(groups.items())
