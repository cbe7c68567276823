"""Where connected shops hand in what happens in them."""

import hashlib
import json
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from madoguchi.infra import limits
from madoguchi.infra.limits import TooOften
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import public
from madoguchi.portal.visitors import visitor_key
from madoguchi.storefronts.actions.taking import Item, hand_in
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.own import MOST_ITEMS
from madoguchi.storefronts.proving import is_from, is_signed
from madoguchi.storefronts.queries import storefront_behind
from madoguchi.storefronts.reading import micros

MINUTE, WINDOW = 60, 600
_MOST_TOPIC = 60
MOST_BYTES = 2_000_000
MOST_OF_SHOP, MOST_UNSIGNED = 1_200, 60


class Garbled(ValueError):
    """What was posted is nothing that a shop writes."""


@csrf_exempt  # no cookie gives any right here: what is posted is signed
@public("a connected shop hands in what happened there; it is proven by the signature of that shop")
@require_POST
def shop_door(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what a shop hands in, have it so, and say what became of each thing."""
    shop, body = _shop_behind(key), _body(request)
    try:
        if refused := _refused(request, shop, body):
            return refused
        limits.count(f"shop:entry:{shop.pk}", most=MOST_OF_SHOP, seconds=MINUTE)
        rows = hand_in(shop, _items(request, shop, body))
    except TooOften as limit:
        return JsonResponse({"error": "too often", "seconds": limit.seconds}, status=429)
    except Garbled as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"items": [_said(row) for row in rows]})


def _refused(request: HttpRequest, shop: Storefront, body: bytes) -> HttpResponse | None:
    """The answer to who is not this shop. Raises TooOften."""
    if not is_signed(body, request.headers, kind=shop.kind, secret=shop.secret, now=clock.now()):
        unsigned = f"shop:unsigned:{shop.pk}:{visitor_key(request)}"
        limits.count(unsigned, most=MOST_UNSIGNED, seconds=WINDOW)
        return JsonResponse({"error": "not signed by this shop, or too long ago"}, status=401)
    if not is_from(request.headers, kind=shop.kind, domain=shop.domain):
        return JsonResponse({"error": "signed for another shop than the one connected here"}, status=403)
    return None


def _shop_behind(key: str) -> Storefront:
    """The shop that posts here. Raises NotFound for none that is in use."""
    try:
        found = storefront_behind(key)
    except SecretUnreadable as error:
        raise NotFound(key) from error
    if found is None:
        raise NotFound(key)
    return found


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body if len(request.body) <= MOST_BYTES else b""
    except RequestDataTooBig:
        return b""


def _items(request: HttpRequest, shop: Storefront, body: bytes) -> list[Item]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Garbled("no JSON") from error
    if not isinstance(told, dict):
        raise Garbled("no object")
    return (
        [_of_shopify(request, told, body)] if shop.kind == Storefront.Kind.SHOPIFY else _of_own(request, told)
    )


def _of_shopify(request: HttpRequest, told: dict[str, Any], body: bytes) -> Item:
    """The name is what was signed, the bytes, and the topic for which they are taken: what was caught on the way is not
    taken twice under another name. Nor is a time believed that is yet to come, after which nothing would be newer.
    """
    topic = request.headers.get("X-Shopify-Topic", "")[:_MOST_TOPIC]
    name = f"{hashlib.sha256(body).hexdigest()} {topic}"
    try:
        at = parse_datetime(request.headers.get("X-Shopify-Triggered-At", ""))
    except ValueError:
        at = None
    return Item(name, topic, told, min(micros(at), micros(clock.now())))


def _of_own(request: HttpRequest, told: dict[str, Any]) -> list[Item]:
    items = told.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        raise Garbled(f"no list of 1 to {MOST_ITEMS} items")
    if not all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in items):
        raise Garbled("an item without a type")
    name = request.headers["webhook-id"]
    return [Item(f"{name} {n}", one["type"], one) for n, one in enumerate(items)]


def _said(row: Handed) -> dict[str, Any]:
    """What became of a thing, in the words of docs/shop-api.md."""
    said = {"type": row.topic, "id": row.about, "result": row.state}
    return said | ({"needs": row.needs} if row.needs else {}) | ({"why": row.why} if row.why else {})
