"""How many people stand behind records: a household, and records that may be of one person, are one here.

The strict reading, for what must not be told of one alone: any sign of one person, or of one roof, makes them one.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from madoguchi.customers.likeness import Described, signs_of
from madoguchi.customers.models import Belonging, Customer, Identity, PostalAddress
from madoguchi.customers.places import places_of
from madoguchi.kernel.identity import IdentityKind


def together(customers: Collection[int]) -> Mapping[int, int]:
    """For each of these records the least id of those that may be of the same person or household. Four queries."""
    heads = {pk: pk for pk in sorted(customers)}
    for one, other in [*_related(heads), *_alike(heads)]:
        low, high = sorted((heads[one], heads[other]))
        if low != high:
            heads = {pk: low if head == high else head for pk, head in heads.items()}
    return heads


def kin_of(customers: Collection[int]) -> set[int]:
    """Those records, the households and firms to which they belong, and everybody else of these. Two queries."""
    groups = set(Belonging.objects.filter(customer__in=list(customers)).values_list("group", flat=True))
    groups |= set(customers)
    return groups | set(Belonging.objects.filter(group__in=list(groups)).values_list("customer", flat=True))


def _related(customers: Collection[int]) -> Iterable[tuple[int, int]]:
    """Who belongs to the same household or firm, or to one that is of these records itself."""
    first: dict[int, int] = {pk: pk for pk in customers}
    rows = Belonging.objects.filter(customer__in=list(customers)).values_list("customer", "group")
    return [(customer, first.setdefault(group, customer)) for customer, group in rows.order_by("pk")]


def _alike(customers: Collection[int]) -> Iterable[tuple[int, int]]:
    written: dict[int, dict[str, list[str]]] = {pk: {} for pk in customers}
    for one in Identity.objects.filter(customer__in=list(customers)).order_by("pk"):
        written[one.customer_id].setdefault(one.kind, []).append(one.written)
    rows = Customer.objects.filter(pk__in=list(customers)).order_by("pk")
    places = places_of(customers)
    every = [(one.pk, _described(one, written[one.pk], places[one.pk])) for one in rows]
    return [(a, b) for (a, one), (b, other) in combinations(every, 2) if signs_of(one, other)]


def _described(
    customer: Customer, written: Mapping[str, list[str]], places: Iterable[PostalAddress]
) -> Described:
    return Described(
        customer.name,
        customer.kana,
        customer.address,
        tuple(written.get(IdentityKind.EMAIL, ())),
        tuple(customer.former_names.splitlines()),
        tuple(written.get(IdentityKind.MEMBER, ())),
        tuple(one.written for one in places),
    )
