"""Backups that only the holder of a key can read: the age format (age-encryption.org), also read by `age -d`.

The machine that makes backups needs the public key alone (`age1…`), so who breaks into it cannot read old ones.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyrage

_MAGIC = b"age-encryption.org/"


class SealError(Exception):
    """A key is not right, or does not open this backup; the text says which and what to do."""


def recipient(written: str) -> pyrage.x25519.Recipient:
    """The public key as `age-keygen` prints it; raises SealError."""
    try:
        return pyrage.x25519.Recipient.from_str(written.strip())
    except pyrage.RecipientError as error:
        raise SealError(
            f"{written!r} is no public key: it begins with age1, as age-keygen prints it."
        ) from error


def identities(path: Path) -> list[pyrage.x25519.Identity]:
    """The secret keys of a key file, one a line, beside comments; raises SealError."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in found]
    except pyrage.IdentityError as error:
        raise SealError(f"{path} is no key file: its lines begin with AGE-SECRET-KEY-1.") from error
    if not keys:
        raise SealError(f"There is no key in {path}.")
    return keys


def is_sealed(path: Path) -> bool:
    """Whether a file is in the age format."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def sealed(target: IO[bytes], to: pyrage.x25519.Recipient) -> Iterator[IO[bytes]]:
    """What is written inside arrives encrypted in `target`."""
    with _piped(lambda given: pyrage.encrypt_io(given, target, [to]), write=True) as stream:
        yield stream


@contextmanager
def opened(source: IO[bytes], keys: list[pyrage.x25519.Identity]) -> Iterator[IO[bytes]]:
    """What is read inside is `source`, decrypted; raises SealError when no key opens it or it was changed."""
    with _piped(lambda into: pyrage.decrypt_io(source, into, keys), write=False) as stream:
        yield stream


@contextmanager
def _piped(work: Callable[[IO[bytes]], None], *, write: bool) -> Iterator[IO[bytes]]:
    """The library pulls and pushes whole streams; a pipe and a thread make an end of it that one may hold."""
    reading, writing = os.pipe()
    ours, theirs = (writing, reading) if write else (reading, writing)
    failures: list[Exception] = []

    def run() -> None:
        try:
            # What is left is written when it is closed, and that breaks where the other end has gone.
            with os.fdopen(theirs, "rb" if write else "wb") as stream:
                work(stream)
        except Exception as error:  # noqa: BLE001 - told at the other end
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    trouble: Exception | None = None
    try:
        with os.fdopen(ours, "wb" if write else "rb") as stream:
            yield stream
    except Exception as error:  # noqa: BLE001 - raised below, unless it only followed
        trouble = error
    thread.join()
    # What broke first is the reason; a broken pipe only says that the other end had one.
    for reason in (*failures, trouble):
        if reason is not None and not isinstance(reason, BrokenPipeError):
            raise _said(reason) from trouble


def _said(failure: Exception) -> Exception:
    if isinstance(failure, pyrage.DecryptError):
        return SealError(f"The backup cannot be opened with this key ({failure}).")
    if isinstance(failure, pyrage.EncryptError):
        return SealError(f"The backup could not be written ({failure}).")
    if isinstance(failure, OSError) and failure.errno is None:
        return SealError("The backup was cut off or changed; it cannot be opened to its end.")
    return failure
