"""What is said of files that are not right, in the language of who wrote them. Pure: gettext's own catalogues."""

import gettext
from collections.abc import Callable
from pathlib import Path

from madoguchi.promises.located import N_, Wrong

_LOCALE = Path(__file__).parent / "locale"
NOT_THERE_YET = N_("The case was not there yet.")


def words_in(language: str) -> Callable[[str], str]:
    """How a msgid is said in this language (ja, en)."""
    return gettext.translation("django", str(_LOCALE), languages=[language], fallback=True).gettext


def said_of(error: Wrong, *, file: str, words: Callable[[str], str]) -> str:
    """One line: file, line, field, and what is wrong."""
    said = words(error.words) % error.values if error.values else words(error.words)
    line = words(N_("line %(line)s")) % {"line": error.line} if error.line else ""
    return ": ".join(part for part in (file, line, error.field, said) if part)


def said_of_unreadable(error: OSError, *, file: str, words: Callable[[str], str]) -> str:
    """One line for a file that cannot be read."""
    return f"{file}: " + words(N_("This file cannot be read: %(reason)s")) % {
        "reason": error.strerror or error
    }
