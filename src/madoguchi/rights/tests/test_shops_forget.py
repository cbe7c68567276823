"""What connected shops told of a person is theirs: it is found by its id there and by their addresses, and goes."""

import pytest

from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.rights.events import CustomerErased
from madoguchi.rights.person import Person
from madoguchi.rights.registry import HELD, unsaid
from madoguchi.storefronts.actions.connecting import connect
from madoguchi.storefronts.actions.taking import Item, hand_in
from madoguchi.storefronts.models import Counterpart, Handed, Storefront

pytestmark = pytest.mark.django_db
AT = "2026-11-20T10:00:00+09:00"


@pytest.fixture
def shop(world: World) -> Storefront:
    """A connected shop of which a customer is known."""
    with world.ours.scope():
        made = connect(world.ours.desk, kind="own", name="本店", by=system("test"))
    line = {"id": "1", "name": "鉄瓶", "quantity": 1, "unit_price": 500}
    who = {"id": "c1", "name": "小川", "email": "ogawa@buyer.example", "phone": "03-0000-0000"}
    order = {"id": "o1", "version": 1, "placed_at": AT, "lines": [line], "customer": who}
    assert [one.state for one in hand_in(made, [Item("first", "order", order)])] == ["taken"]
    return made


def test_what_is_kept_of_them_is_found_and_nothing_of_others(world: World, shop: Storefront) -> None:
    theirs = [
        Item("by id", "customer", {"id": "c1"}),
        Item("by order", "order", {"id": "o1"}),
        Item("by mail", "wish", {"id": "x", "note": "ogawa@buyer.example まで"}),
        Item("by phone", "wish", {"id": "y", "phone": "03-0000-0000"}),
    ]
    others = [
        Item("other", "wish", {"id": "z", "note": "other@buyer.example"}),
        Item("id", "wish", {"id": "c2"}),
    ]
    assert {one.state for one in hand_in(shop, [*theirs, *others])} == {"wrong"}

    with world.ours.scope():
        found = Person(Customer.objects.get()).of("handed_in")
        names = set(Handed.objects.filter(pk__in=found).values_list("name", flat=True))

    assert names == {"first", *(one.name for one in theirs)}


def test_what_waits_for_their_order_is_theirs(world: World, shop: Storefront) -> None:
    with world.ours.scope():
        Counterpart.objects.filter(kind="order").update(theirs="o2")
        Handed.objects.create(
            company=world.ours.company,
            storefront=shop,
            name="late",
            topic="refund",
            needs="order o2",
            at=shop.made_at,
        )

        found = Person(Customer.objects.get()).of("handed_in")

        assert set(Handed.objects.filter(pk__in=found).values_list("name", flat=True)) == {"late"}


def test_it_is_said_what_becomes_of_all_that_shops_tell() -> None:
    assert HELD["storefronts.Handed"].gone
    assert unsaid([Storefront, Handed, Counterpart]) == []


def test_who_was_erased_is_not_filled_in_anew_when_the_shop_tells_of_them_again(
    world: World, shop: Storefront
) -> None:
    # given a customer of the shop who had themselves erased here
    with world.ours.scope():
        erased = Customer.objects.get()
        erased.identities.all().delete()
        Customer.objects.update(name="", kana="", address="")
        fact = CustomerErased(company=erased.company_id, request=1, customer=erased.pk, sha256="")
        record(fact, by=system("test"))
    who = {"id": "c1", "name": "小川", "email": "ogawa@buyer.example", "version": 5}

    # when the shop tells of them again
    [row] = hand_in(shop, [Item("again", "customer", who)])

    # then it is kept as it was told, for a person to see to, and the record stays empty
    assert (row.state, row.body) == ("wrong", who)
    with world.ours.scope():
        assert list(Customer.objects.values_list("name", "address")) == [("", "")]
        assert not erased.identities.exists()
