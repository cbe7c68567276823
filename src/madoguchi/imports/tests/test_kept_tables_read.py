"""How tables of what a company keeps are read: columns, letters, attributes, and rows that are none. No database."""

from pathlib import Path

import pytest

from madoguchi.commerce.products import Said
from madoguchi.imports.kept_tables import open_kept
from madoguchi.imports.records import Bad, Kept
from madoguchi.imports.sources import Asked, Meter
from madoguchi.kernel.errors import Refused

ROW = "K-1,鉄瓶,1000"


def read(path: Path, text: str, kind: str = "products", asked: Asked | None = None) -> list[Kept | Bad]:
    table = path / "table.csv"
    table.write_text(text, encoding="utf-8")
    found = list(open_kept(kind, (table,), asked or Asked()).records(Meter()))
    return [one for one in found if isinstance(one, Kept | Bad)]


def test_columns_that_nobody_knows_are_attributes_of_a_product(tmp_path: Path) -> None:
    [kept] = read(tmp_path, f"商品コード,商品名,価格,色,容量\n{ROW},黒,\n")

    assert isinstance(kept, Kept)
    assert kept.said == Said(code="K-1", name="鉄瓶", price=1_000, attributes={"色": "黒"})
    assert (kept.kind, kept.id, kept.words) == ("product", "K-1", "鉄瓶 ¥1,000")


@pytest.mark.parametrize("parts", [",", ";", "\t"])
def test_whatever_parts_the_cells(tmp_path: Path, parts: str) -> None:
    text = f"sku,name,price\n{ROW}\n".replace(",", parts)

    assert [one.id for one in read(tmp_path, text) if isinstance(one, Kept)] == ["K-1"]


def test_a_code_that_comes_twice_and_a_row_with_too_few_cells_are_told(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, f"商品コード,商品名,価格\n{ROW}\n{ROW}\nK-2,鍋\n")

    assert isinstance(first, Kept)
    assert [isinstance(one, Bad) for one in (second, third)] == [True, True]


def test_files_that_are_gone_through_again_begin_anew(tmp_path: Path) -> None:
    """What was seen in the first look at a table is not seen twice in the second."""
    table = tmp_path / "table.csv"
    table.write_text(f"商品コード,商品名,価格\n{ROW}\n", encoding="utf-8")
    source = open_kept("products", (table,), Asked())

    for _look in range(2):
        assert [type(one) for one in source.records(Meter())] == [Kept]


@pytest.mark.parametrize(
    ("kind", "headings"),
    [("products", "商品コード,商品名"), ("fits", "商品コード,互換性,出典"), ("parcels", "注文番号,状態")],
)
def test_without_what_it_needs_no_table_is_read(tmp_path: Path, kind: str, headings: str) -> None:
    with pytest.raises(Refused):
        read(tmp_path, f"{headings}\n", kind)


def test_what_is_said_of_a_column_goes_before_what_it_is_called(tmp_path: Path) -> None:
    asked = Asked(columns={"name": "正式名", "code": "商品コード", "price": "価格"})
    [kept] = read(tmp_path, f"商品コード,商品名,価格,正式名\n{ROW},南部鉄瓶\n", asked=asked)

    assert isinstance(kept, Kept)
    assert (kept.said.name, kept.said.attributes) == ("南部鉄瓶", {"商品名": "鉄瓶"})
