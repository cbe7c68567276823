"""What becomes of what is told: variants that come and go, parcels in parts, customers who are known already."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Fit, Order, Parcel, Product, Return, Stock, Variant
from madoguchi.customers.actions import belong
from madoguchi.customers.actions.record import add_customer
from madoguchi.customers.models import Belonging, Customer, Identity
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.storefronts.models import Counterpart, Handed
from madoguchi.storefronts.tests.conftest import connected
from madoguchi.storefronts.tests.shops import LINE, TEA, OwnTeller, ShopifyTeller, Teller, at

pytestmark = pytest.mark.django_db
BY = system("test")


def told(teller: Teller, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """What became of one thing."""
    [said] = teller.post(kind, body).json()["items"]
    return dict(said)


def variants(*codes: str, **more: Any) -> dict[str, Any]:
    """A product in these forms."""
    return {
        "variants": [
            {"id": f"v-{code}", "code": code, "name": code, "price": 1_000, **more} for code in codes
        ]
    }


def test_variants_come_and_go_with_their_product(own: OwnTeller, world: World) -> None:
    own.tell("product", second=1, **variants("A", "B"))
    own.tell("product", second=2, **variants("B", "C"))

    with world.ours.scope():
        rows = Variant.objects.order_by("code").values_list("code", "active")
        assert list(rows) == [("A", False), ("B", True), ("C", True)]
        assert Product.objects.count() == 1
        assert Product.objects.get().active is True

    own.tell("product", second=3, gone=True, variants=[])

    with world.ours.scope():
        assert not Variant.objects.filter(active=True).exists()
        assert Variant.objects.count() == 3


def test_what_is_known_of_a_product_here_stays(own: OwnTeller, world: World) -> None:
    with world.ours.scope():
        make_variant(
            world.ours.company,
            code="A",
            name="古い名",
            kana="ふるい",
            tax_rate=8,
            warranty_months=24,
            attributes={"色": "黒"},
        )
    own.tell("product", second=1, **variants("A", attributes={"容量": "1L"}))

    with world.ours.scope():
        product, variant = Product.objects.get(), Variant.objects.get()
        assert (product.name, product.kana, product.tax_rate, product.warranty_months) == (
            "鉄瓶",
            "ふるい",
            8,
            24,
        )
        assert variant.attributes == {"色": "黒", "容量": "1L"}
        assert variant.unit_price == 1_000

    own.tell("product", second=2, kana="てつびん", tax_rate=10, warranty_months=12, **variants("A"))

    with world.ours.scope():
        product = Product.objects.get()
        assert (product.kana, product.tax_rate, product.warranty_months) == ("てつびん", 10, 12)


def test_two_variants_of_one_code_are_wrong_and_neither_is_lost(own: OwnTeller, world: World) -> None:
    own.tell("product", second=1, **variants("A"))
    other = {"id": "other", "name": "別", "version": 1, "variants": [{"id": "v2", "code": "A", "price": 5}]}

    said = told(own, "product", other)

    assert (said["result"], "「A」" in said["why"]) == ("wrong", True)
    with world.ours.scope():
        assert Variant.objects.get().unit_price == 1_000
        assert Handed.objects.get(state="wrong").body["variants"][0]["price"] == 5


def test_stock_waits_for_its_product_and_the_newest_of_it_counts(own: OwnTeller, world: World) -> None:
    assert own.tell("stock", second=5, quantity=7) == "waiting"
    assert own.tell("stock", second=4, quantity=9) == "waiting"

    assert own.tell("product", second=1) == "taken"

    with world.ours.scope():
        assert (Stock.objects.get().quantity, Stock.objects.get().place) == (7, "倉庫")
        assert sorted(Handed.objects.values_list("state", flat=True)) == ["known", "taken", "taken"]
    assert told(own, "stock", own.stock(second=6, quantity=-1))["result"] == "wrong"
    assert own.tell("stock", second=7, quantity=7, place="本店") == "taken"
    with world.ours.scope():
        assert sorted(Stock.objects.values_list("place", "quantity")) == [("倉庫", 7), ("本店", 7)]


def test_an_order_goes_in_parts(own: OwnTeller, world: World) -> None:
    own.tell("order", second=1)
    first = [{"line": LINE, "quantity": 1}]
    rest = [{"line": LINE, "quantity": 2}, {"line": TEA, "quantity": 1}]

    own.tell("shipment", second=2, lines=first, state="delivered")
    with world.ours.scope():
        assert Order.objects.get().state == "placed"
    more = own.shipment(second=3, lines=rest, state="handed_over", slip="") | {"id": "second"}
    assert told(own, "shipment", more)["result"] == "taken"

    with world.ours.scope():
        assert Order.objects.get().state == "shipped"
        assert [sum(p.quantity for p in one.pieces.all()) for one in Parcel.objects.order_by("number")] == [
            1,
            3,
        ]
    again = own.shipment(second=4, lines=first, slip="") | {"id": "third"}
    assert told(own, "shipment", again)["result"] == "wrong"
    with world.ours.scope():
        assert Parcel.objects.count() == 2


def test_a_slip_is_put_right_and_a_mistyped_one_is_wrong(own: OwnTeller, world: World) -> None:
    own.tell("order", second=1)
    own.tell("shipment", second=2, slip="", carrier="other")

    assert own.tell("shipment", second=3) == "taken"

    with world.ours.scope():
        assert (Parcel.objects.get().carrier, Parcel.objects.get().slip) == ("yamato", "123456789013")
    assert own.tell("shipment", second=4, slip="123456789012") == "wrong"
    with world.ours.scope():
        assert Parcel.objects.get().slip == "123456789013"


def test_a_parcel_that_is_taken_back_is_for_a_person(shopify: ShopifyTeller, world: World) -> None:
    shopify.tell("order", second=1)
    assert shopify.tell("shipment", second=2, status="cancelled") == "taken"
    with world.ours.scope():
        assert not Parcel.objects.exists()
    assert shopify.tell("shipment", second=3) == "taken"

    assert shopify.tell("shipment", second=4, status="cancelled") == "wrong"

    with world.ours.scope():
        assert Parcel.objects.get().state == "handed_over"


def test_what_an_order_tells_of_parcels_and_refunds_is_had_once(shopify: ShopifyTeller, world: World) -> None:
    parcel, refund = shopify.shipment(second=2), shopify.refund(second=3)
    inside = {"fulfillments": [parcel], "refunds": [refund]}

    assert shopify.tell("order", second=4, **inside) == "taken"
    shopify.tell("shipment", second=2)
    shopify.tell("refund", second=3)
    shopify.tell("order", second=5, **inside)

    with world.ours.scope():
        assert (Order.objects.count(), Parcel.objects.count(), Return.objects.count()) == (1, 1, 1)
        assert Event.objects.filter(kind="return.moved").count() == 1


def test_money_is_given_back_once_however_often_it_is_told(own: OwnTeller, world: World) -> None:
    own.tell("order", second=1)
    own.tell("refund", second=2)

    assert own.tell("refund", second=9) == "known"

    other = own.refund(second=3, total=1_934, lines=[{"line": LINE, "quantity": 2}]) | {"id": "other"}
    assert told(own, "refund", other)["result"] == "taken"
    with world.ours.scope():
        assert sorted(Return.objects.values_list("total", flat=True)) == [966, 1_934]


def test_who_is_known_by_an_address_is_the_same_person_and_keeps_the_name(
    teller: Teller, world: World
) -> None:
    with world.ours.scope():
        known = add_customer(world.ours.company.pk, emails=["Ogawa@buyer.example"], name="小川 様", by=BY)

    teller.tell("order", second=1)
    teller.tell("customer", second=2)

    with world.ours.scope():
        assert Customer.objects.count() == 1
        assert Order.objects.get().customer_id == known.pk
        assert (Customer.objects.get().name, Customer.objects.get().address) == (
            "小川 様",
            "東京都千代田区 九段北1-1",
        )
        assert Identity.objects.filter(kind="phone").count() == 1
        assert Counterpart.objects.get(kind="customer").ours == known.pk


def test_who_buys_without_an_account_and_an_address_is_somebody_new(own: OwnTeller, world: World) -> None:
    for n in (1, 2):
        body = own.order(second=n, customer={"name": "名だけの人"}) | {"id": f"o{n}"}
        assert told(own, "order", body)["result"] == "taken"

    with world.ours.scope():
        assert [one.name for one in Customer.objects.all()] == ["名だけの人", "名だけの人"]
        assert not Counterpart.objects.filter(kind="customer").exists()


def test_two_shops_may_call_different_things_alike(own: OwnTeller, world: World) -> None:
    other = connected(world, "own")
    own.tell("order", second=1, note="一号店")
    other.said = 50
    other.tell("order", second=1, note="二号店")

    with world.ours.scope():
        assert sorted(Order.objects.values_list("note", flat=True)) == ["一号店", "二号店"]
        assert {one.placed_at.isoformat() for one in Order.objects.all()} == {"2026-11-20T01:00:00+00:00"}
    assert at(0) == "2026-11-20T10:00:00+09:00"


def test_a_person_waits_for_their_firm_and_leaves_it_when_the_shop_says_so(
    own: OwnTeller, world: World
) -> None:
    person = {"name": "小川 葉子", "member": "A-1", "groups": [{"id": "f-1", "role": "購買担当"}]}
    firm = {"id": "f-1", "version": 1, "name": "㈱髙﨑商事", "email": "info@takasaki.example", "sort": "firm"}

    assert told(own, "customer", {"id": "c-1", "version": 1, **person})["result"] == "waiting"
    assert told(own, "customer", firm)["result"] == "taken"

    with world.ours.scope():
        [row] = Belonging.objects.select_related("customer", "group")
        assert (row.customer.name, row.group.name, row.group.sort) == ("小川 葉子", "㈱髙﨑商事", "firm")
        assert row.role == "購買担当"
        assert Identity.objects.filter(kind="member", written="A-1", customer=row.customer).exists()
        Belonging.objects.create(
            company=world.ours.company, customer=row.customer, group=our_household(world), at=row.at
        )

    assert told(own, "customer", {"id": "c-1", "version": 2, "groups": []})["result"] == "taken"

    # What people here said of them stays.
    with world.ours.scope():
        assert [one.group.sort for one in Belonging.objects.select_related("group")] == ["household"]


def test_a_person_whom_people_put_into_a_firm_of_the_shop_stays_there(own: OwnTeller, world: World) -> None:
    firm = {"version": 1, "sort": "firm"}
    told(own, "customer", {"id": "f-1", "name": "㈱髙﨑商事", **firm})
    told(own, "customer", {"id": "f-2", "name": "㈱小川", **firm})
    told(own, "customer", {"id": "c-1", "version": 1, "name": "小川 葉子", "groups": [{"id": "f-1"}]})
    with world.ours.scope():
        person, put = Customer.objects.get(name="小川 葉子"), Customer.objects.get(name="㈱小川")
        firm_of_shop = Customer.objects.get(name="㈱髙﨑商事").pk
        belong(person, to=put, role="顧問", by=actor_of(world.ours.supervisor))

    with CaptureQueriesContext(connection) as asked:
        assert told(own, "customer", {"id": "c-1", "version": 2, "groups": []})["result"] == "taken"

    # Of all customers that a shop knows, only their own groups are asked for.
    [known] = [one["sql"] for one in asked if 'SELECT "storefronts_counterpart"."ours"' in one["sql"]]
    assert f'"ours" IN ({firm_of_shop})' in known
    with world.ours.scope():
        [row] = Belonging.objects.all()
        assert (row.group_id, row.role, row.user_id) == (put.pk, "顧問", world.ours.supervisor.pk)


def our_household(world: World) -> Customer:
    made = add_customer(world.ours.company.pk, name="小川家", by=BY)
    Customer.objects.filter(pk=made.pk).update(sort="household")
    return made


def test_a_person_in_place_of_a_firm_is_wrong_and_changes_nothing(own: OwnTeller, world: World) -> None:
    told(own, "customer", {"id": "p-1", "version": 1, "name": "小川 葉子"})

    answer = told(
        own, "customer", {"id": "c-1", "version": 1, "name": "髙橋 美咲", "groups": [{"id": "p-1"}]}
    )

    assert answer["result"] == "wrong"
    with world.ours.scope():
        assert not Belonging.objects.exists()
        assert list(Customer.objects.values_list("name", flat=True)) == ["小川 葉子"]


def test_what_works_together_follows_the_shop_in_any_order(own: OwnTeller, world: World) -> None:
    pair = {"id": "f-1", "product": "A", "other": "B", "verdict": "works", "source": "手引 3頁"}
    pair["sourced_on"] = "2026-11-01"
    outside = {**pair, "other": "", "outside": "IH-2000", "verdict": "fails", "version": 3}

    assert told(own, "fit", {**pair, "version": 2})["result"] == "waiting"
    own.tell("product", second=1, **variants("A", "B"), id="p-2")
    own.tell("product", second=1, id="p-3", variants=[{"code": "C", "price": 100}])

    assert told(own, "fit", {**pair, "version": 4, "other": "A"})["result"] == "wrong"
    assert told(own, "fit", {**pair, "version": 5, "other": "C"})["result"] == "taken"
    assert told(own, "fit", outside)["result"] == "known"
    with world.ours.scope():
        [row] = Fit.objects.select_related("other")
        assert (row.other.code, row.verdict, row.source) == ("C", "works", "手引 3頁")  # type: ignore[union-attr]

    assert told(own, "fit", {**outside, "version": 6})["result"] == "taken"
    with world.ours.scope():
        assert list(Fit.objects.values_list("other", "outside", "verdict")) == [(None, "IH-2000", "fails")]

    assert told(own, "fit", {"id": "f-1", "version": 7, "gone": True})["result"] == "taken"
    with world.ours.scope():
        assert not Fit.objects.exists()
