"""Files by content: kept once per company under the hash of their bytes, on disk before they are named."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from django.conf import settings


def put(content: bytes, *, company: int) -> str:
    """Keep the bytes and return their SHA-256; on disk (fsync) before it returns, and harmless to repeat."""
    return put_in(Path(settings.FILES_ROOT), content, company=company)


def put_in(root: Path, content: bytes, *, company: int) -> str:
    """The same in a folder that is named, for who works before there are settings."""
    path = place_in(root, content, company=company)
    if not path.exists():
        _write(path, content)
    return path.name


def place_in(root: Path, content: bytes, *, company: int) -> Path:
    """Where these bytes are kept, or would be."""
    return _path(root, hashlib.sha256(content).hexdigest(), company=company)


def read(digest: str, *, company: int) -> bytes:
    """The bytes kept under this hash for this company; raises FileNotFoundError."""
    return _path(Path(settings.FILES_ROOT), digest, company=company).read_bytes()


def opened(digest: str, *, company: int) -> BinaryIO:
    """The same to be read piece by piece; raises FileNotFoundError."""
    return _path(Path(settings.FILES_ROOT), digest, company=company).open("rb")


def drop(digest: str, *, company: int) -> None:
    """Remove the bytes kept under this hash for this company, to which nothing leads any more; harmless to repeat."""
    _path(Path(settings.FILES_ROOT), digest, company=company).unlink(missing_ok=True)


def _path(root: Path, digest: str, *, company: int) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise FileNotFoundError(digest)
    return root / str(company) / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    _make_folder(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
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
