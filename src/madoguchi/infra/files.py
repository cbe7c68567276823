"""Files by content: kept once per company under the hash of their bytes, on disk before they are named.

Some are kept sealed (`sealed`): beside their hash stands `.sealed`. Whoever reads does not notice.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings
from django.db import connection, transaction

from madoguchi.infra.sealed import PIECE, Opened, Sealing

_SEALED = ".sealed"
# What is being written begins so.
DRAFT = "growing-"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the store: the SHA-256 of its bytes, and how many there are."""

    sha256: str
    size: int


def put(content: bytes, *, company: int) -> str:
    """Keep the bytes and return their SHA-256; on disk (fsync) before it returns, and harmless to repeat.

    Within a transaction they stay until its end, whatever is dropped: what names them is committed by then.
    """
    _hold(hashlib.sha256(content).hexdigest(), company=company, how="_shared")
    return put_in(Path(settings.FILES_ROOT), content, company=company)


def put_in(root: Path, content: bytes, *, company: int) -> str:
    """The same in a folder that is named, for who works before there are settings."""
    path = place_in(root, content, company=company)
    put_back(path, [content])
    return path.name


def put_known(digest: str, pieces: Iterable[bytes], *, company: int) -> None:
    """As `put`, one piece after another, for bytes of which somebody has seen that this is their hash."""
    _hold(digest, company=company, how="_shared")
    put_back(_path(Path(settings.FILES_ROOT), digest, company=company), pieces)


def put_back(path: Path, pieces: Iterable[bytes]) -> None:
    """Put bytes to their place in a store, encrypted ones too, as its name says; what is there stays."""
    if not path.exists() and (is_sealed(path) or not beside(path).exists()):
        _write(path, pieces)


def put_sealed(pieces: Iterable[bytes], *, company: int) -> Kept:
    """Keep these bytes, one after another, encrypted; as durable as `put`. Where they are kept unsealed, no more."""
    folder = Path(settings.FILES_ROOT) / str(company)
    digest, size = hashlib.sha256(), 0
    _make_folder(folder)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=DRAFT, delete=False) as file:
        grown = Path(file.name)
        try:
            sealing = Sealing(file, _secret(settings.SECRET_KEY), _about(company))
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                sealing.write(piece)
            sealing.end()
            _settle(file)
            path = _path(Path(settings.FILES_ROOT), digest.hexdigest(), company=company)
            _hold(path.name, company=company, how="_shared")
            _make_folder(path.parent)
            grown.replace(beside(path))
        except BaseException:
            grown.unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)
    path.unlink(missing_ok=True)
    return Kept(path.name, size)


def seal(digest: str, *, company: int) -> bool:
    """Keep the bytes under this hash encrypted from now on, if they are there; whether they were not."""
    path = _path(Path(settings.FILES_ROOT), digest, company=company)
    if not path.exists():
        return False
    with path.open("rb") as file:
        put_sealed(iter(lambda: file.read(PIECE), b""), company=company)
    return True


def lies_open(digest: str, *, company: int) -> bool:
    """Whether the bytes under this hash are kept, and not encrypted."""
    return _path(Path(settings.FILES_ROOT), digest, company=company).exists()


def is_sealed(path: Path) -> bool:
    """Whether this file of the store is encrypted."""
    return path.suffix == _SEALED


def drop_unless(named: Callable[[], bool], digest: str, *, company: int) -> bool:
    """The same unless something leads to them after all, as is asked while nobody is about to name them; whether they
    went. Waits for the transactions that put the same bytes, and is to be called where few others are waited for.
    """
    with transaction.atomic():
        _hold(digest, company=company)
        if named():
            return False
        drop(digest, company=company)
    return True


def drop_drafts(*, before: float, spared: Callable[[str], bool] = lambda _name: False) -> int:
    """Remove what was being written when its process was killed, before this time (Unix, seconds); how many. Drafts
    under a name that is `spared` stay: somebody is yet to take them up.
    """
    gone = 0
    for path in Path(settings.FILES_ROOT).glob(f"*/{DRAFT}*"):
        with suppress(FileNotFoundError):  # it has got its name meanwhile
            if path.stat().st_mtime < before and not spared(path.name.removeprefix(DRAFT)):
                path.unlink()
                gone += 1
    return gone


def sealed_since(company: int, shelf: str, *, before: float) -> list[str]:
    """The hashes that begin so (two hexadecimal digits) of what a company keeps encrypted, older than this time."""
    found = []
    for path in (Path(settings.FILES_ROOT) / str(company) / shelf).glob(f"*{_SEALED}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                found.append(path.stem)
    return sorted(found)


def beside(path: Path) -> Path:
    """Where a file of the store is kept when it is encrypted."""
    return path.with_name(path.name + _SEALED)


def unsealed(path: Path, *, secret: str) -> BinaryIO:
    """The bytes of such a file, for who works before there are settings. Raises Unreadable, and FileNotFoundError."""
    company = int(path.parent.parent.name)
    opened_file = Opened(path.open("rb"), _secret(secret), _about(company))
    return io.BufferedReader(opened_file, PIECE)


def place_in(root: Path, content: bytes, *, company: int) -> Path:
    """Where these bytes are kept, or would be."""
    return _path(root, hashlib.sha256(content).hexdigest(), company=company)


def read(digest: str, *, company: int) -> bytes:
    """The bytes kept under this hash for this company; raises FileNotFoundError."""
    with opened(digest, company=company) as file:
        return file.read()


def opened(digest: str, *, company: int) -> BinaryIO:
    """The same to be read piece by piece, from any place on; raises FileNotFoundError."""
    path = _path(Path(settings.FILES_ROOT), digest, company=company)
    try:
        return unsealed(beside(path), secret=settings.SECRET_KEY)
    except FileNotFoundError:
        if path.exists() or not beside(path).exists():
            return path.open("rb")
        return unsealed(beside(path), secret=settings.SECRET_KEY)  # it was sealed between the two


def drop(digest: str, *, company: int) -> None:
    """Remove the bytes kept under this hash for this company, to which nothing leads any more; harmless to repeat."""
    path = _path(Path(settings.FILES_ROOT), digest, company=company)
    for one in (path, beside(path)):
        one.unlink(missing_ok=True)


def _path(root: Path, digest: str, *, company: int) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise FileNotFoundError(digest)
    return root / str(company) / digest[:2] / digest


def _hold(digest: str, *, company: int, how: str = "") -> None:
    """Hold these bytes to the end of the transaction, if there is one: any number may put, one alone may drop."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT pg_advisory_xact_lock{how}(hashtextextended(%s, 0))", [f"file {company} {digest}"]
            )


def _secret(key: str) -> bytes:
    return b"madoguchi files\0" + key.encode()


def _about(company: int) -> bytes:
    return f"company {company}".encode()


def _settle(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    _make_folder(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            for piece in pieces:
                file.write(piece)
            _settle(file)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """A folder whose own name is on disk too, or the file in it could be lost with it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
