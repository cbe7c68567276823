"""Tables (CSV) of what works together, in UTF-8 or Shift_JIS: one row a pair. Columns stand in docs/running/shop.md."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from madoguchi.commerce.fits import MOST_FITS, Said, check
from madoguchi.commerce.models import Fit
from madoguchi.imports.csv_table import letters_of
from madoguchi.imports.moments import day_said
from madoguchi.imports.product_table import Wrong
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import as_cell, fold, from_cell, one_line

NAMES: Mapping[str, tuple[str, ...]] = {
    "product": ("product", "code", "商品コード", "品番"),
    "other": ("other", "other code", "相手の商品コード", "相手の品番"),
    "outside": ("outside", "model", "外部の機種", "相手の機種", "機種"),
    "verdict": ("verdict", "compatibility", "互換性", "可否", "対応"),
    "conditions": ("conditions", "条件", "備考"),
    "source": ("source", "出典", "根拠"),
    "sourced_on": ("date", "sourced on", "確認日", "出典の日付", "日付"),
}
_MOST = {"product": 60, "other": 60, "outside": 200, "conditions": 500, "source": 500}
_NEEDED = ("product", "verdict", "source", "sourced_on")
_VERDICTS = {
    Fit.Verdict.WORKS: ("works", "yes", "可", "対応", "使える", "○", "〇", "◯"),
    Fit.Verdict.CONDITIONS: ("conditions", "条件付き", "条件付", "条件つき", "△"),
    Fit.Verdict.FAILS: ("fails", "no", "不可", "非対応", "使えない", "×", "✕"),
}
_HEADINGS = ("商品コード", "相手の商品コード", "外部の機種", "互換性", "条件", "出典", "確認日")
_WORDS = {Fit.Verdict.WORKS: "可", Fit.Verdict.CONDITIONS: "条件付き", Fit.Verdict.FAILS: "不可"}


@dataclass(frozen=True, slots=True)
class FoundFits:
    """What a table holds: pairs, and rows that are none."""

    fits: list[Said]
    wrong: list[Wrong]


def written_fits(rows: Iterable[Fit]) -> Iterator[list[str]]:
    """Pairs as rows of such a table, the headings first: read again, it changes nothing."""
    yield list(_HEADINGS)
    for one in rows:
        cells = (
            one.product.code,
            one.other.code if one.other else "",
            one.outside,
            _WORDS[Fit.Verdict(one.verdict)],
            one.conditions,
            one.source,
            one.sourced_on.isoformat(),
        )
        yield [as_cell(cell) for cell in cells]


def read_fits(path: Path) -> FoundFits:
    """Look through a table of pairs. Raises Refused for letters nobody knows, and without the columns that it needs."""
    with path.open(encoding=letters_of(path), newline="") as file:
        head = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=head.count), strict=True)
        try:
            columns = _columns(next(reader, []))
            rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
        except csv.Error as error:
            raise Refused(_line(reader.line_num) + f": {error}", field="table") from None
    fits: list[Said] = []
    wrong: list[Wrong] = []
    for line, cells in rows[: MOST_FITS + 1]:
        try:
            fits.append(_said_in(cells, columns))
        except Refused as error:
            wrong.append(Wrong(_line(line), str(error)))
    return FoundFits(fits, wrong)


def _line(number: int) -> str:
    return _("line %(number)s") % {"number": number}


def _columns(headings: list[str]) -> dict[str, int]:
    folded = [fold(heading.strip()) for heading in headings]
    known = {
        field: folded.index(fold(name))
        for field, names in NAMES.items()
        for name in reversed(names)
        if fold(name) in folded
    }
    named = dict(zip(NAMES, _HEADINGS, strict=True))
    missing = [named[field] for field in _NEEDED if field not in known]
    if missing:
        there = "、".join(headings)
        words = _("There is no column for %(missing)s. There are: %(there)s")
        raise Refused(words % {"missing": "、".join(missing), "there": there}, field="table")
    return known


def _said_in(cells: list[str], columns: Mapping[str, int]) -> Said:
    def cell(name: str, most: int) -> str:
        at = columns.get(name, len(cells))
        return one_line(from_cell(cells[at]), most=most) if at < len(cells) else ""

    return said_of(cell)


def said_of(given: Callable[[str, int], str]) -> Said:
    """The pair of a row, of which `given(name, most)` is a field in so many letters at most. Raises Refused."""

    def cell(name: str) -> str:
        return given(name, _MOST.get(name, 40))

    texts = {name: cell(name) for name in _MOST}
    said = Said(
        verdict=_verdict(cell("verdict")),
        sourced_on=day_said(cell("sourced_on"), field="sourced_on"),
        **texts,
    )
    check(said)
    return said


def _verdict(written: str) -> str:
    word = fold(written)
    for verdict, words in _VERDICTS.items():
        if word in [fold(one) for one in words]:
            return verdict.value
    raise Refused(_("“%(words)s” is neither 可, 条件付き nor 不可.") % {"words": written}, field="verdict")
