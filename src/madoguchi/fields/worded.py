"""A value of a field as somebody may see it."""

from collections.abc import Mapping
from typing import Any

from madoguchi.customers.queries import show
from madoguchi.fields.models import Field
from madoguchi.fields.values import say_value
from madoguchi.kernel.actor import DataScope


def said_to(field: Field, value: Any, names: Mapping[int, str], scope: DataScope) -> str:
    """A value in words: another customer by their name among `names`, the customer's data as far as may be."""
    if field.kind == Field.Kind.CUSTOMER:
        return names.get(value["customer"], "") if value else ""
    said = say_value(field, value)
    return show(said, field.holds, scope) if field.holds else said
