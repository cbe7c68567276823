"""What a shop of one's own may say, field by field, as docs/shop-api.md has it."""

from datetime import date
from typing import Any

import pytest

from madoguchi.commerce.outside import Numbers
from madoguchi.kernel.errors import Refused
from madoguchi.storefronts.own import name_of, read
from madoguchi.storefronts.reading import MOST_DEEP, each, inner, truth, without_cards
from madoguchi.storefronts.told import (
    ToldCustomer,
    ToldFit,
    ToldOrder,
    ToldProduct,
    ToldRefund,
    ToldShipment,
    ToldStock,
)

AT = "2026-11-20T10:00:00+09:00"
LINE: dict[str, Any] = {"id": "1", "name": "鉄瓶", "quantity": 2, "unit_price": 500}
ORDER: dict[str, Any] = {"id": "5001", "version": 3, "placed_at": AT, "lines": [LINE]}
PRODUCT: dict[str, Any] = {
    "id": "p",
    "version": 1,
    "name": "鉄瓶",
    "variants": [{"code": "K-1", "price": 500}],
}
SHIPMENT: dict[str, Any] = {"id": "s", "version": 1, "order": "5001", "at": AT}
REFUND: dict[str, Any] = {"id": "r", "version": 1, "order": "5001", "at": AT}
FIT: dict[str, Any] = {
    "id": "f1",
    "version": 1,
    "product": "K-1",
    "outside": "IH-2000",
    "verdict": "works",
    "source": "https://maker.example/fit",
    "sourced_on": "2026-11-01",
}
STOCK: dict[str, Any] = {"code": "K-1", "quantity": 4, "version": 1}


def test_an_order_needs_little() -> None:
    told = read("order", ORDER)

    assert isinstance(told, ToldOrder)
    assert (told.id, told.version, told.said.number, told.said.state) == ("5001", 3, "5001", "placed")
    [line] = told.said.lines
    assert (line.key, line.total, line.tax_rate, line.tax_included, line.shipping) == (
        "1",
        1_000,
        10,
        True,
        False,
    )
    assert (told.said.total, told.said.paid_at, told.customer.id) == (None, None, "")
    assert told.said.placed_at.isoformat() == AT


def test_an_order_may_say_all_of_it() -> None:
    line = LINE | {"total": 999, "tax_rate": 0, "tax_included": False, "shipping": True, "code": "K-1"}
    who = {
        "id": "c",
        "name": "小川 葉子",
        "kana": "おがわ",
        "email": "a@b.example",
        "phone": "03",
        "address": "東京都",
    }
    told = read(
        "order", ORDER | {"number": "#1", "lines": [line], "customer": who, "state": "shipped", "total": 999}
    )

    assert isinstance(told, ToldOrder)
    [read_line] = told.said.lines
    assert (read_line.total, read_line.tax_rate, read_line.tax_included) == (999, 0, False)
    assert (read_line.shipping, read_line.code) == (True, "K-1")
    assert (told.said.number, told.said.recipient, told.said.state, told.said.total) == (
        "#1",
        "小川 葉子",
        "shipped",
        999,
    )
    assert (told.customer.kana, told.customer.emails, told.customer.phones) == (
        "おがわ",
        ("a@b.example",),
        ("03",),
    )


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({}, None),
        ({"lot": None, "serials": None}, None),
        ({"lot": ""}, Numbers()),
        ({"lot": "L-7"}, Numbers("L-7")),
        ({"serials": ["A1", 2]}, Numbers("", ("A1", "2"))),
    ],
)
def test_a_line_may_say_its_lot_and_serial_numbers_or_nothing_of_them(
    said: dict[str, Any], numbers: Numbers | None
) -> None:
    told = read("order", ORDER | {"lines": [LINE | said]})

    assert isinstance(told, ToldOrder)
    assert [line.numbers for line in told.said.lines] == [numbers]


def test_a_moment_is_a_version_too() -> None:
    early, late = (
        read("order", {**ORDER, "version": None, "updated_at": at}) for at in (AT, AT.replace("00+", "01+"))
    )

    assert late.version - early.version == 1_000_000


def test_a_product_keeps_quiet_of_what_it_does_not_know() -> None:
    told = read("product", PRODUCT)

    assert isinstance(told, ToldProduct)
    assert (told.kana, told.tax_rate, told.tax_included, told.warranty_months) == (None, None, None, None)
    [variant] = told.variants
    assert (variant.id, variant.item, variant.price, variant.active) == ("K-1", "K-1", 500, True)

    gone = read("product", {"id": "p", "version": 2, "gone": True})

    assert isinstance(gone, ToldProduct)
    assert (gone.gone, gone.variants) == (True, [])


def test_parcels_refunds_stock_and_customers() -> None:
    parcel = read("shipment", SHIPMENT)
    refund = read("refund", REFUND | {"lines": [{"line": "1", "quantity": 2}], "total": 1_000, "note": "傷"})
    stock = read("stock", STOCK | {"place": "倉庫"})
    customer = read("customer", {"id": "c", "version": 1, "email": "a@b.example"})

    assert isinstance(parcel, ToldShipment)
    assert (parcel.carrier, parcel.slip, parcel.state, parcel.pieces) == ("other", "", "handed_over", None)
    assert isinstance(refund, ToldRefund)
    assert (refund.pieces, refund.total, refund.note) == ({"1": 2}, 1_000, "傷")
    assert isinstance(stock, ToldStock)
    assert (stock.id, stock.code, stock.place, stock.quantity) == ("K-1 倉庫", "K-1", "倉庫", 4)
    assert isinstance(customer, ToldCustomer)
    assert (customer.emails, customer.phones) == (("a@b.example",), ())


@pytest.mark.parametrize(
    ("topic", "said", "field"),
    [
        ("order", {**ORDER, "id": ""}, "id"),
        ("order", {**ORDER, "id": True}, "id"),
        ("order", {**ORDER, "version": None}, "version"),
        ("order", {**ORDER, "version": "three"}, "version"),
        ("order", {**ORDER, "placed_at": None}, "placed_at"),
        ("order", {**ORDER, "placed_at": "2026-11-20"}, "placed_at"),
        ("order", {**ORDER, "placed_at": "2926-11-20T10:00:00Z"}, "placed_at"),
        ("order", {**ORDER, "lines": "none"}, "lines"),
        ("order", {**ORDER, "lines": [1]}, "lines"),
        ("order", {**ORDER, "lines": [{**LINE, "quantity": None}]}, "quantity"),
        ("order", {**ORDER, "lines": [{**LINE, "unit_price": None}]}, "unit_price"),
        ("order", {**ORDER, "lines": [{**LINE, "unit_price": "1.5"}]}, "unit_price"),
        ("order", {**ORDER, "lines": [{**LINE, "name": ""}]}, "name"),
        ("order", {**ORDER, "lines": [{**LINE, "shipping": "yes"}]}, "shipping"),
        ("order", {**ORDER, "lines": [{**LINE, "lot": ["L"]}]}, "lot"),
        ("order", {**ORDER, "lines": [{**LINE, "serials": "A1"}]}, "serials"),
        ("order", {**ORDER, "lines": [{**LINE, "serials": ["A1", {"n": 2}]}]}, "serials"),
        ("order", {**ORDER, "customer": "小川"}, "customer"),
        ("order", {**ORDER, "note": {"a": 1}}, "note"),
        ("product", {**PRODUCT, "variants": []}, "variants"),
        ("product", {**PRODUCT, "variants": [{"code": "K-1"}]}, "price"),
        ("product", {**PRODUCT, "name": None}, "name"),
        ("shipment", {**SHIPMENT, "order": None}, "order"),
        ("shipment", {**SHIPMENT, "at": None}, "at"),
        ("refund", {**REFUND, "lines": [{"quantity": 1}]}, "line"),
        ("stock", {**STOCK, "quantity": None}, "quantity"),
        ("stock", {**STOCK, "code": None}, "code"),
        ("customer", {"id": "c"}, "version"),
        ("customer", {"id": "c", "version": 1, "sort": "club"}, "sort"),
        ("customer", {"id": "c", "version": 1, "groups": [{"role": "母"}]}, "id"),
        ("fit", {**FIT, "product": None}, "product"),
        ("fit", {**FIT, "sourced_on": "2026-13-01"}, "sourced_on"),
    ],
)
def test_what_is_missing_or_none_is_refused_with_its_field(
    topic: str, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(topic, said)

    assert refused.value.field == field
    assert str(refused.value)


def test_a_type_that_is_none_names_those_there_are() -> None:
    with pytest.raises(Refused, match="customer"):
        read("wish", {"id": "1", "version": 1})


def test_an_item_is_called_by_its_id_or_its_code() -> None:
    said: list[dict[str, Any]] = [{"id": 7}, {"code": "K-1"}, {"id": ["7"]}, {}, {"id": "x" * 200}]

    assert [name_of(one) for one in said] == ["7", "K-1", "", "", "x" * 100]


def test_objects_and_lists_are_told_from_what_is_none() -> None:
    assert (inner({}, "a"), list(each({}, "a")), truth({}, "a", usual=True)) == ({}, [], True)
    assert inner({"a": {"b": 1}}, "a") == {"b": 1}
    assert list(each({"a": [{"b": 1}]}, "a")) == [{"b": 1}]
    assert truth({"a": False}, "a", usual=True) is False


def test_numbers_of_cards_go_and_ids_that_look_like_them_stay() -> None:
    card, id_ = "4242424242424242", "820982911946154508"

    found = without_cards(
        {"note": f"card {card}", "id": id_, "order_id": id_, "a": [{"order": id_, "memo": card}]}
    )

    assert card not in str(found)
    assert (found["id"], found["order_id"], found["a"][0]["order"]) == (id_, id_, id_)
    assert without_cards({"n": 820982911946154508, "t": True, "x": None}) == {
        "n": 820982911946154508,
        "t": True,
        "x": None,
    }
    assert without_cards({"id": "gid://shopify/Order/820982911946154508"})["id"].endswith("4508")


def test_what_is_nested_without_end_is_refused() -> None:
    deep: Any = "x"
    for _n in range(MOST_DEEP + 1):
        deep = [deep]

    with pytest.raises(Refused):
        without_cards(deep)


def test_who_belongs_together_and_what_works_together() -> None:
    person = read(
        "customer", {"id": "c", "version": 1, "member": "A-1", "groups": [{"id": "f", "role": "購買担当"}]}
    )
    quiet = read("customer", {"id": "f", "version": 1, "sort": "firm"})
    fit = read("fit", FIT)
    gone = read("fit", {"id": "f1", "version": 2, "gone": True})

    assert isinstance(person, ToldCustomer)
    assert (person.members, person.sort, person.groups) == (("A-1",), "", {"f": "購買担当"})
    assert isinstance(quiet, ToldCustomer)
    assert (quiet.sort, quiet.groups) == ("firm", None)
    assert isinstance(fit, ToldFit)
    assert (fit.product, fit.outside, fit.verdict, fit.sourced_on) == (
        "K-1",
        "IH-2000",
        "works",
        date(2026, 11, 1),
    )
    assert isinstance(gone, ToldFit)
    assert gone.gone


@pytest.mark.parametrize(("said", "kept"), [({}, "EC"), ({"medium": ""}, "EC"), ({"medium": "店舗"}, "店舗")])
def test_an_order_says_where_it_was_bought(said: dict[str, Any], kept: str) -> None:
    told = read("order", ORDER | said)

    assert isinstance(told, ToldOrder)
    assert told.said.medium == kept
