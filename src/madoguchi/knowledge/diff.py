"""What changed between two texts, word by word, so that a person sees it. Pure."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Words of letters and digits, runs of one kind of kana or of kanji, and every other sign by itself.
_WORDS = re.compile(r"[A-Za-z0-9_]+|[ァ-ヺー]+|[ぁ-ゖ]+|[一-鿿々]+|\s+|.", re.DOTALL)
# Comparing grows with the square of what is compared.
_MOST_WORDS = 4_000
# Fewer letters than this between two changes do not keep them apart.
_APART = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: `same`, `gone` or `new`."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The two texts as one: what is the same, what is gone and what is new, in reading order. Very long texts are
    compared line by line.
    """
    was, now = _words(before), _words(after)
    if max(len(was), len(now)) > _MOST_WORDS:
        was, now = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return list(_joined(_pieces(was, now)))


def _words(text: str) -> list[str]:
    return _WORDS.findall(text)


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Changes of one line between which only a letter or two stayed the same are one change: so it is read."""
    gone, new, between = "", "", ""
    for piece in pieces:
        if piece.kind == "same":
            between = piece.text
            if not (gone or new) or len(between) >= _APART or "\n" in between:
                yield from _change(gone, new)
                yield piece
                gone = new = between = ""
            continue
        gone, new, between = gone + between, new + between, ""
        gone, new = (gone + piece.text, new) if piece.kind == "gone" else (gone, new + piece.text)
    yield from _change(gone, new)
    if between:
        yield Piece("same", between)


def _change(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)


def _pieces(was: list[str], now: list[str]) -> Iterator[Piece]:
    matcher = difflib.SequenceMatcher(None, was, now, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(was[i1:i2]))
            continue
        if i1 < i2:
            yield Piece("gone", "".join(was[i1:i2]))
        if j1 < j2:
            yield Piece("new", "".join(now[j1:j2]))
