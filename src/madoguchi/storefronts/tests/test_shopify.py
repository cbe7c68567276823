"""What only Shopify says: topics of no use, requests of law, money that is none, and addresses as they are written."""

import pytest

from madoguchi.commerce.models import Order, Product, Return, Stock, Variant
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.storefronts.actions.connecting import lay_aside, try_again
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.reading import moment, whole, word
from madoguchi.storefronts.shopify import read
from madoguchi.storefronts.tests.shops import ORDER, PRODUCT, VARIANT, ShopifyTeller, at
from madoguchi.storefronts.told import ToldOrder, ToldProduct, ToldRefund, ToldShipment


@pytest.mark.django_db
def test_topics_of_no_use_and_requests_of_law(shopify: ShopifyTeller, world: World) -> None:
    assert shopify.post("carts/update", {"id": 1}).json()["items"][0]["result"] == "known"

    answer = shopify.post(
        "customers/redact", {"shop_id": 1, "customer": {"id": 191167, "email": "a@b.example"}}
    )

    assert answer.json()["items"][0]["result"] == "wrong"
    assert answer.status_code == 200


@pytest.mark.django_db
def test_a_product_that_is_gone_is_off_sale_and_its_stock_stays(shopify: ShopifyTeller, world: World) -> None:
    shopify.tell("product", second=2)
    with world.ours.scope():
        Product.objects.update(kana="てつびん", tax_rate=8, warranty_months=12)
    shopify.tell("stock", second=3, quantity=-4)
    gone = {"X-Shopify-Triggered-At": "2026-11-21T01:00:00Z"}

    shopify.post("products/delete", {"id": int(PRODUCT)}, **gone)
    shopify.tell("product", second=4, price=5)

    with world.ours.scope():
        variant, product = Variant.objects.get(), Product.objects.get()
        assert (variant.active, variant.unit_price, Stock.objects.get().quantity) == (False, 1_000, 0)
        assert (product.kana, product.tax_rate, product.warranty_months) == ("てつびん", 8, 12)


@pytest.mark.django_db
def test_money_that_was_not_given_back_is_no_refund(shopify: ShopifyTeller, world: World) -> None:
    shopify.tell("order", second=6)
    failed = [{"kind": "refund", "status": "failure", "amount": "966"}]

    assert shopify.tell("refund", second=7, transactions=[]) == "known"
    assert shopify.tell("refund", second=8, transactions=failed) == "known"

    with world.ours.scope():
        assert not Return.objects.exists()

    assert shopify.tell("refund", second=9) == "taken"
    with world.ours.scope():
        assert Return.objects.get().total == 966


@pytest.mark.django_db
def test_what_was_wrong_is_tried_again_once_it_can_be_had(shopify: ShopifyTeller, world: World) -> None:
    twice = shopify.product(second=2)
    other = {**twice["variants"][0], "id": 7, "inventory_item_id": 8}
    shopify.tell("product", second=1)
    assert (
        shopify.post("product", {**twice, "id": 9, "variants": [other]}).json()["items"][0]["result"]
        == "wrong"
    )
    manager = actor_of(world.ours.company_manager)
    with world.ours.scope():
        row = Handed.objects.get(state="wrong")
        assert try_again(row, by=manager) == "wrong"
        assert lay_aside(row, by=manager) == "aside"
        shopify.shop.counterparts.filter(kind="variant").delete()

        assert try_again(row, by=manager) == "taken"

        assert row.body is None
        settled = Event.objects.filter(kind="storefront.settled").order_by("pk")
        assert [one.data["after"] for one in settled] == ["wrong", "aside", "taken"]


def test_an_order_is_read_as_it_is_meant() -> None:
    told = read("orders/create", ShopifyTeller.order(None, second=6, note="門の前"), triggered=5)  # type: ignore[arg-type]

    assert isinstance(told, ToldOrder)
    assert (told.id, told.version, told.tie) == (ORDER, 1_795_136_406_000_000, 5)
    assert (told.said.recipient, told.said.note) == ("小川 葉子", "門の前")
    assert [(x.total, x.tax_rate) for x in told.said.lines] == [(2_900, 10), (540, 8), (660, 10)]
    assert told.customer.emails == ("ogawa@buyer.example",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"currency": "USD"}, "currency"),
        ({"id": None}, "id"),
        ({"line_items": {}}, "line_items"),
        ({"line_items": [{"id": 1, "name": "x", "quantity": 1.5, "price": "1"}]}, "quantity"),
        ({"line_items": [{"id": 1, "name": "x", "quantity": 1, "price": "NaN"}]}, "price"),
        ({"updated_at": "yesterday"}, "updated_at"),
        ({"updated_at": "2026-11-20T10:00:00"}, "updated_at"),
        ({"taxes_included": "yes"}, "taxes_included"),
        ({"customer": []}, "customer"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        read("orders/updated", ShopifyTeller.order(None, second=6, **change))  # type: ignore[arg-type]

    assert refused.value.field == field


def test_values_are_read_in_one_form() -> None:
    assert [whole({"a": x}, "a") for x in ("1100.00", 3, "", None, -2)] == [1100, 3, None, None, -2]
    assert word({"a": " 鉄瓶\n大 "}, "a") == "鉄瓶 大"
    assert moment({"a": at(1)}, "a") == moment({"a": "2026-11-20T01:00:01Z"}, "a")
    for wrong in (True, [], "1e400", "0.5"):
        with pytest.raises(Refused):
            whole({"a": wrong}, "a")


@pytest.mark.django_db
def test_only_who_keeps_the_shop_sees_to_what_is_wrong(shopify: ShopifyTeller, world: World) -> None:
    shopify.post("customers/redact", {"customer": {"id": 1}})
    url = f"/administration/shops/{world.ours.company.pk}/connected/{shopify.shop.pk}/"
    shopify.client.force_login(world.ours.agent)
    assert shopify.client.get(url).status_code == 403

    shopify.client.force_login(world.ours.company_manager)

    page = shopify.client.get(url)
    assert page.status_code == 200
    assert shopify.shop.key in page.content.decode()
    assert "shpss_" not in page.content.decode()
    assert "customers/redact" in page.content.decode()
    with world.ours.scope():
        assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (None, "handed_over"),
        ("label_printed", "preparing"),
        ("in_transit", "in_transit"),
        ("out_for_delivery", "in_transit"),
        ("attempted_delivery", "absent"),
        ("delivered", "delivered"),
        ("failure", "returned"),
        ("something_new", "handed_over"),
    ],
)
def test_how_far_a_parcel_came_is_read_by_shopifys_words(status: str | None, state: str) -> None:
    told = read("fulfillments/update", ShopifyTeller.shipment(None, second=8, shipment_status=status))  # type: ignore[arg-type]

    assert isinstance(told, ToldShipment)
    assert (told.state, told.order, told.gone) == (state, ORDER, False)


@pytest.mark.parametrize(
    ("company", "carrier"),
    [
        ("Yamato (JA)", "yamato"),
        ("ヤマト運輸", "yamato"),
        ("Sagawa (EN)", "sagawa"),
        ("Japan Post (JA)", "japan_post"),
        ("DHL Express", "other"),
        (None, "other"),
    ],
)
def test_carriers_are_known_by_what_shopify_calls_them(company: str | None, carrier: str) -> None:
    said = {
        "tracking_company": company,
        "tracking_number": None,
        "tracking_numbers": ["1234", "5"],
        "line_items": [],
    }
    told = read("fulfillments/create", ShopifyTeller.shipment(None, second=8, status="cancelled", **said))  # type: ignore[arg-type]

    assert isinstance(told, ToldShipment)
    assert (told.carrier, told.slip, told.pieces, told.gone) == (carrier, "1234", None, True)


def test_a_refund_of_what_sending_cost_names_that_line() -> None:
    sending = [{"shipping_line": {"id": 271878346596884015}}]
    rows = [{"line_item_id": 1, "quantity": 1}, {"line_item_id": 1, "quantity": 2}]
    more = {"refund_line_items": rows, "refund_shipping_lines": sending}
    told = read("refunds/create", ShopifyTeller.refund(None, second=9, total=3_560, **more))  # type: ignore[arg-type]

    assert isinstance(told, ToldRefund)
    assert told.pieces == {"1": 3, "shipping 271878346596884015": 1}
    assert told.total == 3_560


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ({"province_code": "JP-01", "city": "札幌市"}, "北海道札幌市 九段北1-1"),
        ({"province_code": "JP-47", "city": "那覇市", "company": "花もと"}, "沖縄県那覇市 九段北1-1 花もと"),
        ({"province_code": "JP-48", "province": "Nowhere", "city": "X"}, "Nowhere X 九段北1-1"),
        ({"province_code": "CA", "province": "California", "city": "LA"}, "California LA 九段北1-1"),
        ({"province_code": None, "province": None, "city": None}, "九段北1-1"),
    ],
)
def test_addresses_are_written_as_here(where: dict[str, str], address: str) -> None:
    said = ShopifyTeller.order(None, second=6)  # type: ignore[arg-type]
    said["shipping_address"] |= {"address2": None, "company": None} | where
    told = read("orders/create", said)

    assert isinstance(told, ToldOrder)
    assert told.said.address == address


def test_a_variant_without_a_sku_is_called_by_its_id_at_the_product_and_in_orders() -> None:
    product = ShopifyTeller.product(None, second=2)  # type: ignore[arg-type]
    product["variants"][0] |= {"sku": "", "title": "大"}
    order = ShopifyTeller.order(None, second=6)  # type: ignore[arg-type]
    order["line_items"][0]["sku"] = None

    variant, line = read("products/create", product), read("orders/create", order)

    assert isinstance(variant, ToldProduct)
    assert isinstance(line, ToldOrder)
    assert variant.variants[0].code == line.said.lines[0].code == f"shopify-{VARIANT}"
    assert variant.variants[0].name == "大"


def test_a_guest_is_known_again_by_mail_or_phone_and_never_made_twice(
    shopify: ShopifyTeller, world: World
) -> None:
    bill = {"last_name": "小川", "first_name": "葉子", "phone": "090-0000-1234"}
    by_mail = {"customer": None, "phone": None, "contact_email": "guest@buyer.example"}
    by_phone = {"customer": None, "phone": None, "billing_address": bill}
    by_nothing = {"customer": None, "phone": None}
    for n, (said, second) in enumerate(
        ((by_mail, 1), (by_mail, 2), (by_phone, 1), (by_phone, 2), (by_nothing, 1), (by_nothing, 2))
    ):
        order = shopify.order(second=second, **said) | {"id": 7_000 + n // 2, "name": f"#70{n // 2}"}
        assert shopify.post("order", order).json()["items"][0]["result"] == "taken"
    again = shopify.order(second=1, **by_phone) | {"id": 7_100, "name": "#7100"}
    shopify.post("order", again)

    with world.ours.scope():
        orders = dict(Order.objects.values_list("outside", "customer_id"))
        assert (len(set(orders.values())), Customer.objects.count()) == (3, 3)
        assert orders["#701"] == orders["#7100"]
        mails = Identity.objects.filter(kind="email").values_list("value", "customer_id")
        phones = Identity.objects.filter(kind="phone").values_list("value", "customer_id")
        assert list(mails) == [("guest@buyer.example", orders["#700"])]
        assert list(phones) == [("+819000001234", orders["#701"])]
        assert Customer.objects.get(pk=orders["#701"]).name == "小川 葉子"
