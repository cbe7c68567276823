"""Customers are known by where goods of theirs went, unless those were for somebody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.commerce.actions import move_order, place_order
from madoguchi.commerce.factories import make_variant, wanted
from madoguchi.commerce.models import Order
from madoguchi.commerce.sent_places import places_of_before
from madoguchi.customers.actions import join_customers, set_places
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer
from madoguchi.customers.places import places_of
from madoguchi.infra import reactions
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights.old_fields import let_fields_go

pytestmark = pytest.mark.django_db(transaction=True)
SHELL = system("test")
GIVEN = {"postcode": "604-8005", "address": "京都市中京区三条通1-2-3"}
KEPT = "〒604-8005 京都市中京区三条通1-2-3"


@pytest.fixture
def misaki(world: World) -> Customer:
    reactions.enrol()
    return make_customer(world.ours.company, name="高橋美咲")


def order(world: World, customer: Customer, **said: object) -> Order:
    piece = (make_variant(world.ours.company), 1)
    with world.ours.scope():
        return place_order(customer, wanted(piece, **(GIVEN | said)), desk=world.ours.desk, by=SHELL)


def known(world: World, customer: Customer) -> list[tuple[str, str]]:
    with world.ours.scope():
        return [(one.written, one.how) for one in places_of([customer.pk])[customer.pk]]


def test_it_is_known_when_ordered_and_better_when_it_came(world: World, misaki: Customer) -> None:
    made = order(world, misaki, recipient="髙橋 美咲 様")
    reactions.catch_up("commerce.places")
    assert known(world, misaki) == [(KEPT, "sent")]

    with world.ours.scope():
        for state in (Order.State.SHIPPED, Order.State.DELIVERED):
            move_order(made, state, by=actor_of(world.ours.agent))
    reactions.catch_up("commerce.places")

    assert known(world, misaki) == [(KEPT, "arrived")]


def test_a_present_tells_nothing_of_who_sends_it(world: World, misaki: Customer) -> None:
    order(world, misaki, recipient="伊藤 千尋")

    reactions.catch_up("commerce.places")

    assert known(world, misaki) == []


def test_orders_of_before_are_learned_from_once(world: World, misaki: Customer) -> None:
    order(world, misaki, recipient="髙橋 美咲")

    first, again = ([row.pk for step in places_of_before() for row in step.rows] for _time in range(2))

    assert (first, again, known(world, misaki)) == ([misaki.pk], [], [(KEPT, "sent")])


def test_of_what_was_cancelled_nothing_is_learned(world: World, misaki: Customer) -> None:
    made = order(world, misaki, recipient="髙橋 美咲")
    with world.ours.scope():
        move_order(made, Order.State.CANCELLED, by=actor_of(world.ours.agent))

    reactions.catch_up("commerce.places")

    assert known(world, misaki) == []


@pytest.mark.parametrize("by_a_rule", [False, True])
def test_what_was_taken_away_stays_away(world: World, misaki: Customer, *, by_a_rule: bool) -> None:
    by = actor_of(world.ours.agent)
    made = order(world, misaki, recipient="髙橋 美咲")
    reactions.catch_up("commerce.places")
    with world.ours.scope():
        if by_a_rule:
            let_fields_go(world.ours.company.pk, "address", [misaki.pk])
        else:
            set_places(misaki, written=[], by=by)
        for state in (Order.State.SHIPPED, Order.State.DELIVERED):
            move_order(made, state, by=by)
    reactions.catch_up("commerce.places")

    assert [row for step in places_of_before() for row in step.rows] == []
    assert known(world, misaki) == []

    # an order of now says it anew
    order(world, misaki, recipient="髙橋 美咲")
    reactions.catch_up("commerce.places")
    assert known(world, misaki) == [(KEPT, "sent")]


def test_whose_place_is_known_is_held_by_nobody_and_who_was_joined_is_read_as_one(
    world: World, misaki: Customer
) -> None:
    by = actor_of(world.ours.agent)
    twice = make_customer(world.ours.company, name="高橋美咲")
    order(world, twice, recipient="髙橋 美咲")
    order(world, misaki, recipient="髙橋 美咲", address="横浜市西区4-5-6", postcode="")
    with world.ours.scope():
        join_customers(twice, into=misaki, by=by)

    with CaptureQueriesContext(connection) as first:
        assert {row.pk for step in places_of_before() for row in step.rows} == {misaki.pk}
    with CaptureQueriesContext(connection) as again:
        assert [row for step in places_of_before() for row in step.rows] == []

    assert {place for place, _how in known(world, misaki)} == {KEPT, "横浜市西区4-5-6"}
    assert any("FOR NO KEY UPDATE" in one["sql"] for one in first)
    # an empty list of records asks nothing of the database
    assert not any("FOR NO KEY UPDATE" in one["sql"] for one in again)


def test_what_is_known_already_is_known_better_by_an_order_of_before(world: World, misaki: Customer) -> None:
    by = actor_of(world.ours.agent)
    made = order(world, misaki, recipient="髙橋 美咲")
    with world.ours.scope():
        set_places(misaki, written=[KEPT], by=by)
        for state in (Order.State.SHIPPED, Order.State.DELIVERED):
            move_order(made, state, by=by)
    assert known(world, misaki) == [(KEPT, "told")]

    first, again = ([row.pk for step in places_of_before() for row in step.rows] for _time in range(2))

    assert (first, again, known(world, misaki)) == ([misaki.pk], [], [(KEPT, "arrived")])


def cancel(world: World, *orders: Order) -> None:
    with world.ours.scope():
        for one in orders:
            move_order(one, Order.State.CANCELLED, by=actor_of(world.ours.agent))
    reactions.catch_up("commerce.places")


def test_what_a_cancelled_order_taught_goes_once_none_that_stands_goes_there(
    world: World, misaki: Customer
) -> None:
    # given two orders to one place, written differently, and a present that goes there as well
    first = order(world, misaki, recipient="髙橋 美咲")
    second = order(world, misaki, recipient="高橋美咲", address="京都市中京区三条通１丁目２－３")
    order(world, misaki, recipient="伊藤 千尋")
    reactions.catch_up("commerce.places")
    [(kept, how)] = known(world, misaki)
    assert (kept, how) == (KEPT, "sent")

    # when, then
    cancel(world, first)
    assert known(world, misaki) == [(KEPT, "sent")]
    cancel(world, second)
    assert known(world, misaki) == []

    # when the same is told once more, and they order again
    cancel(world)
    assert known(world, misaki) == []
    order(world, misaki, recipient="髙橋 美咲")
    reactions.catch_up("commerce.places")
    assert known(world, misaki) == [(KEPT, "sent")]


def test_where_goods_arrived_and_what_was_said_stays_though_an_order_is_cancelled(
    world: World, misaki: Customer
) -> None:
    # given
    came, gone = (order(world, misaki, recipient="髙橋 美咲") for _time in range(2))
    told = order(world, misaki, recipient="髙橋 美咲", postcode="150-0001", address="東京都渋谷区1-1")
    with world.ours.scope():
        set_places(misaki, written=["東京都渋谷区1-1"], by=actor_of(world.ours.agent))
        for state in (Order.State.SHIPPED, Order.State.DELIVERED):
            move_order(came, state, by=actor_of(world.ours.agent))
    reactions.catch_up("commerce.places")
    before = known(world, misaki)

    # when
    cancel(world, gone, told)

    # then
    assert [how for _written, how in before] == ["told", "arrived"]
    assert known(world, misaki) == before


def test_what_a_record_had_that_was_joined_goes_from_the_other_one(world: World, misaki: Customer) -> None:
    made = order(world, misaki, recipient="髙橋 美咲")
    reactions.catch_up("commerce.places")
    other = make_customer(world.ours.company, name="髙橋 みさき")
    with world.ours.scope():
        join_customers(misaki, into=other, by=actor_of(world.ours.supervisor))
    assert known(world, other) == [(KEPT, "sent")]

    with world.ours.scope():
        moved = Order.objects.select_related("customer").get(pk=made.pk)
    cancel(world, moved)

    assert known(world, other) == []
