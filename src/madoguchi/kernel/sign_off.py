"""The signature of a desk under what its people write: below their words, above what they quote beneath them."""

import re
from collections.abc import Sequence
from typing import Final

from madoguchi.kernel.pieces import Kind, Piece
from madoguchi.kernel.text import fold

_QUOTED: Final = (">", "＞")
_LEADS_IN: Final = (":", "：")
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n")


def signed_off(text: str, signature: str) -> tuple[Piece, ...]:
    """The text in pieces, with the signature as one of them; as it is where it ends with it already, or there is none.

    Without that piece they are the text again, letter by letter.
    """
    sign, at = signature.strip(), _quotation_in(text)
    own, below = text[:at].rstrip(), text[:at][len(text[:at].rstrip()) :] + text[at:]
    if not sign or not own or _ends_with(own, sign) or _ends_with(text, sign):
        return (Piece(Kind.NEW, text),)
    gap = "\n" if at < len(text) and not _BLANK_LINES.search(below[: below.find(text[at:])]) else ""
    beneath = (Piece(Kind.NEW, below),) if below else ()
    return (Piece(Kind.NEW, own), Piece(Kind.SIGNATURE, f"\n\n{sign}{gap}"), *beneath)


def without_sign_off(pieces: Sequence[Piece]) -> str:
    """What its writer typed."""
    return "".join(piece.text for piece in pieces if piece.kind != Kind.SIGNATURE)


def bare_words(text: str, signature: str = "") -> str:
    """What two answers are told apart by: their letters, whatever the width and the spaces between them, without the
    signature at the end and without quotations.
    """
    own = text[: _quotation_in(text)].splitlines()
    rows, sign = _rows("\n".join(line for line in own if not line.startswith(_QUOTED))), _rows(signature)
    if any(sign) and rows[-len(sign) :] == sign:
        rows = rows[: -len(sign)]
    return "".join(fold("\n".join(rows)).split())


def _quotation_in(text: str) -> int:
    """Where the quotation begins with which a text ends, with the line that leads into it; its end where none is."""
    lines = text.splitlines(keepends=True)
    first = len(lines)
    while first and (lines[first - 1].startswith(_QUOTED) or not lines[first - 1].strip()):
        first -= 1
    if first and lines[first:] and lines[first].strip() and lines[first - 1].rstrip().endswith(_LEADS_IN):
        first -= 1
    while first < len(lines) and not lines[first].strip():
        first += 1
    return sum(len(line) for line in lines[:first])


def _ends_with(text: str, sign: str) -> bool:
    lines, last = _rows(text), _rows(sign)
    return lines[-len(last) :] == last


def _rows(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]
