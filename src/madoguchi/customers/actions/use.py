"""Stopping the use of a customer's data, and taking that back. Whoever calls has seen to who may."""

from django.db import transaction

from madoguchi.customers.events import UseResumed, UseStopped
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor


@transaction.atomic
def stop_use_of(customer: Customer, *, by: Actor) -> None:
    """Use a customer's data no more (個人情報保護法35条). Doing it twice does nothing."""
    mine = Customer.objects.filter(pk=customer.pk, use_stopped_at=None)
    if mine.update(use_stopped_at=clock.now()):
        record(UseStopped(company=customer.company_id, customer=customer.pk), by=by)


@transaction.atomic
def resume_use_of(customer: Customer, *, by: Actor) -> None:
    """Use it again. Doing it twice does nothing."""
    mine = Customer.objects.filter(pk=customer.pk, use_stopped_at__isnull=False)
    if mine.update(use_stopped_at=None):
        record(UseResumed(company=customer.company_id, customer=customer.pk), by=by)
