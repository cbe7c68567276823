"""The door of connected shops: what is too much, too often or without a name; it tells nothing to strangers."""

import json

import pytest
from django.test import Client

from madoguchi.commerce.models import Order
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.portal import shops
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.reading import micros
from madoguchi.storefronts.tests.conftest import connected
from madoguchi.storefronts.tests.shops import OwnTeller, ShopifyTeller

pytestmark = pytest.mark.django_db


def kept(world: World) -> int:
    with world.ours.scope():
        return Handed.objects.count()


def test_too_many_items_or_bytes_are_refused_whole(world: World) -> None:
    own = connected(world, "own")
    assert isinstance(own, OwnTeller)
    many = json.dumps({"items": [{"type": "wish"}] * 101}).encode()
    large = b" " * (shops.MOST_BYTES + 1)
    url = f"/shop/{own.shop.key}/"

    for body, status in ((many, 400), (large, 401)):
        headers = own.signed("", body, "one")
        answer = own.client.post(url, body, content_type="application/json", headers=headers)
        assert answer.status_code == status
    assert kept(world) == 0


@pytest.mark.usefixtures("held_clock")
def test_who_signs_wrong_too_often_is_told_so_and_silences_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shops, "MOST_UNSIGNED", 3)
    own = connected(world, "own")
    url = f"/shop/{own.shop.key}/"

    found = [own.client.post(url, b"{}", content_type="application/json").status_code for _n in range(5)]

    assert found == [401, 401, 401, 429, 429]
    assert own.tell("customer", second=1) == "taken"


@pytest.mark.usefixtures("held_clock")
def test_a_shop_that_tells_too_often_is_asked_to_wait_and_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shops, "MOST_OF_SHOP", 2)
    own = connected(world, "own")
    bodies = [own.__class__.customer(own, second=n) for n in (1, 2, 3)]  # type: ignore[attr-defined]

    answers = [own.post("customer", body) for body in bodies]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["seconds"] > 0
    assert kept(world) == 2


def test_what_shopify_signed_is_taken_once_whatever_is_written_beside_it(world: World) -> None:
    shopify = connected(world, "shopify")
    assert isinstance(shopify, ShopifyTeller)
    order = shopify.order(second=1)

    # given what was caught on the way, when it is posted again under another name, at no time, and as something else
    no_time = shopify.post("order", order, **{"X-Shopify-Triggered-At": "2026-99-99T00:00:00Z"})
    again = shopify.post("order", order, name="other")
    other = shopify.post("products/delete", order, **{"X-Shopify-Triggered-At": "2199-01-01T00:00:00Z"})

    results = [answer.json()["items"][0]["result"] for answer in (no_time, again, other)]
    assert results == ["taken", "taken", "wrong"]
    with world.ours.scope():
        assert Order.objects.count() == 1
        first, last = Handed.objects.order_by("pk")
        assert first.triggered == 0
        assert last.triggered <= micros(clock.now())


def test_a_door_that_is_none_and_one_whose_desk_is_closed_look_alike(client: Client, world: World) -> None:
    own = connected(world, "own")
    with world.ours.scope():
        shop = Storefront.objects.select_related("desk").get()
        shop.desk.active = False
        shop.desk.save(update_fields=["active"])

    closed = own.post("customer", {"id": "1", "version": 1})
    none = client.post("/shop/none/", b"{}", content_type="application/json")

    assert (closed.status_code, none.status_code) == (404, 404)
    assert kept(world) == 0


def test_what_the_same_secret_signed_for_another_shop_is_not_taken(world: World) -> None:
    shopify = connected(world, "shopify")
    assert isinstance(shopify, ShopifyTeller)
    order = shopify.order(second=1)
    others = [
        shopify.post("order", order, **{"X-Shopify-Shop-Domain": domain})
        for domain in ("other.myshopify.com", "", "hanamoto.myshopify.com.example")
    ]

    assert [answer.status_code for answer in others] == [403, 403, 403]
    assert kept(world) == 0
    with world.ours.scope():
        assert not Order.objects.exists()
    same = shopify.post("order", order, **{"X-Shopify-Shop-Domain": "Hanamoto.myshopify.com"})
    assert same.json()["items"][0]["result"] == "taken"
    # One that was connected before domains were asked for waits until its own is entered.
    with world.ours.scope():
        Storefront.objects.update(domain="")
    for named in ("x", "", "hanamoto.myshopify.com"):
        answer = shopify.post("order", shopify.order(second=2), **{"X-Shopify-Shop-Domain": named})
        assert (answer.status_code, kept(world)) == (403, 1)
