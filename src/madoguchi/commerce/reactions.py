"""What follows from orders."""

from madoguchi.commerce.events import OrderMoved, OrderPlaced
from madoguchi.commerce.models import Order
from madoguchi.commerce.sent_places import forget_where_it_went, know_where_it_goes
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to


@reacts_to(OrderPlaced, OrderMoved, name="commerce.places")
def learn_where_goods_go(event: Recorded) -> None:
    """A customer is known by the address to which goods of theirs went, and better by one where they arrived; no more
    by one to which goods were to go that were cancelled.
    """
    fact = event.fact()
    if not isinstance(fact, OrderPlaced | OrderMoved):
        return
    found = Order.objects.select_related("customer").filter(pk=fact.order).first()
    if found is None:
        return
    after = fact.after if isinstance(fact, OrderMoved) else Order.State.PLACED
    if after in (Order.State.PLACED, Order.State.DELIVERED):
        know_where_it_goes(found)
    elif after == Order.State.CANCELLED:
        forget_where_it_went(found)
