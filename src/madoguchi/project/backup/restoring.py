"""Restoring from a backup: looked through to its end before anything is touched."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyrage

from madoguchi.infra import files, postgres
from madoguchi.kernel import clock
from madoguchi.project import bundled, migration
from madoguchi.project.backup import archive, sealing, server
from madoguchi.project.conf import SECRET_FILE, Config

Keys = list[pyrage.x25519.Identity]


class NotRestorable(Exception):
    """This is no place to restore into, or the restored data cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a backup says of itself, after it was read to its end."""

    version: str
    made_at: str
    server: int
    files: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done; `aside` is where what was there before has gone, `key_differs` a thing to do."""

    found: Found
    aside: Path | None
    key_differs: bool


def look_through(path: Path, *, keys: Keys, progress: archive.Progress) -> Found:
    """Read a backup to its end and say what is in it. Raises BackupDamaged or SealError; changes nothing."""
    head: dict[str, Any] = {}
    count = 0
    with _members(path, keys) as found:
        for member in found:
            head = head or archive.head(member.content)
            count += member.name.startswith(archive.FILES)
            progress(member.size)
    return Found(head["version"], head["made_at"], head["server"], count)


def restore(path: Path, *, config: Config, keys: Keys, replace: bool, progress: archive.Progress) -> Restored:
    """Put a backup back: the database, the files, the key. All of the database or nothing.

    With `replace` the bundled database that is there goes aside first. Should anything fail, or somebody stop it,
    it comes back, and so does the key, and the files that came go. A database of one's own must be empty.
    Raises NotRestorable, BackupDamaged, SealError, DumpFailed.
    """
    found = look_through(path, keys=keys, progress=lambda _: None)
    with _undone_if_it_fails() as undo, _room(config, replace=replace) as aside:
        secret = _put_back(path, config, keys, progress, undo)
        differs = _give_key(secret, config, undo)
        if migration.run(to=sys.stderr):
            raise NotRestorable("The restored database could not be brought to this version; see above.")
    return Restored(found, aside, differs)


@contextmanager
def _undone_if_it_fails() -> Iterator[ExitStack]:
    """What is to be called, the last first, unless all goes well."""
    with ExitStack() as undo:
        yield undo
        undo.pop_all()


@contextmanager
def _room(config: Config, *, replace: bool) -> Iterator[Path | None]:
    """A running, empty database, and where what was in its place went."""
    if not config.embedded:
        if not server.is_empty(config):
            raise NotRestorable("The database of MADOGUCHI_DATABASE_URL is not empty; make a new one.")
        yield None
        return
    if postgres.holds(config.data):
        raise NotRestorable(f"Madoguchi runs on {config.data}; stop it first.")
    with _aside(config.data / "postgres", replace=replace) as aside, bundled.database(config):
        yield aside


@contextmanager
def _aside(cluster: Path, *, replace: bool) -> Iterator[Path | None]:
    if not cluster.exists():
        yield None
        return
    if not replace:
        raise NotRestorable(
            f"There is a database in {cluster.parent} already. --replace puts it aside, under another name."
        )
    aside = cluster.with_name(f"{cluster.name}.before-{clock.now():%Y%m%d-%H%M%S}")
    try:
        cluster.rename(aside)
        yield aside
    except BaseException:
        if aside.exists():
            if cluster.exists():
                shutil.rmtree(cluster)
            aside.rename(cluster)
        raise


def _put_back(path: Path, config: Config, keys: Keys, progress: archive.Progress, undo: ExitStack) -> str:
    """The database and the files; returns the secret key of the backup."""
    secret = ""
    with _members(path, keys) as found:
        for kind, pieces in groupby(found, key=_kind):
            if kind == archive.DATABASE:
                _restore_database(pieces, config, progress)
            elif kind == archive.FILES:
                _restore_files(pieces, config, progress, undo)
            elif kind == archive.SECRET:
                secret = b"".join(piece.content for piece in pieces).decode()
    return secret


def _kind(member: archive.Member) -> str:
    kinds = (archive.DATABASE, archive.FILES)
    return next((kind for kind in kinds if member.name.startswith(kind)), member.name)


def _restore_database(pieces: Iterator[archive.Member], config: Config, progress: archive.Progress) -> None:
    with server.restored(config) as stream:
        for piece in pieces:
            stream.write(piece.content)
            progress(piece.size)


def _restore_files(
    pieces: Iterator[archive.Member], config: Config, progress: archive.Progress, undo: ExitStack
) -> None:
    for piece in pieces:
        place = config.files / piece.name.removeprefix(archive.FILES)
        if not place.exists():
            undo.callback(_remove, place, root=config.files)
        files.put_back(place, piece.pieces())
        progress(piece.size)


def _remove(file: Path, *, root: Path) -> None:
    """A file, and the folders that it leaves empty."""
    file.unlink(missing_ok=True)
    with suppress(OSError):
        for folder in (file.parent, file.parent.parent, root):
            folder.rmdir()


def _give_key(secret: str, config: Config, undo: ExitStack) -> bool:
    """Put the key where it is looked for; True where a setting gives another one, which then must be changed."""
    if secret == config.secret_key:
        return False
    kept = config.data / SECRET_FILE
    if not kept.exists() or kept.read_text() != config.secret_key:
        return True
    before = kept.with_name(f"{SECRET_FILE}.before-{clock.now():%Y%m%d-%H%M%S}")
    before.touch(mode=0o600, exist_ok=False)
    undo.callback(before.unlink, missing_ok=True)
    undo.callback(_write_key, kept, config.secret_key)
    before.write_text(config.secret_key)
    _write_key(kept, secret)
    return False


def _write_key(kept: Path, secret: str) -> None:
    """One key or the other is there at every moment."""
    draft = kept.with_name(f"{SECRET_FILE}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(kept)


@contextmanager
def _members(path: Path, keys: Keys) -> Iterator[Iterator[archive.Member]]:
    with path.open("rb") as file:
        if not sealing.is_sealed(path):
            yield archive.members(file)
            return
        if not keys:
            raise sealing.SealError("This backup is encrypted: name the key file by --key.")
        with sealing.opened(file, keys) as stream:
            yield archive.members(stream)
