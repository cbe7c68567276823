"""Where goods of a customer's orders went is a postal address of theirs, unless it was for somebody else."""

from collections.abc import Iterator, Sequence
from typing import Final

from madoguchi.commerce.models import Order
from madoguchi.customers.actions import forget_place, know_place
from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.customers.places import places_of
from madoguchi.infra import scope
from madoguchi.infra.healing import Healed
from madoguchi.kernel.actor import system
from madoguchi.kernel.folding import fold
from madoguchi.kernel.places import is_same_place

_WE: Final = system("commerce")
_AT_ONCE: Final = 50


def know_where_it_goes(order: Order) -> bool:
    """Have an order's address as one of its customer's, if it goes to them by name; whether that is news. Of one that
    was cancelled nothing is learned, and what was taken away since it was placed stays away. May be done twice.
    """
    if order.state == Order.State.CANCELLED or not _is_theirs(order.recipient, order.customer):
        return False
    written, how = _written(order), _how(order)
    return know_place(order.customer_id, written=written, how=how, since=order.placed_at, by=_WE)


def forget_where_it_went(order: Order) -> bool:
    """Take an address away that a cancelled order alone had taught; whether that is news. May be done twice.

    Other orders of the customer that stand, and go there to them by name, keep it.
    """
    if order.state != Order.State.CANCELLED:
        return False
    whose, written = order.customer.joined_into_id or order.customer_id, _written(order)
    others = Order.objects.filter(customer=whose).exclude(state=Order.State.CANCELLED)
    if any(
        is_same_place(_written(one), written) and _is_theirs(one.recipient, one.customer) for one in others
    ):
        return False
    return forget_place(whose, written=written, by=_WE)


def places_of_before() -> Iterator[Healed]:
    """The same of the orders of before. Tells how far it is, and whose records have more now; may be done twice.

    What is known already is left alone. The others' records are held some tens at a time, by their ids, as joining
    two records holds them: nobody waits for long, and none for each other.
    """
    upto: int | None = 0
    while upto is not None:
        with scope.everywhere(reason="orders of all companies are brought under one rule"):
            rows = list(
                Order.objects.filter(pk__gt=upto).select_related("customer").order_by("pk")[:_AT_ONCE]
            )
            news = _not_known(rows)
            who = {pk for one in news for pk in (one.customer_id, one.customer.joined_into_id)}
            held = Customer.objects.select_for_update(no_key=True).filter(pk__in=who - {None})
            list(held.order_by("pk").values_list("pk"))
            known = [one.customer for one in news if know_where_it_goes(one)]
            upto = rows[-1].pk if rows else None
            if upto is not None:
                yield Healed("PostalAddress", upto, known)


def _not_known(orders: Sequence[Order]) -> list[Order]:
    """Those of which there may be something to learn. One query."""
    to = {one.pk: one.customer.joined_into_id or one.customer_id for one in orders}
    places = places_of(set(to.values())) if to else {}
    return [
        one
        for one in orders
        if not any(
            is_same_place(place.written, _written(one))
            and place.how in (_how(one), PostalAddress.How.ARRIVED)
            for place in places[to[one.pk]]
        )
    ]


def _written(order: Order) -> str:
    return " ".join(filter(None, (order.postcode and f"〒{order.postcode}", order.address)))


def _how(order: Order) -> PostalAddress.How:
    return PostalAddress.How.ARRIVED if order.state == Order.State.DELIVERED else PostalAddress.How.SENT


def _is_theirs(recipient: str, customer: Customer) -> bool:
    called = (customer.name, customer.kana, *customer.former_names.splitlines())
    wanted = fold(recipient).removesuffix("様")
    return bool(wanted) and wanted in {fold(name) for name in called if name}
