"""What Shopify's Admin webhooks hand in, and what a bulk export holds (`bulk.py` brings it into the same form). Pure.

Fields are those of the payloads of https://shopify.dev/docs/api/webhooks (REST names, JSON).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.delivering import PREFECTURES
from madoguchi.commerce.models import Order, Parcel
from madoguchi.commerce.outside import OutsideLine, OutsideOrder
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import fold
from madoguchi.storefronts.reading import Found, each, inner, micros, moment, truth, whole, word
from madoguchi.storefronts.told import (
    Nothing,
    Told,
    ToldCustomer,
    ToldOrder,
    ToldProduct,
    ToldRefund,
    ToldShipment,
    ToldStock,
    ToldVariant,
)

_MOST_ID = 60
_CARRIERS = {
    Parcel.Carrier.YAMATO: ("yamato", "ヤマト"),
    Parcel.Carrier.SAGAWA: ("sagawa", "佐川"),
    Parcel.Carrier.JAPAN_POST: ("japan post", "日本郵便", "ゆうパック"),
}
# `shipment_status`; where there is none, the parcel was handed over.
_STATES = {
    "label_printed": Parcel.State.PREPARING,
    "label_purchased": Parcel.State.PREPARING,
    "confirmed": Parcel.State.HANDED_OVER,
    "ready_for_pickup": Parcel.State.IN_TRANSIT,
    "in_transit": Parcel.State.IN_TRANSIT,
    "out_for_delivery": Parcel.State.IN_TRANSIT,
    "attempted_delivery": Parcel.State.ABSENT,
    "delivered": Parcel.State.DELIVERED,
    "failure": Parcel.State.RETURNED,
}
_PAID = ("paid", "partially_refunded", "refunded")
_SENT = ("fulfilled",)
# What is not listed is sold to whoever has the link.
_SOLD = ("", "active", "unlisted")


def read(topic: str, found: Found, *, triggered: int = 0) -> Told:
    """What a webhook of this topic tells; `triggered` is when Shopify says it was set off, in microseconds.

    Raises Refused for what makes no sense. A topic that we have no use for is `Nothing`, never an error.
    """
    reader = _READ.get(topic)
    if reader is None:
        return Nothing(id=name_of(found), why=_("This topic is of no use here."))
    _require_shape(topic, found)
    return reader(found, triggered)


def _require_shape(topic: str, found: Found) -> None:
    """Shopify signs the body and not the topic: what was signed as one thing must not be read as another."""
    needed, strange = _SHAPES.get(topic.partition("/")[0], ((), ()))
    if topic == "products/delete":
        needed, strange = (), tuple(name for name in found if name != "id")
    if any(name not in found for name in needed) or any(name in found for name in strange):
        raise Refused(
            _("What it says does not fit its topic, “%(topic)s”.") % {"topic": topic}, field="topic"
        )


def name_of(found: Found) -> str:
    """What a payload is about."""
    value = found.get("id") or found.get("inventory_item_id")
    return str(value)[:_MOST_ID] if isinstance(value, str | int) else ""


def _version(found: Found, triggered: int) -> dict[str, Any]:
    """Its id and version. `updated_at` knows seconds alone: of two in one second the later one set off counts."""
    at = moment(found, "updated_at") or moment(found, "created_at")
    return {
        "id": word(found, "id", most=_MOST_ID, needed=True),
        "version": micros(at) or triggered,
        "tie": triggered,
    }


def _order(found: Found, triggered: int) -> ToldOrder:
    _require_yen(found)
    version = _version(found, triggered)
    to = inner(found, "shipping_address") or inner(found, "billing_address")
    taken_off = _taken_off(found)
    said = OutsideOrder(
        number=word(found, "name", most=40) or version["id"],
        placed_at=_first(found, "processed_at", "created_at"),
        lines=list(_lines(found, taken_off)),
        recipient=_name(to),
        postcode=word(to, "zip", most=20),
        address=_address(to),
        phone=word(to, "phone", most=40) or word(found, "phone", most=40),
        note=word(found, "note", most=500),
        state=_state(found),
        paid_at=_paid_at(found),
        # `total_price` is that of before anything was taken off.
        total=None if taken_off else whole(found, "total_price"),
    )
    return ToldOrder(
        **version,
        said=said,
        customer=_buyer(found, said),
        shipments=[
            _shipment({"order_id": version["id"], **one}, triggered) for one in each(found, "fulfillments")
        ],
        refunds=[_refund({"order_id": version["id"], **one}, triggered) for one in each(found, "refunds")],
    )


def _require_yen(found: Found) -> None:
    currency = word(found, "currency", most=3)
    if currency not in ("", "JPY"):
        raise Refused(
            _("Its amounts are in %(currency)s, not in yen.") % {"currency": currency}, field="currency"
        )


def _first(found: Found, *names: str) -> datetime:
    at = next((at for name in names if (at := moment(found, name))), None)
    if at is None:
        raise Refused(_("“%(field)s” is missing.") % {"field": names[-1]}, field=names[-1])
    return at


def _state(found: Found) -> str:
    if moment(found, "cancelled_at"):
        return Order.State.CANCELLED.value
    sent = word(found, "fulfillment_status", most=30) in _SENT
    return (Order.State.SHIPPED if sent else Order.State.PLACED).value


def _paid_at(found: Found) -> datetime | None:
    if word(found, "financial_status", most=30) not in _PAID:
        return None
    return _first(found, "processed_at", "created_at")


def _taken_off(found: Found) -> dict[str, tuple[int, int]]:
    """How many pieces of a line were taken off the order before they were sent, and what they would have cost: edits
    leave `quantity` as it was, and say so by a refund in which no money moves. Nothing of an order that was cancelled.
    """
    gone: dict[str, tuple[int, int]] = {}
    for refund in each(found, "refunds") if not moment(found, "cancelled_at") else ():
        for one in each(refund, "refund_line_items") if not _given_back(refund) else ():
            if word(one, "restock_type", most=20) != "cancel":
                continue
            key = word(one, "line_item_id", most=_MOST_ID, needed=True)
            pieces, cost = gone.get(key, (0, 0))
            pieces += whole(one, "quantity", needed=True) or 0
            gone[key] = (pieces, cost + (whole(one, "subtotal", needed=True) or 0))
    return gone


def _lines(found: Found, taken_off: Mapping[str, tuple[int, int]]) -> Iterator[OutsideLine]:
    included = truth(found, "taxes_included", usual=True)
    for one in each(found, "line_items"):
        key = word(one, "id", most=_MOST_ID, needed=True)
        quantity = whole(one, "quantity", needed=True) or 0
        total = quantity * (whole(one, "price", needed=True) or 0) - _discount(one)
        less, cost = taken_off.get(key, (0, 0))
        if less and less >= quantity:
            continue
        yield OutsideLine(
            key=key,
            code=_code(one, "variant_id"),
            name=word(one, "name", most=300) or word(one, "title", most=300),
            quantity=quantity - less,
            total=total - cost,
            tax_rate=_rate(one),
            tax_included=included,
        )
    for one in each(found, "shipping_lines"):
        total = (whole(one, "price", needed=True) or 0) - _discount(one)
        if total:
            yield OutsideLine(
                key=_shipping(word(one, "id", most=_MOST_ID)),
                name=word(one, "title", most=300) or "送料",
                quantity=1,
                total=total,
                tax_rate=_rate(one),
                tax_included=included,
                shipping=True,
            )


def _shipping(key: str) -> str:
    return f"shipping {key}"


def _code(found: Found, id_: str) -> str:
    """The SKU; a variant without one is called by its id, here as at the product."""
    sku, variant = word(found, "sku", most=60), word(found, id_, most=_MOST_ID)
    return sku or (f"shopify-{variant}" if variant else "")


def _discount(found: Found) -> int:
    """What all discounts take off a line: `discount_allocations` has those of the whole order, too."""
    return sum(whole(one, "amount", needed=True) or 0 for one in each(found, "discount_allocations"))


def _rate(found: Found) -> int:
    """The percent of tax: 0 where none is told. Raises Refused for a part of a percent."""
    rate = sum((Fraction(str(one.get("rate") or 0)) * 100 for one in each(found, "tax_lines")), Fraction(0))
    if rate.denominator != 1:
        raise Refused(_("The tax is 10, 8 or 0 percent."), field="tax_lines")
    return int(rate)


def _name(found: Found) -> str:
    """Family name first, as here; else the whole as it stands."""
    parts = [word(found, name) for name in ("last_name", "first_name")]
    return " ".join(part for part in parts if part) or word(found, "name")


def _address(found: Found) -> str:
    code = word(found, "province_code", most=10).removeprefix("JP-")
    is_ours = code.isascii() and code.isdigit() and 1 <= int(code) <= len(PREFECTURES)
    province = PREFECTURES[int(code) - 1] if is_ours else word(found, "province")
    parts = [province, *(word(found, name) for name in ("city", "address1", "address2"))]
    joined = parts[0] + parts[1] if is_ours else " ".join(filter(None, parts[:2]))
    return " ".join(filter(None, (joined, *parts[2:], word(found, "company"))))[:300]


def _buyer(found: Found, said: OutsideOrder) -> ToldCustomer:
    who = inner(found, "customer")
    emails = [word(where, "email", most=254) for where in (who, found)]
    phones = [word(where, "phone", most=40) for where in (who, found)]
    if not who:
        # Who buys as a guest leaves an address for news of the order, and a number with the bill: whom goods are sent
        # to may be somebody else.
        emails.append(word(found, "contact_email", most=254))
        phones.append(word(inner(found, "billing_address"), "phone", most=40))
    return ToldCustomer(
        id=word(who, "id", most=_MOST_ID),
        name=_name(who) or _name(inner(found, "billing_address")) or said.recipient,
        emails=tuple(dict.fromkeys(filter(None, emails))),
        phones=tuple(dict.fromkeys(filter(None, phones))),
        address=_address(inner(who, "default_address")) or said.address,
    )


def _customer(found: Found, triggered: int) -> ToldCustomer:
    where = inner(found, "default_address")
    email, phone = word(found, "email", most=254), word(found, "phone", most=40)
    return ToldCustomer(
        **_version(found, triggered),
        name=_name(found),
        emails=(email,) if email else (),
        phones=(phone,) if phone else (),
        address=_address(where),
    )


def _shipment(found: Found, triggered: int) -> ToldShipment:
    company = fold(word(found, "tracking_company"))
    carrier = next(
        (one for one, parts in _CARRIERS.items() if any(fold(p) in company for p in parts)), "other"
    )
    numbers = found.get("tracking_numbers")
    slip = word(found, "tracking_number", most=60) or (
        str(numbers[0])[:60] if isinstance(numbers, list) and numbers else ""
    )
    told = word(found, "shipment_status", most=30)
    rows = list(each(found, "line_items"))
    return ToldShipment(
        **_version(found, triggered),
        order=word(found, "order_id", most=_MOST_ID, needed=True),
        carrier=carrier,
        slip=slip,
        state=_STATES.get(told, Parcel.State.HANDED_OVER).value,
        at=_first(found, "updated_at", "created_at"),
        pieces={word(one, "id", most=_MOST_ID, needed=True): whole(one, "quantity") or 0 for one in rows}
        or None,
        gone=word(found, "status", most=20) in ("cancelled", "error", "failure"),
    )


def _refund(found: Found, triggered: int) -> Told:
    """Money that was given back. What is only put back into stock, or taken off an unpaid order, is no refund."""
    version = _version(found, triggered)
    paid = _given_back(found)
    if not paid:
        return Nothing(**version, why=_("No money was given back."))
    pieces: dict[str, int] = {}
    for one in each(found, "refund_line_items"):
        key = word(one, "line_item_id", most=_MOST_ID, needed=True)
        pieces[key] = pieces.get(key, 0) + (whole(one, "quantity", needed=True) or 0)
    for one in each(found, "refund_shipping_lines"):
        pieces[_shipping(word(inner(one, "shipping_line"), "id", most=_MOST_ID))] = 1
    return ToldRefund(
        **version,
        order=word(found, "order_id", most=_MOST_ID, needed=True),
        pieces=pieces,
        at=_first(found, "processed_at", "created_at"),
        total=_refunded(found, paid),
        note=word(found, "note", most=300),
    )


def _given_back(refund: Found) -> list[Found]:
    return [
        one
        for one in each(refund, "transactions")
        if one.get("kind") == "refund" and one.get("status") == "success"
    ]


def _refunded(found: Found, paid: Sequence[Found]) -> int | None:
    """What came back in yen. Who paid in another currency gets that back, and the refund says nowhere what it was in
    yen: then it is what its lines come to, and Refused where it was another amount.
    """
    if all(word(one, "currency", most=3) in ("", "JPY") for one in paid):
        return sum(whole(one, "amount", needed=True) or 0 for one in paid)
    if any(each(found, "order_adjustments")):
        raise Refused(
            _("It was given back in another currency, and not what its lines come to."), field="total"
        )
    return None


def _product(found: Found, triggered: int) -> ToldProduct:
    active = word(found, "status", most=20) in _SOLD
    return ToldProduct(
        **_version(found, triggered),
        name=word(found, "title", needed=True),
        variants=[_variant(one, active=active) for one in each(found, "variants")],
    )


def _variant(found: Found, *, active: bool) -> ToldVariant:
    name = word(found, "title", most=100)
    return ToldVariant(
        id=word(found, "id", most=_MOST_ID, needed=True),
        code=_code(found, "id"),
        price=whole(found, "price", needed=True) or 0,
        name="" if name == "Default Title" else name,
        item=word(found, "inventory_item_id", most=_MOST_ID),
        active=active,
    )


def _gone(found: Found, triggered: int) -> ToldProduct:
    return ToldProduct(
        id=word(found, "id", most=_MOST_ID, needed=True), version=triggered, tie=triggered, gone=True
    )


def _stock(found: Found, triggered: int) -> Told:
    item, place = (
        word(found, name, most=_MOST_ID, needed=True) for name in ("inventory_item_id", "location_id")
    )
    said = _version({"id": f"{item} {place}"} | dict(found), triggered)
    available = whole(found, "available")
    if available is None:
        return Nothing(**said, why=_("Shopify keeps no count of it."))
    return ToldStock(**said, item=item, place=f"Shopify {place}", quantity=max(0, available))


def _for_a_person(found: Found, triggered: int) -> Nothing:
    who = word(inner(found, "customer"), "id", most=_MOST_ID) or name_of(found)
    why = _(
        "Shopify hands on what a person asks for by law: take it up under “Requests about personal data”."
    )
    return Nothing(id=who, why=why, for_a_person=True)


# What a payload of a kind of topic has, and what only those of others have.
_SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "orders": (("line_items",), ("order_id", "variants")),
    "fulfillments": (("order_id", "status"), ("variants", "refund_line_items")),
    "refunds": (("order_id", "transactions"), ("variants", "tracking_number")),
    "customers": ((), ("line_items", "order_id", "variants", "title")),
    "products": (("variants",), ("line_items", "order_id")),
    "inventory_levels": (("inventory_item_id", "location_id"), ("line_items", "variants")),
}
_Reader = Callable[[Found, int], Told]
_READ: Mapping[str, _Reader] = {
    **dict.fromkeys(
        ("orders/create", "orders/updated", "orders/cancelled", "orders/paid", "orders/fulfilled"), _order
    ),
    **dict.fromkeys(("fulfillments/create", "fulfillments/update"), _shipment),
    "refunds/create": _refund,
    **dict.fromkeys(("customers/create", "customers/update"), _customer),
    **dict.fromkeys(("products/create", "products/update"), _product),
    "products/delete": _gone,
    **dict.fromkeys(("inventory_levels/update", "inventory_levels/connect"), _stock),
    **dict.fromkeys(("customers/data_request", "customers/redact", "shop/redact"), _for_a_person),
}
