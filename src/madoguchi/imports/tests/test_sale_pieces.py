"""Lots and serial numbers in tables of orders: read from their cells, with the order or later."""

import pytest

from madoguchi.commerce.models import Order, Piece
from madoguchi.commerce.outside import Numbers
from madoguchi.imports.actions.uploading import start
from madoguchi.imports.records import Person
from madoguchi.imports.sale_rows import sale_of
from madoguchi.imports.tests.test_uploads import a_file, do, go, lines, uploaded
from madoguchi.infra.models import Event
from madoguchi.people.factories import World

HEAD = "注文番号,注文日,商品コード,商品名,数量,単価,お名前"
ROWS = (
    "1001,2024/05/01,NB-1,鉄瓶,2,1000,佐藤",
    "1001,,TEA,煎茶,3,500,",
    "1002,2024/05/02,NB-1,鉄瓶,1,1000,鈴木",
)


def table(*numbers: str, rows: tuple[str, ...] = ROWS) -> str:
    """The orders, each row with its lot and serial numbers."""
    added = [f"{row},{more}" for row, more in zip(rows, numbers, strict=True)]
    return "\r\n".join((f"{HEAD},ロット番号,製造番号", *added)) + "\r\n"


def came(world: World, text: str, name: str) -> dict[str, dict[str, int]]:
    """Bring the table in; how many became what."""
    found = go(do(start, go(uploaded(world, a_file(text, name=name))), world))
    assert found.state == "done"
    counts: dict[str, dict[str, int]] = found.found["counts"]
    return counts


def kept(world: World) -> list[tuple[str, str, str, str]]:
    with world.ours.scope():
        rows = Piece.objects.order_by("line__order__number", "line__place", "serial")
        return list(rows.values_list("line__order__outside", "line__code", "lot", "serial"))


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({}, None),
        ({"lot": "L-7"}, Numbers("L-7", ())),
        ({"serials": "A1、A2; A 3\nA4，A5"}, Numbers("", ("A1", "A2", "A 3", "A4", "A5"))),
        ({"serials": " 、 "}, None),
        ({"lot": "L", "serials": "A"}, Numbers("L", ("A",))),
    ],
)
def test_cells_hold_one_lot_and_any_serial_numbers(given: dict[str, str], numbers: Numbers | None) -> None:
    row = {"order": "1", "ordered": "2024/05/01", "product": "鉄瓶", "quantity": "9", "price": "1", **given}

    sale = sale_of([("line 2", row)], lambda _given, place: Person(place=place))

    assert [line.numbers for line in sale.said.lines] == [numbers]


@pytest.mark.django_db
def test_they_come_with_the_order_or_with_a_later_table_once(world: World) -> None:
    assert came(world, table("L-7,sn1、SN2", ",", ","), "first.csv")["order"] == {"created": 2}
    assert kept(world) == [("1001", "NB-1", "L-7", "SN1"), ("1001", "NB-1", "L-7", "SN2")]

    later = table("L-7,sn1、SN2", "茶 3,", ",B9")
    assert came(world, later, "second.csv")["order"] == {"updated": 2}
    assert came(world, later, "third.csv")["order"] == {"skipped": 2}

    assert kept(world) == [
        ("1001", "NB-1", "L-7", "SN1"),
        ("1001", "NB-1", "L-7", "SN2"),
        ("1001", "TEA", "茶3", ""),
        ("1002", "NB-1", "", "B9"),
    ]
    with world.ours.scope():
        told = Event.objects.filter(kind="order.pieces_changed").order_by("id")
        assert [(one.data["count"], one.carried) for one in told] == [(2, True), (3, True), (1, True)]
        assert Order.objects.count() == 2
    with world.theirs.scope():
        assert not Piece.objects.exists()


@pytest.mark.django_db
def test_numbers_of_another_product_or_too_many_are_told_and_nothing_changes(world: World) -> None:
    came(world, table("L-7,A", ",", ","), "first.csv")
    # The rows stand in another order now: the second is no longer the tea.
    turned = (ROWS[1].replace("1001,,", "1001,2024/05/01,"), ROWS[0].replace("2024/05/01", ""), ROWS[2])
    found = go(uploaded(world, a_file(table("L-9,T1", "L-9,A", ",B1、B2", rows=turned), name="b.csv")))
    found = go(do(start, found, world))

    assert found.found["counts"]["order"] == {"failed": 2}
    assert [place for place, _outcome, _why in lines(found)] == ["b.csvの2行目", "b.csvの4行目"]
    assert kept(world) == [("1001", "NB-1", "L-7", "A")]
