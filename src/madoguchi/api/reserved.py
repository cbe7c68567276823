"""Reservations as programs read them."""

from typing import Any

from madoguchi.customers.models import Customer
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor
from madoguchi.reservations.queries import reservations_of

_MOST = 100


def reservations_in(customer: Customer, *, actor: Actor) -> list[dict[str, Any]]:
    """What a customer reserved or waits for, the latest first, a hundred at most. One query."""
    data_scope = actor.data_scope(company=customer.company_id)
    same = ("state", "begins", "ends", "people", "held_until")
    return [
        {
            "id": one.pk,
            "number": str(one),
            "customer": one.customer_id,
            "store": one.resource.store.name,
            "resource": one.resource.name,
            "note": show(one.note, "memo", data_scope),
            **{name: getattr(one, name) for name in same},
        }
        for one in reservations_of(customer.pk, actor=actor, company=customer.company_id, most=_MOST)
    ]
