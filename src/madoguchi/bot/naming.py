"""What a case is called that began with a press: by what was typed first, else by the path that was chosen. Pure."""

import re
from collections.abc import Collection, Sequence

from madoguchi.bot.deciding import BACK, NO, NONE_OF_THESE, PERSON, YES
from madoguchi.kernel.text import one_line
from madoguchi.knowledge.likeness import letters_of

MOST_LETTERS = 60
_NUMBER = re.compile(r"\d{1,2}番?(?:です)?")
_ALWAYS_OFFERED = frozenset(letters_of(one) for one in (*YES, *NO, *PERSON, *NONE_OF_THESE, *BACK))


def called(said: Sequence[str], choices: Collection[str]) -> str:
    """The subject of what a customer said, in this order, where these choices led them."""
    offered = {letters_of(one) for one in choices}
    letters = [letters_of(one) for one in said]
    own = [one for one, bare in zip(said, letters, strict=True) if not _is_pressed(bare, offered)]
    path = [one for one, bare in zip(said, letters, strict=True) if bare in offered]
    words = own[0] if own else " › ".join(dict.fromkeys(path)) or next(iter(said), "")
    return one_line(words, most=MOST_LETTERS)


def _is_pressed(letters: str, offered: Collection[str]) -> bool:
    """Whether it is one of our own words, or the number of one, and so says nothing by itself; as does a file alone."""
    return not letters or letters in _ALWAYS_OFFERED or letters in offered or bool(_NUMBER.fullmatch(letters))
