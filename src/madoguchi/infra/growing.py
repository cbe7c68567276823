"""Files that grow while something goes on, encrypted from the first byte. Where their process is killed, all but the
last moment of them can be taken up by another, and that a process lives is seen by what it holds.

They lie in the store's folder of their company as drafts (`growing-`), so that what nobody takes up goes after a day.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import structlog
from django.conf import settings

from madoguchi.infra.sealed import KEY, Sealing, pieces

logger = structlog.get_logger()
# So much is lost of it at most, twice.
PIECE = 1 << 13
_LIVING = "living"


class Growing:
    """A file that grows under a name of its own. `length` is how many bytes were written to it; where the store cannot
    be written, it grows beside it and is lost with the process, and where nothing can, it stays as it is.
    """

    def __init__(self, name: str, *, company: int) -> None:
        self._path: Path | None = _place(name, company)
        self._secret, self._about = _secret(), _about(name, company)
        self.length, self._whole = 0, True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self._path.open("wb+")
        except OSError as error:
            logger.warning("file_grows_beside_the_store", name=name, error=str(error))
            self._path, self._secret = None, os.urandom(KEY)
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `read` or `drop`
        self._sealing = Sealing(self._file, self._secret, self._about, piece=PIECE)
        self._file.flush()

    def write(self, content: bytes) -> None:
        """The next bytes."""
        if not self._whole:
            return
        try:
            if self._sealing.write(content):
                self._file.flush()
            self.length += len(content)
        except OSError as error:
            self._whole = False
            logger.error("file_grows_no_more", error=str(error))

    def read(self) -> Iterator[bytes]:
        """All of it, piece by piece; nothing is written any more. It stays there until it is dropped."""
        if self._whole:
            self._sealing.end()
        self._file.seek(0)
        with self._file as file:
            yield from pieces(file, self._secret, self._about, piece=PIECE)

    def drop(self) -> None:
        """It is kept elsewhere, or by nobody."""
        self._file.close()
        if self._path:
            self._path.unlink(missing_ok=True)


def left_of(name: str, *, company: int) -> Iterator[bytes]:
    """What is there of a file that grew in a process that is no more; nothing where there is none, or nothing of it can
    be read.
    """
    with suppress(OSError), _place(name, company).open("rb") as file:
        yield from pieces(file, _secret(), _about(name, company), piece=PIECE)


def drop_left(name: str, *, company: int) -> None:
    """The same is kept elsewhere by now."""
    _place(name, company).unlink(missing_ok=True)


class Living:
    """That this process lives, for others to see who share its files: the system lets go of it with the process."""

    def __init__(self, name: str) -> None:
        self._path = _living(name)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("wb")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def end(self) -> None:
        """It is about to end."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def lives(name: str) -> bool:
    """Whether a process of this name lives, as far as can be seen from here."""
    try:
        with _living(name).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    _living(name).unlink(missing_ok=True)
    return False


def _living(name: str) -> Path:
    if not name.isalnum():
        raise FileNotFoundError(name)
    return Path(settings.FILES_ROOT) / _LIVING / name


def _place(name: str, company: int) -> Path:
    return Path(settings.FILES_ROOT) / str(company) / f"growing-{name}"


def _secret() -> bytes:
    return b"madoguchi growing files\0" + settings.SECRET_KEY.encode()


def _about(name: str, company: int) -> bytes:
    return f"{name} of company {company}".encode()
