"""Articles out of files that are no archive of ours: Markdown with its pictures, and tables of questions and answers.

Each is one version, the next of its article. By what it is known stands in the file (`id`), else it is where the file
lies, or the title in a table: files that are brought in once more change nothing where they say the same. Pure.
"""

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from django.utils.translation import gettext as _

from madoguchi.knowledge.archive import (
    INDEX,
    MOST_OF_AN_UPLOAD,
    KeptArticle,
    KeptFile,
    KeptVersion,
    Lazily,
    NoArchive,
    Room,
    articles_in,
    in_folder,
    unpacked,
)
from madoguchi.knowledge.enclosed import FILES, PICTURES, ending_of
from madoguchi.knowledge.table import Row, day, key_in, letters_in, meant, operators_in, original_in, rows_in

MARKDOWN: Final = frozenset({"md", "markdown"})
_HEAD: Final = re.compile(r"\A---[ \t]*\n(.{0,4000}?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LONGEST_TITLE, MOST_OF_WORDS = 400, 5_000_000
_NAMED: Final = re.compile(
    r"(!?\[[^\[\]\n]{0,300}\]\()(?:<([^<>\n]{1,500})>|([^\s()<>]{1,500}))((?:[ \t]+\"[^\"\n]{0,300}\")?\))"
)
_COLON: Final = re.compile("[:：]")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:|[/#]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NotRead:
    """What is no article: where it stands, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class As:
    """How all of them come in: as drafts, or approved; and when that is."""

    approved: bool
    at: datetime

    def article(self, row: Row, body: str, files: Sequence[KeptFile] = ()) -> KeptArticle:
        """An article that stands somewhere. Raises ValueError for what cannot be meant."""
        version = KeptVersion(
            number=0,
            state="approved" if self.approved else "draft",
            title=row.given["title"],
            body=body,
            at=self.at,
            valid_from=self.at if self.approved else None,
        )
        review, operators = row.given.get("review_on", ""), operators_in(row)
        kind = meant("kind", row.given.get("kind", ""))
        inner = operators is not None or kind == "script"
        return KeptArticle(
            key=key_in(row),
            versions=(version,),
            folder=row.given.get("folder", ""),
            audience=meant("audience", row.given.get("audience", "") or ("operator" if inner else "")),
            language=meant("language", row.given.get("language", "")),
            desk=row.given.get("desk", ""),
            review_on=day(review) if review else None,
            files=tuple(files),
            place=row.place,
            original=original_in(row),
            operators=operators,
            kind=kind,
        )


class Interrupted(Exception):
    """Whoever wanted these articles wants them no more, or not in this process."""


def articles_of(
    paths: Sequence[Path],
    how: As,
    *,
    goes_on: Callable[[], bool] = lambda: True,
    most: int | None = None,
) -> list[KeptArticle | NotRead]:
    """What stands in these files and folders: an archive of ours, as it was there; else Markdown and tables. Pictures
    and files are unpacked where words name them. Raises NoArchive, also for more than `most` bytes (an upload's), and
    Interrupted where between two files it is not to go on.
    """
    loose: dict[str, Callable[[], bytes]] = {}
    room = Room(MOST_OF_AN_UPLOAD if most is None else most)
    room.add(len(paths))
    found: list[KeptArticle | NotRead] = []
    with ExitStack() as opened:
        for path in paths:
            if not goes_on():
                raise Interrupted
            if not path.is_dir() and path.suffix.casefold() != ".zip":
                loose[path.name] = partial(room.read, path)
                continue
            files = in_folder(path, room) if path.is_dir() else opened.enter_context(unpacked(path, room))
            if INDEX in files:
                found.extend(articles_in(files))
            else:
                loose |= _within(files)
        found += _loose(Lazily(loose), how, goes_on)
    if not found:
        raise NoArchive(
            _("There is no article in these files: no archive of articles, no Markdown and no table (CSV).")
        )
    # Originals first: what comes in in parts finds them there.
    return sorted(_each_once(found), key=lambda one: isinstance(one, KeptArticle) and bool(one.original))


def _within(files: Mapping[str, bytes]) -> dict[str, Callable[[], bytes]]:
    """Without what Macs put beside, and without the one folder that all lie in."""
    kept: dict[str, Callable[[], bytes]] = {
        name: partial(files.__getitem__, name)
        for name in files
        if not name.startswith("__MACOSX/") and "/." not in f"/{name}"
    }
    tops = {name.partition("/")[0] for name in kept}
    alone = len(tops) == 1 and all("/" in name for name in kept)
    return {name.partition("/")[2]: content for name, content in kept.items()} if alone else kept


def _loose(
    files: Mapping[str, bytes], how: As, goes_on: Callable[[], bool]
) -> Iterator[KeptArticle | NotRead]:
    for name in sorted(files):
        ending = name.rpartition(".")[2].casefold()
        if ending not in {*MARKDOWN, "csv"}:
            continue
        if not goes_on():
            raise Interrupted
        content = files[name]
        if len(content) > MOST_OF_WORDS:
            words = _("“%(file)s” is larger than %(most)s MB.")
            raise NoArchive(words % {"file": name, "most": MOST_OF_WORDS // 1_000_000})
        if ending in MARKDOWN:
            yield _markdown(name, content, files, how)
        else:
            yield from (_row(row, how) for row in rows_in(name, content))


def _row(row: Row, how: As) -> KeptArticle | NotRead:
    if row.wrong:
        return NotRead(row.place, row.wrong)
    try:
        return how.article(row, row.given["body"])
    except ValueError as error:
        return NotRead(row.place, str(error))


def _markdown(name: str, content: bytes, files: Mapping[str, bytes], how: As) -> KeptArticle | NotRead:
    try:
        text = content.decode(letters_in(name, content)).replace("\r\n", "\n")
        given, text = _head_of(text)
        folder, _slash, file = name.rpartition("/")
        if "title" not in given:
            title, text = _title_of(text)
            given |= {"title": title} if title else {}
        given.setdefault("title", file.rpartition(".")[0])
        given.setdefault("folder", " / ".join(folder.split("/")))
        body, enclosed = _with_files(text, folder, files)
        return how.article(Row(name, name, {"id": name, **given}), body.strip(), enclosed)
    except ValueError as error:
        return NotRead(name, str(error))


def _title_of(text: str) -> tuple[str, str]:
    """The first heading, where the words begin with one, and the words without it."""
    first, _end, rest = text.lstrip().partition("\n")
    if len(first) > _LONGEST_TITLE or not first.startswith(("# ", "#\t")):
        return "", text
    title = first[1:].strip(" \t").rstrip(" \t#")
    return (title, rest) if title else ("", text)


def _head_of(text: str) -> tuple[dict[str, str], str]:
    """What stands between lines of --- before the words, by what it is; and the words."""
    head = _HEAD.match(text)
    if head is None:
        return {}, text
    pairs = (_COLON.split(line, maxsplit=1) for line in head[1].split("\n"))
    named = {(meant("column", name) or name): "".join(value).strip().strip("\"'") for name, *value in pairs}
    return {name: value for name, value in named.items() if value}, text[head.end() :]


def _with_files(text: str, folder: str, files: Mapping[str, bytes]) -> tuple[str, list[KeptFile]]:
    """The words with pictures and files by the names that they have here. Raises ValueError for one that is missing."""
    enclosed: dict[str, KeptFile] = {}

    def named(found: re.Match[str]) -> str:
        before, within, bare, after = found.groups()
        address = within or bare
        wanted = address.rpartition(".")[2].casefold() in {*PICTURES, "jpeg", *FILES}
        if not wanted or _SCHEME.match(address):
            return found[0]
        path = posixpath.normpath(posixpath.join(folder, unquote(address)))
        if path not in files:
            raise ValueError(_("“%s” is missing, which its words show.") % unquote(address))
        content, called = files[path], posixpath.basename(path)
        ending = ending_of(called, content)
        if not ending:
            raise ValueError(_("“%s” is not what its name says.") % unquote(address))
        name = f"{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        enclosed[name] = KeptFile(name=name, filename=called, content=content)
        return f"{before}files/{name}{after}"

    return _NAMED.sub(named, text), list(enclosed.values())


def _each_once(found: Sequence[KeptArticle | NotRead]) -> Iterator[KeptArticle | NotRead]:
    """Of two that would be one article the second is told."""
    seen: set[str] = set()
    for one in found:
        if isinstance(one, KeptArticle) and one.key in seen:
            yield NotRead(one.place or one.key, _("It stands in these files twice."))
        else:
            yield one
        if isinstance(one, KeptArticle):
            seen.add(one.key)
