"""What stands in cells of tables of shops and carriers: states, moments, prices, yes and no. No database."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.commerce.products import Said
from madoguchi.imports.parcel_table import state_named, take_parcels
from madoguchi.imports.product_table import Found, Wrong, read_products
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused

HEAD = "商品コード,商品名,価格"


def read(folder: Path, text: str, letters: str = "utf-8") -> Found:
    file = folder / "products.csv"
    file.write_bytes(text.encode(letters))
    return read_products(file)


def one(folder: Path, headings: str, cells: str) -> Said:
    """The only product of a table that has these cells too."""
    found = read(folder, f"{HEAD},{headings}\nA,急須,100,{cells}\n")
    assert found.wrong == []
    return found.products[0]


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("引受", "handed_over"),
        ("集荷", "handed_over"),
        ("出荷完了", "handed_over"),
        ("発送済み", "handed_over"),
        ("作業店通過", "in_transit"),
        ("到着", "in_transit"),
        ("持出中", "in_transit"),
        ("中継", "in_transit"),
        ("In Transit", "in_transit"),
        ("Ｉｎ Ｔｒａｎｓｉｔ", "in_transit"),
        ("持戻り（不在）", "absent"),
        ("不在票投函", "absent"),
        ("投函完了", "delivered"),
        ("お届け済み", "delivered"),
        ("配達完了（宅配ボックス）", "delivered"),
        ("DELIVERED", "delivered"),
        ("返送", "returned"),
        # What was done last counts more than why.
        ("不在のため返送", "returned"),
        ("出荷準備", "preparing"),
    ],
)
def test_a_state_is_known_by_a_part_of_what_it_is_called(words: str, state: str) -> None:
    assert state_named(words) == state


@pytest.mark.parametrize("words", ["未発送", "未出荷", "発送前", "出荷前", "発送待ち", "出荷待ち"])
def test_what_has_not_left_is_not_on_its_way(words: str) -> None:
    assert state_named(words) == "preparing"


@pytest.mark.parametrize(
    "words",
    ["調査中", "保管中", "お届け予定", "未配達", "配達前", "キャンセル", "Undelivered", "Not delivered", ""],
)
def test_what_may_mean_anything_is_refused_by_its_name(words: str) -> None:
    with pytest.raises(Refused) as refused:
        state_named(words)
    assert str(refused.value) == f"“{words}” is no known state of a parcel."


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("1000", 1000),
        ('"1,000"', 1000),
        ('"￥1,000"', 1000),
        ('"￥１，０００"', 1000),
        ("1000円", 1000),
        ('" 1,000 円 "', 1000),
        ("0", 0),
        ("99999999", 99_999_999),
    ],
)
def test_a_price_is_read_as_people_write_it(tmp_path: Path, written: str, price: int) -> None:
    found = read(tmp_path, f"{HEAD}\nA,急須,{written}\n")
    assert (found.wrong, [said.price for said in found.products]) == ([], [price])


@pytest.mark.parametrize("written", ["-5", "1.5", "百", "1 000", "10%", "1000000000"])
def test_what_is_no_whole_number_is_told_with_its_line(tmp_path: Path, written: str) -> None:
    found = read(tmp_path, f"{HEAD}\nA,急須,100\nB,湯呑,{written}\n")
    assert [said.code for said in found.products] == ["A"]
    assert [wrong.place for wrong in found.wrong] == ["line 3"]


@pytest.mark.parametrize(
    ("written", "included"),
    [
        ("税込", True),
        ("税込み", True),
        ("内税", True),
        ("", True),
        ("1", True),
        ("○", True),
        ("税抜", False),
        ("税抜き", False),
        ("税別", False),
        ("外税", False),
        ("いいえ", False),
        ("ＮＯ", False),
        ("0", False),
        ("×", False),
    ],
)
def test_whether_the_price_holds_the_tax(tmp_path: Path, written: str, included: bool) -> None:
    assert one(tmp_path, "税区分", written).tax_included is included


@pytest.mark.parametrize(
    ("written", "active"),
    [
        ("販売中", True),
        ("", True),
        ("停止", False),
        ("販売停止", False),
        ("販売終了", False),
        ("終了", False),
    ],
)
def test_whether_it_is_sold(tmp_path: Path, written: str, active: bool) -> None:
    assert one(tmp_path, "販売中", written).active is active


@pytest.mark.parametrize(
    ("written", "rate"), [("", 10), ("10%", 10), ("8", 8), ("８％", 8), ("0", 0), ("8%", 8)]
)
def test_the_rate_of_tax(tmp_path: Path, written: str, rate: int) -> None:
    assert one(tmp_path, "税率", written).tax_rate == rate


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_parts_the_cells_is_found_out(tmp_path: Path, delimiter: str, ending: str) -> None:
    rows = [["sku", "name", "price"], ["A", "急須", "100"], ["", "", ""], ["B", "湯呑", "200"]]
    found = read(tmp_path, ending.join(delimiter.join(row) for row in rows))
    assert [(said.code, said.price) for said in found.products] == [("A", 100), ("B", 200)]


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        ("商品名,価格", "商品番号"),
        ("商品コード,商品名", "単価"),
        ("色,形", "商品番号、品名、単価"),
    ],
)
def test_a_column_that_must_be_there_is_named(tmp_path: Path, headings: str, missing: str) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, f"{headings}\na,b\n")
    there = headings.replace(",", "、")
    assert str(refused.value) == f"There is no column for {missing}. There are: {there}"


def test_a_short_row_lacks_what_it_does_not_say_and_a_long_one_says_no_more(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEAD},色\nA,急須,100\nB,湯呑,200,白,余り\nC\n")
    assert [(said.code, said.attributes) for said in found.products] == [("A", {}), ("B", {"色": "白"})]
    assert found.wrong == [Wrong("line 4", "It has no price.")]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9_999)), max_size=6))
def test_each_code_comes_once_and_every_other_row_is_told(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]]
) -> None:
    text = "\n".join([HEAD, *(f"{code},急須,{price}" for code, price in rows)])
    found = read(tmp_path_factory.mktemp("shop"), text)

    first = dict(reversed(rows))
    assert {said.code: said.price for said in found.products} == first
    assert len(found.products) + len(found.wrong) == len(rows)
    assert {wrong.why for wrong in found.wrong} <= {f"The code {code} stands there twice." for code in first}


def test_a_table_of_parcels_needs_a_column_of_slips(tmp_path: Path) -> None:
    file = tmp_path / "slips.csv"
    file.write_text("注文番号,状態\n1001,配達完了\n")
    with pytest.raises(Refused) as refused:
        take_parcels(file, company=1, by=system("test"))
    assert str(refused.value) == "There is no column for 伝票番号. There are: 注文番号、状態"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (",1001,ヤマト,配達完了,", "It has no slip."),
        ("1234-5678-9013,1001,ヤマト,調査中,", "“調査中” is no known state of a parcel."),
        (
            "1234-5678-9013,1001,ヤマト,配達完了,11/29",
            "“11/29” is no time like 2026-11-29 10:00.",
        ),
        (
            "1234-5678-9013,1001,ヤマト,配達完了,2026/13/01",
            "“2026/13/01” is no time like 2026-11-29 10:00.",
        ),
        (
            "1234-5678-9012,1001,佐川,配達完了,2026年11月29日",
            "The slip 1234-5678-9012 is mistyped: by its other digits the last would be 3.",
        ),
    ],
)
def test_a_row_that_makes_no_sense_is_told_before_anything_is_looked_for(
    tmp_path: Path, cells: str, why: str
) -> None:
    file = tmp_path / "slips.csv"
    file.write_text(f"伝票番号,注文番号,配送会社,状態,日時\n{cells}\n")
    with clock.held_at(datetime(2026, 11, 29, 12, tzinfo=clock.TOKYO)):
        told = take_parcels(file, company=1, by=system("test"))
    assert (told.added, told.moved, told.known) == (0, 0, 0)
    assert [(wrong.place, wrong.why) for wrong in told.wrong] == [("line 2", why)]
