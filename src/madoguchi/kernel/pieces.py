"""A message in pieces: what its writer newly wrote, and what came along. Laid end to end, they are the text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a piece of a message is. A forward is somebody else's words that are meant to be read."""

    NEW = "new"
    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of whole lines, with the line end that follows it."""

    kind: Kind
    text: str


_MARKS: Final = (">", "＞")
_MOST_COMPARED: Final = 20_000


def is_answered_within(quoted: str, original: str) -> bool:
    """Whether other words stand between the words of ours that an unmarked quotation repeats.

    Lines are followed in their order and without their spaces, for programs break them anew. What stands above the
    first and below the last of them is what programs write, or older mail.
    """
    rows = quoted[:_MOST_COMPARED].split("\n")
    lines = [squeezed for line in rows if (squeezed := "".join(line.split()))]
    if any(line.startswith(_MARKS) for line in lines):
        return False
    whole, at = "".join(original[:_MOST_COMPARED].split()), 0
    strangers, passed = False, False
    for line in lines:
        place = whole.find(line, at)
        if place >= 0:
            strangers, passed, at = strangers or passed, False, place + len(line)
        else:
            passed = at > 0
    return strangers


Lengths = list[tuple[str, int]]


def newly_written(pieces: Sequence[Piece]) -> str:
    """The new pieces joined; without blank lines around them, unless they are the whole text."""
    if all(piece.kind == Kind.NEW for piece in pieces):
        return "".join(piece.text for piece in pieces)
    lines = "".join(piece.text for piece in pieces if piece.kind == Kind.NEW).split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines).rstrip()


def signed(pieces: Sequence[Piece], tail: str) -> tuple[Piece, ...]:
    """The pieces with the lines that end the last new one as a signature; as they are where it does not end so."""
    last = max((at for at, piece in enumerate(pieces) if piece.kind == Kind.NEW), default=-1)
    words = pieces[last].text if last >= 0 else ""
    cut = len(words.rstrip()) - len(tail)
    if not tail or cut < 1 or words[cut - 1] != "\n" or not words.startswith(tail, cut):
        return tuple(pieces)
    return (
        *pieces[:last],
        Piece(Kind.NEW, words[:cut]),
        Piece(Kind.SIGNATURE, words[cut:]),
        *pieces[last + 1 :],
    )


def has_block(text: str, block: str) -> bool:
    """Whether these lines stand in a text below a blank one, as a block of their own."""
    return f"\n\n{block}\n" in f"{text}\n"


def lengths_of(pieces: Sequence[Piece]) -> Lengths:
    """Pieces as they are kept beside their text; empty where all of it is new."""
    if all(piece.kind == Kind.NEW for piece in pieces):
        return []
    return [(str(piece.kind), len(piece.text)) for piece in pieces]


def pieces_of(text: str, lengths: Iterable[tuple[str, int]]) -> list[Piece]:
    """The text in its pieces again; what no length accounts for is new."""
    pieces, at = [], 0
    for kind, length in lengths:
        pieces.append(Piece(Kind(kind), text[at : at + length]))
        at += length
    if at < len(text):
        pieces.append(Piece(Kind.NEW, text[at:]))
    return pieces
