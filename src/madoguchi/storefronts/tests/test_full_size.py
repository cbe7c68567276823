"""Payloads of Shopify at full size, nulls and all: each is read, and the whole story is taken in through the door."""

from typing import Any

import pytest

from madoguchi.commerce.models import Order, OrderLine, Parcel, Return, Stock, Variant
from madoguchi.customers.models import Customer
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.shopify import read
from madoguchi.storefronts.tests import full_size
from madoguchi.storefronts.tests.shops import LINE, ORDER, VARIANT, ShopifyTeller, at
from madoguchi.storefronts.told import Nothing, ToldCustomer, ToldOrder, ToldProduct, ToldRefund, ToldShipment

TOPICS = {
    "orders/create": full_size.order,
    "orders/updated": full_size.order,
    "refunds/create": full_size.refund,
    "fulfillments/create": full_size.fulfilment,
    "customers/create": full_size.customer,
    "customers/update": full_size.customer,
    "products/update": full_size.product,
    "orders/cancelled": full_size.cancelled_order,
}
# What a payload cannot do without: everything else may be null in one shop or another.
NEEDED = {
    "orders/create": {"id", "line_items", "created_at", "processed_at"},
    "orders/updated": {"id", "line_items", "created_at", "processed_at"},
    "refunds/create": {"id", "order_id", "created_at", "transactions"},
    "fulfillments/create": {"id", "order_id", "updated_at", "created_at"},
    "customers/create": {"id"},
    "customers/update": {"id"},
    "products/update": {"id", "title"},
    "orders/cancelled": {"id", "line_items", "created_at", "processed_at"},
}


@pytest.mark.parametrize("topic", TOPICS)
def test_whatever_may_be_null_is_read_where_it_is(topic: str) -> None:
    whole = TOPICS[topic]()
    assert not isinstance(read(topic, whole), Nothing)
    for name in whole.keys() - NEEDED[topic]:
        told = read(topic, {**whole, name: None})
        assert told.id == str(whole["id"]), name


def test_an_order_is_read_whole() -> None:
    told = read("orders/create", full_size.order())

    assert isinstance(told, ToldOrder)
    goods, sending = told.said.lines
    assert (goods.code, goods.name, goods.quantity, goods.total, goods.tax_rate) == (
        "K-1",
        "鉄瓶 - 黒",
        2,
        1_900,
        10,
    )
    assert (sending.total, sending.shipping, told.said.total) == (660, True, 2_560)
    assert (told.said.recipient, told.said.postcode) == ("小川 葉子", "102-0073")
    assert told.said.address == "東京都千代田区 九段北1-1"
    assert (told.said.note, told.said.state, told.said.number) == ("", "placed", "#9999")
    assert (told.customer.emails, told.customer.phones) == (("ogawa@buyer.example",), ())
    assert (told.shipments, told.refunds) == ([], [])


@pytest.mark.parametrize("status", [None, "pending", "partial", "restocked", "not_eligible"])
def test_an_order_that_was_not_sent_whole_is_not_sent(status: str | None) -> None:
    told = read("orders/updated", full_size.order(fulfillment_status=status))

    assert isinstance(told, ToldOrder)
    assert told.said.state == "placed"


def test_an_order_at_a_till_has_nobody_and_nowhere() -> None:
    told = read("orders/create", full_size.order_at_a_till())

    assert isinstance(told, ToldOrder)
    (line,) = told.said.lines
    assert (line.code, line.name, line.total) == ("", "鉄瓶", 1_000)
    assert (told.customer.id, told.customer.emails, told.said.recipient, told.said.address) == (
        "",
        (),
        "",
        "",
    )
    assert told.said.placed_at.isoformat() == at(0)


def test_a_fulfilment_a_refund_and_a_customer_are_read_whole() -> None:
    parcel = read("fulfillments/create", full_size.fulfilment())
    back = read("refunds/create", full_size.refund())
    who = read("customers/update", full_size.customer())

    assert isinstance(parcel, ToldShipment)
    assert (parcel.carrier, parcel.slip, parcel.state, parcel.gone) == (
        "yamato",
        "1234-5678-9013",
        "handed_over",
        False,
    )
    assert parcel.pieces == {LINE: 2}
    assert isinstance(back, ToldRefund)
    assert (back.order, back.pieces, back.total, back.at.isoformat()) == (ORDER, {LINE: 1}, 950, at(10))
    assert isinstance(who, ToldCustomer)
    assert (who.name, who.emails, who.phones) == ("小川 葉子", ("ogawa@buyer.example",), ())
    assert who.address == "東京都千代田区 九段北1-1"


@pytest.mark.parametrize(
    ("status", "sold"), [("active", True), ("unlisted", True), ("draft", False), ("archived", False)]
)
def test_what_only_who_has_the_link_sees_is_sold_all_the_same(status: str, sold: bool) -> None:
    told = read("products/update", full_size.product(status=status))

    assert isinstance(told, ToldProduct)
    assert [(one.code, one.name, one.price, one.active) for one in told.variants] == [
        ("K-1", "黒", 1_000, sold),
        (f"shopify-{int(VARIANT) + 1}", "赤", 1_200, sold),
    ]


@pytest.mark.django_db
def test_the_whole_story_is_taken_in_through_the_door(shopify: ShopifyTeller, world: World) -> None:
    story: list[tuple[str, Any]] = [
        ("products/update", full_size.product()),
        ("customers/update", full_size.customer()),
        ("orders/create", full_size.order()),
        ("orders/updated", full_size.order(updated_at=at(9), fulfillment_status="fulfilled")),
        ("fulfillments/create", full_size.fulfilment()),
        ("refunds/create", full_size.refund()),
        ("orders/create", full_size.order_at_a_till(id=int(ORDER) + 1, name="#10000")),
    ]
    for topic, body in story:
        result = shopify.post(topic, body).json()["items"][0]
        assert result["result"] == "taken", (topic, result)

    with world.ours.scope():
        first, till = Order.objects.order_by("number")
        assert (first.outside, first.state, first.total) == ("#9999", "shipped", 2_560)
        assert (till.outside, till.total, till.recipient) == ("#10000", 1_000, "")
        assert Parcel.objects.get().slip == "123456789013"
        assert (Return.objects.get().total, Return.objects.get().state) == (950, "refunded")
        codes = OrderLine.objects.filter(order=first).order_by("place").values_list("code", flat=True)
        assert list(dict.fromkeys(codes)) == ["K-1", ""]
        assert sorted(Variant.objects.values_list("unit_price", flat=True)) == [1_000, 1_200]
        assert Customer.objects.filter(name="小川 葉子").count() == 1
        assert not Handed.objects.filter(state=Handed.State.WRONG).exists()


def test_what_an_edit_took_off_is_of_the_order_no_more() -> None:
    told = read("orders/updated", full_size.edited_order())

    assert isinstance(told, ToldOrder)
    assert [(one.name, one.quantity, one.total, one.tax_rate) for one in told.said.lines] == [
        ("鉄瓶 - 黒", 1, 950, 10),
        ("ギフトカード", 1, 3_000, 0),
        ("宅配便", 1, 660, 10),
    ]
    assert told.said.total is None
    assert [type(one) for one in told.refunds] == [Nothing]
    # What comes back later with no money is still what was bought.
    later = full_size.taken_off(note="返品")
    later["refund_line_items"][0]["restock_type"] = "return"
    kept = read("orders/updated", full_size.order(refunds=[later]))
    assert isinstance(kept, ToldOrder)
    assert (kept.said.lines[0].quantity, kept.said.total) == (2, 2_560)


def test_of_a_refund_in_another_currency_the_lines_count() -> None:
    told = read("refunds/create", full_size.refund_in_dollars())
    assert isinstance(told, ToldRefund)
    assert (told.pieces, told.total) == ({LINE: 1}, None)

    with pytest.raises(Refused) as refused:
        read("refunds/create", full_size.refund_in_dollars(order_adjustments=[full_size.adjustment("-100")]))
    assert refused.value.field == "total"


@pytest.mark.django_db
def test_edits_cancellations_adjustments_and_counts_are_taken_in_through_the_door(
    shopify: ShopifyTeller, world: World
) -> None:
    def told(topic: str, body: dict[str, Any]) -> str:
        return str(shopify.post(topic, body).json()["items"][0]["result"])

    assert told("products/update", full_size.product()) == "taken"
    assert told("inventory_levels/update", full_size.stock()) == "taken"
    assert told("inventory_levels/update", full_size.stock(available=None, updated_at=at(4))) == "known"
    with world.ours.scope():
        assert Stock.objects.get().quantity == 7
    assert told("customers/create", full_size.customer()) == "taken"
    assert told("orders/create", full_size.order(financial_status="pending")) == "taken"
    assert told("orders/edited", full_size.order_edit()) == "known"
    assert told("orders/updated", full_size.edited_order()) == "taken"
    with world.ours.scope():
        edited = Order.objects.get()
        assert (edited.total, edited.paid_at) == (4_610, None)

    other = {"id": int(ORDER) + 1, "name": "#10000"}
    assert told("orders/create", full_size.order(**other)) == "taken"
    chosen = full_size.refund(order_id=other["id"], order_adjustments=[full_size.adjustment("-450")])
    chosen["transactions"][0]["amount"] = "500"
    assert told("refunds/create", chosen) == "wrong"
    with world.ours.scope():
        assert not Return.objects.exists()
    assert told("orders/cancelled", full_size.cancelled_order(**other)) == "taken"
    with world.ours.scope():
        gone = Order.objects.get(outside="#10000")
        assert (gone.state, gone.total, Return.objects.get().total) == ("cancelled", 2_560, 2_560)
