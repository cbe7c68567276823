"""What can happen to a customer's record."""

from typing import ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CustomerCreated(Fact):
    """Somebody new turned to the company."""

    kind: ClassVar[str] = "customer.created"
    customer: int


@fact
class CustomerChanged(Fact):
    """These fields of the record were changed."""

    kind: ClassVar[str] = "customer.changed"
    customer: int
    fields: list[str]
