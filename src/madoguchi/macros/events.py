"""What can happen to macros. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class MacroAdded(Fact):
    """A macro was written, for a desk or for its owner alone."""

    kind: ClassVar[str] = "macro.added"
    macro: int
    name: str


@fact
class MacroChanged(Fact):
    """A macro was changed."""

    kind: ClassVar[str] = "macro.changed"
    macro: int
    changes: dict[str, list[Any]]


@fact
class MacroDeleted(Fact):
    """A macro was put away; it may be had back."""

    kind: ClassVar[str] = "macro.deleted"
    macro: int
    name: str


@fact
class MacroRestored(Fact):
    """A macro that was put away was taken back."""

    kind: ClassVar[str] = "macro.restored"
    macro: int
    name: str


@fact
class MacroProposed(Fact):
    """The company was asked to approve what a macro puts into answers."""

    kind: ClassVar[str] = "macro.proposed"
    macro: int


@fact
class MacroApproved(Fact):
    """The company approved what a macro puts into answers: these `words`, and it is offered."""

    kind: ClassVar[str] = "macro.approved"
    macro: int
    words: list[str]


@fact
class MacroReturned(Fact):
    """The company gave the words of a macro back to be written on; they are not offered."""

    kind: ClassVar[str] = "macro.returned"
    macro: int
    comment: str


@fact
class MacroRan(Fact):
    """Somebody ran a macro on the case; what it changed names `macro:RUN` as its cause."""

    kind: ClassVar[str] = "macro.ran"
    among_colleagues: ClassVar[bool] = True
    macro: int
    run: int
    name: str


@fact
class MacroUndone(Fact):
    """What a run of a macro changed in the case was put back."""

    kind: ClassVar[str] = "macro.undone"
    among_colleagues: ClassVar[bool] = True
    macro: int
    run: int
    name: str
