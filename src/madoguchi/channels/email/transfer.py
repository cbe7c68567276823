"""Transfer encodings undone as far as they can be: base64, quoted-printable and uuencode, with rubbish in them."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from madoguchi.channels.email import charsets
from madoguchi.channels.email.structure import Warn

_NAMES: Final = {
    "base64": "base64",
    "quotedprintable": "quoted-printable",
    "xuuencode": "uuencode",
    "uuencode": "uuencode",
    "xuue": "uuencode",
    "uue": "uuencode",
}
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]*+=*+\s*+")
_SIGNS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"
_WORDS_IN_A_LINE: Final = re.compile(
    rb"^[ \t]*[A-Za-z0-9+/]{1,30}[ \t]+[A-Za-z0-9+/]{1,30}[ \t\r]*", re.MULTILINE
)
_PADDED: Final = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)")
_LEFT_OF_PARTS: Final = re.compile(
    rb"\s*(?:--\S+\s+)*--\S+\s*\Z|\s*--\S+[ \t]*\r?\ncontent-[a-z-]+:", re.IGNORECASE
)
_NOTHING_BUT_BASE64: Final = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4,}\s+)*[A-Za-z0-9+/]{4,}={0,2}\s*")
_ESCAPED: Final = re.compile(rb"=[0-9A-F]{2}")
_ESCAPED_SHARE: Final = 8
_RULER: Final = re.compile(rb"\+{8,}|/{8,}")
# The alphabet that base64 has in addresses of the web.
_FOR_ADDRESSES: Final = re.compile(rb"[A-Za-z0-9_\s-]*+=*+\s*+")
_FROM_ADDRESSES: Final = bytes.maketrans(b"-_", b"+/")
_LONGEST_WORD: Final = 16
_LONGER_THAN_WORDS: Final = 40
_SAMPLE: Final = 4_000
_MOST_LOOKS: Final = 50
_SEGMENTS: Final = re.compile(rb"[A-Za-z0-9+/]+=*")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]+")
_BLANKS: Final = b" \t\r\n\v\f"
_BEHIND: Final = re.compile("[;(]")
_SOFT_BREAK: Final = re.compile(rb"=[ \t]+(?=\r?\n)")
_BEGIN: Final = re.compile(rb"^begin(?: |-base64 )[0-7]{3,4} ([^\r\n]{1,300})\r?\n", re.MULTILINE)
_END: Final = re.compile(rb"end|====")
_LINE: Final = re.compile(rb"([^\n]*)(?:\n|\Z)")
_UU_LINE: Final = re.compile(rb"[\x20-\x60]*")
MOST_FILES_IN_TEXT: Final = 100


@dataclass(frozen=True, slots=True)
class Undone:
    """What a transfer encoding held, and the plain words that a list or a gateway put above and below it."""

    content: bytes
    above: bytes = b""
    below: bytes = b""


def undone(data: bytes, encoding: str, warn: Warn) -> Undone:
    """The content behind a Content-Transfer-Encoding; as it stands where the encoding is none we know."""
    name = _NAMES.get(re.sub(r"[-_ ]", "", _BEHIND.split(encoding, maxsplit=1)[0].strip(" \t\"'").lower()))
    if name == "base64":
        return from_base64(data, warn)
    if name == "quoted-printable":
        data = binascii.a2b_qp(_SOFT_BREAK.sub(b"=", data) if b"= " in data or b"=\t" in data else data)
    elif name == "uuencode":
        data = next((content for _, content, _ in uuencoded(data)), data)
    return Undone(data)


def from_base64(data: bytes, warn: Warn) -> Undone:
    """Base64 with whatever is left of it, and the words around it; all is words where nothing looks like base64."""
    if _BASE64.fullmatch(data):
        letters = data.translate(None, b"=" + _BLANKS)
        if len(letters) % 4 != 1 and not (b" " in data.strip() and _WORDS_IN_A_LINE.search(data)):
            return Undone(_letters(letters))
    warn("encoding-repaired")
    if _FOR_ADDRESSES.fullmatch(data) and not _are_words(data):
        data = data.translate(_FROM_ADDRESSES)
    start, end = _encoded(data)
    if start == end:
        return Undone(data)
    below = b"" if _LEFT_OF_PARTS.match(data, end) else data[end:]
    return Undone(_from_pieces(data[start:end]), data[:start], below)


def revealed(data: bytes, warn: Warn) -> bytes:
    """A text that is encoded though nothing says so, as when a program lost the header that did."""
    if len(data) < _LONGER_THAN_WORDS or not data.isascii():
        return data
    content = data
    if _NOTHING_BUT_BASE64.fullmatch(data):
        content = _letters(data.translate(None, b"=" + _BLANKS))
    elif len(_ESCAPED.findall(data)) * _ESCAPED_SHARE > len(data):
        content = binascii.a2b_qp(data)
    says = b"\x1b$" in content or (charsets.is_utf8(content) and not content.isascii())
    if content == data or not says or b"\0" in content:
        return data
    warn("encoding-repaired")
    return content


def _from_pieces(data: bytes) -> bytes:
    """Base64 with rubbish in it, or of pieces that were encoded one by one, each with its own padding."""
    kept = _NOT_BASE64.sub(b"", data)
    if b"=" not in kept.rstrip(b"="):
        return _letters(kept.rstrip(b"="))
    return b"".join(_letters(piece.rstrip(b"=")) for piece in _SEGMENTS.findall(kept))


def _encoded(data: bytes) -> tuple[int, int]:
    """From where to where base64 stands in damaged data; nowhere when all of it is words."""
    start = end = width = looks = 0
    may_be_over = False
    for found in _LINE.finditer(data):
        line = found[1].strip(_BLANKS)
        if not width and line and _begins(line, behind_words=start > 0):
            width = len(line)
        elif not width:
            start = end = found.end() if line or start else 0
            continue
        elif not line:
            may_be_over = True
            continue
        elif may_be_over and _is_a_word(line):
            break
        if (padded := _PADDED.match(line)) and _are_words(line[padded.end() :]):
            return start, found.start() + found[1].index(line) + padded.end()
        if line.startswith((b"--", b"===")):
            break
        if looks < _MOST_LOOKS and (_are_words(line) or _RULER.fullmatch(line)):
            looks += 1
            if _are_words(data[found.start() : found.start() + _SAMPLE]):
                break
        may_be_over = len(line) < width or line.endswith(b"=")
        end = found.end()
    return (start, end) if width else (0, 0)


def _begins(line: bytes, *, behind_words: bool) -> bool:
    """Whether base64 begins with this line; behind words only a long one tells it from a number or a name."""
    return not _are_words(line) and (
        len(line) >= _LONGER_THAN_WORDS or not (behind_words or _is_a_word(line))
    )


def _are_words(data: bytes) -> bool:
    """Whether words or drawn lines: they hold many signs that base64 has not, be it only blanks."""
    return len(data) > 2 and len(data.translate(None, _SIGNS)) * 12 > len(data)


def _is_a_word(line: bytes) -> bool:
    """Whether a short line is rather a word as it stands ("Unsubscribe") than the base64 of any."""
    if len(line) >= _LONGEST_WORD or not _SEGMENTS.fullmatch(line):
        return False
    content = _letters(line.rstrip(b"="))
    return not charsets.is_utf8(content) or any(byte < 0x20 and byte not in b"\t\n\r\x1b" for byte in content)


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
