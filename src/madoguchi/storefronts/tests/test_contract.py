"""What every connected shop is held to: once, in any order, the newest counts, and what is wrong is kept."""

from itertools import permutations
from typing import Any

import pytest

from madoguchi.commerce.models import Order, OrderLine, Parcel, Return, Stock, Variant
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.tests.shops import Teller

pytestmark = pytest.mark.django_db
# An order that is changed, sent, brought and refunded in part; a product at another price, and its stock.
STORY: list[tuple[str, dict[str, Any]]] = [
    ("customer", {"second": 1}),
    ("product", {"second": 2, "price": 900}),
    ("product", {"second": 3, "price": 1_000}),
    ("stock", {"second": 4, "quantity": 9}),
    ("stock", {"second": 5, "quantity": 7}),
    ("order", {"second": 6, "count": 3}),
    ("order", {"second": 7, "state": "shipped"}),
    ("shipment", {"second": 8}),
    ("shipment", {"second": 9, "state": "delivered"}),
    ("refund", {"second": 10}),
]


def state_of() -> dict[str, Any]:
    """What is known of all that was told, without our ids."""
    order = Order.objects.get()
    lines = OrderLine.objects.filter(order=order).order_by("outside", "unit_price")
    back = Return.objects.get()
    parcel = Parcel.objects.get()
    return {
        "order": (order.outside, order.state, order.net, order.tax, order.paid_at is not None),
        "to": (order.recipient, order.postcode, order.address, order.customer.name),
        "lines": [(x.code, x.name, x.quantity, x.unit_price, x.tax_rate, x.shipping) for x in lines],
        "parcel": (parcel.carrier, parcel.slip, parcel.state, parcel.pieces.count()),
        "back": (back.state, back.reason, back.total, [p.quantity for p in back.pieces.all()]),
        "price": Variant.objects.get(code="K-1").unit_price,
        "stock": Stock.objects.get().quantity,
        "customers": Customer.objects.count(),
        "addresses": sorted(Identity.objects.values_list("written", flat=True)),
    }


# 3 kettles less 100 yen are 2,900: two pieces at 967 and one at 966. 2,900 + 660 at 10 % hold 323 yen of tax, 540 at
# 8 % hold 40.
AS_TOLD = {
    "order": ("#9999", "delivered", 3737, 363, True),
    "to": ("小川 葉子", "102-0073", "東京都千代田区 九段北1-1", "小川 葉子"),
    "lines": [
        ("T-1", "煎茶", 1, 540, 8, False),
        ("K-1", "鉄瓶", 1, 966, 10, False),
        ("K-1", "鉄瓶", 2, 967, 10, False),
        ("", "送料", 1, 660, 10, True),
    ],
    "parcel": ("yamato", "123456789013", "delivered", 3),
    "back": ("refunded", "elsewhere", 966, [1]),
    "price": 1_000,
    "stock": 7,
    "customers": 1,
    "addresses": ["03-0000-0000", "ogawa@buyer.example"],
}


def test_what_is_told_in_order_is_had_as_it_is_told(teller: Teller, world: World) -> None:
    for kind, said in STORY:
        assert teller.tell(kind, **said) == "taken", kind

    with world.ours.scope():
        found = state_of()
        assert {name: sorted(x) if name == "lines" else x for name, x in found.items()} == {
            name: sorted(x) if name == "lines" else x for name, x in AS_TOLD.items()
        }
        assert not Handed.objects.exclude(body=None).exists()
        kinds = list(Event.objects.filter(kind__startswith="order.").values_list("kind", flat=True))
        assert sorted(kinds) == ["order.moved", "order.moved", "order.paid", "order.placed"]


@pytest.mark.parametrize("turn", [3, 5, 7, 10])
def test_in_any_order_and_twice_it_comes_to_the_same(teller: Teller, world: World, turn: int) -> None:
    backwards = STORY[::-1]
    told = backwards[turn:] + backwards[:turn]
    for kind, said in [*told, *told[::2]]:
        teller.tell(kind, **said, name=f"{kind} {said}")

    with world.ours.scope():
        found = state_of()
        assert sorted(found.pop("lines")) == sorted(AS_TOLD["lines"])
        assert found == {name: x for name, x in AS_TOLD.items() if name != "lines"}
        assert not Handed.objects.filter(state__in=["new", "waiting", "wrong"]).exists()


def test_all_orders_of_two_changes_and_a_parcel_come_to_the_same(teller: Teller, world: World) -> None:
    """Whichever of an order, a change of its address and its parcel comes first."""
    for n, way in enumerate(permutations([("order", 1, "A町"), ("order", 2, "B町"), ("shipment", 3, "")])):
        with scope.acting_for([world.ours.company.pk]):
            Handed.objects.all().delete()
            teller.shop.counterparts.all().delete()
            Return.objects.all().delete()
            Parcel.objects.all().delete()
            Order.objects.all().delete()
        for kind, second, where in way:
            more: dict[str, Any] = {"note": where} if where else {}
            teller.tell(kind, second=second, name=f"{n} {second}", **more)
        with world.ours.scope():
            assert (Order.objects.get().note, Order.objects.get().state) == ("B町", "shipped"), way


def test_what_is_older_than_what_is_known_changes_nothing(teller: Teller, world: World) -> None:
    teller.tell("order", second=60, note="あとで変えました")

    assert teller.tell("order", second=59, note="はじめの言葉", state="cancelled") == "known"

    with world.ours.scope():
        order = Order.objects.get()
        assert (order.note, order.state) == ("あとで変えました", "placed")


def test_a_delivery_that_comes_again_is_told_how_the_first_stood(teller: Teller, world: World) -> None:
    assert teller.tell("shipment", second=8, name="same") == "waiting"
    with world.ours.scope():
        assert Handed.objects.get().needs == "order 820982911946154508"
    assert teller.tell("shipment", second=8, name="same") == "waiting"

    assert teller.tell("order", second=6) == "taken"

    assert teller.tell("shipment", second=8, name="same") == "taken"
    with world.ours.scope():
        assert (Handed.objects.count(), Parcel.objects.count()) == (2, 1)


def test_what_is_wrong_is_kept_told_and_changes_nothing(teller: Teller, world: World) -> None:
    answer = teller.post("refund", teller.refund(second=10))
    assert answer.json()["items"][0]["result"] == "waiting"
    teller.tell("order", second=6)
    with world.ours.scope():
        Return.objects.all().delete()
        teller.shop.counterparts.filter(kind="refund").delete()

    answer = teller.post("refund", teller.refund(second=11, total=5_000))

    said = answer.json()["items"][0]
    assert (answer.status_code, said["result"]) == (200, "wrong")
    assert said["why"] == "返品された分は966円ですが、店舗からの知らせでは5,000円です。"
    with world.ours.scope():
        assert not Return.objects.exists()
        row = Handed.objects.get(state="wrong")
        assert row.body["id"] in (890088186047892319, "890088186047892319")
        assert Event.objects.get(kind="storefront.told_wrong").data["handed"] == row.pk


def test_lines_of_which_pieces_were_sent_cannot_become_others(teller: Teller, world: World) -> None:
    teller.tell("order", second=6)
    teller.tell("shipment", second=8)

    answer = teller.post("order", teller.order(second=9, count=4))

    assert answer.json()["items"][0]["result"] == "wrong"
    with world.ours.scope():
        assert sum(x.quantity for x in OrderLine.objects.filter(code="K-1")) == 3
        assert Order.objects.get().total == 4_100


def test_an_order_that_was_not_sent_may_become_another(teller: Teller, world: World) -> None:
    teller.tell("order", second=6)

    assert teller.tell("order", second=7, count=4) == "taken"

    with world.ours.scope():
        assert sum(x.quantity for x in OrderLine.objects.filter(code="K-1")) == 4
        assert Order.objects.get().total == 5_100
        assert OrderLine.objects.count() == 3


def test_an_order_that_is_cancelled_there_is_cancelled_here_for_good(teller: Teller, world: World) -> None:
    teller.tell("order", second=6)
    teller.tell("order", second=7, state="cancelled")

    assert teller.tell("order", second=8) == "taken"

    with world.ours.scope():
        assert Order.objects.get().state == "cancelled"


def test_a_number_of_a_card_in_a_note_is_kept_nowhere(teller: Teller, world: World) -> None:
    teller.tell("shipment", second=9, note="4242 4242 4242 4242")
    teller.tell("order", second=6, note="カードは4242-4242-4242-4242です")

    with world.ours.scope():
        assert "4242 4242" not in str(list(Handed.objects.values_list("body", flat=True)))
        assert "4242-4242" not in Order.objects.get().note
        assert Order.objects.get().outside == "#9999"


def test_an_address_of_a_shop_leads_to_that_shop_alone(teller: Teller, world: World) -> None:
    teller.tell("order", second=6)
    with world.theirs.scope():
        assert not Order.objects.exists()
        assert not Handed.objects.exists()

    with scope.acting_for([world.ours.company.pk]):
        teller.shop.active = False
        teller.shop.save(update_fields=["active"])

    assert teller.post("order", teller.order(second=7)).status_code == 404
