"""What can happen to what a desk wants to know. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class FieldAdded(Fact):
    """A desk wants to know one more thing of its cases."""

    kind: ClassVar[str] = "field.added"
    field: int
    label: str


@fact
class FieldChanged(Fact):
    """A field was changed, removed or brought back."""

    kind: ClassVar[str] = "field.changed"
    field: int
    label: str
    changes: dict[str, list[Any]]


@fact
class MatterAdded(Fact):
    """A desk tells one more kind of matter apart."""

    kind: ClassVar[str] = "matter.added"
    matter: int
    name: str


@fact
class MatterChanged(Fact):
    """A kind of matter was changed, taken out of use or brought back."""

    kind: ClassVar[str] = "matter.changed"
    matter: int
    name: str
    changes: dict[str, list[Any]]
