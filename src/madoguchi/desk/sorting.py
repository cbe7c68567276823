"""In which order a list stands: as its address says, else as its reader chose for it last, else as its view has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from madoguchi.desk.lists import Wanted
from madoguchi.fields.queries import fields_by_id
from madoguchi.look.fixed import address
from madoguchi.people.access import StaffRequest
from madoguchi.views.orders import NEWEST, Spot, field_of, is_order, names_with

_KEPT, _MOST_KEPT = "orders_of_lists", 50


@dataclass(frozen=True, slots=True)
class Sorting:
    """One order in which a list can be shown; one that nobody would expect is `told` above it."""

    name: str
    url: str
    current: bool
    told: bool


def in_order(wanted: Wanted, request: StaffRequest, *, anew: bool) -> Wanted:
    """The list in the order that is asked for; where a page begins `anew`, that is kept for this list as long as its
    reader is signed in. What is asked for by a page that is there already says its order itself.
    """
    if not wanted.may_sort:
        return wanted
    asked, kept = request.GET.get("order", ""), request.session.get(_KEPT, {})
    spot = Spot.read(request.GET.get("before", ""))
    begins = anew and request.method == "GET" and not request.GET.get("before")
    if begins and is_order(asked):
        _keep(request, wanted, asked)
    order = asked if is_order(asked) else kept.get(wanted.name, wanted.usual) if begins else wanted.usual
    return replace(wanted, sorted=order, spot=spot)


def orders_for(wanted: Wanted) -> list[Sorting]:
    """The orders that the reader may choose for a list: a view's also by the fields that it shows. One query for a view
    that shows some, or stands in the order of one.
    """
    if not wanted.may_sort:
        return []
    named = [*(wanted.saved.columns if wanted.saved else ()), field_of(wanted.sorted), field_of(wanted.usual)]
    wished = list(dict.fromkeys(pk for pk in named if pk))
    found = fields_by_id(wished) if wished else {}
    names = names_with([found[pk] for pk in wished if pk in found])
    base = f"{address('desk:list')}?{wanted.plain_query}"
    return [
        Sorting(name, f"{base}&order={order}", current=order == wanted.sorted, told=order != NEWEST)
        for order, name in names.items()
    ]


def _keep(request: StaffRequest, wanted: Wanted, order: str) -> None:
    kept: dict[str, str] = request.session.get(_KEPT, {})
    if kept.get(wanted.name, wanted.usual) == order:
        return
    rest = [(name, one) for name, one in kept.items() if name != wanted.name]
    chosen: Sequence[tuple[str, str]] = [(wanted.name, order)] if order != wanted.usual else []
    request.session[_KEPT] = dict([*rest, *chosen][-_MOST_KEPT:])
