"""Customers, made for tests."""

from itertools import count

from madoguchi.companies.models import Company
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.identity import IdentityKind, canonical

_numbers = count(1)
_REASON = "a factory makes what a test asks for, whosever it is"


def make_customer(
    company: Company, *, name: str = "田中 一郎", email: str | None = "", phone: str = ""
) -> Customer:
    """A customer with a mail address of their own; `email=None` leaves them without one."""
    with scope.everywhere(reason=_REASON):
        customer = Customer.objects.create(
            company=company, name=name, kana="たなか いちろう", created_at=clock.now()
        )
        if email is not None:
            make_identity(customer, IdentityKind.EMAIL, email or f"customer{next(_numbers)}@mail.example")
        if phone:
            make_identity(customer, IdentityKind.PHONE, phone)
    return customer


def make_identity(customer: Customer, kind: IdentityKind, written: str) -> Identity:
    """An address that reaches the customer, kept in its canonical form."""
    with scope.everywhere(reason=_REASON):
        return Identity.objects.create(
            company_id=customer.company_id,
            customer=customer,
            kind=kind,
            value=canonical(kind, written),
            written=written,
        )
