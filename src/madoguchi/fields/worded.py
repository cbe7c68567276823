"""A value of a field as somebody may see it."""

from typing import Any

from madoguchi.customers.queries import show
from madoguchi.fields.models import Field
from madoguchi.fields.references import Names
from madoguchi.fields.values import REFERENCES, say_value
from madoguchi.kernel.actor import DataScope


def said_to(field: Field, value: Any, names: Names, scope: DataScope) -> str:
    """A value in words: what it refers to by its name among `names`, the customer's data as far as may be."""
    if field.kind in REFERENCES:
        return names.of(value) if value else ""
    said = say_value(field, value)
    return show(said, field.holds, scope) if field.holds else said
