"""In which order a list shows its cases: as somebody says it, and as the stretches that follow one another.

A stretch is a part of the cases in an order that an index has, or nearly: those that wait, oldest first, and behind
them the others, newest first. Whatever has no value comes last, so every case has its place. Pure.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.models import Priority
from madoguchi.fields.models import Field
from madoguchi.kernel.errors import Refused

NEWEST, WAITING, PRIORITY, DUE = "newest", "waiting", "priority", "due"
NAMES: Mapping[str, str | Promise] = {
    NEWEST: gettext_lazy("Newest contact first"),
    WAITING: gettext_lazy("Waiting longest first"),
    PRIORITY: gettext_lazy("Highest priority first"),
    DUE: gettext_lazy("Due soonest first"),
}
_OWN = re.compile(r"(up|down):([1-9][0-9]{0,17})")
_SPOT = re.compile(r"([0-9])~(.*)~([0-9]{1,18})", re.DOTALL)
# Of these kinds values have an order that means something, and hold nothing of the customer.
_KEYS = {
    Field.Kind.NUMBER: ("number", "float8"),
    Field.Kind.DATE: ("words", "text"),
    Field.Kind.CHOICE: ("words", "text"),
    Field.Kind.TREE: ("words", "text"),
}
_READ: Mapping[str, Callable[[str], Any]] = {
    "timestamptz": datetime.fromisoformat,
    "float8": float,
    "text": str,
}
_CASES = "cases_case AS c"
_VALUES = "cases_filledvalue AS v"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Cases of one kind (`only`) in one order: by `key`, of this SQL type, then by `id`; upwards, or `down`.

    With `by_desk` there is an index of just these, by desk and in this order. Where they are looked up by their values
    `source` is the index of these.
    """

    key: str
    type: str
    down: bool
    only: str = "true"
    by_desk: bool = False
    source: str = _CASES
    id: str = "c.id"

    @property
    def by_value(self) -> bool:
        """Whether the index of values leads through it."""
        return self.source == _VALUES


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page ends: in which stretch, and behind which key (as PostgreSQL writes it) and case."""

    stretch: int
    key: str
    id: int

    def __str__(self) -> str:
        return f"{self.stretch}~{self.key}~{self.id}"

    @classmethod
    def read(cls, written: str) -> "Spot | None":
        """The spot an address names; None for anything that is not one."""
        found = _SPOT.fullmatch(written)
        return cls(int(found[1]), found[2], int(found[3])) if found and "\0" not in found[2] else None


def fits(spot: Spot, stretches: Sequence[Stretch]) -> bool:
    """Whether there can be such a spot in an order: what an address says may be anything."""
    if spot.stretch >= len(stretches):
        return False
    try:
        return _READ[stretches[spot.stretch].type](spot.key) is not None
    except ValueError:
        return False


def field_of(order: str) -> int | None:
    """The desk's own field by which an order goes; None for any other order."""
    found = _OWN.fullmatch(order)
    return int(found[2]) if found else None


def is_order(written: str) -> bool:
    """Whether there is such an order."""
    return written in NAMES or field_of(written) is not None


def read_order(written: str) -> str:
    """The order that somebody says. Raises Refused, naming those that there are."""
    if not is_order(written):
        known = ", ".join([*NAMES, "up:FIELD", "down:FIELD"])
        words = _("“%(said)s” is no order. Choose one of: %(known)s.")
        raise Refused(words % {"said": written, "known": known}, field="order")
    return written


def can_order(field: Field) -> bool:
    """Whether lists can be put in order by the values of a field."""
    return field.kind in _KEYS and not field.holds


def names_with(fields: Sequence[Field]) -> dict[str, str]:
    """Every order with its name, those by these fields at the end, each both ways."""
    names = {order: str(name) for order, name in NAMES.items()}
    for field in filter(can_order, fields):
        up, down = _ways(field)
        names |= {
            f"up:{field.pk}": up % {"field": field.label},
            f"down:{field.pk}": down % {"field": field.label},
        }
    return names


def _ways(field: Field) -> tuple[str, str]:
    if field.kind == Field.Kind.DATE:
        return _("%(field)s, oldest first"), _("%(field)s, newest first")
    if field.kind == Field.Kind.NUMBER:
        return _("%(field)s, smallest first"), _("%(field)s, greatest first")
    return _("%(field)s, upwards"), _("%(field)s, downwards")


def stretches_of(order: str, field: Field | None = None) -> list[Stretch]:
    """The stretches of an order, one behind the other; of one by a field that is not there, those of the newest."""
    if order == WAITING:
        return [_upwards("c.waiting_since"), _newest("c.waiting_since IS NULL")]
    if order == DUE:
        return [_upwards("c.due_at"), _newest("c.due_at IS NULL")]
    if order == PRIORITY:
        return [_of_priority(priority) for priority in sorted(Priority.values, reverse=True)]
    if field is not None and can_order(field):
        return _by_value(field, down=order.startswith("down:"))
    return [_newest()]


def _newest(only: str = "true", *, by_desk: bool = False) -> Stretch:
    return Stretch("c.touched_at", "timestamptz", down=True, only=only, by_desk=by_desk)


def _upwards(column: str) -> Stretch:
    return Stretch(column, "timestamptz", down=False, only=f"{column} IS NOT NULL", by_desk=True)


def _of_priority(priority: int) -> Stretch:
    """Most cases are of the usual one: they need no index of their own."""
    return _newest(f"c.priority = {priority:d}", by_desk=priority != Priority.NORMAL)


def _by_value(field: Field, *, down: bool) -> list[Stretch]:
    column, type_ = _KEYS[Field.Kind(field.kind)]
    there = f"v.field_id = {field.pk:d} AND v.{column} IS NOT NULL"
    without = f"NOT EXISTS (SELECT FROM cases_filledvalue AS v WHERE v.case_id = c.id AND {there})"
    return [
        Stretch(f"v.{column}", type_, down, only=there, source=_VALUES, id="v.case_id"),
        _newest(without),
    ]
