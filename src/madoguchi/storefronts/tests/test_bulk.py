"""A bulk export of Shopify: flat lines that belong to one another, in any order.

The form is that of https://shopify.dev/docs/api/usage/bulk-operations/queries (JSON Lines, `__parentId`), the fields
those of the objects Order, LineItem, ShippingLine and ProductVariant of the GraphQL Admin API.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from madoguchi.commerce.models import Order, OrderLine, Variant
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.project.cli.shop import shop as command
from madoguchi.project.tests.shell import Shell
from madoguchi.storefronts.bulk import Unreadable, items_in
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.tests.shops import BUYER, ITEM, LINE, ORDER, PRODUCT, SENDING, VARIANT, Teller, at

run = Shell(command).run


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "JPY"}}


PARENT = f"gid://shopify/Order/{ORDER}"
OF_ORDER = {
    "id": PARENT,
    "name": "#9999",
    "createdAt": at(0),
    "processedAt": at(0),
    "updatedAt": at(6),
    "cancelledAt": None,
    "displayFinancialStatus": "PAID",
    "displayFulfillmentStatus": "UNFULFILLED",
    "taxesIncluded": True,
    "totalPriceSet": money("3560.0"),
    "customer": {"id": f"gid://shopify/Customer/{BUYER}", "email": "ogawa@buyer.example", "lastName": "小川"},
    "shippingAddress": {"lastName": "小川", "provinceCode": "JP-13", "city": "千代田区", "zip": "102-0073"},
}
OF_LINE = {
    "id": f"gid://shopify/LineItem/{LINE}",
    "name": "鉄瓶",
    "sku": "K-1",
    "quantity": 3,
    "originalUnitPriceSet": money("1000.0"),
    "discountAllocations": [{"allocatedAmountSet": money("100.0")}],
    "taxLines": [{"rate": 0.1}],
    "variant": {"id": f"gid://shopify/ProductVariant/{VARIANT}"},
    "__parentId": PARENT,
}
OF_SENDING = {
    "id": f"gid://shopify/ShippingLine/{SENDING}?is_removed=false",
    "title": "送料",
    "originalPriceSet": money("660.0"),
    "taxLines": [{"rate": 0.1}],
    "__parentId": PARENT,
}
OF_PRODUCT = {
    "id": f"gid://shopify/Product/{PRODUCT}",
    "title": "鉄瓶",
    "status": "ACTIVE",
    "updatedAt": at(2),
}
OF_VARIANT = {
    "id": f"gid://shopify/ProductVariant/{VARIANT}",
    "sku": "K-1",
    "title": "Default Title",
    "price": "1000",
    "inventoryItem": {"id": f"gid://shopify/InventoryItem/{ITEM}"},
    "__parentId": f"gid://shopify/Product/{PRODUCT}",
}
LOST = {"id": "gid://shopify/LineItem/77", "__parentId": "gid://shopify/Order/78"}


def written(path: Path, *lines: Any) -> Path:
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines))
    return path


def test_what_belongs_to_another_is_found_wherever_it_stands(tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.jsonl", OF_VARIANT, OF_LINE, OF_ORDER, "", OF_SENDING, OF_PRODUCT, LOST, "{no", "[]"
    )

    found = list(items_in(file))

    assert [x for x in found if isinstance(x, Unreadable)] == [
        Unreadable(8, "this line is no object of Shopify"),
        Unreadable(9, "this line is no object of Shopify"),
        Unreadable(7, "gid://shopify/Order/78 is not in this file"),
    ]
    items = {x.topic: x for x in found if not isinstance(x, Unreadable)}
    order, product = items["orders/updated"], items["products/update"]
    assert (order.name, order.body["id"]) == (f"bulk Order {ORDER} {at(6)}", ORDER)
    assert [x["id"] for x in order.body["line_items"]] == [LINE]
    assert [x["price"] for x in order.body["shipping_lines"]] == ["660.0"]
    assert (order.body["financial_status"], order.body["currency"]) == ("paid", "JPY")
    assert [x["inventory_item_id"] for x in product.body["variants"]] == [ITEM]


@pytest.mark.django_db
def test_an_export_is_taken_in_once_and_nothing_reacts_to_it(
    shopify: Teller, world: World, tmp_path: Path
) -> None:
    euro = {
        **OF_ORDER,
        "id": "gid://shopify/Order/5",
        "totalPriceSet": {"shopMoney": {"amount": "1", "currencyCode": "EUR"}},
    }
    file = str(written(tmp_path / "a.jsonl", OF_PRODUCT, OF_VARIANT, OF_ORDER, OF_LINE, OF_SENDING, euro))
    said = ("bulk", "--company", world.ours.company.slug, "--shop", "本店", file)

    first = run(*said)

    told = json.loads(first.stdout)
    assert (first.exit_code, told["taken"], [x["id"] for x in told["wrong"]]) == (1, 2, ["5"])
    with world.ours.scope():
        order = Order.objects.get()
        assert (order.outside, order.total, order.recipient) == ("#9999", 3_560, "小川")
        assert sorted(OrderLine.objects.values_list("quantity", "unit_price")) == [
            (1, 660),
            (1, 966),
            (2, 967),
        ]
        assert Variant.objects.get().code == "K-1"
        assert Event.objects.get(kind="order.placed").carried

    again = json.loads(run(*said).stdout)

    assert again["taken"] == 2
    with world.ours.scope():
        assert (Order.objects.count(), Handed.objects.count()) == (1, 3)

    assert shopify.tell("order", second=9) == "taken"

    with world.ours.scope():
        assert Order.objects.get().total == 4_100


@pytest.mark.django_db
def test_a_shop_that_is_not_connected_is_named(world: World, tmp_path: Path) -> None:
    file = str(written(tmp_path / "a.jsonl", OF_ORDER))

    answer = run("bulk", "--company", world.ours.company.slug, "--shop", "支店", file)

    assert answer.exit_code == 2
    assert "No connected Shopify shop is called 支店" in answer.output
