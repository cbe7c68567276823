"""Transfer encodings undone as far as they can be: base64, quoted-printable and uuencode, with rubbish in them."""

import binascii
import re
from collections.abc import Iterator
from typing import Final

from madoguchi.channels.email.structure import Warn

_NAMES: Final = {
    "base64": "base64",
    "quotedprintable": "quoted-printable",
    "xuuencode": "uuencode",
    "uuencode": "uuencode",
    "xuue": "uuencode",
    "uue": "uuencode",
}
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]*=*\s*")
_PADDED: Final = re.compile(rb"[A-Za-z0-9+/\s]*=+")
_SEGMENTS: Final = re.compile(rb"[A-Za-z0-9+/]+=*")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]+")
_BLANKS: Final = b" \t\r\n\v\f"
_SOFT_BREAK: Final = re.compile(rb"=[ \t]+(?=\r?\n)")
_BEGIN: Final = re.compile(rb"^begin(?: |-base64 )[0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_END: Final = re.compile(rb"end|====")
_LINE: Final = re.compile(rb"([^\n]*)(?:\n|\Z)")
_UU_LINE: Final = re.compile(rb"[\x20-\x60]*")
MOST_FILES_IN_TEXT: Final = 100


def decoded(data: bytes, encoding: str, warn: Warn) -> bytes:
    """The content behind a Content-Transfer-Encoding; as it stands where the encoding is none we know."""
    name = _NAMES.get(re.sub(r"[-_ ]", "", encoding.partition(";")[0].strip(" \t\"'").lower()))
    if name == "base64":
        return from_base64(data, warn)
    if name == "quoted-printable":
        return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", data) if b"= " in data or b"=\t" in data else data)
    if name == "uuencode":
        return next((content for _, content, _ in uuencoded(data)), data)
    return data


def from_base64(data: bytes, warn: Warn) -> bytes:
    """Base64 with whatever is left of it; the data itself when it is plainly something else."""
    if (below := data.find(b"\n--")) >= 0:  # the mark of a boundary that is none: base64 has no hyphens
        data = data[:below]
    if _BASE64.fullmatch(data):
        letters = data.translate(None, b"=" + _BLANKS)
        if len(letters) % 4 != 1 and not (b" " in data.strip() and _is_prose(data)):
            return _letters(letters)
    warn("encoding-repaired")
    padded = _PADDED.match(data)
    if padded and not _is_prose(padded[0]) and _is_prose(data[padded.end() :]):  # a footer put below
        return _letters(padded[0].translate(None, b"=" + _BLANKS))
    if _is_prose(data):
        return data
    kept = _NOT_BASE64.sub(b"", data)
    if b"=" not in kept.rstrip(b"="):
        return _letters(kept.rstrip(b"="))
    # Pieces that were encoded one by one, each with its own padding.
    return b"".join(_letters(piece.rstrip(b"=")) for piece in _SEGMENTS.findall(kept))


def uuencoded(data: bytes) -> Iterator[tuple[bytes, bytes, tuple[int, int]]]:
    """The files that stand uuencoded in a text: name, content and place of each."""
    at = 0
    for _ in range(MOST_FILES_IN_TEXT):
        begin = _BEGIN.search(data, at)
        if begin is None:
            return
        read = _base64_lines if begin[0].startswith(b"begin-base64") else _uu_lines
        content, at = read(data, begin.end())
        if content:
            yield begin[1].strip(), content, (begin.start(), at)


def _letters(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _is_prose(data: bytes) -> bool:
    """Whether a text claims to be base64 and is words: they have blanks inside lines, and letters of other kinds."""
    sample = data[:4_000].strip()
    odd = sum(1 for byte in sample if byte > 0x7E or byte in b" .,;:!?<>()\"'\x1b")
    return odd * 12 > len(sample)


def _uu_lines(data: bytes, at: int) -> tuple[bytes, int]:
    """The content of uuencoded lines, and where they end: at their end mark, or at a line that is none."""
    content = []
    for line in _LINE.finditer(data, at):
        text, at = line[1].rstrip(), line.start()
        if _END.fullmatch(text) or not line[0]:
            at = line.end()
            break
        length = (text[0] - 32) & 63 if text else 0
        groups = (length + 2) // 3
        if not _UU_LINE.fullmatch(text) or len(text) - 1 > groups * 4 + 2:
            break
        # Blanks at the end of a line are often lost on the way, and the last group may hold more than it should.
        whole = bytes([32 + groups * 3]) + text[1 : 1 + groups * 4].ljust(groups * 4)
        content.append(binascii.a2b_uu(whole)[:length])
    return b"".join(content), at


def _base64_lines(data: bytes, at: int) -> tuple[bytes, int]:
    lines = []
    for line in _LINE.finditer(data, at):
        text, at = line[1].rstrip(), line.start()
        if _END.fullmatch(text) or not line[0]:
            at = line.end()
            break
        if not _BASE64.fullmatch(text):
            break
        lines.append(text.translate(None, b"="))
    return _letters(b"".join(lines)), at
