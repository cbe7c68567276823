"""Two people at one order in the same moment: one of them does it, the other is told, and nothing is done twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order, place_order
from madoguchi.commerce.factories import make_variant, order_of, wanted
from madoguchi.commerce.models import Order, Parcel, Return, Stock
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import ask_return, inspect, refund
from madoguchi.commerce.whereabouts import resend
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.factories import World

SHELL = system("test")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(world: World) -> Order:
    """One kettle of three in the shop, cash on delivery."""
    case = make_case(world.ours.entry_point)
    kettle = make_variant(world.ours.company, price=13_200, stock=3, place="本店")
    return order_of(case.customer_id, case.desk_id, (kettle, 1), case=case.pk)


def both(world: World, work: Callable[[], Any]) -> list[Any]:
    """What came of the same work done twice at once; a refusal by its kind, what was made as “done”."""

    def scoped() -> Any:
        with world.ours.scope():
            return work()

    return sorted(
        type(one).__name__ if isinstance(one, Exception) else "done" for one in at_once(scoped, scoped)
    )


def test_what_is_left_goes_in_one_parcel(world: World, order: Order) -> None:
    found = both(world, lambda: make_parcel(order, carrier="other", state="handed_over", by=SHELL))

    assert found == [Refused.__name__, "done"]
    with world.ours.scope():
        assert [(one.number, one.state) for one in Parcel.objects.all()] == [(1, "handed_over")]
        assert Order.objects.get().state == "shipped"


def test_one_slip_is_of_one_parcel(world: World, order: Order) -> None:
    with world.ours.scope():
        other = order_of(order.customer_id, order.desk_id)
        orders = iter([order, other])
    found = both(world, lambda: make_parcel(next(orders), carrier="yamato", slip="123456789013", by=SHELL))

    assert found == [Refused.__name__, "done"]
    with world.ours.scope():
        assert [one.slip for one in Parcel.objects.all()] == ["123456789013"]


def test_the_last_piece_is_given_back_once_and_its_money_too(world: World, order: Order) -> None:
    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)
        move_order(order, "delivered", by=SHELL)
        (line,) = in_order(order)
    asked = both(world, lambda: ask_return(order, {line.pk: 1}, reason="defect", by=SHELL))
    with world.ours.scope():
        back = Return.objects.get()
    looked = both(world, lambda: inspect(back, {line.pk: 1}, by=SHELL))
    with world.ours.scope():
        back.refresh_from_db()
    paid = both(world, lambda: refund(Return.objects.get(), by=SHELL))

    assert asked == [Refused.__name__, "done"]
    assert looked == paid == [Conflict.__name__, "done"]
    with world.ours.scope():
        told = Event.objects.filter(kind="return.moved").order_by("id").values_list("data__after", flat=True)
        assert list(told) == ["inspected", "refunded"]
        assert [(one.state, one.total) for one in Return.objects.all()] == [("refunded", 13_200)]
        assert Stock.objects.get().quantity == 3


def test_a_button_pressed_twice_sends_once_more_once(world: World, order: Order) -> None:
    once = uuid4()
    with world.ours.scope():
        (line,) = in_order(order)
    found = both(world, lambda: resend(order, {line.pk: 1}, once=once, by=SHELL))

    assert found == ["done", "done"]
    with world.ours.scope():
        made = [(one.number, one.total) for one in Order.objects.order_by("number")]
        assert (made, Stock.objects.get().quantity) == ([(1001, 13_200), (1002, 0)], 1)


def test_the_last_pieces_in_stock_are_promised_to_one(world: World, order: Order) -> None:
    with world.ours.scope():
        (line,) = in_order(order)
        customer, desk, variant = order.customer, order.desk, line.variant
        assert variant is not None
    found = both(
        world,
        lambda: place_order(customer, wanted((variant, 2), missing=0), desk=desk, by=SHELL),
    )

    assert found == [Conflict.__name__, "done"]
    with world.ours.scope():
        assert (Order.objects.count(), Stock.objects.get().quantity) == (2, 0)


def test_an_order_is_cancelled_or_sent_and_never_both(world: World, order: Order) -> None:
    with world.ours.scope():
        works = iter([(Order.objects.get(), state) for state in ("shipped", "cancelled")])

    def move() -> None:
        seen, state = next(works)
        move_order(seen, state, by=SHELL)

    found = both(world, move)

    assert found == [Conflict.__name__, "done"]
    with world.ours.scope():
        kept = Order.objects.get()
        assert Stock.objects.get().quantity == {"shipped": 2, "cancelled": 3}[kept.state]
        assert Event.objects.filter(kind="order.moved").count() == 1
