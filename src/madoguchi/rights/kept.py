"""Files that were made for a customer: apart from all others, under names nobody can guess, until they expire."""

import hashlib
import os
import secrets
import zipfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from madoguchi.infra import files
from madoguchi.rights.collecting import Enclosed

_AT_ONCE = 1 << 20
_FOLDER = "disclosures"


def keep(
    papers: Iterable[tuple[str, bytes]], enclosed: Iterable[Enclosed], *, company: int
) -> tuple[str, list[str]]:
    """Write one archive of these; returns its name, and which files could not be found in the store. On disk (fsync)
    before it returns.
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
                    archive.writestr(one.name, one.content or files.read(one.sha256, company=company))
                except FileNotFoundError:
                    missing.append(one.name)
        file.flush()
        os.fsync(file.fileno())
    return name, missing


def path_of(name: str, *, company: int) -> Path:
    """Where an archive is. Raises FileNotFoundError for a name that was never given."""
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise FileNotFoundError(name)
    return Path(settings.FILES_ROOT) / str(company) / _FOLDER / f"{name}.zip"


def throw_away(name: str, *, company: int) -> None:
    """Delete an archive; harmless to repeat."""
    if name:
        path_of(name, company=company).unlink(missing_ok=True)


def throw_away_all_but(names: Iterable[str], *, company: int) -> int:
    """Delete what a worker that was killed left behind; returns how many files."""
    known = {f"{name}.zip" for name in names}
    folder = Path(settings.FILES_ROOT) / str(company) / _FOLDER
    left = [path for path in folder.glob("*.zip") if path.name not in known] if folder.is_dir() else []
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
