"""Where goods of a customer's orders went is a postal address of theirs, unless it was for somebody else."""

from collections.abc import Iterator
from typing import Final

from madoguchi.commerce.models import Order
from madoguchi.customers.actions import know_place
from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.infra import scope
from madoguchi.infra.healing import STEP, Healed
from madoguchi.kernel.actor import system
from madoguchi.kernel.folding import fold

_WE: Final = system("commerce")


def know_where_it_goes(order: Order) -> bool:
    """Have an order's address as one of its customer's, if it goes to them by name; whether that is news. Of one that
    was cancelled nothing is learned. May be done twice.
    """
    if order.state == Order.State.CANCELLED or not _is_theirs(order.recipient, order.customer):
        return False
    written = " ".join(filter(None, (order.postcode and f"〒{order.postcode}", order.address)))
    arrived = order.state == Order.State.DELIVERED
    how = PostalAddress.How.ARRIVED if arrived else PostalAddress.How.SENT
    return know_place(order.customer_id, written=written, how=how, by=_WE)


def places_of_before() -> Iterator[Healed]:
    """The same of the orders of before. Tells how far it is, and whose records have more now; may be done twice."""
    upto: int | None = 0
    while upto is not None:
        with scope.everywhere(reason="orders of all companies are brought under one rule"):
            rows = list(Order.objects.filter(pk__gt=upto).select_related("customer").order_by("pk")[:STEP])
            known = [one.customer for one in rows if know_where_it_goes(one)]
            upto = rows[-1].pk if rows else None
            if upto is not None:
                yield Healed("PostalAddress", upto, known)


def _is_theirs(recipient: str, customer: Customer) -> bool:
    called = (customer.name, customer.kana, *customer.former_names.splitlines())
    wanted = fold(recipient).removesuffix("様")
    return bool(wanted) and wanted in {fold(name) for name in called if name}
