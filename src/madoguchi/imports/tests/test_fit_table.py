"""Tables of what works together: read in either letters, wrong rows told, written so that they are read again."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.fits import Said, fits_to_keep, keep_fits
from madoguchi.commerce.products import Kept
from madoguchi.imports.fit_table import read_fits, written_fits
from madoguchi.imports.product_table import Wrong
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

HEAD = "商品コード,相手の商品コード,外部の機種,互換性,条件,出典,確認日"


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp932"])
def test_a_table_is_read(tmp_path: Path, letters: str) -> None:
    file = tmp_path / "fits.csv"
    rows = [
        "POT,LID,,可,,https://maker.example/,2026/07/01",
        "POT,,髙﨑 IH-2,△,弱火のみ,取扱説明書 12頁,2026年7月2日",
    ]
    file.write_bytes("\r\n".join([HEAD, *rows, "", ",,,,,,"]).encode(letters))

    found = read_fits(file)

    assert found.wrong == []
    assert found.fits == [
        Said(
            product="POT",
            other="LID",
            verdict="works",
            source="https://maker.example/",
            sourced_on=date(2026, 7, 1),
        ),
        Said(
            product="POT",
            outside="髙﨑 IH-2",
            verdict="conditions",
            conditions="弱火のみ",
            source="取扱説明書 12頁",
            sourced_on=date(2026, 7, 2),
        ),
    ]


def test_rows_that_make_no_sense_are_told_and_the_others_come(tmp_path: Path) -> None:
    file = tmp_path / "fits.csv"
    rows = ["P,L,,多分,,本,2026-07-01", "P,L,,可,,本,先月", "P,,,可,,本,2026-07-01", "P,L,,不可,,本,20260701"]
    file.write_text("\n".join([HEAD, *rows]))

    found = read_fits(file)

    assert [one.verdict for one in found.fits] == ["fails"]
    assert found.wrong == [
        Wrong("line 2", "“多分” is neither 可, 条件付き nor 不可."),
        Wrong("line 3", "“先月” is no date. Write it as 2026-08-01."),
        Wrong("line 4", "Name either another product by its code or a model from outside."),
    ]


def test_a_table_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fits.csv"
    file.write_text("商品コード,互換性\nP,可\n")
    with pytest.raises(Refused, match="There is no column for 出典、確認日"):
        read_fits(file)
    file.write_text(f'{HEAD}\nP,L,,可,,"本,2026-07-01\n')
    with pytest.raises(Refused, match="line 2"):
        read_fits(file)


@pytest.mark.django_db
def test_what_is_written_changes_nothing_when_it_is_read(world: World, tmp_path: Path) -> None:
    by = actor_of(world.ours.company_manager)
    make_variant(world.ours.company, code="POT", name="急須")
    make_variant(world.ours.company, code="LID", name="蓋")
    with world.ours.scope():
        both = [
            Said(product="POT", other="LID", verdict="fails", source="=本", sourced_on=date(2026, 7, 1)),
            Said(
                product="POT",
                outside="＋IH-2",
                verdict="conditions",
                conditions="−5℃まで",
                source="'＝本",
                sourced_on=date(2026, 7, 1),
            ),
        ]
        keep_fits(world.ours.company, both, by=by)
        written = io.StringIO()
        csv.writer(written).writerows(written_fits(fits_to_keep(world.ours.company.pk)))
        file = tmp_path / "fits.csv"
        file.write_text("\ufeff" + written.getvalue())

        again = keep_fits(world.ours.company, read_fits(file).fits, by=by)

    assert again == Kept(0, 0)
    assert all(cell in written.getvalue() for cell in ("'=本", "'＋IH-2", "'−5℃まで", "''＝本"))
