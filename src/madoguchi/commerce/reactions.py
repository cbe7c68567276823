"""What follows from orders."""

from madoguchi.commerce.events import OrderMoved, OrderPlaced
from madoguchi.commerce.models import Order
from madoguchi.commerce.sent_places import know_where_it_goes
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to


@reacts_to(OrderPlaced, OrderMoved, name="commerce.places")
def learn_where_goods_go(event: Recorded) -> None:
    """A customer is known by the address to which goods of theirs went, and better by one where they arrived."""
    fact = event.fact()
    if isinstance(fact, OrderPlaced) or (
        isinstance(fact, OrderMoved) and fact.after == Order.State.DELIVERED
    ):
        _learn(fact.order)


def _learn(order: int) -> None:
    found = Order.objects.select_related("customer").filter(pk=order).first()
    if found is not None:
        know_where_it_goes(found)
