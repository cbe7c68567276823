"""Files that grow while something goes on, encrypted from the first byte. Where their process is killed, all but the
last moment of them can be taken up by another, and that a process lives is seen by what it holds.

They lie in the store's folder of their company as drafts (`growing-`), so that what nobody takes up goes after a day,
unless its call is still to be ended.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import IO

import structlog
from django.conf import settings

from madoguchi.infra.files import DRAFT
from madoguchi.infra.sealed import KEY, Sealing, pieces

logger = structlog.get_logger()
# So much is lost of it at most, twice.
PIECE = 1 << 13
# So much is passed on to the thread at once, and so much waits for it at most: a minute of a talk.
PASSED_ON, MOST_WAITING = PIECE // 4, 1 << 21
_LIVING = "living"


class _Writer:
    """A thread of this process that does what it is given, one after another; it begins with the first."""

    def __init__(self) -> None:
        self._todo: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._begun, self._lock = False, Lock()

    def put(self, act: Callable[[], object]) -> None:
        """Have this done after all that was given before; returns at once."""
        with self._lock:
            if not self._begun:
                self._begun = True
                Thread(target=self._run, name="growing-files", daemon=True).start()
        self._todo.put(act)

    def _run(self) -> None:
        while True:
            act = self._todo.get()
            try:
                act()
            except Exception:  # whatever it is about this file must not keep the others from growing
                logger.exception("file_not_grown")


_WRITER = _Writer()


class Growing:
    """A file that grows under a name of its own, by a thread: whoever writes waits for no disk. `length` is how many
    bytes were taken in; where the store cannot be written, it grows beside it and is lost with the process, and where
    nothing can, or `MOST_WAITING` bytes wait to be written, it stays as it is.
    """

    def __init__(self, name: str, *, company: int) -> None:
        self._name, self._path = name, _place(name, company)
        self._secret, self._about = _secret(), _about(name, company)
        self._file: IO[bytes] | None = None
        self._sealing: Sealing | None = None
        self._beside, self._takes, self._whole = False, True, True
        self._next, self._taken, self._written = bytearray(), 0, 0
        _WRITER.put(self._begin)

    @property
    def length(self) -> int:
        """How many bytes of it there are, or will be once they are written."""
        return self._taken if self._whole else self._written

    def write(self, content: bytes) -> None:
        """The next bytes; returns at once."""
        if not (self._takes and self._whole):
            return
        if self._taken - self._written >= MOST_WAITING:
            self._takes = False
            logger.error("file_grows_no_more", name=self._name, error="the store cannot keep up")
            return
        self._next += content
        self._taken += len(content)
        if len(self._next) >= PASSED_ON:
            self._pass_on()

    def settle(self) -> None:
        """Wait until all that was taken in is written. Nothing is to be written meanwhile."""
        self._pass_on()
        written = Event()
        _WRITER.put(written.set)
        written.wait()

    def read(self) -> Iterator[bytes]:
        """All of it, piece by piece; nothing is written any more. It stays there until it is dropped."""
        self.settle()
        if self._file is None:
            return
        if self._whole and self._sealing:
            self._sealing.end()
            self._file.flush()
        if self._beside:
            self._file.seek(0)
        with self._file if self._beside else self._path.open("rb") as file:
            yield from pieces(file, self._secret, self._about, piece=PIECE)

    def drop(self) -> None:
        """It is kept elsewhere, or by nobody."""
        self.settle()
        if self._file:
            self._file.close()
        if not self._beside:
            self._path.unlink(missing_ok=True)

    def _pass_on(self) -> None:
        piece = bytes(self._next)
        self._next.clear()
        _WRITER.put(partial(self._write, piece))

    def _begin(self) -> None:
        try:
            self._open()
        except OSError as error:
            self._whole = False
            logger.error("file_grows_no_more", name=self._name, error=str(error))

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        except OSError as error:
            logger.warning("file_grows_beside_the_store", name=self._name, error=str(error))
            self._beside, self._secret = True, os.urandom(KEY)
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `read` or `drop`
        self._sealing = Sealing(self._file, self._secret, self._about, piece=PIECE)
        self._file.flush()

    def _write(self, piece: bytes) -> None:
        if not (self._whole and self._file and self._sealing):
            return
        try:
            if self._sealing.write(piece):
                self._file.flush()
            self._written += len(piece)
        except OSError as error:
            self._whole = False
            logger.error("file_grows_no_more", name=self._name, error=str(error))


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
    return Path(settings.FILES_ROOT) / str(company) / f"{DRAFT}{name}"


def _secret() -> bytes:
    return b"madoguchi growing files\0" + settings.SECRET_KEY.encode()


def _about(name: str, company: int) -> bytes:
    return f"{name} of company {company}".encode()
