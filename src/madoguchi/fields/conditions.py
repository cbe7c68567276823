"""What may be asked of a field's value, and what it means. Pure; `cases/asking.py` asks the database for the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from madoguchi.fields.models import Field
from madoguchi.fields.values import BETWEEN_LEVELS, REFERENCES, Filled
from madoguchi.kernel.text import alike

Kind = Field.Kind
# What may be asked of each kind: which (`in`), how much, when, and whether anything stands there at all (`known`).
TESTS: Mapping[str, tuple[str, ...]] = {
    Kind.TEXT: ("contains", "in", "known"),
    Kind.NUMBER: ("over", "under", "least", "most", "in", "known"),
    Kind.DATE: ("since", "before", "on", "known"),
    Kind.CHOICE: ("in", "known"),
    Kind.TREE: ("in", "known"),
    **dict.fromkeys(REFERENCES, ("in", "known")),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing asked of the value of a field. `value` is several (`in`), words, a number, a day as 2026-12-01, or
    whether anything stands there. Of a tree, a level is also all that is below it.
    """

    field: int
    kind: str
    test: str
    value: Any


def meets(asked: Asked, filled: Filled) -> bool:
    """Whether the values of a case meet it; a field without a value meets nothing but that it has none."""
    value = filled.get(str(asked.field))
    if asked.test == "known":
        return (value is not None) == asked.value
    if asked.kind == Kind.NUMBER:
        return isinstance(value, int | float) and _COMPARED[asked.test](value, asked.value)
    if asked.kind in REFERENCES:
        return isinstance(value, dict) and value.get(asked.kind) in asked.value
    if not isinstance(value, str):
        return False
    if asked.kind == Kind.DATE:
        return _COMPARED[asked.test](value, asked.value)
    return _says(asked, alike(value))


def below(level: str) -> str:
    """With what every choice below a level of a tree begins."""
    return level + BETWEEN_LEVELS


def _says(asked: Asked, value: str) -> bool:
    if asked.test == "contains":
        return alike(asked.value) in value
    wanted = [alike(one) for one in asked.value]
    return value in wanted or (asked.kind == Kind.TREE and value.startswith(tuple(map(below, wanted))))


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda value, wanted: value in wanted,
    "on": lambda value, wanted: value == wanted,
    "over": lambda value, wanted: value > wanted,
    "under": lambda value, wanted: value < wanted,
    "least": lambda value, wanted: value >= wanted,
    "most": lambda value, wanted: value <= wanted,
    "since": lambda value, wanted: value >= wanted,
    "before": lambda value, wanted: value < wanted,
}
