"""A person's initial and colour, derived from the name alone so that they are the same on every page."""

from __future__ import annotations

import re
import unicodedata
from zlib import crc32

HUES = 12

_FIRM = re.compile(r"^(株式会社|有限会社|合同会社|一般社団法人|\(株\)|(株)|㈱|㈲)\s*")


def initials(name: str) -> str:
    """One character of a Japanese name, up to two letters of a Latin one, `#` for a bare number."""
    plain = _FIRM.sub("", unicodedata.normalize("NFC", name or "").strip())
    words = [word for word in plain.split() if word[0].isalpha()]
    if not words:
        return "#" if any(letter.isdigit() for letter in plain) else "?"
    if words[0][0].isascii():
        return "".join(word[0] for word in words[:2]).upper()
    return words[0][0]


def hue(name: str) -> int:
    """A step from 0 to 11 for `data-hue`, the same for the same name in every process."""
    return crc32(unicodedata.normalize("NFC", name or "").strip().encode()) % HUES
