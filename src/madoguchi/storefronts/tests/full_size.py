"""Payloads of Shopify at full size: every field that the Admin API sends (2025-10 and later), with null where it does.

The fields are those of the samples in https://shopify.dev/docs/api/webhooks and of the resources Order, Refund,
Transaction and InventoryLevel in https://shopify.dev/docs/api/admin-rest, the values our own: shapes as they are
documented, not deliveries that were recorded.
"""

from typing import Any

from madoguchi.storefronts.tests.shops import (
    BUYER,
    ITEM,
    LINE,
    ORDER,
    PARCEL,
    PLACE,
    PRODUCT,
    REFUND,
    SENDING,
    VARIANT,
    at,
)

Payload = dict[str, Any]


def nothing(*names: str) -> Payload:
    """Fields that are there and hold nothing."""
    return dict.fromkeys(names)


def money(amount: str, *, presented: tuple[str, str] | None = None) -> Payload:
    """An amount in the shop's currency and in that of the buyer, the same unless it is `presented` in another one."""
    one = {"amount": amount, "currency_code": "JPY"}
    other = dict(zip(("amount", "currency_code"), presented, strict=True)) if presented else dict(one)
    return {"shop_money": one, "presentment_money": other}


def sums(**amounts: str) -> Payload:
    """Each amount as it is, and once more in both currencies."""
    return amounts | {f"{name}_set": money(amount) for name, amount in amounts.items()}


def tax(rate: float, price: str) -> Payload:
    """One tax of a line."""
    return {"channel_liable": False, "price": price, "price_set": money(price), "rate": rate, "title": "CT"}


def where(**more: Any) -> Payload:
    """An address of an order."""
    told = {"first_name": "葉子", "last_name": "小川", "name": "小川 葉子", "phone": "+81300000000"}
    told |= {"address1": "九段北1-1", "city": "千代田区", "zip": "102-0073", "province": "Tōkyō"}
    told |= {"province_code": "JP-13", "country": "Japan", "country_code": "JP"}
    return told | nothing("address2", "company", "latitude", "longitude") | more


def default_address() -> Payload:
    """The address of a customer: that of an order, with the ids of whose it is."""
    more = {"id": 7_100_000_001, "customer_id": int(BUYER), "country_name": "Japan", "default": True}
    return {name: value for name, value in where().items() if name not in ("latitude", "longitude")} | more


def line_item(**more: Any) -> Payload:
    """A line of an order."""
    told = {
        "id": int(LINE),
        "admin_graphql_api_id": f"gid://shopify/LineItem/{LINE}",
        "attributed_staffs": [],
    }
    told |= {"current_quantity": 2, "fulfillable_quantity": 2, "fulfillment_service": "manual"}
    told |= {"gift_card": False, "grams": 1_500, "name": "鉄瓶 - 黒", "title": "鉄瓶", "variant_title": "黒"}
    told |= {
        "product_exists": True,
        "product_id": int(PRODUCT),
        "properties": [],
        "quantity": 2,
        "sku": "K-1",
    }
    told |= {"requires_shipping": True, "taxable": True, "variant_id": int(VARIANT), "duties": []}
    told |= {"variant_inventory_management": "shopify", "tax_lines": [tax(0.1, "172")]}
    off = {"amount": "100", "amount_set": money("100"), "discount_application_index": 0}
    told |= {"discount_allocations": [off]} | sums(price="1000", total_discount="0")
    return told | nothing("fulfillment_status", "sales_line_item_group_id", "vendor") | more


def shipping_line(**more: Any) -> Payload:
    """What sending costs."""
    told = {"id": int(SENDING), "title": "宅配便", "source": "shopify", "is_removed": False}
    told |= {"tax_lines": [tax(0.1, "60")], "discount_allocations": []}
    told |= sums(price="660", discounted_price="660") | {"current_discounted_price_set": money("660")}
    empty = nothing("carrier_identifier", "code", "phone", "requested_fulfillment_service_id")
    return told | empty | more


def buyer(**more: Any) -> Payload:
    """The customer of an order."""
    told = {"id": int(BUYER), "admin_graphql_api_id": f"gid://shopify/Customer/{BUYER}", "state": "disabled"}
    told |= {"first_name": "葉子", "last_name": "小川", "email": "ogawa@buyer.example", "currency": "JPY"}
    told |= {"verified_email": True, "tax_exempt": False, "tax_exemptions": [], "tags": ""}
    told |= {"default_address": default_address()}
    return told | nothing("created_at", "updated_at", "note", "multipass_identifier", "phone") | more


def order(**more: Any) -> Payload:
    """`orders/create`: two kettles, 100 yen off them, and what sending cost, not sent yet."""
    told = {"id": int(ORDER), "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}", "token": "123456abcd"}
    told |= {"buyer_accepts_marketing": False, "confirmed": True, "contact_email": "ogawa@buyer.example"}
    told |= {"created_at": at(0), "processed_at": at(0), "updated_at": at(6), "currency": "JPY"}
    told |= {
        "presentment_currency": "JPY",
        "customer_locale": "ja",
        "discount_codes": [],
        "duties_included": False,
    }
    told |= {"email": "ogawa@buyer.example", "estimated_taxes": False, "financial_status": "paid"}
    told |= {"merchant_business_entity_id": "MTIz", "name": "#9999", "note_attributes": [], "number": 8_999}
    told |= {"order_number": 9_999, "order_status_url": "https://hanamoto.myshopify.com/1/orders/123456abcd"}
    told |= {"payment_gateway_names": ["shopify_payments"], "source_name": "web", "tags": "", "test": False}
    told |= {
        "tax_exempt": False,
        "taxes_included": True,
        "tax_lines": [tax(0.1, "232")],
        "total_weight": 3_000,
    }
    told |= sums(current_subtotal_price="1900", current_total_discounts="100", current_total_price="2560")
    told |= sums(current_total_tax="232", subtotal_price="1900", total_discounts="100", total_tax="232")
    told |= sums(total_line_items_price="2000", total_price="2560")
    told |= {"current_shipping_price_set": money("660"), "total_shipping_price_set": money("660")}
    told |= {"total_cash_rounding_payment_adjustment_set": money("0"), "total_outstanding": "0"}
    told |= {"total_cash_rounding_refund_adjustment_set": money("0"), "total_tip_received": "0"}
    told |= {"billing_address": where(), "shipping_address": where(), "customer": buyer()}
    whole = {"type": "manual", "value": "100.0", "value_type": "fixed_amount", "allocation_method": "across"}
    whole |= {"target_selection": "all", "target_type": "line_item", "title": "お得意様", "description": None}
    told |= {
        "discount_applications": [whole],
        "line_items": [line_item()],
        "shipping_lines": [shipping_line()],
    }
    told |= {"fulfillments": [], "refunds": [], "returns": [], "line_item_groups": []}
    empty = nothing("app_id", "browser_ip", "cancel_reason", "cancelled_at", "cart_token", "checkout_id")
    empty |= nothing("checkout_token", "client_details", "closed_at", "company", "confirmation_number")
    empty |= nothing("current_total_additional_fees_set", "current_total_duties_set", "device_id", "phone")
    empty |= nothing("fulfillment_status", "landing_site", "landing_site_ref", "location_id", "note")
    empty |= nothing("merchant_of_record_app_id", "original_total_additional_fees_set", "payment_terms")
    empty |= nothing("original_total_duties_set", "po_number", "reference", "referring_site", "user_id")
    return told | empty | nothing("source_identifier", "source_url") | more


def order_at_a_till(**more: Any) -> Payload:
    """An order of somebody unknown, paid in a store: nobody, nowhere, and a product that exists no more."""
    goods = line_item(discount_allocations=[], product_exists=False, quantity=1, current_quantity=1)
    goods |= nothing("product_id", "variant_id", "sku", "variant_title", "variant_inventory_management")
    told = order(
        source_name="pos", contact_email="", email="", tags=None, line_items=[goods | {"name": "鉄瓶"}]
    )
    told |= nothing("billing_address", "shipping_address", "customer", "processed_at")
    told |= {"shipping_lines": [], "discount_applications": []} | sums(total_price="1000")
    return told | more


def fulfilment(**more: Any) -> Payload:
    """`fulfillments/create`: both kettles, by Yamato."""
    told = {"id": int(PARCEL), "admin_graphql_api_id": f"gid://shopify/Fulfillment/{PARCEL}"}
    told |= {"order_id": int(ORDER), "status": "success", "created_at": at(8), "updated_at": at(8)}
    told |= {"name": "#9999.1", "email": "ogawa@buyer.example", "destination": where(), "receipt": {}}
    told |= {"tracking_company": "Yamato (JA)", "tracking_number": "1234-5678-9013"}
    told |= {"tracking_numbers": ["1234-5678-9013"], "tracking_url": "https://toi.example/1"}
    told |= {"tracking_urls": ["https://toi.example/1"], "line_items": [line_item()]}
    return told | nothing("location_id", "origin_address", "service", "shipment_status") | more


def refund(**more: Any) -> Payload:
    """`refunds/create`: the money for one kettle; amounts of lines are numbers here."""
    told = {"id": int(REFUND), "admin_graphql_api_id": f"gid://shopify/Refund/{REFUND}"}
    told |= {"order_id": int(ORDER), "created_at": at(10), "duties": [], "order_adjustments": []}
    row = {"id": 487_817_672_276_298_554, "line_item_id": int(LINE), "quantity": 1, "restock_type": "return"}
    row |= {"line_item": line_item(), "subtotal": 950, "subtotal_set": money("950")}
    row |= {"total_tax": 86.36, "total_tax_set": money("86.36"), "location_id": None}
    paid = {"id": 389_404_469, "admin_graphql_api_id": "gid://shopify/OrderTransaction/389404469"}
    paid |= {"amount": "950.00", "currency": "JPY", "kind": "refund", "status": "success", "test": False}
    paid |= {"order_id": int(ORDER), "gateway": "shopify_payments", "source_name": "web", "receipt": {}}
    paid |= {"created_at": at(10), "processed_at": at(10), "payment_id": "#9999.2", "parent_id": 1}
    paid |= {"amount_rounding": None, "manual_payment_gateway": False, "payments_refund_attributes": None}
    paid |= nothing("authorization", "device_id", "error_code", "location_id", "message", "user_id")
    told |= {"refund_line_items": [row], "refund_shipping_lines": [], "transactions": [paid]}
    return told | nothing("note", "processed_at", "return", "user_id") | more


def customer(**more: Any) -> Payload:
    """`customers/update`."""
    told = buyer() | {"created_at": at(0), "updated_at": at(1), "addresses": [default_address()]}
    told |= {"orders_count": 0, "total_spent": "0", "sms_transactional_consent": None}
    asked = {"state": "not_subscribed", "opt_in_level": None, "consent_updated_at": None}
    told |= {"email_marketing_consent": asked, "sms_marketing_consent": None}
    return told | nothing("last_order_id", "last_order_name") | more


def product(**more: Any) -> Payload:
    """`products/update`, with two forms of which one has no SKU."""
    told = {"id": int(PRODUCT), "admin_graphql_api_id": f"gid://shopify/Product/{PRODUCT}", "title": "鉄瓶"}
    told |= {"handle": "tetsubin", "product_type": "茶道具", "published_scope": "web", "status": "active"}
    told |= {"tags": "鉄, 湯", "vendor": "花もと", "updated_at": at(2), "images": [], "media": []}
    told |= {"published_at": at(0), "has_variants_that_requires_components": False, "variant_gids": []}
    told |= {
        "options": [{"id": 1, "product_id": int(PRODUCT), "name": "色", "position": 1, "values": ["黒"]}]
    }
    black = {"id": int(VARIANT), "admin_graphql_api_id": f"gid://shopify/ProductVariant/{VARIANT}"}
    black |= {"inventory_item_id": int(ITEM), "inventory_policy": "deny", "position": 1, "price": "1000"}
    black |= {"product_id": int(PRODUCT), "sku": "K-1", "taxable": True, "title": "黒", "option1": "黒"}
    black |= {"inventory_quantity": 7, "old_inventory_quantity": 7, "updated_at": at(2)}
    black |= nothing("barcode", "compare_at_price", "created_at", "image_id", "option2", "option3")
    red = black | {"id": int(VARIANT) + 1, "sku": None, "title": "赤", "option1": "赤", "position": 2}
    told |= {"variants": [black, red | {"inventory_item_id": int(ITEM) + 1, "price": "1200"}]}
    return told | nothing("body_html", "category", "created_at", "image", "template_suffix") | more


def stock(**more: Any) -> Payload:
    """`inventory_levels/update`; `available` is null where the shop keeps no count."""
    told = {"inventory_item_id": int(ITEM), "location_id": int(PLACE), "available": 7, "updated_at": at(3)}
    name = f"gid://shopify/InventoryLevel/{PLACE}?inventory_item_id={ITEM}"
    return told | {"admin_graphql_api_id": name} | more


def refunded_line(**more: Any) -> Payload:
    """One kettle of a refund, taken off before it was sent."""
    told = {"id": 487_817_672_276_298_555, "line_item_id": int(LINE), "quantity": 1, "restock_type": "cancel"}
    told |= {"line_item": line_item(), "subtotal": 950, "subtotal_set": money("950"), "location_id": None}
    return told | {"total_tax": 86, "total_tax_set": money("86")} | more


def taken_off(**more: Any) -> Payload:
    """What an edit leaves among the refunds of an order: a kettle less, and no money that moved."""
    return refund(id=int(REFUND) + 1, refund_line_items=[refunded_line()], transactions=[], **more)


def edited_order(**more: Any) -> Payload:
    """`orders/updated` after `orders/edited`: a kettle less, a gift card more. `quantity` and `total_price` know of
    what came and not of what went.
    """
    kettle = line_item(current_quantity=1, fulfillable_quantity=1)
    card = line_item(id=int(LINE) + 1, name="ギフトカード", title="ギフトカード", sku="GIFT", gift_card=True)
    card |= {"quantity": 1, "current_quantity": 1, "taxable": False, "tax_lines": [], "price": "3000"}
    card |= {"requires_shipping": False, "discount_allocations": [], "price_set": money("3000")}
    card |= nothing("variant_id", "variant_title", "variant_inventory_management")
    told = order(updated_at=at(20), financial_status="pending", line_items=[kettle, card])
    told |= sums(total_price="5560", current_total_price="4610") | {"refunds": [taken_off()]}
    return told | more


def order_edit() -> Payload:
    """`orders/edited`: what was changed alone."""
    change = {"additions": [{"id": int(LINE) + 1, "delta": 1}], "removals": [{"id": int(LINE), "delta": 1}]}
    told = {"id": 78_912_328_793_230_043, "order_id": int(ORDER), "created_at": at(20)}
    told |= {"line_items": change, "discounts": {"line_item": {"additions": [], "removals": []}}}
    told |= {"shipping_lines": {"additions": [], "removals": []}, "notify_customer": False, "staff_note": ""}
    return {"order_edit": told | nothing("app_id", "user_id")}


def cancelled_order(**more: Any) -> Payload:
    """`orders/cancelled`: paid, cancelled by the customer before it was sent, all of the money given back."""
    gone = line_item(current_quantity=0, fulfillable_quantity=0)
    both = refunded_line(quantity=2, subtotal=1_900, subtotal_set=money("1900"))
    sending = {"id": 1, "shipping_line": shipping_line(), "subtotal_amount_set": money("660")}
    paid = refund()["transactions"][0] | {"amount": "2560"}
    whose = {"order_id": more.get("id", int(ORDER)), "id": int(REFUND) + 2}
    back = refund(refund_line_items=[both], transactions=[paid], note="お客様のご都合", **whose)
    back["refund_shipping_lines"] = [sending | {"tax_amount_set": money("60")}]
    told = order(updated_at=at(30), financial_status="refunded", line_items=[gone], refunds=[back])
    told |= {"cancel_reason": "customer", "cancelled_at": at(30), "closed_at": at(30), "confirmed": False}
    return told | sums(current_subtotal_price="0", current_total_price="0", current_total_tax="0") | more


def adjustment(amount: str) -> Payload:
    """The difference between what lines come to and what was given back, as an amount of somebody's choosing leaves."""
    told = {"id": 1_030_976_842, "order_id": int(ORDER), "refund_id": int(REFUND), "amount": amount}
    told |= {"amount_set": money(amount), "tax_amount": "0", "tax_amount_set": money("0")}
    return told | {"kind": "refund_discrepancy", "reason": "Refund discrepancy"}


def refund_in_dollars(**more: Any) -> Payload:
    """`refunds/create` of who paid in dollars: money is in dollars, lines are in yen and in dollars."""
    paid = refund()["transactions"][0] | {"amount": "6.50", "currency": "USD"}
    row = refunded_line(restock_type="return", subtotal_set=money("950", presented=("6.50", "USD")))
    return refund(refund_line_items=[row], transactions=[paid]) | more
