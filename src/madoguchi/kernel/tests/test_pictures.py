"""Pictures by their bytes: what they are, how large, and which are bombs."""

import struct

import pytest

from madoguchi.kernel.pictures import kind_of, may_be_shown, size_of


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0"


def jpeg(width: int, height: int, *, before: bytes = b"", frame: int = 0xC0) -> bytes:
    app0 = b"\xff\xe0" + struct.pack(">H", 4) + b"JF"
    size = bytes([0xFF, frame]) + struct.pack(">HBHH", 11, 8, height, width)
    return b"\xff\xd8" + app0 + before + size + b"\x01\x11\0"


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 30) + b"WEBP" + kind + struct.pack("<I", 10) + body + bytes(12)


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640 | 0x4000, 480))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14))
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (639).to_bytes(3, "little") + (479).to_bytes(3, "little"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(640, 480), "image/png"),
        (gif(640, 480), "image/gif"),
        (jpeg(640, 480), "image/jpeg"),
        (jpeg(640, 480, frame=0xC2), "image/jpeg"),
        (jpeg(640, 480, before=b"junk\xff\xff\xfe\x00\x04ab"), "image/jpeg"),
        (LOSSY, "image/webp"),
        (LOSSLESS, "image/webp"),
        (EXTENDED, "image/webp"),
    ],
)
def test_kind_and_size_are_read_from_the_bytes(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind
    assert size_of(content) == (640, 480)
    assert may_be_shown(content) == kind


@pytest.mark.parametrize("content", [png(20_000, 20_000), gif(65_535, 65_535), jpeg(65_500, 65_500)])
def test_what_unfolds_beyond_measure_is_not_shown(content: bytes) -> None:
    assert may_be_shown(content) == ""


def test_the_largest_picture_that_is_shown() -> None:
    assert may_be_shown(png(8_000, 5_000)) == "image/png"
    assert may_be_shown(png(8_000, 5_001)) == ""


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'>", b"RIFF\0\0\0\0WAVEfmt ", b"%PDF-1.7"]
)
def test_what_is_no_picture_has_neither(content: bytes) -> None:
    assert (kind_of(content), size_of(content), may_be_shown(content)) == ("", None, "")


@pytest.mark.parametrize(
    "content", [png(1, 1)[:18], gif(1, 1)[:8], b"\xff\xd8\xff", b"\xff\xd8\xff\xc0\0", LOSSY[:20]]
)
def test_a_picture_that_was_cut_off_has_no_size(content: bytes) -> None:
    assert size_of(content) is None
