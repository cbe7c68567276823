"""Articles, with reply templates among them, as files: one table of all versions (`index.csv`), and the words of each
in Markdown. Pure.

A folder, or the same in a zip. `articles/KEY/3.md` is what the third version of KEY says; the table has the
rest. A key names an article wherever it goes, so that what is brought in twice is one. Pictures and files lie in
`articles/KEY/files`, where the words look for them; `files.csv` says what they were called.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, Final, TypeVar

from django.utils.translation import gettext as _

from madoguchi.kernel.text import as_cell, from_cell
from madoguchi.knowledge.enclosed import names_in

INDEX: Final = "index.csv"
CALLED: Final = "files.csv"
# The kind under which reply templates stand among articles.
TEMPLATE: Final = "template"
# And those of scenarios of bots, and of words at which a person takes over (`actions/archive_beside`).
SCENARIO: Final = "scenario"
LIMITS: Final = "limits"
COLUMNS: Final = (
    *("key", "number", "state", "title", "folder", "audience", "language", "desk", "review_on", "retired_at"),
    *("at", "writer", "approver", "valid_from", "valid_until", "corrects", "comment"),
    *("original", "follows", "operators", "kind", "feelings"),
)
# The company's own people, who head the list of those who read an article that is kept from others.
_OWN: Final = "own"
# What older tables do not have.
_LATER: Final = frozenset(("original", "follows", "operators", "kind", "feelings"))
# More than any company has, and less than fills a machine; what is uploaded has to fit beside other work of a worker.
MOST_FILES, MOST_BYTES, MOST_OF_A_FILE = 50_000, 500_000_000, 50_000_000
MOST_OF_AN_UPLOAD: Final = 200_000_000
# What a zip says of each of its files is rarely longer.
_MOST_OF_ENTRY = 400
_CHUNK: Final = 1 << 16
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
Kind = TypeVar("Kind")
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class NoArchive(Exception):
    """These files are no articles as we write them; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVersion:
    """One version as it is kept; `writer` and `approver` are names, for people stay where they are. Number 0 is the
    next one of the article, wherever it is brought in.
    """

    number: int
    state: str
    title: str
    body: str
    at: datetime
    writer: str = ""
    approver: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    corrects: bool = False
    comment: str = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A picture or a file of an article, by the name that its words call it."""

    name: str
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptArticle:
    """One article with all its versions, the oldest first. `desk` is the name of the only one it is for, `place` where
    it stands in files that are no archive, `original` the key of what it is the translation of, `operators` the names
    of those that alone read it besides the company's own people (None: all do), `feelings` those of customers to whom a
    template is offered first, a space between them.
    """

    key: str
    versions: tuple[KeptVersion, ...]
    folder: str = ""
    audience: str = "both"
    language: str = "ja"
    desk: str = ""
    review_on: date | None = None
    retired_at: datetime | None = None
    files: tuple[KeptFile, ...] = ()
    place: str = ""
    original: str = ""
    operators: tuple[str, ...] | None = None
    kind: str = "article"
    feelings: str = ""


def files_of(
    articles: Sequence[KeptArticle], *, content: Callable[[KeptArticle, KeptFile], bytes] | None = None
) -> Iterator[tuple[str, bytes]]:
    """The files of these articles, the tables last; `content` reads the bytes of a file that does not hold them."""
    table, called = io.StringIO(), io.StringIO()
    rows, names = csv.writer(table), csv.writer(called)
    rows.writerow(COLUMNS)
    names.writerow(("key", "name", "called"))
    for article in articles:
        for file in article.files:
            held = content(article, file) if content else file.content
            yield f"articles/{article.key}/files/{file.name}", held
            names.writerow((article.key, file.name, as_cell(file.filename)))
        for version in article.versions:
            yield _path(article.key, version.number), version.body.encode()
            rows.writerow([as_cell(_written(_value(article, version, name))) for name in COLUMNS])
    # With the mark by which spreadsheets know the letters.
    if any(article.files for article in articles):
        yield CALLED, called.getvalue().encode("utf-8-sig")
    yield INDEX, table.getvalue().encode("utf-8-sig")


def articles_in(files: Mapping[str, bytes]) -> list[KeptArticle]:
    """The articles that these files are; of the others none is looked at. Raises NoArchive."""
    if INDEX not in files:
        raise NoArchive(_("%(file)s is missing.") % {"file": INDEX})
    try:
        table = list(csv.DictReader(io.StringIO(files[INDEX].decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoArchive(f"{INDEX}: {error}") from error
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, row in enumerate(table, start=2):
        if None in row or None in row.values() or not set(COLUMNS) - _LATER <= set(row) <= set(COLUMNS):
            raise _wrong(line, _("The columns are: %(columns)s") % {"columns": ", ".join(COLUMNS)})
        rows.setdefault(row["key"], []).append(
            (line, {name: from_cell(row.get(name, "")) for name in COLUMNS})
        )
    called = _called(files)
    articles = (_article(key, found, files) for key, found in rows.items())
    found = [replace(one, files=_beside(one, files, called)) for one in articles]
    # Originals first, and articles before what leads to them: what comes in in parts finds them there.
    return sorted(found, key=lambda one: (one.kind in (SCENARIO, LIMITS), bool(one.original)))


def _called(files: Mapping[str, bytes]) -> dict[tuple[str, str], str]:
    """What the pictures and files of each key were called."""
    try:
        content = files.get(CALLED, b"")
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return {(row[0], row[1]): from_cell(row[2]) for row in rows if len(row) == 3}
    except (UnicodeDecodeError, csv.Error) as error:
        raise NoArchive(f"{CALLED}: {error}") from error


def _beside(
    article: KeptArticle, files: Mapping[str, bytes], called: Mapping[tuple[str, str], str]
) -> tuple[KeptFile, ...]:
    """The pictures and files that the words of an article name, as far as they lie beside them."""
    key, words = article.key, "\n".join(one.body for one in article.versions)
    there = ((name, f"articles/{key}/files/{name}") for name in sorted(set(names_in(words))))
    return tuple(
        KeptFile(name=name, filename=called.get((key, name), name), content=files[path])
        for name, path in there
        if path in files
    )


def in_folder(path: Path, room: "Room") -> Mapping[str, bytes]:
    """The files of a folder by where they lie in it, each read when it is asked for. Links lead nowhere out of it."""
    inside = path.resolve()
    found = {
        one.relative_to(path).as_posix(): one
        for one in sorted(path.rglob("*"))
        if one.is_file() and one.resolve().is_relative_to(inside)
    }
    room.add(len(found))
    return Lazily({name: partial(room.read, one) for name, one in found.items()})


@contextmanager
def unpacked(path: Path, room: "Room") -> Iterator[Mapping[str, bytes]]:
    """The files of a zip by name, each unpacked when it is asked for. Raises NoArchive for none, and then for what is
    too large.
    """
    with _broken_is_none(path.name):
        _require_short(path, room)
        archive = zipfile.ZipFile(path)
    with archive:
        yield _Packed(path.name, archive, room)


class Lazily(Mapping[str, bytes]):
    """Files by name, read when they are asked for."""

    def __init__(self, files: Mapping[str, Callable[[], bytes]]) -> None:
        self._files = files

    def __getitem__(self, name: str) -> bytes:
        return self._files[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class _Packed(Mapping[str, bytes]):
    """The files of a zip. What was unpacked is kept: it counts once."""

    def __init__(self, called: str, archive: zipfile.ZipFile, room: "Room") -> None:
        self._called, self._archive, self._room = called, archive, room
        self._infos = {_name_of(one): one for one in archive.infolist() if not one.is_dir()}
        self._held: dict[str, bytes] = {}
        room.add(len(self._infos))

    def __getitem__(self, name: str) -> bytes:
        if name not in self._held:
            info = self._infos[name]
            with _broken_is_none(self._called):
                self._held[name] = _unpacked(self._archive, info, self._room)
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        return name in self._infos

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)


@contextmanager
def _broken_is_none(called: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise NoArchive(f"{called}: {error}") from error


def _require_short(path: Path, room: "Room") -> None:
    """Look how long the list of a zip's files is before it is read: of each much is kept in memory."""
    with path.open("rb") as stream:
        end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]  # what zipfile itself goes by
    if end and (end[4] > room.files or end[5] > room.files * _MOST_OF_ENTRY):
        raise _too_large()


def _name_of(info: zipfile.ZipInfo) -> str:
    """What a file is called there: Windows writes Japanese names in its own letters, and does not say so."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp932")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


class Room:
    """How much may be read yet, of all files together: counted as it comes, whatever a file says of its size."""

    def __init__(self, most: int | None = None) -> None:
        self._left = MOST_BYTES if most is None else most
        self.files = MOST_FILES

    def add(self, files: int) -> None:
        """So many files are there, too. Raises NoArchive for too many."""
        self.files -= files
        if self.files < 0:
            raise _too_large()

    def read(self, path: Path) -> bytes:
        """A file. Raises NoArchive for one that is too large, or where all together are."""
        with path.open("rb") as stream:
            return self.take(path.name, stream)

    def take(self, name: str, stream: IO[bytes]) -> bytes:
        """What such a stream still holds. Raises NoArchive as `read` does."""
        held = bytearray()
        while chunk := stream.read(_CHUNK):
            held += chunk
            self._left -= len(chunk)
            if len(held) > MOST_OF_A_FILE:
                told = _("“%(file)s” is larger than %(most)s MB.")
                raise NoArchive(told % {"file": name, "most": MOST_OF_A_FILE // 1_000_000})
            if self._left < 0:
                raise _too_large()
        return bytes(held)


def _too_large() -> NoArchive:
    return NoArchive(_("This is larger than all articles of a company may be."))


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: Room) -> bytes:
    if info.compress_type not in _PACKED:  # others are unpacked by the block, however large
        raise zipfile.BadZipFile(f"“{_name_of(info)}” is not packed by deflate")
    with archive.open(info) as stream:
        return room.take(_name_of(info), stream)


def write(path: Path, articles: Sequence[KeptArticle]) -> int:
    """Write articles into a new zip, or into a new folder for a name without .zip; says how many files."""
    files = list(files_of(articles))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files:
                archive.writestr(name, content)
        return len(files)
    path.mkdir()
    for name, content in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return len(files)


def _wrong(line: int, words: str) -> NoArchive:
    return NoArchive(_("%(file)s, line %(line)s: %(words)s") % {"file": INDEX, "line": line, "words": words})


def _path(key: str, number: int) -> str:
    return f"articles/{key}/{number}.md"


def _value(article: KeptArticle, version: KeptVersion, name: str) -> object:
    return getattr(version if name in KeptVersion.__slots__ else article, name)


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "\n".join((_OWN, *value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _article(key: str, rows: list[tuple[int, dict[str, str]]], files: Mapping[str, bytes]) -> KeptArticle:
    line, first = rows[-1]
    if not _KEY.fullmatch(key):
        raise _wrong(line, _("“%(key)s” is no key of an article.") % {"key": key})
    versions = sorted((_version(key, one, row, files) for one, row in rows), key=lambda one: one.number)
    if len({one.number for one in versions}) < len(versions):
        raise _wrong(line, _("%(key)s has a version twice.") % {"key": key})
    return KeptArticle(
        key=key,
        versions=tuple(versions),
        folder=first["folder"],
        audience=first["audience"],
        language=first["language"],
        desk=first["desk"],
        review_on=_of_kind(date.fromisoformat, first["review_on"], line) if first["review_on"] else None,
        retired_at=_moment(first["retired_at"], line),
        original=first["original"],
        operators=tuple(first["operators"].split("\n")[1:]) if first["operators"] else None,
        kind=first["kind"] or "article",
        feelings=first["feelings"],
    )


def _version(key: str, line: int, row: Mapping[str, str], files: Mapping[str, bytes]) -> KeptVersion:
    number = _of_kind(int, row["number"], line)
    path, at = _path(key, number), _moment(row["at"], line)
    if path not in files or at is None or number < 1:
        raise _wrong(line, _("%(path)s is missing, or when it was written.") % {"path": path})
    try:
        body = files[path].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoArchive(f"{path}: {error}") from error
    return KeptVersion(
        number=number,
        state=row["state"],
        title=row["title"],
        body=body,
        at=at,
        writer=row["writer"],
        approver=row["approver"],
        valid_from=_moment(row["valid_from"], line),
        valid_until=_moment(row["valid_until"], line),
        corrects=row["corrects"] == "yes",
        comment=row["comment"],
        follows=_of_kind(_counted, row["follows"], line) if row["follows"] else None,
    )


def _counted(written: str) -> int:
    number = int(written)
    if not 1 <= number < 1_000_000:
        raise ValueError(written)
    return number


def _moment(written: str, line: int) -> datetime | None:
    found = _of_kind(datetime.fromisoformat, written, line) if written else None
    if found is not None and found.tzinfo is None:
        raise _wrong(line, _("“%(moment)s” names no time zone.") % {"moment": written})
    return found


def _of_kind(reading: Callable[[str], Kind], written: str, line: int) -> Kind:
    try:
        return reading(written)
    except ValueError as error:
        raise _wrong(line, str(error)) from error
