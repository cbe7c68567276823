"""Saying what a desk wants to know: the only writers of this package's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.companies.models import Desk
from madoguchi.fields import policies
from madoguchi.fields.events import FieldAdded, FieldChanged, MatterAdded, MatterChanged
from madoguchi.fields.models import Field, Matter
from madoguchi.fields.values import REFERENCES, levels_of
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time, set_changed, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_FIELDS, MOST_MATTERS, MOST_CHOICES, MOST_CHARACTERS = 100, 50, 500, 200
HOLDS = ("", "name", "email", "phone", "address", "memo")
_WITH_CHOICES = (Field.Kind.CHOICE, Field.Kind.TREE)
# By what stands in these, other fields are shown.
SHOW_OTHERS = (*_WITH_CHOICES, *REFERENCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What can change about a field. `only_if` is another field of the desk, and `only_values` what it must be."""

    label: str
    help: str = ""
    required: bool = False
    choices: Sequence[str] = ()
    holds: str = ""
    only_if: Field | None = None
    only_values: Sequence[str] = ()
    place: int = 0


@transaction.atomic
def add_field(desk: Desk, *, kind: str, shape: Shape, by: Actor, meaning: str = "") -> Field:
    """Let a desk ask one more thing of its cases. Raises NotAllowed, or Refused for a label that is taken, a choice
    without choices, a condition that makes no sense, and when there are 100 fields.
    """
    _require(by, desk)
    if kind not in Field.Kind.values:
        raise Refused(_("Choose one of the list."), field="kind")
    one_at_a_time(f"fields of desk {desk.pk}")
    if Field.objects.filter(desk=desk, removed_at=None).count() >= MOST_FIELDS:
        raise Refused(_("A desk takes %(most)s fields at most.") % {"most": MOST_FIELDS})
    field = Field(company_id=desk.company_id, desk=desk, kind=kind, meaning=meaning)
    for name, value in _columns(field, shape).items():
        setattr(field, name, value)
    with _own_label():
        field.save()
    record(FieldAdded(company=desk.company_id, desk=desk.pk, field=field.pk, label=field.label), by=by)
    return field


@transaction.atomic
def ask_purpose(desk: Desk, *, by: Actor) -> list[Field]:
    """Let a desk ask what its customers are really after, what was proposed to them, and whether they took it: the
    fields of these meanings that it does not ask yet, after all others. Source: 「表の質問／真の目的／提案」.

    Raises as `add_field` does, and Refused where it asks them all.
    """
    _require(by, desk)
    one_at_a_time(f"purpose of desk {desk.pk}")
    here = Field.objects.filter(desk=desk, removed_at=None)
    known = set(here.exclude(meaning="").values_list("meaning", flat=True))
    wanted = [one for one in Field.Meaning if one not in known]
    if not wanted:
        raise Refused(_("The desk asks this already."))
    after = here.aggregate(last=Max("place", default=0))["last"] + 1
    return [_ask_meaning(desk, one, place=after + at, by=by) for at, one in enumerate(wanted)]


def _ask_meaning(desk: Desk, meaning: Field.Meaning, *, place: int, by: Actor) -> Field:
    """Add the field of a meaning. Of the choices of the last the first two are counted, so these stay as they are."""
    judged = meaning is Field.Meaning.TAKEN
    choices = (
        [pgettext("proposal", "Taken"), pgettext("proposal", "Declined"), _("Not known yet")]
        if judged
        else []
    )
    shape = Shape(label=str(meaning.label), choices=choices, place=place)
    kind = Field.Kind.CHOICE if judged else Field.Kind.TEXT
    return add_field(desk, kind=kind, shape=shape, by=by, meaning=meaning)


@transaction.atomic
def change_field(field: Field, *, shape: Shape, by: Actor) -> None:
    """Ask differently. The kind stays, and what it holds of the customer; values stay as they are, also those that are
    no choice any more.

    Raises as `add_field` does.
    """
    _require(by, field.desk)
    if shape.holds != field.holds:
        words = _(
            "What a field holds of the customer stays: the log has its values by that. Make a new field."
        )
        raise Refused(words, field="holds")
    if field.meaning == Field.Meaning.TAKEN and list(shape.choices) != field.choices:
        words = _("By these choices it is counted how many proposals are taken, so they stay.")
        raise Refused(words, field="choices")
    with _own_label():
        changes = set_changed(field, **_columns(field, shape))
    _tell_field(field, changes, by)


@transaction.atomic
def remove_field(field: Field, *, by: Actor) -> None:
    """Ask no more. What cases have stays readable, and nothing is deleted.

    Raises NotAllowed, or Refused while another field is shown by it.
    """
    _require(by, field.desk)
    leaning = Field.objects.filter(only_if=field, removed_at=None).first()
    if leaning:
        words = _("“%(label)s” is shown by this field. Change that first.")
        raise Refused(words % {"label": leaning.label})
    _tell_field(field, set_changed(field, removed_at=field.removed_at or clock.now()), by)


@transaction.atomic
def restore_field(field: Field, *, by: Actor) -> None:
    """Ask again what was asked before. Raises NotAllowed, or Refused when its label is another's by now."""
    _require(by, field.desk)
    with _own_label():
        changes = set_changed(field, removed_at=None)
    _tell_field(field, changes, by)


@transaction.atomic
def add_matter(desk: Desk, *, name: str, fields: Sequence[int] = (), place: int = 0, by: Actor) -> Matter:
    """Let a desk tell one more kind of matter apart, with the fields that it asks, in order.

    Raises NotAllowed, or Refused for a name that is taken, a field that is not the desk's, and when there are 50.
    """
    _require(by, desk)
    one_at_a_time(f"matters of desk {desk.pk}")
    if Matter.objects.filter(desk=desk, removed_at=None).count() >= MOST_MATTERS:
        raise Refused(_("A desk takes %(most)s kinds of matter at most.") % {"most": MOST_MATTERS})
    matter = Matter(company_id=desk.company_id, desk=desk, name=_named(name, "name"), place=place)
    matter.fields = _of_desk(desk, fields)
    with _own_name():
        matter.save()
    record(MatterAdded(company=desk.company_id, desk=desk.pk, matter=matter.pk, name=matter.name), by=by)
    return matter


@transaction.atomic
def change_matter(matter: Matter, *, name: str, fields: Sequence[int], place: int, by: Actor) -> None:
    """Call it something else, or ask other fields of it. Raises as `add_matter` does."""
    _require(by, matter.desk)
    wanted = _of_desk(matter.desk, fields)
    with _own_name():
        changes = set_changed(matter, name=_named(name, "name"), fields=wanted, place=place)
    _tell_matter(matter, changes, by)


@transaction.atomic
def remove_matter(matter: Matter, *, by: Actor) -> None:
    """Offer it no more; cases that are of this kind stay so. Raises NotAllowed."""
    _require(by, matter.desk)
    _tell_matter(matter, set_changed(matter, removed_at=matter.removed_at or clock.now()), by)


@transaction.atomic
def restore_matter(matter: Matter, *, by: Actor) -> None:
    """Offer it again. Raises NotAllowed, or Refused when its name is another's by now."""
    _require(by, matter.desk)
    with _own_name():
        changes = set_changed(matter, removed_at=None)
    _tell_matter(matter, changes, by)


def _columns(field: Field, shape: Shape) -> dict[str, Any]:
    """What is kept of a shape, once it makes sense."""
    if shape.holds not in HOLDS or (shape.holds and field.kind != Field.Kind.TEXT):
        raise Refused(_("Only text holds what is known of the customer."), field="holds")
    return {
        "label": _named(shape.label, "label"),
        "help": blot_card_numbers(one_line(shape.help, most=300)),
        "required": shape.required,
        "choices": _choices(field, shape.choices),
        "holds": shape.holds,
        "place": shape.place,
        **_condition(field, shape),
    }


def _choices(field: Field, written: Sequence[str]) -> list[str]:
    if field.kind not in _WITH_CHOICES:
        return []
    lines = [blot_card_numbers(one_line(line, most=MOST_CHARACTERS)) for line in written]
    tidy = levels_of(lines) if field.kind == Field.Kind.TREE else lines
    choices = list(dict.fromkeys(line for line in tidy if line))
    if not 0 < len(choices) <= MOST_CHOICES:
        raise Refused(
            _("Write between 1 and %(most)s choices, one a line.") % {"most": MOST_CHOICES}, field="choices"
        )
    return choices


def _condition(field: Field, shape: Shape) -> dict[str, Any]:
    other = shape.only_if
    if other is None:
        return {"only_if_id": None, "only_values": []}
    if other.desk_id != field.desk_id or other.removed_at or other.kind not in SHOW_OTHERS:
        raise Refused(_("It is shown by a choice or a reference of the same desk."), field="only_if")
    if _leads_to(other, field):
        raise Refused(_("The other field is shown by this one. That would run in a circle."), field="only_if")
    return {"only_if_id": other.pk, "only_values": _values_of(other, shape.only_values)}


def _values_of(other: Field, written: Sequence[str]) -> list[str]:
    """What another field must be; of one that refers to something, that it does is all that can be asked."""
    values = levels_of(written) if other.kind == Field.Kind.TREE else list(written)
    values = [value for value in values if value]
    if other.kind in REFERENCES:
        if values:
            raise Refused(
                _("Leave this empty: it is shown once “%(label)s” is filled in.") % {"label": other.label},
                field="only_values",
            )
        return []
    if not values or not set(values) <= set(other.choices):
        words = _("Write which of these it must be, one a line: %(choices)s")
        raise Refused(words % {"choices": "、".join(other.choices[:20])}, field="only_values")
    return values


def _leads_to(start: Field, end: Field) -> bool:
    """Whether the conditions of a field lead to another one. One query."""
    by = dict(Field.objects.filter(desk_id=start.desk_id).values_list("pk", "only_if_id"))
    at: int | None = start.pk
    while at is not None and at != end.pk:
        at = by.get(at)
    return at is not None


def _of_desk(desk: Desk, fields: Sequence[int]) -> list[int]:
    known = set(Field.objects.filter(desk=desk, removed_at=None).values_list("pk", flat=True))
    wanted = list(dict.fromkeys(fields))
    if not known.issuperset(wanted):
        raise Refused(_("Choose fields of this desk."), field="fields")
    return wanted


def _named(written: str, name: str) -> str:
    named = blot_card_numbers(one_line(written, most=60))
    if not named:
        raise Refused(_("A name is needed."), field=name)
    return named


def _own_label() -> Any:
    return unique(_("The desk has a field of this name already."), field="label")


def _own_name() -> Any:
    return unique(_("The desk has a kind of matter of this name already."), field="name")


def _require(by: Actor, desk: Desk) -> None:
    if not policies.may_shape(by, desk):
        raise NotAllowed(Permission.DESKS)


def _tell_field(field: Field, changes: dict[str, list[Any]], by: Actor) -> None:
    if changes:
        where = {"company": field.company_id, "desk": field.desk_id}
        record(FieldChanged(**where, field=field.pk, label=field.label, changes=changes), by=by)


def _tell_matter(matter: Matter, changes: dict[str, list[Any]], by: Actor) -> None:
    if changes:
        where = {"company": matter.company_id, "desk": matter.desk_id}
        record(MatterChanged(**where, matter=matter.pk, name=matter.name, changes=changes), by=by)
