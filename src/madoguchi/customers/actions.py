"""Customers come into being when somebody new turns to a desk."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madoguchi.customers.events import CustomerChanged, CustomerCreated
from madoguchi.customers.models import Customer, Identity
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import clean, one_line

EDITABLE = ("name", "kana", "address", "memo")


def find_or_create(
    *, company: int, kind: IdentityKind, party: Party, language: str, by: Actor, phone: str = ""
) -> Customer:
    """The company's customer behind an address; a new one when the address is unknown.

    Two arrivals from one new address at once still make one customer. A name is taken over only where none
    is known yet, for what somebody calls themselves in a mail proves nothing.
    """
    known = _behind(company, kind, party.address)
    if known is None:
        known = _create(company, kind, party, language, by=by)
    if party.name and not known.name:
        known.name = one_line(party.name, most=200)
        known.save(update_fields=["name"])
    if phone:
        _add_identity(known, IdentityKind.PHONE, phone)
    return known


@transaction.atomic
def change_customer(customer: Customer, *, by: Actor, **fields: str) -> None:
    """Change name, reading, postal address or memo. Fields masked or hidden from the actor are refused.

    Raises NotAllowed, or Refused for a field that cannot be changed here.
    """
    if not by.may(Permission.CUSTOMER_EDIT, company=customer.company_id, desk=_any_desk(by, customer)):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    unseen = by.data_scope(company=customer.company_id)
    for name, value in fields.items():
        if name not in EDITABLE or name in unseen.masked | unseen.hidden:
            raise Refused(_("This field cannot be changed here."), field=name)
        setattr(customer, name, clean(value).strip())
    customer.full_clean()
    customer.save(update_fields=list(fields))
    fact = CustomerChanged(company=customer.company_id, customer=customer.pk, fields=sorted(fields))
    record(fact, by=by)


def _any_desk(by: Actor, customer: Customer) -> int | None:
    """One of the actor's desks in the customer's company: customers belong to all desks of their company."""
    return next((g.desk for g in by.grants if g.company == customer.company_id), None)


def _behind(company: int, kind: IdentityKind, address: str) -> Customer | None:
    value = canonical(kind, address)[:254]
    known = Identity.objects.filter(company_id=company, kind=kind, value=value)
    identity = known.select_related("customer").first()
    return identity.customer if identity else None


def _create(company: int, kind: IdentityKind, party: Party, language: str, *, by: Actor) -> Customer:
    try:
        with transaction.atomic():
            customer = Customer.objects.create(
                company_id=company,
                name=one_line(party.name, most=200),
                language=language,
                created_at=clock.now(),
            )
            Identity.objects.create(
                company_id=company,
                customer=customer,
                kind=kind,
                value=canonical(kind, party.address)[:254],
                written=one_line(party.address, most=254),
            )
    except IntegrityError:
        found = _behind(company, kind, party.address)
        if found is None:
            raise
        return found
    record(CustomerCreated(company=company, customer=customer.pk), by=by)
    return customer


def _add_identity(customer: Customer, kind: IdentityKind, written: str) -> None:
    row = Identity(
        company_id=customer.company_id,
        customer=customer,
        kind=kind,
        value=canonical(kind, written)[:254],
        written=one_line(written, most=254),
    )
    Identity.objects.bulk_create([row], ignore_conflicts=True)
