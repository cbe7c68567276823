"""How far an order has come, as its parcels tell: what is entered on the order by hand hides none of them. Pure."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from madoguchi.commerce.models import Order, Parcel


def standing_in_words(state: str, parcels: Iterable[str]) -> str:
    """Where an order stands that is kept as in this `state` and has such parcels (their states). Without any it is what
    is kept, and a cancelled one is cancelled.
    """
    there = list(parcels)
    kept = Order.State(state)
    if not there or kept == Order.State.CANCELLED:
        return str(kept.label)
    came = [one == Parcel.State.DELIVERED for one in there]
    left = [one != Parcel.State.PREPARING for one in there]
    # An order follows its parcels when all of it came; one that did not has pieces without a parcel.
    if all(came) and kept == Order.State.DELIVERED:
        return str(kept.label)
    if any(came):
        return _("Partly delivered")
    if all(left) and kept != Order.State.PLACED:
        return str(Order.State.SHIPPED.label)
    return _("Partly shipped") if any(left) else str(Order.State.PLACED.label)
