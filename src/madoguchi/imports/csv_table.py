"""Tables (CSV) of cases, customers or orders: letters and columns are found out by looking.

A table of cases has a row for each case, or for each thing that was said in it: rows that follow one another with the
same id are one case. What columns are called stands in docs/running/importing.md.
"""

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path

from django.utils.translation import gettext as _

from madoguchi.imports import sale_rows
from madoguchi.imports.meanings import SPEAKERS, Meanings, UnknownWord, meaning
from madoguchi.imports.moments import moment
from madoguchi.imports.places import line_of
from madoguchi.imports.records import Bad, By, Person, Record, Said, Ticket, told_apart
from madoguchi.imports.sources import Asked, Meter, Source
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import is_address
from madoguchi.kernel.text import fold, from_cell

_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Shift_JIS as Windows writes it, with ①, ㈱ and 髙.
_LETTERS = ("utf-8", "cp932")
MOST_OF_A_CELL = 4_000_000
# What columns are called.
NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "ticket number", "ticket id", "case id", "customer id", "number", "no", "no."),
        *("番号", "受付番号", "問い合わせ番号", "お問い合わせ番号", "管理番号", "顧客番号", "顧客id"),
    ),
    "subject": ("subject", "issue summary", "title", "件名", "題名", "タイトル"),
    "text": (
        *("text", "body", "message", "description", "content"),
        *("本文", "内容", "問い合わせ内容", "お問い合わせ内容", "メッセージ"),
    ),
    "who": ("who", "direction", "type of message", "区分", "種別", "発信者区分"),
    "message": ("message id", "comment id", "メッセージid", "発言番号"),
    "author": ("author", "sender", "from name", "発信者", "発言者", "記入者"),
    "author_email": ("author email", "sender email", "発信者メール", "発言者メール"),
    "name": (
        *("name", "from", "user", "customer", "customer name", "full name", "requester"),
        *("氏名", "名前", "お名前", "顧客名", "お客様名"),
    ),
    "kana": ("kana", "reading", "フリガナ", "ふりがな", "カナ", "氏名カナ", "氏名(カナ)"),
    "email": (
        *("email", "e-mail", "mail", "from email", "email address", "requester email"),
        *("メール", "メールアドレス", "eメール", "アドレス"),
    ),
    "phone": ("phone", "tel", "phone number", "mobile", "電話", "電話番号", "携帯電話"),
    "member": (
        *("member", "member number", "membership number", "member id", "membership id"),
        *("会員番号", "会員id", "会員no", "会員no.", "会員コード"),
    ),
    "more_emails": ("other emails", "他のメールアドレス"),
    "more_phones": ("other phones", "他の電話番号"),
    "more_members": ("other member numbers", "他の会員番号"),
    "former_names": ("former name", "former names", "maiden name", "旧姓", "旧氏名", "旧名", "旧社名"),
    "address": ("address", "住所"),
    "memo": ("memo", "note", "notes", "備考", "メモ"),
    "status": ("status", "current status", "state", "状態", "ステータス", "対応状況"),
    "priority": ("priority", "優先度"),
    "tags": ("tags", "labels", "タグ", "ラベル"),
    "assignee": ("assignee", "assigned to", "agent assigned", "agent", "担当者", "担当"),
    "created": (
        *("created", "created at", "date created", "created time", "date", "time"),
        *("受付日時", "作成日時", "登録日時", "日時", "日付", "受付日"),
    ),
    "changed": ("updated", "updated at", "last updated", "last update time", "更新日時", "最終更新日時"),
}
# What orders alone have: of tables of anything else these columns are not read.
NAMES = {**NAMES, **sale_rows.NAMES}
_WAYS = ("email", "phone", "name")


@dataclass(frozen=True, slots=True)
class Table:
    """How a file is to be read: its letters, what parts its cells, and which column (by place) holds what."""

    path: Path
    letters: str
    delimiter: str
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    meanings: Meanings

    @property
    def holds_orders(self) -> bool:
        """Whether its rows are what was ordered."""
        return sale_rows.holds_orders(self.columns)

    @property
    def holds_cases(self) -> bool:
        """Whether its rows are cases; else they are orders or customers."""
        return not self.holds_orders and bool({"subject", "text"} & self.columns.keys())

    def said(self) -> dict[str, str]:
        """What was guessed, for who looks at it beforehand."""
        unread = [heading for at, heading in enumerate(self.headings) if at not in self.columns.values()]
        return {
            "letters": self.letters,
            "rows": "orders" if self.holds_orders else "cases" if self.holds_cases else "customers",
            **{field: self.headings[at] for field, at in self.columns.items()},
            **({"not read": ", ".join(unread)} if unread else {}),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """The cells that are not empty, by field; where they stand; or what is wrong with them."""

    place: str
    given: Mapping[str, str]
    wrong: str = ""


def open_csv(paths: tuple[Path, ...], asked: Asked) -> Source:
    """Look at tables. Raises Refused for letters or columns that nobody can guess."""
    tables = [table_of(path, asked) for path in paths]
    size = sum(path.stat().st_size for path in paths)
    return Source(
        size=size,
        records=lambda meter: (record for table in tables for record in records_of(table, meter)),
        guessed=tables[0].said(),
    )


def table_of(path: Path, asked: Asked) -> Table:
    """Look into a file. Raises Refused for letters that are none of those known, and where no column says who it is."""
    letters = asked.letters or letters_of(path)
    delimiter, headings = first_row(path, letters)
    columns = columns_of(headings, asked.columns)
    if not sale_rows.holds_orders(columns) or {"subject", "text"} & columns.keys():
        columns = {field: at for field, at in columns.items() if field not in sale_rows.NAMES}
    if not set(_WAYS) & columns.keys():
        there = _(", ").join(headings)
        raise Refused(
            _("No column is called like a name, a mail address or a phone number. There are: %(there)s")
            % {"there": there}
        )
    return Table(path, letters, delimiter, headings, columns, asked.meanings)


def headings_of(path: Path, letters: str = "") -> tuple[str, ...]:
    """What the columns of a file are called, whatever they hold. Raises Refused for letters that nobody can guess."""
    return first_row(path, letters or letters_of(path))[1]


def first_row(path: Path, letters: str) -> tuple[str, tuple[str, ...]]:
    """What parts the cells, and the cells of the first row."""
    with path.open(encoding=letters, errors="replace", newline="") as file:
        head = file.read(_CHUNK)
    delimiter = max(",;\t", key=head.partition("\n")[0].count)
    row = next(csv.reader(head.splitlines(True), delimiter=delimiter), [])
    return delimiter, tuple(cell.strip() for cell in row)


def letters_of(path: Path) -> str:
    """In which letters a file is written: by its mark, else the first that fit all of it. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    found = marked or next((name for name in _LETTERS if _fits(path, name)), None)
    if found is None:
        words = _("%(file)s is neither UTF-8 nor Shift_JIS throughout: say which letters it is written in.")
        raise Refused(words % {"file": path.name}, field="letters")
    return found


def _fits(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def columns_of(
    headings: Sequence[str], named: Mapping[str, str], known: Mapping[str, Sequence[str]] = NAMES
) -> dict[str, int]:
    """Which column (by place) holds which field: as is said, else by what columns are `known` as. Raises Refused for a
    heading that there is not.
    """
    folded = [fold(heading) for heading in headings]
    found: dict[str, int] = {}
    for field, names in known.items():
        if named.get(field) == "":
            continue
        wanted = [named[field]] if field in named else names
        places = [folded.index(fold(name)) for name in wanted if fold(name) in folded]
        if field in named and not places:
            words = _("No column is called “%(heading)s”. There are: %(there)s")
            raise Refused(words % {"heading": named[field], "there": _(", ").join(headings)})
        free = [place for place in places if place not in found.values()]
        if free:
            found[field] = free[0]
    return found


def records_of(table: Table, meter: Meter) -> Iterator[Record]:
    """What the rows are: of one case those that follow one another under its id."""
    rows = rows_of(table, meter)
    if table.holds_orders:
        yield from _sales(rows)
        return
    if not table.holds_cases:
        yield from (_or_bad([row], _person) for row in rows)
        return
    for _id, group in groupby(rows, key=_id_of):
        together = list(group)
        wrong = [row for row in together if row.wrong]
        yield from (Bad(row.place, row.wrong) for row in wrong)
        right = [row for row in together if not row.wrong]
        if right:
            yield _or_bad(right, partial(_ticket, meanings=table.meanings))


def _sales(rows: Iterator[Row]) -> Iterator[Record]:
    """Orders: where one of its rows cannot be read, none of it comes, for its sums would be wrong."""
    last, came = "", dict[str, str]()

    def order_of(row: Row) -> str:
        nonlocal last
        # What is no row at all may have been one of the order before it.
        last = (row.given.get("order") or _id_of(row)) if row.given else last or row.place
        return last

    for order, group in groupby(rows, key=order_of):
        together = list(group)
        if (above := came.setdefault(order, together[0].place)) != together[0].place:
            words = _("The order %(order)s stands above already (%(place)s). Put all its rows together.")
            yield Bad(together[0].place, words % {"order": order[:40], "place": above})
            continue
        wrong = next((row for row in together if row.wrong), together[0])
        yield _or_bad([wrong, *together], lambda found: _sale(found[1:]))


def _sale(rows: list[Row]) -> Record:
    return sale_rows.sale_of([(row.place, row.given) for row in rows], _buyer)


def _buyer(given: Mapping[str, str], place: str) -> Person:
    """Whose order it is: without an address they are known by their order alone."""
    reached = given.keys() & {"email", "phone"}
    return _who(given, place, id="" if reached else f"order {given.get('order') or given.get('id')}")


def _id_of(row: Row) -> str:
    return row.given.get("id") or row.place


def _or_bad(rows: list[Row], read: Callable[[list[Row]], Record]) -> Record:
    if rows[0].wrong:
        return Bad(rows[0].place, rows[0].wrong)
    try:
        return read(rows)
    except UnknownWord as error:
        return Bad(rows[0].place, str(error), words=error.words)
    except ValueError as error:
        return Bad(rows[0].place, str(error))


def rows_of(table: Table, meter: Meter) -> Iterator[Row]:
    """The rows of a table that are not empty, one after the other."""
    csv.field_size_limit(MOST_OF_A_CELL)
    before, began = meter.done, 1
    with table.path.open("rb") as raw, TextIOWrapper(raw, table.letters, "replace", newline="") as file:
        reader = csv.reader(file, delimiter=table.delimiter)
        next(reader, None)
        while True:
            began = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                yield Row(
                    _place(table, began, reader.line_num),
                    {},
                    _("It is no row of a table: %(error)s") % {"error": error},
                )
                continue
            meter.done = before + raw.tell()
            if any(cell.strip() for cell in cells):
                yield _row(table, cells, _place(table, began, reader.line_num))


def _place(table: Table, began: int, ended: int) -> str:
    return line_of(table.path.name, began, ended)


def _row(table: Table, cells: list[str], place: str) -> Row:
    """A row with too many or too few cells is none: a quotation mark that is not closed eats those after it."""
    columns = len(table.headings)
    if len(cells) < columns or any(cell.strip() for cell in cells[columns:]):
        return Row(place, {}, _cells(len(cells), columns))
    given = {field: _plain(cells[at]) for field, at in table.columns.items()}
    given = {field: value for field, value in given.items() if value}
    if given.get("email") and not is_address(given["email"]):
        return Row(place, given, _no_address(given["email"]))
    return Row(place, given)


def _cells(cells: int, columns: int) -> str:
    words = _("It has %(cells)s cells, and there are %(columns)s columns.")
    return words % {"cells": cells, "columns": columns}


def _no_address(written: str) -> str:
    return _("“%(address)s” is no mail address.") % {"address": written[:100]}


def _plain(cell: str) -> str:
    """A cell as it was meant: Excel keeps zeros before a number by writing ="0123", and tables of ours a plus sign
    behind an apostrophe.
    """
    cell = cell.strip()
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else from_cell(cell)


def _person(rows: list[Row]) -> Person:
    given = rows[0].given
    if not given.keys() & {"email", "phone", "member"}:
        raise ValueError(_("It does not say by which address its customer is reached."))
    at = moment(given["created"], zone=TOKYO) if "created" in given else None
    return _who(given, rows[0].place, id=given.get("id", ""), at=at)


def _who(given: Mapping[str, str], place: str, *, id: str, at: datetime | None = None) -> Person:
    return Person(
        id=id,
        name=given.get("name", ""),
        emails=_all(given, "email", "more_emails"),
        phones=_all(given, "phone", "more_phones"),
        kana=given.get("kana", ""),
        address=given.get("address", ""),
        memo=given.get("memo", ""),
        members=_all(given, "member", "more_members"),
        former_names=given.get("former_names", ""),
        at=at,
        place=place,
    )


def _all(given: Mapping[str, str], first: str, more: str) -> tuple[str, ...]:
    """The address of a column, and those of the one beside it that holds others, parted by 、 or ;."""
    others = given.get(more, "").replace("、", ";").replace("；", ";").split(";")
    return tuple(one.strip() for one in (given.get(first, ""), *others) if one.strip())


def _ticket(rows: list[Row], *, meanings: Meanings) -> Ticket:
    """A case of one or more rows: what stands in the first counts, its status and the like in the last."""
    first = {k: v for row in reversed(rows) for k, v in row.given.items()}
    last = {k: v for row in rows for k, v in row.given.items()}
    if not first.keys() & set(_WAYS):
        raise ValueError(_("It does not say whose it is."))
    said = tuple(told_apart(_said_in(rows)))
    id_ = first.get("id") or _digest(f"{field}={value}" for field, value in sorted(first.items()))
    reached = first.keys() & {"email", "phone"}
    changed = moment(last["changed"], zone=TOKYO) if "changed" in last else None
    status, priority, words = meanings.of(status=[last.get("status")], priority=[last.get("priority")])
    return Ticket(
        id=id_,
        number=first.get("id", ""),
        subject=first.get("subject", ""),
        customer=_who(first, rows[0].place, id="" if reached else f"case {id_}"),
        said=said,
        changed_at=changed,
        status=status,
        priority=priority,
        tags=tuple(tag.strip() for tag in last.get("tags", "").replace("、", ",").split(",") if tag.strip()),
        assignee=last.get("assignee", ""),
        place=rows[0].place,
        words=words,
    )


def _said_in(rows: list[Row]) -> Iterator[Said]:
    """What each row says. Raises ValueError, with the place of a row that is not the first."""
    for row in rows:
        try:
            yield _said(row)
        except ValueError as error:
            raise error if row is rows[0] else ValueError(f"{row.place}: {error}") from None


def _said(row: Row) -> Said:
    given = row.given
    text = given.get("text") or given.get("subject")
    if not text:
        raise ValueError(_("Nothing was said in it."))
    if "created" not in given:
        raise ValueError(_("It does not say when that was."))
    by = meaning(given.get("who"), SPEAKERS, what="speaker") or By.CUSTOMER
    parts = (by, given["created"], given.get("author", ""), text)
    return Said(
        id=given.get("message") or _digest(parts),
        by=by,
        at=moment(given["created"], zone=TOKYO),
        text=text,
        name=given.get("author", ""),
        address=given.get("author_email", ""),
    )


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
