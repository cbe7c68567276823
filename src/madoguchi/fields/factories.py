"""Fields and kinds of matter, made for tests."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from madoguchi.companies.models import Desk
from madoguchi.fields.actions import Shape, add_field, add_matter
from madoguchi.fields.models import Field, Matter
from madoguchi.infra import scope
from madoguchi.kernel.actor import system

_numbers = count(1)
_SOMEBODY = system("tests")
_REASON = "a factory makes what a test asks for, whosever it is"


def make_field(desk: Desk, kind: str = "text", *, label: str = "", **shape: Any) -> Field:
    """A field of a desk."""
    label = label or f"項目{next(_numbers)}"
    with scope.everywhere(reason=_REASON):
        return add_field(desk, kind=kind, shape=Shape(label=label, **shape), by=_SOMEBODY)


def make_matter(desk: Desk, *, name: str = "", fields: Sequence[Field] = ()) -> Matter:
    """A kind of matter of a desk, with its form."""
    name = name or f"種類{next(_numbers)}"
    with scope.everywhere(reason=_REASON):
        return add_matter(desk, name=name, fields=[field.pk for field in fields], by=_SOMEBODY)
