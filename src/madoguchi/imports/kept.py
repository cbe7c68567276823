"""Uploaded files: kept apart from all others, under names that nobody can guess, until they are thrown away."""

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from django.conf import settings

from madoguchi.imports.models import Upload
from madoguchi.kernel.text import one_line

_MOST_OF_A_NAME = 60


class Incoming(Protocol):
    """A file as it arrives."""

    @property
    def name(self) -> str | None:
        """What it is called there."""

    @property
    def size(self) -> int | None:
        """How many bytes it has."""

    def chunks(self) -> Iterable[bytes]:
        """Its bytes, a part at a time."""


def keep(files: Sequence[Incoming], *, company: int) -> tuple[str, tuple[Path, ...]]:
    """Write files down, each under its own name; returns their folder and where they are, on disk (fsync) by then."""
    folder = secrets.token_hex(16)
    try:
        return folder, tuple(_write(file, n, _place(company, folder)) for n, file in enumerate(files))
    except BaseException:
        throw_away(company, folder)
        raise


def paths_of(upload: Upload) -> tuple[Path, ...]:
    """Where the files of an upload are."""
    names = [file["name"] for file in upload.files]
    return tuple(_place(upload.company_id, upload.folder) / str(n) / name for n, name in enumerate(names))


def throw_away(company: int, folder: str) -> None:
    """Delete the files of an upload; harmless to repeat."""
    shutil.rmtree(_place(company, folder), ignore_errors=True)


def _place(company: int, folder: str) -> Path:
    return Path(settings.FILES_ROOT) / str(company) / "uploads" / folder


def _write(file: Incoming, number: int, folder: Path) -> Path:
    name = one_line(Path(file.name or "").name, most=_MOST_OF_A_NAME).strip(". ")
    path = folder / str(number) / (name or f"file-{number + 1}")
    path.parent.mkdir(parents=True, mode=0o700)
    with path.open("xb") as written:
        written.writelines(file.chunks())
        written.flush()
        os.fsync(written.fileno())
    return path
