"""The file a backup is: a plain tar, written and read as a stream, that says of itself whether it is whole.

    madoguchi-backup.json    what made it, and when
    secret-key               without it stored passwords and customers' links are worth nothing
    database/000000 …        the dump as `pg_dump -Fc` writes it, in pieces, for its length is not known before
    files/COMPANY/xx/SHA256  the attachments; with .sealed as they lie encrypted, where they could not be opened
    end.json                 how many members came before, and one hash over all their hashes

It is written and read in pieces that memory holds. What is larger lies on disk while it is read, for it counts only
when it is known to be whole; so a backup of any size needs no more room beside itself than its largest file.
"""

import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import IO, Any, Final, cast

FORMAT: Final = 1
HEAD, SECRET, DATABASE, FILES, END = "madoguchi-backup.json", "secret-key", "database/", "files/", "end.json"
PIECE: Final = 8 * 1024 * 1024
# No file is larger than the largest mail that can be allowed.
_MOST_OF_A_FILE: Final = 1024 * 1024 * 1024
_MOST_OF_ANOTHER: Final = PIECE
_PLACE: Final = re.compile(r"files/[0-9]{1,18}/([0-9a-f]{2})/(\1[0-9a-f]{62})(\.sealed)?")
Progress = Callable[[int], None]


class BackupDamaged(Exception):
    """The file is no whole backup of ours; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One piece of a backup that was read and found to be what was written. A large one is there until the next is
    asked for.
    """

    name: str
    size: int
    digest: str
    body: IO[bytes] = field(repr=False)

    @property
    def content(self) -> bytes:
        """All of it, for what is known to be small."""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The same, a piece at a time."""
        self.body.seek(0)
        while piece := self.body.read(PIECE):
            yield piece


@dataclass(slots=True)
class _Sum:
    """One hash over the names and contents of all members, in their order."""

    members: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, name: str, digest: str) -> None:
        self.members += 1
        self.digest.update(f"{name}\0{digest}\n".encode())

    def end(self) -> dict[str, Any]:
        return {"members": self.members, "sha256": self.digest.hexdigest()}


class _Passing(io.RawIOBase):
    """A stream that is hashed while it is read."""

    def __init__(self, stream: IO[bytes], *, progress: Progress) -> None:
        self._stream, self._progress, self.digest = stream, progress, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.digest.update(piece)
        self._progress(len(piece))
        return piece


class Writer:
    """Writes the members of a backup one after the other; without `finish` it is no backup."""

    def __init__(self, stream: IO[bytes], *, progress: Progress) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - finish closes it
        self._sum = _Sum()
        self._progress = progress

    def add(self, name: str, content: bytes) -> None:
        """One member."""
        self.add_file(name, io.BytesIO(content), size=len(content))

    def add_file(self, name: str, stream: IO[bytes], *, size: int) -> None:
        """One member of so many bytes, which are never wholly in memory. Raises OSError where there are fewer."""
        passing = _Passing(stream, progress=self._progress)
        self._put(name, passing, size)
        self._sum.add(name, passing.digest.hexdigest())

    def add_pieces(self, prefix: str, stream: IO[bytes]) -> None:
        """A stream of unknown length, in numbered pieces."""
        number = 0
        while piece := stream.read(PIECE):
            self.add(f"{prefix}{number:06}", piece)
            number += 1

    def finish(self) -> None:
        """Say that this is all."""
        end = json.dumps(self._sum.end()).encode()
        self._put(END, io.BytesIO(end), len(end))
        self._tar.close()

    def _put(self, name: str, stream: io.IOBase, size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, cast("IO[bytes]", stream))


@dataclass(frozen=True, slots=True)
class Shape:
    """What members a file may have: `check` is given each and whether it is the first, and raises
    BackupDamaged; those that begin with one of `large` may be as large as any file.
    """

    check: Callable[[Member, bool], None]
    large: tuple[str, ...]


def members(stream: IO[bytes], *, shape: Shape | None = None) -> Iterator[Member]:
    """The members in their order, each as it is read; raises BackupDamaged, at the end too if it is cut off.

    Without a shape it is a backup. Who must not act on half of it reads it twice: to the end first, then for its
    contents.
    """
    shape = shape or _BACKUP
    total, ended = _Sum(), False
    for member in _entries(stream, shape.large):
        if ended:
            raise BackupDamaged("Something follows after its end.")
        if member.name == END:
            _compare(member.content, total)
            ended = True
            continue
        shape.check(member, not total.members)
        total.add(member.name, member.digest)
        yield member
    if not ended:
        raise BackupDamaged("It is cut off: its end is missing.")


def _entries(stream: IO[bytes], large: tuple[str, ...]) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for entry in tar:
                # One with holes would be small here and as large as it likes when it is read.
                plain = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not entry.issparse()
                content = tar.extractfile(entry) if plain else None
                if content is None:
                    raise BackupDamaged(f"{entry.name} is nothing that a backup holds.")
                if entry.size > (_MOST_OF_A_FILE if entry.name.startswith(large) else _MOST_OF_ANOTHER):
                    raise BackupDamaged(f"{entry.name} is larger than what a backup holds.")
                with _read(entry, content) as member:
                    yield member
    except (tarfile.TarError, EOFError) as error:
        raise BackupDamaged(f"It cannot be read as a backup ({error}).") from error


@contextmanager
def _read(entry: tarfile.TarInfo, content: IO[bytes]) -> Iterator[Member]:
    with tempfile.TemporaryFile() if entry.size > PIECE else nullcontext(io.BytesIO()) as body:
        digest = hashlib.sha256()
        while piece := content.read(PIECE):
            digest.update(piece)
            body.write(piece)
        yield Member(entry.name, entry.size, digest.hexdigest(), body)


def _check(member: Member, first: bool) -> None:
    if first:
        _check_head(member)
    elif member.name.startswith(FILES):
        _check_file(member)
    elif member.name != SECRET and not member.name.startswith(DATABASE):
        raise BackupDamaged(f"{member.name} is nothing that a backup holds.")


_BACKUP: Final = Shape(_check, large=(FILES,))


def _check_head(member: Member) -> None:
    if member.name != HEAD:
        raise BackupDamaged("It is no backup of Madoguchi.")
    if head(member.content)["format"] != FORMAT:
        raise BackupDamaged("It was made by a later Madoguchi; restore it with that version.")


def _check_file(member: Member) -> None:
    place = _PLACE.fullmatch(member.name)
    if place is None:
        raise BackupDamaged(f"{member.name} is no place for a file.")
    if not place[3] and member.digest != place[2]:
        raise BackupDamaged(f"The file {place[2]} is not what it was.")


def _compare(content: bytes, total: _Sum) -> None:
    if _json(content) != total.end():
        raise BackupDamaged("It is not what was written: something is missing or was changed.")


def head(content: bytes) -> dict[str, Any]:
    """What the first member says: format, version, made_at, server."""
    found = _json(content)
    if not isinstance(found, dict) or not {"format", "version", "made_at", "server"} <= found.keys():
        raise BackupDamaged("It does not say what made it.")
    return found


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise BackupDamaged("What it says of itself cannot be read.") from error
