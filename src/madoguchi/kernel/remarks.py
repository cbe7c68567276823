"""Moving pictures without what is no picture in them: where it was taken, by whom, and whatever hangs behind the end.

They are not drawn anew, which would cost seconds and colours: only the blocks are kept that say what is seen.
"""

import struct
from typing import Final

from madoguchi.kernel.pictures import kind_of

# Both say how often a GIF begins again.
_OF_GIF: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_CONTROL, _APPLICATION = 0xF9, 0xFF
_OF_WEBP: Final = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_EXIF, _XMP = 0x08, 0x04


def without_remarks(content: bytes) -> bytes:
    """A GIF or a WebP with nothing in it but what is seen. Raises ValueError where it is none, or is broken."""
    try:
        match kind_of(content):
            case "image/gif":
                return _gif(content)
            case "image/webp":
                return _webp(content)
    except (IndexError, struct.error) as error:
        raise ValueError("this picture ends in its middle") from error
    raise ValueError("neither a GIF nor a WebP")


def _gif(content: bytes) -> bytes:
    at = 13 + _colours(content[10])
    kept = [content[:at]]
    while content[at] != 0x3B:
        start = at
        if content[at] == 0x21:
            at = _after_blocks(content, at + 2)
            named = content[start + 3 : start + 14]
            wanted = content[start + 1] == _CONTROL or (
                content[start + 1] == _APPLICATION and named in _OF_GIF
            )
        elif content[at] == 0x2C:
            at, wanted = _after_blocks(content, at + 11 + _colours(content[at + 9])), True
        else:
            raise ValueError("a block that no GIF has")
        if wanted:
            kept.append(content[start:at])
    return b"".join([*kept, b"\x3b"])


def _colours(packed: int) -> int:
    """How many bytes the table of colours has that these flags tell of."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _after_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1


def _webp(content: bytes) -> bytes:
    at, end = 12, 8 + int(struct.unpack_from("<I", content, 4)[0])
    kept = []
    while at + 8 <= min(end, len(content)):
        name, size = struct.unpack_from("<4sI", content, at)
        chunk = content[at : at + 8 + size + size % 2]
        if len(chunk) < 8 + size:
            raise IndexError(at)
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~(_EXIF | _XMP)]) + chunk[9:]
        if name in _OF_WEBP:
            kept.append(chunk)
        at += len(chunk)
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
