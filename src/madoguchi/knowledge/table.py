"""A table (CSV) of questions and answers, or of articles: a row each. Pure.

What its columns are called is found by looking, in English and Japanese; `title` and `body` have to be there.
"""

import codecs
import csv
import hashlib
import io
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from madoguchi.kernel.text import fold
from madoguchi.knowledge.archive import NoArchive

Names = Mapping[str, tuple[str, ...]]
COLUMNS: Final[Names] = {
    "id": ("id", "key", "no", "no.", "number", "番号", "管理番号", "記事番号", "faq番号"),
    "title": (
        "title",
        "question",
        "q",
        "subject",
        "heading",
        "質問",
        "タイトル",
        "題名",
        "件名",
        "見出し",
        "記事名",
    ),
    "body": ("body", "answer", "a", "text", "content", "回答", "答え", "本文", "内容"),
    "folder": ("folder", "topic", "category", "分類", "カテゴリ", "カテゴリー", "トピック", "話題"),
    "audience": ("audience", "readers", "読む人", "対象", "公開範囲"),
    "language": ("language", "lang", "言語"),
    "desk": ("desk", "窓口"),
    "review_on": ("review_on", "review", "next review", "見直し日", "次回見直し日"),
    "original": ("original", "translation of", "原文", "翻訳元"),
    "operators": ("operators", "for operators", "閲覧できる受託者", "受託者"),
    "kind": ("kind", "種類"),
}
_AUDIENCES: Final[Names] = {
    "both": ("both", "", "お客様とオペレーター向け", "両方", "すべて", "全員"),
    "customer": ("customer", "customers", "public", "お客様", "お客様向け", "公開", "顧客"),
    "operator": ("operator", "operators", "internal", "オペレーター", "オペレーター向け", "社内", "非公開"),
}
_LANGUAGES: Final[Names] = {"ja": ("ja", "", "japanese", "日本語"), "en": ("en", "english", "英語")}
_KINDS: Final[Names] = {
    "article": ("article", "", "記事"),
    "script": ("script", "talk script", "トークスクリプト", "スクリプト", "台本"),
}
# Who is named for the company's own people alone.
_OWN: Final = frozenset(("own", "自社", "自社のみ"))
_BETWEEN: Final = re.compile(r"[、,，;；\n]+")
_MEANINGS: Final = {"column": COLUMNS, "kind": _KINDS, "audience": _AUDIENCES, "language": _LANGUAGES}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
# More columns than any table of articles has; and so many of them, and of each, are named where none is known.
MOST_COLUMNS, _MOST_NAMED, _MOST_OF_HEADING = 200, 8, 40
_DAY: Final = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Row:
    """What stands of an article in a file, by what it is; or what is wrong with it."""

    file: str
    place: str
    given: Mapping[str, str]
    wrong: str = ""


def rows_in(name: str, content: bytes) -> Iterator[Row]:
    """The rows of a table. Raises NoArchive where nobody can tell which column is which."""
    try:
        text = content.decode(letters_in(name, content))
    except ValueError as error:
        raise NoArchive(str(error)) from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [cell.strip() for cell in next(reader, [])]
        if len(headings) > MOST_COLUMNS:
            words = _("%(file)s has more than %(most)s columns. Keep those that hold articles.")
            raise NoArchive(words % {"file": name, "most": MOST_COLUMNS})
        columns = {meant("column", heading): at for at, heading in reversed(list(enumerate(headings)))}
        if not {"title", "body"} <= columns.keys():
            words = _(
                "%(file)s: name one column “title” or “question”, another “body” or “answer”. There are: %(there)s"
            )
            there = _(", ").join(one[:_MOST_OF_HEADING] for one in headings[:_MOST_NAMED])
            raise NoArchive(words % {"file": name, "there": there})
        began = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                place = _("%(file)s, line %(line)s") % {"file": name, "line": began}
                yield _row(Row(name, place, {}), cells, columns, len(headings))
            began = reader.line_num + 1
    except csv.Error as error:
        raise NoArchive(f"{name}: {error}") from error


def meant(what: str, written: str) -> str:
    """What somebody means by a word: a column, whoever reads it or its language. Empty for a column that is none;
    raises ValueError for another word.
    """
    folded = fold(written.strip())
    found = next((name for name, words in _MEANINGS[what].items() if folded in map(fold, words)), "")
    if not found and what != "column":
        words = _("Nobody here knows what “%(word)s” means. Write one of these: %(known)s")
        raise ValueError(words % {"word": written.strip()[:100], "known": _(", ").join(_MEANINGS[what])})
    return found


def day(written: str) -> date:
    """A day as it is written in Japan or by ISO. Raises ValueError."""
    found = _DAY.fullmatch(written.strip())
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise ValueError(_("“%s” is no day. Write one like 2026-12-01.") % written.strip()[:100])


def key_in(row: Row) -> str:
    """By what an article is known: its id where that is one of ours. Else it is made of the file and the id there, or
    of the title: two lists that both count from 1 are not one.
    """
    own = row.given.get("id", "").strip()
    if _KEY.fullmatch(own) and not own.isdecimal():
        return own
    said = f"{row.file}\0{own}" if own else fold(row.given["title"])
    return f"x-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def original_in(row: Row) -> str:
    """By what its original is known, which a row names as it names itself: by its id where rows have ids, by where it
    lies, or by its title. Empty for none.
    """
    named = row.given.get("original", "").strip()
    if not named:
        return ""
    if row.file == row.place:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(row.file), named))
        return key_in(Row(path, path, {"id": path if not _KEY.fullmatch(named) else named}))
    name = "id" if row.given.get("id", "").strip() else "title"
    return key_in(Row(row.file, row.place, {name: named}))


def operators_in(row: Row) -> tuple[str, ...] | None:
    """Which operators alone read it besides the company's own people; None: all do."""
    named = [one.strip() for one in _BETWEEN.split(row.given.get("operators", "")) if one.strip()]
    return tuple(one for one in named if fold(one) not in _OWN) if named else None


def letters_in(name: str, content: bytes) -> str:
    """In which letters a text is written: by its mark, UTF-8, or as Windows writes Japanese. Raises ValueError."""
    marked = next((letters for mark, letters in _MARKS if content.startswith(mark)), None)
    for letters in (marked,) if marked else ("utf-8", "cp932"):
        try:
            content.decode(letters)
        except UnicodeDecodeError:
            continue
        return letters
    raise ValueError(_("%(file)s is neither UTF-8 nor Shift_JIS throughout.") % {"file": name})


def _row(row: Row, cells: Sequence[str], columns: Mapping[str, int], width: int) -> Row:
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        words = _("It has %(cells)s cells, and there are %(columns)s columns.")
        return replace(row, wrong=words % {"cells": len(cells), "columns": width})
    given = {name: cells[at].strip() for name, at in columns.items() if name}
    missing = not given["title"] or not given["body"]
    return replace(row, given=given, wrong=_("It has no title or no text.") if missing else "")
