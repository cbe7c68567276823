"""What can happen to saved views. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ViewAdded(Fact):
    """A view was saved, for this audience."""

    kind: ClassVar[str] = "view.added"
    view: int
    name: str
    audience: str


@fact
class ViewChanged(Fact):
    """A saved view was changed."""

    kind: ClassVar[str] = "view.changed"
    view: int
    changes: dict[str, list[Any]]


@fact
class ViewDeleted(Fact):
    """A saved view was deleted; it may be had back."""

    kind: ClassVar[str] = "view.deleted"
    view: int
    name: str


@fact
class ViewRestored(Fact):
    """A deleted view was taken back."""

    kind: ClassVar[str] = "view.restored"
    view: int
    name: str
