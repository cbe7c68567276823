"""Moving pictures keep what is seen, and nothing else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.remarks import without_remarks

COLOURS = bytes(6)
FRAME = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
OWN_COLOURS = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0x80) + COLOURS + b"\x02\x02\x44\x01\x00"
CONTROL = b"\x21\xf9\x04\x00\x0a\x00\x00\x00"
AGAIN = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
COMMENT = b"\x21\xfe\x0535.68\x00"
XMP = b"\x21\xff\x0bXMP DataXMP\x0535.68\x00"


def gif(*blocks: bytes, after: bytes = b"") -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + COLOURS + b"".join(blocks) + b"\x3b" + after


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def webp(*chunks: bytes, after: bytes = b"") -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


def extended(flags: int) -> bytes:
    return chunk(b"VP8X", bytes([flags]) + bytes(9))


MOVES = chunk(b"ANIM", bytes(6)) + chunk(b"ANMF", b"odd")


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (gif(AGAIN, COMMENT, CONTROL, FRAME, XMP, OWN_COLOURS), gif(AGAIN, CONTROL, FRAME, OWN_COLOURS)),
        (gif(FRAME, after=b"35.68"), gif(FRAME)),
        (
            webp(extended(0x2E), MOVES, chunk(b"EXIF", b"35.68"), chunk(b"XMP ", b"35.68")),
            webp(extended(0x22), MOVES),
        ),
        (webp(extended(2), MOVES, after=b"35.68"), webp(extended(2), MOVES)),
    ],
    ids=["blocks of a GIF", "behind a GIF", "chunks of a WebP", "behind a WebP"],
)
def test_what_is_not_seen_goes_and_what_is_left_stays_the_same(content: bytes, kept: bytes) -> None:
    assert b"35.68" in content
    assert without_remarks(content) == kept
    assert without_remarks(kept) == kept


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", gif(b"\x99"), gif(FRAME)[:-1]])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        without_remarks(content)


@given(st.sampled_from([gif(AGAIN, COMMENT, FRAME), webp(extended(0x2E), MOVES)]), st.data())
def test_broken_bytes_are_a_value_error_or_lose_what_is_not_seen(content: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(content)))
    broken = content[:cut] + data.draw(st.binary(max_size=20))
    try:
        kept = without_remarks(broken)
    except ValueError:
        return
    assert len(kept) <= len(broken) + 1
    assert without_remarks(kept) == kept
