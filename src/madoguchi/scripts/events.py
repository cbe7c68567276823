"""What can happen to a walk through a talk script, and to the script of a number."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class WalkBegun(Fact):
    """Somebody began to walk through a version of a script in a case."""

    kind: ClassVar[str] = "script.begun"
    case: int
    walk: int
    script: int


@fact
class WalkMoved(Fact):
    """They went on to a step, or back to it (`step`: its id in that version)."""

    kind: ClassVar[str] = "script.moved"
    case: int
    walk: int
    step: int


@fact
class WalkEnded(Fact):
    """They are through with it, or left it; `steps` are those they went."""

    kind: ClassVar[str] = "script.ended"
    case: int
    walk: int
    script: int
    steps: list[int]


@fact
class NumberScriptChanged(Fact):
    """Callers of a number are spoken with by another talk script from now on, or by none (no `article`)."""

    kind: ClassVar[str] = "phone_number.script_changed"
    entry_point: int
    article: int | None
