"""What can go wrong, named for the situation of the person who meets it.

Pages, the command line and the API each translate these once; nobody else catches them.
"""

from collections.abc import Sequence


class MadoguchiError(Exception):
    """The root of all errors that a person can understand and act on; `str()` is meant for them."""


class NotAllowed(MadoguchiError):
    """This person may see the thing, but not do this with it."""


class NotFound(MadoguchiError):
    """Absent, or in another company's hands: the two are never told apart."""


class Refused(MadoguchiError):
    """The request makes no sense as given; `field` names the input to change, if there is one."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class AskFirst(Refused):
    """Nothing was done yet: who asks for it is first to say yes to each of `questions`, by its key."""

    def __init__(self, questions: Sequence[tuple[str, str]], *, field: str = "") -> None:
        super().__init__("\n".join(words for _key, words in questions), field=field)
        self.questions = tuple(questions)


class Conflict(MadoguchiError):
    """Somebody else was faster; look again before you repeat it."""
