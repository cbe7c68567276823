"""Tables (CSV) of products, in UTF-8 or Shift_JIS: one row for each variant. Columns stand in docs/running/shop.md."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.models import Variant
from madoguchi.commerce.products import Said, check
from madoguchi.imports.csv_table import letters_of
from madoguchi.imports.moments import day_said
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import as_cell, fold, from_cell, one_line, whole_number

MOST_ROWS = 100_000
NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "sku", "商品コード", "品番", "商品番号", "コード"),
    "product": ("product code", "parent code", "親コード", "親商品コード"),
    "name": ("name", "product", "商品名", "品名", "名称"),
    "kana": (
        "kana",
        "reading",
        "フリガナ",
        "ふりがな",
        "読み",
        "読みがな",
        "よみがな",
        "商品名カナ",
        "カナ",
        "かな",
    ),
    "variant": ("variant", "option", "バリエーション", "種類", "規格"),
    "price": ("price", "unit price", "価格", "単価", "販売価格"),
    "tax_rate": ("tax rate", "tax", "税率"),
    "tax_included": ("tax included", "税込", "税区分"),
    "warranty_months": ("warranty", "warranty months", "保証月数", "保証期間(月)"),
    "place": ("place", "stock place", "在庫場所", "倉庫"),
    "stock": ("stock", "in stock", "在庫", "在庫数"),
    "next_on": ("next on", "arrives", "入荷予定日", "次回入荷日", "入荷日"),
    "lead_days": ("lead days", "lead time", "取り寄せ日数", "取寄日数", "リードタイム"),
    "active": ("active", "on sale", "販売中"),
}
# `csv.reader` makes one; it has no name of its own that could be imported.
Table = Any
_NO = (
    *("0", "no", "false", "いいえ", "×", "税抜", "税抜き", "税別", "外税"),
    *("停止", "販売停止", "販売終了", "終了"),
)


HEADINGS = {
    "code": "商品コード",
    "product": "親コード",
    "name": "商品名",
    "kana": "フリガナ",
    "variant": "規格",
    "price": "価格",
    "tax_rate": "税率",
    "tax_included": "税区分",
    "warranty_months": "保証月数",
    "place": "在庫場所",
    "stock": "在庫",
    "next_on": "入荷予定日",
    "lead_days": "取り寄せ日数",
    "active": "販売中",
}


def written_products(variants: Iterable[Variant]) -> Iterator[list[str]]:
    """Variants as rows of such a table, the headings first: read again, it changes nothing. Stock stands at one place,
    or (at several) nowhere, for a row names one.
    """
    rows = list(variants)
    others = sorted({name for one in rows for name in one.attributes})
    yield [*HEADINGS.values(), *map(as_cell, others)]
    for one in rows:
        yield [
            as_cell(cell) for cell in (*_cells(one), *(str(one.attributes.get(name, "")) for name in others))
        ]


def _cells(one: Variant) -> Iterator[str]:
    product, stock = one.product, list(one.stock.all())
    there = stock[0] if len(stock) == 1 else None
    yield from (
        one.code,
        product.code if product.code != one.code else "",
        product.name,
        product.kana,
        one.name,
    )
    yield from (str(one.unit_price), str(product.tax_rate), "税込" if product.tax_included else "税抜")
    yield "" if product.warranty_months is None else str(product.warranty_months)
    day = there.next_on.isoformat() if there and there.next_on else ""
    yield from ((there.place, str(there.quantity), day) if there else ("", "", ""))
    yield "" if one.lead_days is None else str(one.lead_days)
    yield "販売中" if one.active and product.active else "停止"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that makes no sense: where it stands, and why."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a table holds: products, rows that are none, its letters, and which columns hold attributes."""

    products: list[Said]
    wrong: list[Wrong]
    letters: str
    attributes: list[str]


def read_products(path: Path) -> Found:
    """Look through a table of products. Raises Refused for letters nobody knows, and without code, name and price."""
    letters = letters_of(path)
    with path.open(encoding=letters, newline="") as file:
        head = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=head.count), strict=True)
        columns, others = _columns(next(reader, []))
        products, wrong = _rows(reader, columns, others)
    return Found(products, wrong, letters, list(others))


def _columns(headings: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Which column holds what; columns that are called like nothing we know are attributes."""
    folded = [fold(heading.strip()) for heading in headings]
    known = {
        field: folded.index(fold(name))
        for field, names in NAMES.items()
        for name in reversed(names)
        if fold(name) in folded
    }
    missing = [NAMES[field][-2] for field in ("code", "name", "price") if field not in known]
    if missing:
        words = _("There is no column for %(missing)s. There are: %(there)s")
        raise Refused(words % {"missing": "、".join(missing), "there": "、".join(headings)}, field="table")
    others = {
        one_line(from_cell(heading), most=40): at
        for at, heading in enumerate(headings)
        if at not in known.values() and heading.strip()
    }
    return known, others


def _rows(
    reader: Table, columns: Mapping[str, int], others: Mapping[str, int]
) -> tuple[list[Said], list[Wrong]]:
    products: list[Said] = []
    wrong: list[Wrong] = []
    seen: set[str] = set()
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            wrong.append(Wrong(f"line {reader.line_num}", str(error)))
            continue
        if cells is None or len(products) >= MOST_ROWS:
            return products, wrong
        if not any(cell.strip() for cell in cells):
            continue
        try:
            products.append(_said_in(cells, columns, others, seen))
        except Refused as error:
            wrong.append(Wrong(f"line {reader.line_num}", str(error)))


def _said_in(cells: list[str], columns: Mapping[str, int], others: Mapping[str, int], seen: set[str]) -> Said:
    def cell(name: str, most: int = 200) -> str:
        at = columns.get(name, len(cells))
        return one_line(from_cell(cells[at]), most=most) if at < len(cells) else ""

    attributes = {
        name: one_line(from_cell(cells[at]))
        for name, at in others.items()
        if at < len(cells) and cells[at].strip()
    }
    return said_of(cell, attributes, seen)


def said_of(cell: Callable[..., str], attributes: dict[str, str], seen: set[str]) -> Said:
    """The product of a row, whose `cell(name, most)` is a field in so many letters at most. Raises Refused for what is
    none, and for a code that was `seen` in a row before it.
    """
    said = Said(
        code=cell("code", 60),
        product=cell("product", 60),
        name=cell("name"),
        kana=cell("kana"),
        variant=cell("variant", 100),
        price=_whole(cell("price")) or 0,
        tax_rate=10 if not cell("tax_rate") else _whole(cell("tax_rate").rstrip("%％")) or 0,
        tax_included=_yes(cell("tax_included")),
        warranty_months=_whole(cell("warranty_months")),
        attributes=attributes,
        active=_yes(cell("active")),
        place=cell("place", 60),
        stock=_whole(cell("stock")),
        next_on=day_said(cell("next_on"), field="next_on") if cell("next_on") else ...,
        lead_days=_whole(cell("lead_days")) if cell("lead_days") else ...,
    )
    if not cell("price"):
        raise Refused(_("It has no price."), field="price")
    if said.code in seen:
        raise Refused(_("The code %(code)s stands there twice.") % {"code": said.code}, field="code")
    check(said)
    seen.add(said.code)
    return said


def _yes(written: str) -> bool:
    return fold(written) not in _NO


def _whole(written: str) -> int | None:
    """A whole number as people write it, with ¥, 円 and commas; None where nothing stands. Raises Refused."""
    plain = unicodedata.normalize("NFKC", written).strip("¥\\円 ").replace(",", "")
    if not plain:
        return None
    number = whole_number(plain, most_digits=9)
    if number is None:
        raise Refused(_("“%(words)s” is no whole number.") % {"words": written})
    return number
