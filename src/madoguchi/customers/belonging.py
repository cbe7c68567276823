"""To which households and firms somebody belongs, and who the people of one are."""

from collections.abc import Iterable

from django.db.models import Count, Q

from madoguchi.customers.models import Belonging
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.errors import NotFound

_OF = PreparedQuery(
    lambda: (
        Belonging.objects.filter(Q(customer=Slot("customer")) | Q(group=Slot("customer")))
        .select_related("customer", "group")
        .order_by("pk")
    )
)

_GROUPS = PreparedQuery(
    lambda: Belonging.objects.filter(customer=Slot("customer")).select_related("group").order_by("pk")
)


def belongings_of(customer: int) -> tuple[list[Belonging], list[Belonging]]:
    """The groups of a customer, and the people where it is one itself; each once. One query."""
    rows = _OF.rows({"customer": customer})
    groups = {row.group_id: row for row in rows if row.customer_id == customer}
    people = {row.customer_id: row for row in rows if row.group_id == customer}
    return list(groups.values()), list(people.values())


def groups_of(customer: int) -> list[Belonging]:
    """The groups of a customer, each once. One query."""
    return list({row.group_id: row for row in _GROUPS.rows({"customer": customer})}.values())


def count_in(group: int) -> int:
    """How many people belong to a group. One query."""
    found = Belonging.objects.filter(group=group).aggregate(people=Count("customer", distinct=True))
    return int(found["people"])


def people_in(groups: Iterable[int]) -> dict[int, list[Belonging]]:
    """The people of several groups by the group's id, each once. One query."""
    rows = Belonging.objects.filter(group__in=list(groups)).select_related("customer").order_by("pk")
    pairs = {(row.group_id, row.customer_id): row for row in rows}
    found: dict[int, list[Belonging]] = {}
    for (group, _customer), row in pairs.items():
        found.setdefault(group, []).append(row)
    return found


def belonging_of(customer: int, pk: int) -> Belonging:
    """One belonging of a customer, on either side. Raises NotFound. One query."""
    sides = Q(customer=customer) | Q(group=customer)
    found = Belonging.objects.filter(sides, pk=pk).select_related("customer", "group").first()
    if found is None:
        raise NotFound(pk)
    return found
