"""A bulk export of Shopify (JSON Lines): one object a line, what belongs to another named by `__parentId`.

Parents may stand before or after what belongs to them, so places are noted first and read then. GraphQL's names and
ids are brought into those of webhooks (`shopify.py` reads both):
https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from madoguchi.storefronts.actions.taking import Item
from madoguchi.storefronts.reading import MOST_DEEP

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([A-Za-z0-9_-]+)(?:\?.*)?")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOPICS = {"Order": "orders/updated", "Customer": "customers/update", "Product": "products/update"}
_INSIDE = {
    "LineItem": "line_items",
    "ShippingLine": "shipping_lines",
    "ProductVariant": "variants",
    "Fulfillment": "fulfillments",
    "FulfillmentLineItem": "line_items",
    "Refund": "refunds",
    "RefundLineItem": "refund_line_items",
    "OrderTransaction": "transactions",
}
# What GraphQL calls otherwise than webhooks do, after the humps have gone.
_CALLED = {
    "original_unit_price_set": "price",
    "original_price_set": "price",
    "allocated_amount_set": "amount",
    "amount_set": "amount",
    "total_price_set": "total_price",
    "display_financial_status": "financial_status",
    "display_fulfillment_status": "fulfillment_status",
    "display_status": "shipment_status",
    "legacy_resource_id": "id",
    "address_1": "address1",
    "address_2": "address2",
}
_WORDS = frozenset({"financial_status", "fulfillment_status", "shipment_status", "status", "kind"})
MOST_LINE = 4_000_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no object of Shopify, or belongs to none that is there: its number, and why."""

    line: int
    why: str


def items_in(path: Path) -> Iterator[Item | Unreadable]:
    """The orders, customers and products of a file, each with what belongs to it. The same file again has items of the
    same names, so that they are taken in once.
    """
    places, bad = _places(path)
    yield from bad
    roots = [gid for gid, (_at, parent, _n) in places.items() if not parent]
    inside: dict[str, list[str]] = {}
    for gid, (_at, parent, number) in places.items():
        if parent and parent in places:
            inside.setdefault(parent, []).append(gid)
        elif parent:
            yield Unreadable(number, f"{parent} is not in this file")
    with path.open("rb") as file:
        for gid in roots:
            yield _item(file, gid, places, inside)


# What a webhook has even where there is none of it.
_HAS_ALWAYS: Mapping[str, dict[str, Any]] = {"Order": {"line_items": []}, "Product": {"variants": []}}


def _item(
    file: BinaryIO, gid: str, places: Mapping[str, tuple[int, str, int]], inside: Mapping[str, list[str]]
) -> Item | Unreadable:
    kind, number = _parted(gid)
    if kind not in _TOPICS:
        return Unreadable(places[gid][2], f"{kind} is of no use here")
    found = _HAS_ALWAYS.get(kind, {}) | _whole(file, gid, places, inside)
    return Item(f"bulk {kind} {number} {found.get('updated_at') or ''}".strip(), _TOPICS[kind], found)


def _whole(
    file: BinaryIO,
    gid: str,
    places: Mapping[str, tuple[int, str, int]],
    inside: Mapping[str, list[str]],
    deep: int = 0,
) -> dict[str, Any]:
    """An object as webhooks would tell it, with all that belongs to it."""
    file.seek(places[gid][0])
    found: dict[str, Any] = plain(json.loads(file.readline()))
    for child in inside.get(gid, []) if deep < MOST_DEEP else []:
        name = _INSIDE.get(_parted(child)[0])
        if name:
            rows = found.setdefault(name, [])
            if isinstance(rows, list):
                rows.append(_whole(file, child, places, inside, deep + 1))
    return found


def plain(value: Any, *, name: str = "") -> Any:
    """What GraphQL says, in the names and forms of webhooks."""
    if isinstance(value, list):
        return [plain(one, name=name) for one in value]
    if isinstance(value, str):
        part = _GID.fullmatch(value)
        return part[2] if part else (value.lower() if name in _WORDS else value)
    if not isinstance(value, dict):
        return value
    if isinstance(money := value.get("shopMoney"), dict):
        return str(money.get("amount"))
    if isinstance(nodes := value.get("nodes"), list):
        return [plain(one, name=name) for one in nodes]
    told = {}
    for key, one in value.items():
        called = _HUMP.sub("_", key).lower()
        called = _CALLED.get(called, called)
        told[called] = plain(one, name=called)
        if isinstance(one, dict) and isinstance(one.get("shopMoney"), dict):
            told.setdefault("currency", one["shopMoney"].get("currencyCode"))
    return _flat(told)


def _flat(told: dict[str, Any]) -> dict[str, Any]:
    """What webhooks say by an id beside the line, and GraphQL by an object in it."""
    for inner, id_ in (
        ("variant", "variant_id"),
        ("line_item", "line_item_id"),
        ("inventory_item", "inventory_item_id"),
    ):
        if isinstance(told.get(inner), dict) and "id" in told[inner]:
            told.setdefault(id_, told[inner]["id"])
    if isinstance(info := told.get("tracking_info"), list) and info and isinstance(info[0], dict):
        told.setdefault("tracking_company", info[0].get("company"))
        told.setdefault("tracking_number", info[0].get("number"))
    return told


def _places(path: Path) -> tuple[dict[str, tuple[int, str, int]], list[Unreadable]]:
    """Where each object stands: at which byte, to which it belongs, and in which line."""
    places: dict[str, tuple[int, str, int]] = {}
    bad: list[Unreadable] = []
    with path.open("rb") as file:
        number = 0
        while True:
            at, number = file.tell(), number + 1
            if not (line := file.readline()):
                return places, bad
            if not line.strip():
                continue
            try:
                found: dict[str, Any] = json.loads(line if len(line) <= MOST_LINE else b"")
                gid = found["id"] if "id" in found else f"{found['__parentId']}#{number}"
                parent = found.get("__parentId") or ""
                if not isinstance(gid, str) or not isinstance(parent, str) or not _GID.match(gid):
                    raise TypeError
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                bad.append(Unreadable(number, "this line is no object of Shopify"))
                continue
            places[gid] = (at, parent, number)


def _parted(gid: str) -> tuple[str, str]:
    part = _GID.match(gid)
    assert part is not None, "only names of Shopify are kept"
    return part[1], part[2]
