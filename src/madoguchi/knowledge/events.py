"""What can happen to what operators say. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class TemplateAdded(Fact):
    """A reply template was added."""

    kind: ClassVar[str] = "template.added"
    template: int
    name: str


@fact
class TemplateChanged(Fact):
    """A reply template was changed."""

    kind: ClassVar[str] = "template.changed"
    template: int
    changes: dict[str, list[Any]]
