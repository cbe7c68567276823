"""Tables (CSV) of what a company keeps itself: products, what works together, parcels. Read row by row, as was said of
their columns; what columns are called stands in docs/running/shop.md.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.paper import yen
from madoguchi.imports import fit_table, parcel_table, product_table
from madoguchi.imports.csv_table import Row, Table, columns_of, first_row, letters_of, rows_of
from madoguchi.imports.records import Bad, Kept, Record
from madoguchi.imports.sources import Asked, Meter, Source
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import one_line

# Columns of products that are called like nothing we know are attributes.
_ATTRIBUTE = "attribute "


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of table: what its columns are called, which it cannot do without, and what its rows are read by."""

    names: Mapping[str, tuple[str, ...]]
    needed: tuple[str, ...]
    reader: Callable[[], Callable[[Row], Kept]]
    attributes: bool = False


def open_kept(kind: str, paths: tuple[Path, ...], asked: Asked) -> Source:
    """Look at tables of a kind. Raises Refused for letters or columns that nobody can guess."""
    tables = [_table(KINDS[kind], path, asked) for path in paths]

    def records(meter: Meter) -> Iterator[Record]:
        read = KINDS[kind].reader()
        return (_record(row, read) for table in tables for row in rows_of(table, meter))

    return Source(
        size=sum(path.stat().st_size for path in paths),
        records=records,
        guessed=_guessed(kind, tables[0]),
    )


def _table(kind: Kind, path: Path, asked: Asked) -> Table:
    letters = asked.letters or letters_of(path)
    delimiter, headings = first_row(path, letters)
    columns = columns_of(headings, asked.columns, kind.names)
    missing = [kind.names[field][-1] for field in kind.needed if field not in columns]
    if missing:
        words = _("There is no column for %(missing)s. There are: %(there)s")
        told = {"missing": _(", ").join(missing), "there": _(", ").join(headings)}
        raise Refused(words % told, field="table")
    if kind.attributes:
        others = {h: at for at, h in enumerate(headings) if h and at not in columns.values()}
        columns |= {f"{_ATTRIBUTE}{one_line(h, most=40)}": at for h, at in others.items()}
    return Table(path, letters, delimiter, headings, columns, asked.meanings)


def _guessed(kind: str, table: Table) -> dict[str, str]:
    plain = {field: at for field, at in table.columns.items() if not field.startswith(_ATTRIBUTE)}
    return replace(table, columns=plain).said() | {"rows": kind}


def _record(row: Row, read: Callable[[Row], Kept]) -> Record:
    if row.wrong:
        return Bad(row.place, row.wrong)
    try:
        return read(row)
    except Refused as error:
        return Bad(row.place, str(error))


def _cell(row: Row, name: str, most: int = 200) -> str:
    return one_line(row.given.get(name, ""), most=most)


def _products() -> Callable[[Row], Kept]:
    seen: set[str] = set()

    def read(row: Row) -> Kept:
        attributes = {
            name.removeprefix(_ATTRIBUTE): one_line(value)
            for name, value in row.given.items()
            if name.startswith(_ATTRIBUTE)
        }
        said = product_table.said_of(partial(_cell, row), attributes, seen)
        words = " ".join(filter(None, (said.name, said.variant, yen(said.price))))
        return Kept("product", said.code, words, said, row.place)

    return read


def _pair(row: Row) -> Kept:
    said = fit_table.said_of(partial(_cell, row))
    other = said.other or said.outside
    return Kept("pair", f"{said.product} – {other}", _cell(row, "verdict"), said, row.place)


def _parcel(row: Row) -> Kept:
    said: dict[str, Any] = {name: _cell(row, name, 60) for name in parcel_table.NAMES}
    words = " ".join(filter(None, (said["order"], said["carrier"], said["state"], said["at"])))
    return Kept("parcel", said["slip"], words, said, row.place)


KINDS: Final[Mapping[str, Kind]] = {
    "products": Kind(product_table.NAMES, ("code", "name", "price"), _products, attributes=True),
    "fits": Kind(fit_table.NAMES, ("product", "verdict", "source", "sourced_on"), lambda: _pair),
    "parcels": Kind(parcel_table.NAMES, ("slip",), lambda: _parcel),
}
