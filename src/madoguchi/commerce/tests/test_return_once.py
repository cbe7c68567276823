"""A return that is pressed twice, and goods given back that had been exchanged."""

from uuid import uuid4

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Return
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import ask_return, exchange, inspect, left_to_return, refund
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def order(world: World) -> Order:
    """Three kettles, paid and sent."""
    case = make_case(world.ours.entry_point)
    made = order_of(case.customer_id, case.desk_id, (make_variant(world.ours.company, price=1_000), 3))
    with world.ours.scope():
        mark_paid(made, by=SHELL)
        move_order(made, "shipped", by=SHELL)
    return made


def test_a_return_pressed_twice_is_one(world: World, order: Order) -> None:
    once = uuid4()
    with world.ours.scope():
        (line,) = in_order(order)
        first, again = (
            ask_return(order, {line.pk: 1}, reason="defect", once=once, by=SHELL) for _press in range(2)
        )
        other = ask_return(order, {line.pk: 1}, reason="defect", once=uuid4(), by=SHELL)
        assert [one.pk for one in Return.objects.order_by("number")] == [first.pk, other.pk]
        assert again == first


def test_what_was_exchanged_can_be_given_back_on_its_first_order(world: World, order: Order) -> None:
    with world.ours.scope():
        (line,) = in_order(order)
        back = ask_return(order, {line.pk: 3}, reason="defect", by=SHELL)
        inspect(back, {}, by=SHELL)
        sent = exchange(back, once=uuid4(), by=SHELL)
        move_order(sent, "shipped", by=SHELL)

        (new,) = in_order(sent)
        wrong = ask_return(sent, {new.pk: 3}, reason="defect", by=SHELL)
        inspect(wrong, {}, by=SHELL)
        with pytest.raises(Refused, match=str(order)) as caught:
            refund(wrong, by=SHELL)
        assert (caught.value.field, Return.objects.get(pk=wrong.pk).state) == ("refund", "inspected")

        assert left_to_return(order) == {line: 3}
        right = ask_return(order, {line.pk: 3}, reason="defect", by=SHELL)
        inspect(right, {}, by=SHELL)
        refund(right, by=SHELL)
        assert (right.total, left_to_return(order)) == (order.total, {})
