"""What a shop of one's own hands in, as docs/shop-api.md says it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.media import ONLINE
from madoguchi.commerce.outside import Numbers, OutsideLine, OutsideOrder
from madoguchi.kernel.errors import Refused
from madoguchi.storefronts.reading import Found, day, each, inner, micros, moment, truth, whole, word, words
from madoguchi.storefronts.told import (
    Told,
    ToldCustomer,
    ToldFit,
    ToldOrder,
    ToldProduct,
    ToldRefund,
    ToldShipment,
    ToldStock,
    ToldVariant,
)

MOST_ITEMS = 100
_MOST_ID = 100
_SORTS = {"": "", "person": "", "household": "household", "firm": "firm"}


def read(topic: str, found: Found, *, triggered: int = 0) -> Told:
    """What an item of this type tells. Raises Refused for what makes no sense, with the field."""
    if topic not in _READ:
        known = "、".join(_READ)
        raise Refused(
            _("“%(type)s” is no type of item. There are: %(known)s") % {"type": topic[:40], "known": known}
        )
    return _READ[topic](found)


def name_of(found: Found) -> str:
    """What an item is about, as the shop calls it; empty where it does not say."""
    value = found.get("id") or found.get("code")
    return str(value)[:_MOST_ID] if isinstance(value, str | int) else ""


def _version(found: Found) -> dict[str, Any]:
    """Its id and version: a number that grows, or the moment at which it was changed last."""
    number, at = whole(found, "version"), moment(found, "updated_at")
    if number is None and at is None:
        raise Refused(
            _("It needs a “version” or an “updated_at”, for things arrive in any order."), field="version"
        )
    version = micros(at) if number is None else number
    return {"id": word(found, "id", most=_MOST_ID, needed=True), "version": version}


def _customer(found: Found) -> ToldCustomer:
    sort = word(found, "sort", most=20)
    if sort not in _SORTS:
        raise Refused(_("“sort” is person, household or firm."), field="sort")
    said = [
        (word(one, "id", most=_MOST_ID, needed=True), word(one, "role", most=60))
        for one in each(found, "groups")
    ]
    groups = dict(said) if found.get("groups") is not None else None
    return ToldCustomer(**_version(found), **_person(found), sort=_SORTS[sort], groups=groups)


def _person(found: Found) -> dict[str, Any]:
    emails, phones, members = (word(found, name, most=254) for name in ("email", "phone", "member"))
    return {
        "name": word(found, "name"),
        "kana": word(found, "kana"),
        "emails": (emails,) if emails else (),
        "phones": (phones,) if phones else (),
        "members": (members,) if members else (),
        "address": word(found, "address", most=300),
    }


def _order(found: Found) -> ToldOrder:
    who = inner(found, "customer")
    said = OutsideOrder(
        number=word(found, "number", most=40) or word(found, "id", most=40),
        placed_at=_needed(found, "placed_at"),
        lines=[_line(line) for line in each(found, "lines")],
        recipient=word(found, "recipient") or word(who, "name"),
        postcode=word(found, "postcode", most=20),
        address=word(found, "address", most=300),
        phone=word(found, "phone", most=40),
        note=word(found, "note", most=500),
        medium=word(found, "medium", most=200) or ONLINE,
        state=word(found, "state", most=20) or "placed",
        delivered_at=moment(found, "delivered_at"),
        paid_at=moment(found, "paid_at"),
        total=whole(found, "total"),
    )
    customer = ToldCustomer(id=word(who, "id", most=_MOST_ID), **_person(who))
    return ToldOrder(**_version(found), said=said, customer=customer)


def _line(found: Found) -> OutsideLine:
    quantity = whole(found, "quantity", needed=True) or 0
    total = whole(found, "total")
    if total is None:
        total = quantity * (whole(found, "unit_price", needed=True) or 0)
    rate = whole(found, "tax_rate")
    return OutsideLine(
        key=word(found, "id", most=60, needed=True),
        code=word(found, "code", most=60),
        name=word(found, "name", most=300, needed=True),
        quantity=quantity,
        total=total,
        tax_rate=10 if rate is None else rate,
        tax_included=truth(found, "tax_included", usual=True),
        shipping=truth(found, "shipping", usual=False),
        numbers=_numbers(found),
    )


def _numbers(found: Found) -> Numbers | None:
    """What it says of its pieces; an empty lot or list takes back what was told before."""
    if found.get("lot") is None and found.get("serials") is None:
        return None
    return Numbers(word(found, "lot", most=40), words(found, "serials", most=60))


def _product(found: Found) -> ToldProduct:
    gone = truth(found, "gone", usual=False)
    variants = [_variant(one) for one in each(found, "variants")]
    if not variants and not gone:
        raise Refused(_("A product needs a variant, with its code and its price."), field="variants")
    return ToldProduct(
        **_version(found),
        name=word(found, "name", needed=not gone),
        variants=variants,
        kana=word(found, "kana") or None,
        tax_rate=whole(found, "tax_rate"),
        tax_included=truth(found, "tax_included", usual=True) if "tax_included" in found else None,
        warranty_months=whole(found, "warranty_months"),
        gone=gone,
    )


def _variant(found: Found) -> ToldVariant:
    code = word(found, "code", most=60, needed=True)
    attributes = inner(found, "attributes")
    return ToldVariant(
        id=word(found, "id", most=_MOST_ID) or code,
        code=code,
        price=whole(found, "price", needed=True) or 0,
        name=word(found, "name", most=100),
        item=code,
        attributes={name[:40]: word(attributes, name) for name in attributes},
        active=truth(found, "active", usual=True),
    )


def _fit(found: Found) -> ToldFit:
    gone = truth(found, "gone", usual=False)
    return ToldFit(
        **_version(found),
        product=word(found, "product", most=60, needed=not gone),
        other=word(found, "other", most=60),
        outside=word(found, "outside"),
        verdict=word(found, "verdict", most=20),
        conditions=word(found, "conditions", most=500),
        source=word(found, "source", most=500),
        sourced_on=None if gone else day(found, "sourced_on"),
        gone=gone,
    )


def _stock(found: Found) -> ToldStock:
    code, place = word(found, "code", most=60, needed=True), word(found, "place", most=60)
    said = _version({"id": f"{code} {place}".strip()} | dict(found))
    return ToldStock(**said, code=code, place=place, quantity=whole(found, "quantity", needed=True) or 0)


def _shipment(found: Found) -> ToldShipment:
    return ToldShipment(
        **_version(found),
        order=word(found, "order", most=_MOST_ID, needed=True),
        carrier=word(found, "carrier", most=10) or "other",
        slip=word(found, "slip", most=60),
        state=word(found, "state", most=12) or "handed_over",
        at=_needed(found, "at"),
        pieces=_pieces(found) or None,
    )


def _refund(found: Found) -> ToldRefund:
    return ToldRefund(
        **_version(found),
        order=word(found, "order", most=_MOST_ID, needed=True),
        pieces=_pieces(found),
        at=_needed(found, "at"),
        total=whole(found, "total"),
        note=word(found, "note", most=300),
    )


def _pieces(found: Found) -> dict[str, int]:
    rows = list(each(found, "lines"))
    return {word(one, "line", most=60, needed=True): whole(one, "quantity", needed=True) or 0 for one in rows}


def _needed(found: Found, name: str) -> Any:
    return moment(found, name, needed=True)


_READ: Mapping[str, Callable[[Found], Told]] = {
    "customer": _customer,
    "order": _order,
    "product": _product,
    "fit": _fit,
    "stock": _stock,
    "shipment": _shipment,
    "refund": _refund,
}
