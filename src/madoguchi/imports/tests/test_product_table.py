"""Tables of products as shops really write them."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from madoguchi.commerce.products import Kept, Said, keep_products
from madoguchi.commerce.queries import variants_to_keep
from madoguchi.imports.product_table import Wrong, read_products, written_products
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

HEADINGS = "商品コード,親コード,商品名,フリガナ,規格,価格,税率,税込,保証月数,在庫場所,在庫,色"
ROWS = (
    'NB-01,NB,①南部鉄瓶,ナンブテツビン,大,"￥17,600",10%,税込,12,東京倉庫,4,黒',
    "TEA,,㈱髙﨑の煎茶,センチャ,,1080円,8,税抜,,,,",
)


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_letters_and_columns_are_found_out(tmp_path: Path, letters: str) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes("\r\n".join([HEADINGS, *ROWS, ""]).encode(letters))

    found = read_products(file)

    assert found.wrong == []
    assert found.attributes == ["色"]
    assert found.products == [
        Said(
            code="NB-01",
            product="NB",
            name="①南部鉄瓶",
            kana="ナンブテツビン",
            variant="大",
            price=17_600,
            warranty_months=12,
            attributes={"色": "黒"},
            place="東京倉庫",
            stock=4,
        ),
        Said(code="TEA", name="㈱髙﨑の煎茶", kana="センチャ", price=1_080, tax_rate=8, tax_included=False),
    ]


def test_rows_that_make_no_sense_are_told_and_the_others_come(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    rows = ["A,急須,100", "A,急須,100", "B,急須,百円", "C,急須,", "D,急須,12.5", "", "E,湯呑,200"]
    file.write_text("\n".join(["sku,name,price", *rows]))

    found = read_products(file)

    assert [one.code for one in found.products] == ["A", "E"]
    assert found.wrong == [
        Wrong("line 3", "The code A stands there twice."),
        Wrong("line 4", "“百円” is no whole number."),
        Wrong("line 5", "It has no price."),
        Wrong("line 6", "“12.5” is no whole number."),
    ]


def test_a_table_without_prices_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("商品コード,商品名\nA,急須\n")
    with pytest.raises(Refused) as caught:
        read_products(file)
    assert str(caught.value) == "There is no column for 単価. There are: 商品コード、商品名"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("")
    with pytest.raises(Refused):
        read_products(file)


@pytest.mark.parametrize("heading", ["読み", "よみがな", "ﾌﾘｶﾞﾅ", "Kana"])
def test_the_reading_is_found_whatever_it_is_called(tmp_path: Path, heading: str) -> None:
    # given a table whose shop calls the reading otherwise
    file = tmp_path / "products.csv"
    file.write_text(f"商品コード,商品名,{heading},価格\nBL-22,電気毛布,でんきもうふ,7980\n")
    # when it is read
    found = read_products(file)
    # then the reading is no attribute
    assert (found.attributes, [said.kana for said in found.products]) == ([], ["でんきもうふ"])


@pytest.mark.django_db
def test_what_is_written_changes_nothing_when_it_is_read(world: World, tmp_path: Path) -> None:
    company, by = world.ours.company, actor_of(world.ours.company_manager)
    odd = Said(
        code="-1",
        name="＝急須",
        price=100,
        variant="−5℃用",
        attributes={"＋色": "'＠黒", "重さ": "'重い"},
        place="＋倉庫",
        stock=1,
        next_on=date(2027, 4, 1),
        lead_days=9,
    )
    with world.ours.scope():
        keep_products(company, [odd, Said(code="TEA", name="煎茶", price=80)], by=by)
        written = io.StringIO()
        rows = variants_to_keep(company.pk).prefetch_related("stock")
        csv.writer(written).writerows(written_products(rows))
        file = tmp_path / "products.csv"
        file.write_text("\ufeff" + written.getvalue())

        found = read_products(file)
        again = keep_products(company, found.products, by=by)

    assert (found.products[0].next_on, found.products[0].lead_days) == (date(2027, 4, 1), 9)
    assert (found.products[1].next_on, found.products[1].lead_days) == (..., ...)
    assert (again, found.wrong, sorted(found.attributes)) == (Kept(0, 0), [], ["重さ", "＋色"])
    assert all(
        cell in written.getvalue() for cell in ("'-1", "'＝急須", "'−5℃用", "''＠黒", "'＋倉庫", "'＋色")
    )
