"""Bytes that are encrypted on the disk, written and read piece by piece, so that hours of sound are never wholly in
memory.

Each piece is sealed by AES-256-GCM (`cryptography`) under a key of the file's own, which HKDF makes of the
installation's and a random salt. The nonce is the number of the piece and whether it is the last (the STREAM
construction, Hoang, Reyhanitabar, Rogaway and Vizár 2015, as the file format age has it): a piece that was changed,
left out, put elsewhere or cut off is noticed. `about` is what the bytes belong to; they open as nothing else.
"""

import io
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"madoguchi sealed 1\n"
SALT, TAG, KEY = 32, 16, 32
HEAD = len(MARK) + SALT
PIECE = 1 << 16


class Unreadable(OSError):
    """It was sealed under another MADOGUCHI_SECRET_KEY, or is damaged."""


def _cipher(secret: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY, salt, b"madoguchi sealed files").derive(secret))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing:
    """What is written goes sealed into `file`, in pieces of so many bytes; `end` writes the last one, and without it
    nothing can be read but by `pieces`.
    """

    def __init__(self, file: IO[bytes], secret: bytes, about: bytes, *, piece: int = PIECE) -> None:
        salt = os.urandom(SALT)
        self._file, self._cipher, self._about = file, _cipher(secret, salt), about
        self._number, self._waiting, self._piece = 0, bytearray(), piece
        file.write(MARK + salt)

    def write(self, content: bytes) -> bool:
        """The next bytes; whether any were written into the file. One whole piece at least is held back: it may be the
        last.
        """
        self._waiting += content
        before = self._number
        while len(self._waiting) > self._piece:
            self._seal(bytes(self._waiting[: self._piece]), last=False)
            del self._waiting[: self._piece]
        return self._number > before

    def end(self) -> None:
        """There is no more."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._about))
        self._number += 1


class Opened(io.RawIOBase):
    """The bytes themselves, from any place on. Raises Unreadable while reading."""

    def __init__(self, file: IO[bytes], secret: bytes, about: bytes) -> None:
        head = file.read(HEAD)
        if len(head) != HEAD or not head.startswith(MARK):
            raise Unreadable("no sealed file")
        self._file, self._about, self._at = file, about, 0
        self._cipher = _cipher(secret, head[len(MARK) :])
        self._known: tuple[int, bytes] = (-1, b"")

    @cached_property
    def size(self) -> int:
        """How many bytes there are."""
        sealed = self._file.seek(0, io.SEEK_END) - HEAD
        return max(0, sealed - TAG * self._pieces)

    @cached_property
    def _pieces(self) -> int:
        sealed = self._file.seek(0, io.SEEK_END) - HEAD
        return max(1, -(-sealed // (PIECE + TAG)))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        number, begin = divmod(self._at, PIECE)
        if self._at > 0 and self._at >= self.size:
            return 0
        some = self._piece(number)[begin : begin + len(buffer)]
        buffer[: len(some)] = some
        self._at += len(some)
        return len(some)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _piece(self, number: int) -> bytes:
        if self._known[0] != number:
            self._file.seek(HEAD + number * (PIECE + TAG))
            sealed = self._file.read(PIECE + TAG)
            nonce = _nonce(number, last=number == self._pieces - 1)
            try:
                self._known = number, self._cipher.decrypt(nonce, sealed, self._about)
            except (InvalidTag, ValueError) as error:
                raise Unreadable("sealed under another key, or damaged") from error
        return self._known[1]


def pieces(file: IO[bytes], secret: bytes, about: bytes, *, piece: int) -> Iterator[bytes]:
    """What was sealed in pieces of so many bytes, from its beginning as far as it can be read: whoever wrote it may
    have been killed, so that its end is missing. What is there is nothing but what was written, in its order.
    """
    head = file.read(HEAD)
    if len(head) != HEAD or not head.startswith(MARK):
        return
    cipher, number = _cipher(secret, head[len(MARK) :]), 0
    while sealed := file.read(piece + TAG):
        found = _either(cipher, number, sealed, about)
        if found is None:
            return
        yield found
        number += 1


def _either(cipher: AESGCM, number: int, sealed: bytes, about: bytes) -> bytes | None:
    """A piece, whether or not it is the last; None where it is neither."""
    for last in (False, True):
        with suppress(InvalidTag, ValueError):
            return cipher.decrypt(_nonce(number, last=last), sealed, about)
    return None
