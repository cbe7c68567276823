"""Two shops that tell the same story, each in its own words: what both connectors are held to.

Payloads of Shopify have the fields of the samples in https://shopify.dev/docs/api/webhooks (topics orders/create,
orders/updated, fulfillments/create, refunds/create, products/update, inventory_levels/update, customers/update; ids as
in those samples), with amounts in yen; the headers are those of
https://shopify.dev/docs/apps/build/webhooks/delivery-structure.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from madoguchi.kernel import clock
from madoguchi.storefronts.models import Storefront
from madoguchi.webhooks.signing import signatures

SHOPIFY_DOMAIN = "hanamoto.myshopify.com"
SHOPIFY_SECRET = "shpss_0123456789abcdef0123456789abcdef"
ORDER, LINE, TEA = "820982911946154508", "866550311766439020", "141249953214522974"
PARCEL, REFUND, BUYER, SENDING = "123456", "890088186047892319", "115310627314723954", "271878346596884015"
PRODUCT, VARIANT, ITEM, PLACE = "788032119674292922", "642667041472713922", "271878346596884019", "24826418"


def at(second: int) -> str:
    """A moment of the story, so many seconds after it began."""
    return f"2026-11-20T10:{second // 60:02}:{second % 60:02}+09:00"


@dataclass
class Teller:
    """Posts what happens in a shop to its door, signed as that shop signs."""

    shop: Storefront
    client: Client = field(default_factory=Client)
    said: int = 0

    def post(self, kind: str, body: dict[str, Any], *, name: str = "", **headers: str) -> HttpResponse:
        """Hand one thing in; `name` is that of the delivery, a fresh one where none is given."""
        self.said += 1
        raw = self.written(kind, body)
        signed = self.signed(kind, raw, name or f"delivery-{self.said}") | headers
        return self.client.post(
            f"/shop/{self.shop.key}/", raw, content_type="application/json", headers=signed
        )

    def tell(self, kind: str, *, second: int = 0, name: str = "", **more: Any) -> str:
        """Hand in something of the story; what became of it."""
        answer = self.post(kind, getattr(self, kind)(second=second, **more), name=name)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["items"][0]["result"])

    def written(self, kind: str, body: dict[str, Any]) -> bytes:
        """The bytes that are posted."""
        return json.dumps(body, ensure_ascii=False).encode()

    def signed(self, kind: str, raw: bytes, name: str) -> dict[str, str]:
        """The headers that prove them."""
        raise NotImplementedError


class OwnTeller(Teller):
    """A shop of one's own."""

    def written(self, kind: str, body: dict[str, Any]) -> bytes:
        return super().written(kind, {"items": [{"type": kind, **body}]})

    def signed(self, kind: str, raw: bytes, name: str) -> dict[str, str]:
        now = int(clock.now().timestamp())
        by = signatures(id_=name, timestamp=now, body=raw.decode(), by=[self.shop.secret])
        return {"webhook-id": name, "webhook-timestamp": str(now), "webhook-signature": by}

    def order(self, *, second: int, state: str = "placed", count: int = 3, **more: Any) -> dict[str, Any]:
        """Three kettles, 100 yen off all of them, a packet of tea, and what sending cost."""
        kettles, tea, sending = count * 1_000 - 100, 540, 660
        lines = [
            {"id": LINE, "code": "K-1", "name": "鉄瓶", "quantity": count, "total": kettles},
            {"id": TEA, "code": "T-1", "name": "煎茶", "quantity": 1, "unit_price": tea, "tax_rate": 8},
            {
                "id": f"shipping {SENDING}",
                "name": "送料",
                "quantity": 1,
                "unit_price": sending,
                "shipping": True,
            },
        ]
        told = {"id": ORDER, "number": "#9999", "updated_at": at(second), "placed_at": at(0), "state": state}
        where = {"recipient": "小川 葉子", "postcode": "1020073", "address": "東京都千代田区 九段北1-1"}
        who = {"id": BUYER, "name": "小川 葉子", "email": "ogawa@buyer.example", "phone": "03-0000-0000"}
        total = kettles + tea + sending
        return {**told, **where, "customer": who, "lines": lines, "total": total, "paid_at": at(0), **more}

    def shipment(self, *, second: int, state: str = "handed_over", **more: Any) -> dict[str, Any]:
        """All three kettles, by Yamato."""
        told = {"id": PARCEL, "order": ORDER, "updated_at": at(second), "at": at(second), "state": state}
        lines = [{"line": LINE, "quantity": 3}, {"line": TEA, "quantity": 1}]
        return {**told, "carrier": "yamato", "slip": "1234-5678-9013", "lines": lines, **more}

    def refund(self, *, second: int, total: int = 966, **more: Any) -> dict[str, Any]:
        """The money for one kettle."""
        told = {"id": REFUND, "order": ORDER, "updated_at": at(second), "at": at(second), "total": total}
        return {**told, "lines": [{"line": LINE, "quantity": 1}], **more}

    def product(self, *, second: int, price: int = 1_000, **more: Any) -> dict[str, Any]:
        """The kettle."""
        variant = {"id": VARIANT, "code": "K-1", "price": price}
        return {"id": PRODUCT, "name": "鉄瓶", "updated_at": at(second), "variants": [variant], **more}

    def stock(self, *, second: int, quantity: int = 7, **more: Any) -> dict[str, Any]:
        """How many kettles there are."""
        return {"code": "K-1", "place": "倉庫", "quantity": quantity, "updated_at": at(second), **more}

    def customer(self, *, second: int, **more: Any) -> dict[str, Any]:
        """Who bought them."""
        told = {"id": BUYER, "updated_at": at(second), "name": "小川 葉子", "email": "ogawa@buyer.example"}
        return {**told, "address": "東京都千代田区 九段北1-1", **more}


class ShopifyTeller(Teller):
    """Shopify."""

    topics = {
        "order": "orders/updated",
        "shipment": "fulfillments/update",
        "refund": "refunds/create",
        "product": "products/update",
        "stock": "inventory_levels/update",
        "customer": "customers/update",
    }

    def signed(self, kind: str, raw: bytes, name: str) -> dict[str, str]:
        digest = hmac.new(SHOPIFY_SECRET.encode(), raw, hashlib.sha256).digest()
        return {
            "X-Shopify-Topic": self.topics.get(kind, kind),
            "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
            "X-Shopify-Webhook-Id": name,
            "X-Shopify-Triggered-At": "2026-11-20T01:00:00.000000Z",
            "X-Shopify-Shop-Domain": SHOPIFY_DOMAIN,
            "X-Shopify-API-Version": "2026-10",
        }

    def order(self, *, second: int, state: str = "placed", count: int = 3, **more: Any) -> dict[str, Any]:
        """The same order."""
        where = {"last_name": "小川", "first_name": "葉子", "zip": "102-0073", "province_code": "JP-13"}
        where |= {
            "city": "千代田区",
            "address1": "九段北1-1",
            "address2": None,
            "company": None,
            "phone": None,
        }
        ten, eight = (
            [{"rate": 0.1, "title": "CT", "price": "0"}],
            [{"rate": 0.08, "title": "CT", "price": "0"}],
        )
        kettle = {"id": int(LINE), "sku": "K-1", "variant_id": int(VARIANT), "name": "鉄瓶", "title": "鉄瓶"}
        kettle |= {"quantity": count, "price": "1000", "tax_lines": ten}
        kettle |= {"discount_allocations": [{"amount": "100", "discount_application_index": 0}]}
        tea = {"id": int(TEA), "sku": "T-1", "variant_id": 1, "name": "煎茶", "quantity": 1, "price": "540"}
        tea |= {"tax_lines": eight, "discount_allocations": []}
        sending = {"id": int(SENDING), "title": "送料", "price": "660.00", "tax_lines": ten}
        who = {"id": int(BUYER), "email": "ogawa@buyer.example", "first_name": "葉子", "last_name": "小川"}
        return {
            "id": int(ORDER),
            "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}",
            "name": "#9999",
            "created_at": at(0),
            "processed_at": at(0),
            "updated_at": at(second),
            "cancelled_at": at(second) if state == "cancelled" else None,
            "currency": "JPY",
            "taxes_included": True,
            "financial_status": "paid",
            "fulfillment_status": {"shipped": "fulfilled", "delivered": "fulfilled"}.get(state),
            "total_price": str(count * 1_000 - 100 + 540 + 660),
            "phone": "03-0000-0000",
            "note": None,
            "customer": who,
            "shipping_address": where,
            "line_items": [kettle, tea],
            "shipping_lines": [sending],
            "fulfillments": [],
            "refunds": [],
            **more,
        }

    def shipment(self, *, second: int, state: str = "handed_over", **more: Any) -> dict[str, Any]:
        """The same parcel."""
        status = {"handed_over": None, "delivered": "delivered", "absent": "attempted_delivery"}[state]
        told = {"id": int(PARCEL), "order_id": int(ORDER), "status": "success", "shipment_status": status}
        by = {"tracking_company": "Yamato (EN)", "tracking_number": "1234-5678-9013"}
        lines = [{"id": int(LINE), "quantity": 3}, {"id": int(TEA), "quantity": 1}]
        return {**told, **by, "created_at": at(second), "updated_at": at(second), "line_items": lines, **more}

    def refund(self, *, second: int, total: int = 966, **more: Any) -> dict[str, Any]:
        """The same refund."""
        paid = {"kind": "refund", "status": "success", "amount": f"{total}.00"}
        told = {
            "id": int(REFUND),
            "order_id": int(ORDER),
            "created_at": at(second),
            "processed_at": at(second),
        }
        lines = [{"line_item_id": int(LINE), "quantity": 1, "restock_type": "return"}]
        return {**told, "note": None, "refund_line_items": lines, "transactions": [paid], **more}

    def product(self, *, second: int, price: int = 1_000, **more: Any) -> dict[str, Any]:
        """The same kettle."""
        variant = {"id": int(VARIANT), "sku": "K-1", "title": "Default Title", "price": f"{price}.00"}
        variant |= {"inventory_item_id": int(ITEM)}
        told = {"id": int(PRODUCT), "title": "鉄瓶", "status": "active", "updated_at": at(second)}
        return {**told, "variants": [variant], **more}

    def stock(self, *, second: int, quantity: int = 7, **more: Any) -> dict[str, Any]:
        """The same stock."""
        told = {"inventory_item_id": int(ITEM), "location_id": int(PLACE), "available": quantity}
        return {**told, "updated_at": at(second), **more}

    def customer(self, *, second: int, **more: Any) -> dict[str, Any]:
        """The same buyer."""
        where = {"province_code": "JP-13", "city": "千代田区", "address1": "九段北1-1"}
        told = {"id": int(BUYER), "email": "ogawa@buyer.example", "first_name": "葉子", "last_name": "小川"}
        return {**told, "updated_at": at(second), "phone": None, "default_address": where, **more}


TELLERS: dict[str, type[Teller]] = {"own": OwnTeller, "shopify": ShopifyTeller}
