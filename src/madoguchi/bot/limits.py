"""Where a bot ends: words of anger, distress, law, health and safety, and the wish for a person. Pure.

Each kind has a list of words, one a line; what a company wrote stands in the place of ours. Text and words are compared
folded (width, case, kana), so ふざけるな, フザケルナ and ﾌｻﾞｹﾙﾅ are one. A line such as
弁護士…相談 wants both parts within `NEAR` letters. A line that begins with - is no word of it, but takes away
what would be found within it: -火災保険 keeps an insurance from being a fire.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.kernel.folding import fold
from madoguchi.kernel.within import folded, itself

NEAR = 20
MOST_WORDS = 500
# Latin words of so many letters may be inflected by up to three more.
_LEAST_STEM = 5
# Whoever shouts in capitals, or with many marks, is angry without any word of it.
_LEAST_CAPITALS, _SHARE_OF_CAPITALS, _MARKS = 12, 0.8, re.compile(r"[!！?？]{3,}|[!！]{2,}")
_LATIN = re.compile(r"[A-Za-z]")
_APART = re.compile(r"…|\.\.\.")


class Kind(models.TextChoices):
    """Why a person is wanted, by what was said; the first that holds counts."""

    HUMAN = "human", _("Wish for a person")
    SAFETY = "safety", _("Safety")
    MEDICAL = "medical", _("Health")
    LEGAL = "legal", _("Law")
    DISTRESS = "distress", _("Distress")
    ANGER = "anger", _("Anger")


@dataclass(frozen=True, slots=True)
class Found:
    """Which kind was found, by which word; the word is empty where the letters themselves shout."""

    kind: Kind
    word: str


def usual(kind: Kind) -> str:
    """The words of a kind where a company wrote none of its own, one a line."""
    return "\n".join(_usual()[kind.value])


@cache
def _usual() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("usual_words.toml").read_text("utf-8"))


def found_in(text: str, words: Mapping[Kind, str] | None = None) -> Found | None:
    """The first limit that a text touches, None for none. `words` stand in the place of the usual ones."""
    for kind in Kind:
        lines = (words or {}).get(kind)
        word = _first(text, _rules(usual(kind) if lines is None else lines))
        if word:
            return Found(kind, word)
    return Found(Kind.ANGER, "") if _shouts(text) else None


def touched(text: str, kinds: Iterable[Kind], words: Mapping[Kind, str] | None = None) -> list[Found]:
    """Each of these kinds that a text touches, with the first of its words. `words` as in `found_in`."""
    lines = {kind: (words or {}).get(kind) for kind in kinds}
    found = ((kind, _first(text, _rules(usual(kind) if own is None else own))) for kind, own in lines.items())
    return [Found(kind, word) for kind, word in found if word]


def holds(text: str, word: str) -> bool:
    """Whether one line of a list is found in a text."""
    return bool(_first(text, _rules(word)))


def tidied(written: str) -> list[str]:
    """The lines of a list as they are kept: no blanks, no repeats, no more than counts."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", written).splitlines())
    return list(dict.fromkeys(line for line in lines if fold(line.lstrip("-"))))[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class _Rules:
    wanted: Sequence[tuple[str, re.Pattern[str]]]
    without: Sequence[str]


@lru_cache(maxsize=256)
def _rules(lines: str) -> _Rules:
    wanted, without = [], []
    for line in tidied(lines):
        if line.startswith("-"):
            without.append(fold(line[1:]))
        else:
            wanted.append((line, _pattern(line)))
    return _Rules(wanted, sorted(without, key=len, reverse=True))


def _pattern(line: str) -> re.Pattern[str]:
    """Latin words begin where words begin: a text that holds "issue" does not hold "sue", nor お届けが a けが."""
    if line.isascii():
        ends = "[a-z]{0,3}" if len(line) >= _LEAST_STEM else "(?:s|d|ed)?"
        return re.compile(rf"(?<![a-z]){re.escape(line.lower())}{ends}(?![a-z])")
    parts = [itself(part) for part in _APART.split(line) if fold(part)]
    return re.compile(f".{{0,{NEAR}}}".join(parts))


def _first(text: str, rules: _Rules) -> str:
    said, latin = folded(text), unicodedata.normalize("NFKC", text).lower()
    for words in rules.without:
        said = said.replace(words, "\x1f")
    return next(
        (line for line, pattern in rules.wanted if pattern.search(latin if line.isascii() else said)), ""
    )


def _shouts(text: str) -> bool:
    wide = unicodedata.normalize("NFKC", text)
    letters = _LATIN.findall(wide)
    capitals = sum(letter.isupper() for letter in letters)
    loud = len(letters) >= _LEAST_CAPITALS and capitals >= _SHARE_OF_CAPITALS * len(letters)
    words = len(letters) > 0.6 * len(wide.strip())
    return (loud and words and " " in wide) or bool(_MARKS.search(text) and "!" in wide)
