"""By which postal addresses customers are known beside the one of the record, and who shares a house."""

from collections.abc import Collection, Iterable
from datetime import datetime

from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.customers.queries import show
from madoguchi.customers.unmasking import scope_for
from madoguchi.infra.event_customers import telling_of
from madoguchi.infra.models import Event, EventWords
from madoguchi.kernel.actor import Actor, ActorKind
from madoguchi.kernel.places import house_of, is_same_place, place_of

_MOST_IN_A_HOUSE = 40


def places_of(customers: Collection[int]) -> dict[int, list[PostalAddress]]:
    """Of each record its addresses, the first known first; what two joined records both had stands once. One query."""
    found: dict[int, list[PostalAddress]] = {pk: [] for pk in customers}
    seen: set[tuple[int, str]] = set()
    for one in PostalAddress.objects.filter(customer__in=list(customers)).order_by("pk"):
        mark = one.customer_id, place_of(one.written)
        if mark not in seen:
            found[one.customer_id].append(one)
        seen.add(mark)
    return found


def was_taken_away(customers: Collection[int], written: str, *, since: datetime) -> bool:
    """Whether after that somebody took this address away from one of these records, or all addresses went by a rule of
    retention. Four queries.
    """
    changed = Event.objects.filter(telling_of(customers), kind="customer.changed", at__gte=since)
    if changed.filter(
        actor_kind=ActorKind.SYSTEM, actor_name="rights", data__fields__contains=["address"]
    ).exists():
        return True
    told = changed.filter(data__fields__contains=["places"]).values_list("pk", flat=True)
    rows = EventWords.objects.filter(event_id__in=list(told)).values_list("changes", flat=True)
    both = [changes["places"] for changes in rows if "places" in changes]
    return any(_has(before, written) and not _has(now, written) for before, now in both)


def places_shown(customer: Customer, *, actor: Actor) -> list[tuple[PostalAddress, str]]:
    """A customer's with what this reader sees of each; none where addresses are hidden from them. One query; where
    anything is kept from the reader, one more.
    """
    data_scope = scope_for(customer, actor=actor)
    rows = places_of([customer.pk])[customer.pk]
    return [(one, seen) for one in rows if (seen := show(one.written, "address", data_scope))]


def houses_of(written: Iterable[str]) -> list[str]:
    """The houses of some addresses, each once."""
    return sorted(set(filter(None, map(house_of, written))))


def known_at(houses: Collection[str], *, company: int) -> list[int]:
    """The records that are known at one of these houses, the newest first, 40 at most. One query, if there are any."""
    if not houses:
        return []
    rows = PostalAddress.objects.filter(company=company, house__in=list(houses)).order_by("-customer")
    return list(rows.values_list("customer", flat=True).distinct()[:_MOST_IN_A_HOUSE])


def _has(places: Iterable[str], written: str) -> bool:
    return any(is_same_place(one, written) for one in places)
