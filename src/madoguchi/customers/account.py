"""Accounts: households and firms as business customers, with a rank and those who are told of severe trouble there."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.db.models import Q

from madoguchi.customers.models import Belonging, Customer


class Part(StrEnum):
    """What somebody is responsible for at an account."""

    SALES = "sales"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class Alerted:
    """Somebody who is told at once of severe trouble at an account: for what they answer, and where to reach them."""

    part: Part
    name: str
    address: str

    def kept(self) -> dict[str, str]:
        """As the column of the record has it."""
        return asdict(self)


def alerted_of(account: Customer) -> list[Alerted]:
    """Those of an account, in the order in which they were named."""
    return [Alerted(Part(one["part"]), one["name"], one["address"]) for one in account.alerted]


def accounts_of(customer: int) -> Sequence[Customer]:
    """The accounts of a customer: itself where it is no person, else those to which they belong. One query."""
    to = Belonging.objects.filter(customer=customer).values("group")
    return Customer.objects.filter(Q(pk=customer) | Q(pk__in=to)).exclude(sort="").order_by("pk")


def people_of(account: int) -> set[int]:
    """An account and everybody who belongs to it. One query."""
    return {account, *Belonging.objects.filter(group=account).values_list("customer_id", flat=True)}
