"""Nothing is read of what a shop's secret did not sign."""

import pytest

from madoguchi.commerce.models import Order
from madoguchi.people.factories import World
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.tests.shops import OwnTeller, Teller, at

pytestmark = pytest.mark.django_db


def nothing_came(world: World) -> bool:
    with world.ours.scope():
        return not (Handed.objects.exists() or Order.objects.exists())


def test_bytes_that_were_changed_or_signed_by_another_are_refused(teller: Teller, world: World) -> None:
    raw = teller.written("order", teller.order(second=6))
    signed = teller.signed("order", raw, "one")
    url = f"/shop/{teller.shop.key}/"
    changed = raw.replace("葉子".encode(), "太郎".encode())
    space = raw.replace(b": ", b":", 1)
    for body, headers in [(changed, signed), (space, signed), (raw, {}), (raw, dict.fromkeys(signed, "x"))]:
        answer = teller.client.post(url, body, content_type="application/json", headers=headers)
        assert answer.status_code == 401
    assert nothing_came(world)
    assert teller.client.get(url).status_code == 405
    assert teller.client.post("/shop/other/", raw, content_type="application/json").status_code == 404


def test_what_was_caught_on_the_way_cannot_be_sent_in_later(own: OwnTeller, world: World) -> None:
    stale = {"webhook-timestamp": "1763600000"}

    assert own.post("order", own.order(second=6), **stale).status_code == 401

    assert nothing_came(world)


def test_another_id_or_time_than_was_signed_is_refused(own: OwnTeller, world: World) -> None:
    raw = own.written("order", own.order(second=6))
    signed = own.signed("order", raw, "one")
    url = f"/shop/{own.shop.key}/"
    for name, value in [("webhook-id", "two"), ("webhook-timestamp", "abc"), ("webhook-id", "")]:
        answer = own.client.post(url, raw, content_type="application/json", headers={**signed, name: value})
        assert answer.status_code == 401
    assert nothing_came(world)


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"\xff", b'{"items": []}', b'{"items": [{"id": 1}]}', b'{"items": {}}']
)
def test_what_is_no_list_of_items_is_refused_whole(own: OwnTeller, world: World, body: bytes) -> None:
    try:
        headers = own.signed("order", body, "one")
    except UnicodeDecodeError:
        headers = {}

    answer = own.client.post(f"/shop/{own.shop.key}/", body, content_type="application/json", headers=headers)

    assert answer.status_code == (400 if headers else 401)
    assert nothing_came(world)


def test_of_several_items_each_is_told_of_by_itself(own: OwnTeller, world: World) -> None:
    items = [
        {"type": "order", **own.order(second=6)},
        {"type": "order", "id": "2", "version": 1, "placed_at": at(0), "lines": []},
        {"type": "wish", "id": "3"},
        {"type": "customer", "id": "4", "name": "版のない人"},
        {"type": "stock", "code": "K-9", "quantity": 1, "version": 2},
    ]
    raw = Teller.written(own, "", {"items": items})
    url, signed = f"/shop/{own.shop.key}/", own.signed("", raw, "many")

    said = own.client.post(url, raw, content_type="application/json", headers=signed).json()["items"]

    assert [one["result"] for one in said] == ["taken", "wrong", "wrong", "wrong", "waiting"]
    assert said[4]["needs"] == "item K-9"
    assert all(one.get("why") for one in said[1:4])
    with world.ours.scope():
        assert Order.objects.count() == 1
