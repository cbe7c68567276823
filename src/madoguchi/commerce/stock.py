"""Pieces out of stock and back into it. A stock never goes below nothing: what is not there is back-ordered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F

from madoguchi.commerce.models import OrderLine, Stock, Variant


@dataclass(frozen=True, slots=True)
class Taken:
    """How many came from which place (None where the stock is not known), and how many were not there."""

    places: dict[str, int] | None
    missing: int


def missing_of(variant: Variant, count: int) -> int:
    """How many of so many are not there, as `in_stock` tells; none where the stock is not known."""
    there = getattr(variant, "in_stock", None)
    return 0 if there is None else max(0, count - max(0, there))


def take_out(found: Sequence[tuple[Variant, int]]) -> list[Taken]:
    """Take pieces out of stock, as many as are there. Within the transaction of an order; one query and one for each
    place. Two orders at once take one after the other.
    """
    held = Stock.objects.select_for_update().filter(variant__in=[variant for variant, _n in found])
    there: dict[int, list[Stock]] = {}
    for stock in held.order_by("variant_id", "place"):
        there.setdefault(stock.variant_id, []).append(stock)
    return [_taken(there.get(variant.pk), count) for variant, count in found]


def divided(taken: Taken, counts: Sequence[int]) -> list[Taken]:
    """What was taken for all, by lines of so many pieces: what is not there is of the last. Pure."""
    if taken.places is None:
        return [Taken(None, 0) for _count in counts]
    left, found = dict(taken.places), []
    for count in counts:
        places: dict[str, int] = {}
        for place, there in left.items():
            if some := min(there, count - sum(places.values())):
                places[place] = some
                left[place] -= some
        found.append(Taken(places, count - sum(places.values())))
    return found


def put_back(lines: Iterable[OrderLine]) -> None:
    """Put pieces back where they came from. Within the transaction of whoever has allowed it."""
    for line in lines:
        for place, count in (line.taken or {}).items():
            put_in(line, count, place=place)


def put_in(line: OrderLine, count: int, *, place: str | None = None) -> None:
    """So many pieces more of what a line holds, at a place (None: whence it came, else the first that is known). A
    stock that nobody ever said stays unknown. Within the transaction of whoever has allowed it.
    """
    if line.variant_id is None or count < 1:
        return
    known = list(
        Stock.objects.filter(variant=line.variant_id).order_by("place").values_list("place", flat=True)
    )
    if not known:
        return
    if place is None:
        place = next((one for one in line.taken or {} if one in known), known[0])
    there, _fresh = Stock.objects.get_or_create(
        variant_id=line.variant_id, place=place, defaults={"company_id": line.company_id, "quantity": 0}
    )
    Stock.objects.filter(pk=there.pk).update(quantity=F("quantity") + count)


def _taken(there: list[Stock] | None, count: int) -> Taken:
    if there is None:
        return Taken(None, 0)
    places: dict[str, int] = {}
    left = count
    for stock in there:
        if some := min(left, max(0, stock.quantity)):
            stock.quantity -= some
            stock.save(update_fields=["quantity"])
            places[stock.place] = some
            left -= some
    return Taken(places, left)
