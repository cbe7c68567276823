"""What a file is as a picture: its kind and its size in dots, by its first bytes and never by its name.

A file of some kilobytes can unfold to gigabytes of dots in whoever shows it, so the size is read before it is shown.
"""

import struct
from collections.abc import Callable
from typing import Final

# More than any camera of a customer's, and what a browser can still unfold without harm.
MOST_DOTS: Final = 40_000_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})


def kind_of(content: bytes) -> str:
    """The type of a picture by its first bytes, whatever its sender calls it; empty for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "")


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in dots as the file itself says; None where it does not say."""
    try:
        read = _READERS.get(kind_of(content))
        return read(content) if read else None
    except (struct.error, IndexError):
        return None


def may_be_shown(content: bytes) -> str:
    """The type of a picture that does no harm when it is shown; empty for what is none, or is a bomb."""
    width, height = size_of(content) or (0, 0)
    return kind_of(content) if width * height <= MOST_DOTS else ""


def _png(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", content, 16)
    return width, height


def _gif(content: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack_from("<HH", content, 6)
    return width, height


def _webp(content: bytes) -> tuple[int, int] | None:
    if content[12:16] == b"VP8X":
        return _three(content, 24) + 1, _three(content, 27) + 1
    if content[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _three(content: bytes, at: int) -> int:
    return content[at] | content[at + 1] << 8 | content[at + 2] << 16


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The first frame. What stands between segments without reason is skipped, as decoders skip it."""
    at = 2
    while (at := content.find(b"\xff", at)) >= 0:
        while content[at] == 0xFF:
            at += 1
        marker, at = content[at], at + 1
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 3)
            return width, height
        if marker not in _WITHOUT_LENGTH:
            (length,) = struct.unpack_from(">H", content, at)
            at += max(length, 2)
    return None


_MAGIC: Final = (
    (_PNG, "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_READERS: Final[dict[str, Callable[[bytes], tuple[int, int] | None]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
