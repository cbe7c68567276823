"""Files that were made for a customer: apart from all others, under names nobody can guess, until they expire."""

import hashlib
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings

from madoguchi.rights.collecting import Enclosed

_AT_ONCE = 1 << 20
_FOLDER = "disclosures"


def keep(
    papers: Iterable[tuple[str, bytes]], enclosed: Iterable[Enclosed], *, company: int
) -> tuple[str, list[str]]:
    """Write one archive of these; returns its name, and which files could not be found in the store. On disk (fsync)
    before it returns. One file is held at a time, and of one in the store a piece.
    """
    name = secrets.token_hex(32)
    path = path_of(name, company=company)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    missing: list[str] = []
    with path.open("wb") as file:
        path.chmod(0o600)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for paper, content in papers:
                archive.writestr(paper, content)
            for one in enclosed:
                try:
                    with one.opened(company) as source, archive.open(one.name, "w", force_zip64=True) as into:
                        shutil.copyfileobj(source, into, _AT_ONCE)
                except FileNotFoundError:
                    missing.append(one.name)
        file.flush()
        os.fsync(file.fileno())
    return name, missing


def path_of(name: str, *, company: int) -> Path:
    """Where an archive is. Raises FileNotFoundError for a name that was never given."""
    if not _is_name(name):
        raise FileNotFoundError(name)
    return Path(settings.FILES_ROOT) / str(company) / _FOLDER / f"{name}.zip"


def _is_name(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def throw_away(name: str, *, company: int) -> None:
    """Delete an archive; harmless to repeat."""
    if name:
        path_of(name, company=company).unlink(missing_ok=True)


def left_lying(*, before: datetime) -> Iterator[tuple[int, str]]:
    """What lies in the folders of all companies, and was last written to before then: each with its company."""
    for path in sorted(Path(settings.FILES_ROOT).glob(f"*/{_FOLDER}/*.zip")):
        company = path.parent.parent.name
        with suppress(FileNotFoundError):  # somebody threw it away meanwhile
            if company.isdecimal() and _is_name(path.stem) and path.stat().st_mtime < before.timestamp():
                yield int(company), path.stem


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
