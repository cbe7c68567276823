"""Cells of tables of orders: amounts, numbers, rates and states as people write them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from madoguchi.imports.records import Person, Sale
from madoguchi.imports.sale_rows import holds_orders, sale_of

ROW = {
    "order": "1001",
    "ordered": "2024/05/01 10:00",
    "product": "南部鉄瓶",
    "quantity": "1",
    "price": "1000",
    "name": "佐藤",
}


def who(given: Any, place: str) -> Person:
    return Person(id="1", name=given.get("name", ""), memo=given.get("memo", ""), place=place)


def sale(**said: str) -> Sale:
    given = {name: value for name, value in (ROW | said).items() if value}
    return sale_of([("line 2", given)], who)


@pytest.mark.parametrize(
    ("written", "yen"),
    [
        ("0", 0),
        ("1980", 1_980),
        ("1,980", 1_980),
        ("¥1,980", 1_980),
        ("￥1980", 1_980),
        ("1980円", 1_980),
        ("１９８０", 1_980),
        ("１，９８０円", 1_980),
        (" 1980 ", 1_980),
        ("1980.00", 1_980),
        ("¥ 12,345,678", 12_345_678),
    ],
)
def test_amounts_in_whole_yen(written: str, yen: int) -> None:
    assert sale(price=written).said.lines[0].total == yen


@pytest.mark.parametrize(
    "written",
    [
        "-1",
        "1.5",
        "1,980.50",
        "abc",
        "$10",
        "10 USD",
        "1000000001",
        "9" * 16,
        "1 980",
        "千円",
    ],
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="whole yen"):
        sale(price=written)


@pytest.mark.parametrize(
    ("written", "count"),
    [("1", 1), ("３", 3), ("9,999", 9_999), ("2.0", 2), (" 12 ", 12)],
)
def test_how_many(written: str, count: int) -> None:
    found = sale(quantity=written).said.lines[0]

    assert (found.quantity, found.total) == (count, 1_000 * count)


@pytest.mark.parametrize("written", ["0", "-1", "10000", "1.5", "x", "二"])
def test_what_is_no_number_of_pieces_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="line 2: write how many, from 1 to 9,999"):
        sale(quantity=written)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("", 10),
        ("10", 10),
        ("10%", 10),
        ("１０％", 10),
        ("10 %", 10),
        ("0.1", 10),
        ("8", 8),
        ("８％", 8),
        ("0.08", 8),
        ("0", 0),
        ("0%", 0),
    ],
)
def test_tax_rates(written: str, rate: int) -> None:
    assert sale(rate=written).said.lines[0].tax_rate == rate


@pytest.mark.parametrize("written", ["5", "3%", "x", "0.05", "100"])
def test_what_is_no_tax_rate_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="10, 8 or 0 percent"):
        sale(rate=written)


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("", "delivered"),
        ("受付", "placed"),
        ("新規", "placed"),
        ("Paid", "placed"),
        ("発送済み", "shipped"),
        ("出荷済み", "shipped"),
        ("FULFILLED", "shipped"),
        ("配達完了", "delivered"),
        ("完了", "delivered"),
        ("キャンセル", "cancelled"),
        ("ｷｬﾝｾﾙ", "cancelled"),
        ("canceled", "cancelled"),
    ],
)
def test_how_far_an_order_is(written: str, state: str) -> None:
    assert sale(status=written).said.state == state


@pytest.mark.parametrize("written", ["様子見", "?", "maybe"])
def test_a_state_that_nobody_knows_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="says not how far the order is"):
        sale(status=written)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({}, datetime(2024, 5, 1, 1, tzinfo=UTC)),
        ({"ordered": "2024年5月1日"}, datetime(2024, 4, 30, 15, tzinfo=UTC)),
        ({"ordered": "令和6年5月1日"}, datetime(2024, 4, 30, 15, tzinfo=UTC)),
        ({"ordered": "2024-05-01T10:00:00Z"}, datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ({"ordered": "", "created": "2024/05/02"}, datetime(2024, 5, 1, 15, tzinfo=UTC)),
    ],
)
def test_when_it_was_ordered(said: dict[str, str], at: datetime) -> None:
    assert sale(**said).said.placed_at == at


@pytest.mark.parametrize(
    ("said", "recipient", "address"),
    [
        ({}, "佐藤", ""),
        ({"recipient": "鈴木"}, "鈴木", ""),
        ({"address": "京都市"}, "佐藤", "京都市"),
        ({"address": "京都市", "goes_to": "札幌市"}, "佐藤", "札幌市"),
    ],
)
def test_whom_and_where_it_goes_to(said: dict[str, str], recipient: str, address: str) -> None:
    found = sale(**said).said

    assert (found.recipient, found.address) == (recipient, address)


@pytest.mark.parametrize(
    ("columns", "holds"),
    [
        ({"quantity", "product"}, True),
        ({"quantity", "code"}, True),
        ({"quantity"}, False),
        ({"product", "price"}, False),
        ({"name", "email"}, False),
    ],
)
def test_which_tables_hold_orders(columns: set[str], holds: bool) -> None:
    assert holds_orders(dict.fromkeys(columns, 0)) is holds


def test_a_remark_is_of_the_order_and_not_of_its_customer() -> None:
    found = sale(memo="急ぎ", fee="660")

    assert (found.said.note, found.customer.memo) == ("急ぎ", "")
    assert [(one.name, one.total, one.shipping) for one in found.said.lines] == [
        ("南部鉄瓶", 1_000, False),
        ("送料", 660, True),
    ]


@pytest.mark.parametrize(
    ("written", "medium"),
    [("", "EC"), (" 夕刊 12月1日 ", "夕刊 12月1日"), ("TV\r\n-0412", "TV -0412"), ("媒" * 201, "媒" * 200)],
)
def test_where_it_was_found_is_the_shop_unless_the_table_says(written: str, medium: str) -> None:
    assert sale(medium=written).said.medium == medium
