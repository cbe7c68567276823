"""Forms of what a desk wants to know of its cases."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import FIELD_NAMES, grouped_desks, offer
from madoguchi.companies.models import Desk
from madoguchi.fields.models import Field, Matter


class FieldForm(forms.Form):
    """A field that is there: what can change about it."""

    label = forms.CharField(label=_("Name of the field"), max_length=60)
    help = forms.CharField(
        label=_("Help"), max_length=300, required=False, help_text=_("Stands under the field.")
    )
    required = forms.BooleanField(
        label=_("Needed to solve"),
        required=False,
        help_text=_("A case in which it is asked is not solved without it."),
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line. In levels: household / fridges."),
    )
    holds = forms.ChoiceField(
        label=_("Holds data of the customer"),
        required=False,
        disabled=True,
        choices=[("", _("None")), *FIELD_NAMES.items()],
        help_text=_(
            "For text: it is then masked or hidden like these, and the log keeps no copy. It stays so."
        ),
    )
    only_if = forms.TypedChoiceField(label=_("Shown only if"), required=False, coerce=int, empty_value=None)
    only_values = forms.CharField(
        label=_("is one of these"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "One a line, as they stand among its choices. Of a customer, product or order leave it empty: the field is"
            " shown once one is filled in."
        ),
    )
    place = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=999, initial=0, required=False
    )

    def __init__(self, *args: Any, others: Sequence[Field] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grouped: dict[str, list[tuple[int, str]]] = {}
        for other in others:
            grouped.setdefault(other.desk.name, []).append((other.pk, other.label))
        offer(self.fields["only_if"], [("", _("Always shown")), *grouped.items()])

    def clean_place(self) -> int:
        """Nothing written is the beginning."""
        return int(self.cleaned_data["place"] or 0)


class FieldAddForm(FieldForm):
    """A new field of a desk. Of which kind its values are and what they hold of the customer cannot change later."""

    desk = forms.TypedChoiceField(label=_("Desk"), coerce=int)
    kind = forms.ChoiceField(label=_("What its values are"), choices=Field.Kind.choices)
    field_order = ["desk", "label", "kind"]

    def __init__(self, *args: Any, desks: Iterable[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["desk"], grouped_desks(desks))
        self.fields["holds"].disabled = False


class PurposeForm(forms.Form):
    """At which desk it is asked what customers are really after."""

    desk = forms.TypedChoiceField(label=_("Desk"), coerce=int)

    def __init__(self, *args: Any, desks: Iterable[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["desk"], grouped_desks(desks))


def field_row(field: Field) -> dict[str, Any]:
    """A field as its form begins."""
    columns = ("label", "help", "required", "holds", "place")
    lines = {name: "\n".join(getattr(field, name)) for name in ("choices", "only_values")}
    return {name: getattr(field, name) for name in columns} | lines | {"only_if": field.only_if_id}


class MatterForm(forms.Form):
    """A kind of matter that is there."""

    name = forms.CharField(label=_("Name"), max_length=60)
    fields_in_order = forms.CharField(
        label=_("What it asks"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Names of the desk's fields, one a line, in the order in which they are asked. Fields that stand in no kind"
            " are asked in every case."
        ),
    )
    place = forms.IntegerField(
        label=_("Place in the order"), min_value=0, max_value=999, initial=0, required=False
    )

    def clean_place(self) -> int:
        """Nothing written is the beginning."""
        return int(self.cleaned_data["place"] or 0)


class MatterAddForm(MatterForm):
    """A new kind of matter of a desk."""

    desk = forms.TypedChoiceField(label=_("Desk"), coerce=int)
    field_order = ["desk", "name"]

    def __init__(self, *args: Any, desks: Iterable[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["desk"], grouped_desks(desks))


def matter_row(matter: Matter, fields: Iterable[Field]) -> dict[str, Any]:
    """A kind of matter as its form begins."""
    labels = {field.pk: field.label for field in fields}
    lines = [labels[pk] for pk in matter.fields if pk in labels]
    return {"name": matter.name, "fields_in_order": "\n".join(lines), "place": matter.place}
