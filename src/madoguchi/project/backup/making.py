"""Making a backup, while everything runs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyrage

import madoguchi
from madoguchi.infra import files
from madoguchi.infra.sealed import PIECE, Unreadable
from madoguchi.kernel import clock
from madoguchi.project.backup import archive, sealing, server
from madoguchi.project.conf import Config


class NothingToKeep(Exception):
    """There is no installation here; a backup of nothing would be believed to be one."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    path: Path
    size: int
    files: int
    sealed: bool
    # What lies encrypted in the store and could not be opened: kept as it lies there.
    damaged: tuple[str, ...] = ()


def make(
    path: Path, *, config: Config, to: pyrage.x25519.Recipient | None, progress: archive.Progress
) -> Made:
    """Write the database, the files and the secret key into one new file; nothing is written over.

    The database is as one moment saw it. Files come after it: they are never changed, so a file that came later
    does no harm. What is not finished has another name and goes away. Raises FileExistsError, OSError,
    `server.DumpFailed`, NothingToKeep.
    """
    if server.is_empty(config):
        raise NothingToKeep(
            "This database holds nothing. Is MADOGUCHI_DATA or MADOGUCHI_DATABASE_URL the right one?"
        )
    with new_file(path) as target:
        if to is None:
            count, damaged = _write(target, config, progress)
        else:
            with sealing.sealed(target, to) as stream:
                count, damaged = _write(stream, config, progress)
    return Made(path, path.stat().st_size, count, sealed=to is not None, damaged=tuple(damaged))


def _write(target: IO[bytes], config: Config, progress: archive.Progress) -> tuple[int, list[str]]:
    writer = archive.Writer(target, progress=progress)
    writer.add(archive.HEAD, _head(config))
    writer.add(archive.SECRET, config.secret_key.encode())
    with server.dumped(config) as dump:
        writer.add_pieces(archive.DATABASE, dump)
    count, damaged = 0, list[str]()
    for file in _files(config.files):
        try:
            name = _write_file(writer, file, config)
        except FileNotFoundError:
            continue  # nothing leads to it any more, and it went meanwhile
        count += 1
        if files.is_sealed(Path(name)):
            damaged.append(name.removeprefix(archive.FILES))
    writer.finish()
    return count, damaged


def _head(config: Config) -> bytes:
    said = {
        "format": archive.FORMAT,
        "version": madoguchi.__version__,
        "made_at": clock.now().isoformat(),
        "server": server.server_version(config),
    }
    return json.dumps(said).encode()


def _files(root: Path) -> Iterator[Path]:
    """Files that stand under their hash; what is still being written has another name."""
    for file in root.glob("*/*/*"):
        if len(file.stem) == 64 and file.name.startswith(file.parent.name):
            yield file


def _write_file(writer: archive.Writer, file: Path, config: Config) -> str:
    """Write one file of the store; the name under which it is in the backup.

    What is kept encrypted in the store is not so in a backup, which may be sealed as a whole: it is worth as much
    where the key is another one. What is put back is encrypted again within the hour. One that cannot be opened, for it
    is damaged, is written as it lies there: it must not keep all others from being backed up.
    """
    name = archive.FILES + file.relative_to(config.files).as_posix()
    if not files.is_sealed(file):
        try:
            with file.open("rb") as stream:
                writer.add_file(name, stream, size=os.fstat(stream.fileno()).st_size)
            return name
        except FileNotFoundError:
            file = files.beside(file)  # it was encrypted since it was found
    name = name.removesuffix(file.suffix)
    size = _size_if_whole(file, config)
    if size is None:
        with file.open("rb") as stream:
            writer.add_file(name + file.suffix, stream, size=os.fstat(stream.fileno()).st_size)
        return name + file.suffix
    with files.unsealed(file, secret=config.secret_key) as stream:
        writer.add_file(name, stream, size=size)
    return name


def _size_if_whole(file: Path, config: Config) -> int | None:
    """How many bytes an encrypted file holds; None where it cannot be opened to its end.

    It is read once more for that: the size stands before the bytes, and what is half written cannot be taken back.
    """
    size = 0
    try:
        with files.unsealed(file, secret=config.secret_key) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
    except Unreadable:
        return None
    return size


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file for our eyes alone that gets its name when it is complete and on disk."""
    if path.exists():
        raise FileExistsError(f"{path} is there already; a backup is never written over another file.")
    draft = path.with_name(f"{path.name}.part")
    draft.unlink(missing_ok=True)  # of one that was killed, or laid there by somebody to read along
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _name(draft: Path, path: Path) -> None:
    """Give the draft its name, over nothing that is there. Raises FileExistsError."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # exFAT and many network disks have no links: the name is taken first, then filled
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(path)


def _sync_folder(folder: Path) -> None:
    """The name is on disk too, where the disk can be asked for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
