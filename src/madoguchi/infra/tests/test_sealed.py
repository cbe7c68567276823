"""Bytes that are encrypted on the disk: read back from any place, by nobody else, and never when they were changed."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.infra.sealed import HEAD, KEY, PIECE, TAG, Opened, Sealing, Unreadable

SECRET, ABOUT = b"k" * KEY, b"company 1"


def sealed(content: bytes, *, by: int = 50_000) -> bytes:
    """These bytes sealed, written some at a time."""
    file = io.BytesIO()
    sealing = Sealing(file, SECRET, ABOUT)
    for at in range(0, len(content), by):
        sealing.write(content[at : at + by])
    sealing.end()
    return file.getvalue()


def opened(kept: bytes, secret: bytes = SECRET, about: bytes = ABOUT) -> Opened:
    return Opened(io.BytesIO(kept), secret, about)


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_is_sealed_is_read_back_and_is_not_to_be_seen(length: int) -> None:
    content = bytes(range(256)) * (length // 256) + b"x" * (length % 256)

    kept = sealed(content)

    with opened(kept) as file:
        assert (file.size, file.readall()) == (length, content)
    assert len(kept) == HEAD + length + TAG * max(1, -(-length // PIECE))
    assert length < 256 or bytes(range(256)) not in kept
    assert sealed(content) != kept


@given(start=st.integers(0, 3 * PIECE), length=st.integers(0, 2 * PIECE))
def test_any_part_is_read_from_its_place(start: int, length: int) -> None:
    content = b"".join(number.to_bytes(4, "big") for number in range(PIECE // 2 + 77))
    file = io.BufferedReader(opened(KEPT), PIECE)

    file.seek(start)

    assert file.read(length) == content[start : start + length]


KEPT = sealed(b"".join(number.to_bytes(4, "big") for number in range(PIECE // 2 + 77)))
ONE, TWO = slice(HEAD, HEAD + PIECE + TAG), slice(HEAD + PIECE + TAG, HEAD + 2 * (PIECE + TAG))


@pytest.mark.parametrize(
    "changed",
    [
        KEPT[:HEAD] + bytes([KEPT[HEAD] ^ 1]) + KEPT[HEAD + 1 :],
        KEPT[: HEAD - 1] + bytes([KEPT[HEAD - 1] ^ 1]) + KEPT[HEAD:],
        KEPT[:HEAD] + KEPT[TWO] + KEPT[ONE] + KEPT[TWO.stop :],
        KEPT[:HEAD] + KEPT[TWO.start :],
        KEPT[: TWO.stop],
        KEPT[:-1],
        KEPT[:HEAD],
        KEPT + b"more",
    ],
    ids=[
        "a bit",
        "the salt",
        "pieces by turns",
        "one left out",
        "the last left out",
        "cut off",
        "none",
        "more",
    ],
)
def test_what_was_changed_does_not_open(changed: bytes) -> None:
    with opened(changed) as file, pytest.raises(Unreadable):
        file.readall()


def test_it_opens_under_its_key_and_for_its_company_alone() -> None:
    for wrong in (opened(KEPT, secret=b"other"), opened(KEPT, about=b"company 2")):
        with pytest.raises(Unreadable):
            wrong.read(1)
    for none in (b"", b"RIFF" * 20):
        with pytest.raises(Unreadable):
            opened(none)
