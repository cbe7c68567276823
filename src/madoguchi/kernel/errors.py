"""What can go wrong, named for the situation of the person who meets it.

Pages, the command line and the API each translate these once; nobody else catches them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class MadoguchiError(Exception):
    """The root of all errors that a person can understand and act on; `str()` is meant for them."""


class NotAllowed(MadoguchiError):
    """This person may see the thing, but not do this with it."""


class NotFound(MadoguchiError):
    """Absent, or in another company's hands: the two are never told apart."""


class Refused(MadoguchiError):
    """The request makes no sense as given; `field` names the input to change, if there is one. `others` are further
    inputs to change, each with why.
    """

    def __init__(self, message: str, *, field: str = "", others: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.others = others or {}

    @property
    def fields(self) -> Mapping[str, str]:
        """Every input to change, with why."""
        return {self.field: str(self), **self.others} if self.field else self.others


class AskFirst(Refused):
    """Nothing was done yet: who asks for it is first to say yes to each of `questions`, by its key."""

    def __init__(self, questions: Sequence[tuple[str, str]], *, field: str = "") -> None:
        super().__init__("\n".join(words for _key, words in questions), field=field)
        self.questions = tuple(questions)


class Problems:
    """What is wrong with several inputs, told at once and not one after the other: `of` reads each, `unless` says what
    must hold of one, `end` refuses.
    """

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def of(self, read: Callable[[], T], otherwise: T) -> T:
        """What is read; `otherwise` where that is refused. What names no input is raised at once."""
        try:
            return read()
        except Refused as refused:
            if not refused.field:
                raise
            for name, words in refused.fields.items():
                self._found.setdefault(name, words)
            return otherwise

    def unless(self, holds: bool, words: str, field: str) -> None:
        """An input is to be changed, and why, unless something holds."""
        if not holds:
            self._found.setdefault(field, words)

    def end(self) -> None:
        """Raises Refused, with all inputs to change, where there is one."""
        (field, words), *others = self._found.items() or [("", "")]
        if field:
            raise Refused(words, field=field, others=dict(others))


class Conflict(MadoguchiError):
    """Somebody else was faster; look again before you repeat it."""
