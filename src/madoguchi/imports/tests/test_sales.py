"""Orders in tables: a row for each product, looked at first, brought in once, with their own dates and sums."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Order
from madoguchi.commerce.queries import in_order
from madoguchi.customers.models import Customer
from madoguchi.imports import running
from madoguchi.imports.actions.uploading import look_again, start, stop
from madoguchi.imports.csv_table import open_csv
from madoguchi.imports.models import Origin
from madoguchi.imports.records import Bad, Person, Sale
from madoguchi.imports.sources import Asked
from madoguchi.imports.tests.test_csv import file, read
from madoguchi.imports.tests.test_uploads import a_file, do, go, lines, uploaded
from madoguchi.infra.models import Event
from madoguchi.people.factories import World

HEAD = (
    "注文番号,注文日,商品コード,商品名,数量,単価,税率,送料,"
    "お名前,メール,お届け先,郵便番号,お届け先住所,状態,備考,入金日"
)
ORDERS = (
    f"{HEAD}\r\n"
    '1001,2024/05/01 10:00,NB-1,南部鉄瓶,2,"13,200",10%,660,'
    "髙橋 ①,hana@home.example,髙橋 美咲,604-8005,京都市中京区,発送済み,急ぎ,2024/05/02\r\n"
    "1001,,TEA,煎茶,３,￥1080,8,,,,,,,,,\r\n"
    "1002,2024/05/03,,風鈴,1,980円,,,佐藤,,,,京都市,,,\r\n"
)


def test_rows_of_one_number_are_one_order_with_its_sums(tmp_path: Path) -> None:
    first, second = read(file(tmp_path, ORDERS, "cp932"))

    assert isinstance(first, Sale)
    assert (first.id, first.place, first.customer.emails) == (
        "1001",
        "table.csv line 2",
        ("hana@home.example",),
    )
    lines = [(one.code, one.name, one.quantity, one.total, one.tax_rate) for one in first.said.lines]
    assert lines == [
        ("NB-1", "南部鉄瓶", 2, 26_400, 10),
        ("TEA", "煎茶", 3, 3_240, 8),
        ("", "送料", 1, 660, 10),
    ]
    said = first.said
    assert (said.recipient, said.postcode, said.address) == ("髙橋 美咲", "604-8005", "京都市中京区")
    assert (said.state, said.note, said.paid_at) == ("shipped", "急ぎ", datetime(2024, 5, 1, 15, tzinfo=UTC))
    assert isinstance(second, Sale)
    assert (second.said.state, second.said.address, second.customer.id) == (
        "delivered",
        "京都市",
        "order 1002",
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,2024/05/01,A,鉄瓶,0,100,,,佐藤,,,,,,,", "write how many"),
        ("1,2024/05/01,A,鉄瓶,,100,,,佐藤,,,,,,,", "write how many"),
        ("1,2024/05/01,,,1,100,,,佐藤,,,,,,,", "which product"),
        ("1,2024/05/01,A,鉄瓶,1,,,,佐藤,,,,,,,", "what a piece costs"),
        ("1,2024/05/01,A,鉄瓶,1,9.5,,,佐藤,,,,,,,", "whole yen"),
        ("1,2024/05/01,A,鉄瓶,1,100,5,,佐藤,,,,,,,", "10, 8 or 0"),
        ("1,,A,鉄瓶,1,100,,,佐藤,,,,,,,", "when that was ordered"),
        (",2024/05/01,A,鉄瓶,1,100,,,佐藤,,,,,,,", "order number"),
        ("1,2024/05/01,A,鉄瓶,1,100,,,佐藤,,,,,様子見,,", "how far"),
        ("1,2024/05/01,A,鉄瓶,1,100,,,佐藤,nowhere,,,,,,", "no mail address"),
        ("1,2024/05/01,A,鉄瓶,1,100,,,佐藤,,,,,,,\n壊れた行", "cells"),
        ("1,2024/05/01,A,鉄瓶,1,100,,,佐藤,,,,,,,\n1,,B,茶,x,1,,,,,,,,,,", "line 3"),
    ],
)
def test_an_order_of_which_anything_cannot_be_read_does_not_come(tmp_path: Path, row: str, why: str) -> None:
    (bad,) = read(file(tmp_path, f"{HEAD}\n{row}\n"))

    assert isinstance(bad, Bad)
    assert why in bad.reason


def test_a_table_of_something_else_is_read_as_before(tmp_path: Path) -> None:
    cases = "件名,内容,氏名,商品名,数量,日時\n届きません,まだです,佐藤,鉄瓶,1,2024/05/01\n"
    customers = "氏名,メール,商品名\n佐藤,s@home.example,鉄瓶\n"
    source = open_csv((file(tmp_path, cases),), Asked())

    assert (source.guessed["rows"], source.guessed["not read"]) == ("cases", "商品名, 数量")
    (person,) = read(file(tmp_path, customers))
    assert isinstance(person, Person)
    orders = open_csv((file(tmp_path, ORDERS),), Asked())
    assert (orders.guessed["rows"], orders.guessed["order"]) == ("orders", "注文番号")


@pytest.mark.django_db
def test_they_are_looked_at_stopped_gone_on_with_and_come_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 1)
    make_variant(world.ours.company, code="NB-1", name="鉄瓶", price=15_000, warranty_months=12)
    wrong = ORDERS + "1003,いつか,A,鉄瓶,1,100,,,鈴木,,,,,,,\r\n"
    named = wrong.replace("数量", "いくつ")
    found = go(uploaded(world, a_file(named, name="orders.csv")))
    assert found.found["guessed"]["rows"] == "customers"
    # How it is to be read is said, and kept with it.
    found = go(do(look_again, found, world, said={"columns": {"quantity": "いくつ"}}))
    assert found.asked["columns"] == {"quantity": "いくつ"}
    assert found.found["counts"] == {"order": {"created": 2}, "unreadable": {"failed": 1}}
    assert found.found["samples"][0]["what"] == "1001 南部鉄瓶 × 2、煎茶 × 3、送料 × 1"
    assert [place for place, _outcome, _why in lines(found)] == ["orders.csvの5行目"]
    with world.ours.scope():
        assert not Order.objects.exists()

    found = do(stop, do(start, found, world), world)
    assert found.state == "stopped"
    found = go(do(start, found, world))
    again = go(do(start, go(uploaded(world, a_file(wrong, name="again.csv"))), world))

    assert (found.state, found.found["counts"]["order"]) == ("done", {"created": 2})
    assert again.found["counts"]["order"] == {"skipped": 2}
    with world.ours.scope():
        first, second = Order.objects.order_by("number")
        assert (first.outside, first.total, first.tax, first.state) == ("1001", 30_300, 2_700, "shipped")
        assert (first.placed_at, first.paid_at is not None) == (datetime(2024, 5, 1, 1, tzinfo=UTC), True)
        kettle = in_order(first)[0]
        assert (kettle.unit_price, kettle.warranty_months, kettle.variant is not None) == (13_200, 12, True)
        assert (second.total, second.state, second.customer.name) == (980, "delivered", "佐藤")
        assert Customer.objects.count() == 2
        assert set(Origin.objects.filter(kind="order").values_list("order_id", flat=True)) == {
            first.pk,
            second.pk,
        }
        placed = Event.objects.filter(kind="order.placed")
        assert [event.carried for event in placed] == [True, True]


@pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_letters_of_a_table_of_orders_are_found_out(tmp_path: Path, letters: str) -> None:
    first, second = read(file(tmp_path, ORDERS, letters))

    assert isinstance(first, Sale)
    assert isinstance(second, Sale)
    assert (first.id, first.customer.name, first.said.recipient) == ("1001", "髙橋 ①", "髙橋 美咲")
    assert (second.id, second.said.lines[0].name, second.said.lines[0].total) == ("1002", "風鈴", 980)


def test_an_order_that_stands_above_already_is_told_and_not_left_out_in_silence(tmp_path: Path) -> None:
    row = "{},2024/05/01,A,鉄瓶,1,100,,,佐藤,,,,,,,\n"
    found = read(file(tmp_path, f"{HEAD}\n" + "".join(row.format(n) for n in (1, 2, 1, 3, 2))))

    assert [one.id for one in found if isinstance(one, Sale)] == ["1", "2", "3"]
    assert [(one.place, one.reason) for one in found if isinstance(one, Bad)] == [
        (
            "table.csv line 4",
            "The order 1 stands above already (table.csv line 2). Put all its rows together.",
        ),
        (
            "table.csv line 6",
            "The order 2 stands above already (table.csv line 3). Put all its rows together.",
        ),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "why"),
    [
        # A line or an order that comes to more than anybody pays.
        ('1,2024/05/01,A,鉄瓶,9999,"1,000,000,000",,,佐藤,,,,,,,', "1,000,000,000"),
        # A number beyond what is on sale anywhere else is no number of pieces.
        ("1,2024/05/01,A,鉄瓶,10000,1,,,佐藤,,,,,,,", "9,999"),
        ("1,2024/13/01,A,鉄瓶,1,100,,,佐藤,,,,,,,", ""),
    ],
)
def test_what_cannot_be_kept_is_told_with_its_line_and_leaves_the_rest(
    world: World, row: str, why: str
) -> None:
    right = "2,2024/05/01,NONE-9,知らない品,2,300,,,鈴木,,,,,,,"
    found = go(uploaded(world, a_file(f"{HEAD}\n{row}\n{right}\n", name="orders.csv")))
    found = go(do(start, found, world))

    assert found.state == "done"
    ((place, outcome, reason),) = lines(found)
    assert (place, outcome, why in reason) == ("orders.csvの2行目", "failed", True)
    with world.ours.scope():
        order = Order.objects.get()
        (line,) = in_order(order)
        # What is no product of the company is kept as it was called, and is on no page of a product.
        assert (line.name, line.code, line.variant, order.total) == ("知らない品", "NONE-9", None, 600)
        assert list(Customer.objects.values_list("name", flat=True)) == ["鈴木"]


@pytest.mark.django_db
def test_one_person_who_ordered_twice_is_one_customer_by_address_alone(world: World) -> None:
    rows = (
        "1,2024/05/01,A,鉄瓶,1,100,,,佐藤,sato@home.example,,,,,,\n"
        "2,2024/05/02,A,鉄瓶,1,100,,,佐藤,SATO@home.example,,,,,,\n"
        "3,2024/05/03,A,鉄瓶,1,100,,,佐藤,,,,,,,\n"
    )
    go(do(start, go(uploaded(world, a_file(f"{HEAD}\n{rows}", name="orders.csv"))), world))

    with world.ours.scope():
        whose = dict(Order.objects.values_list("outside", "customer_id"))
        assert (whose["1"] == whose["2"], whose["3"] == whose["1"], Customer.objects.count()) == (
            True,
            False,
            2,
        )
    with world.theirs.scope():
        assert (Order.objects.count(), Customer.objects.count()) == (0, 0)
