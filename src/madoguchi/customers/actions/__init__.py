"""The verbs of a customer's record: the only writers of this package's tables."""

from madoguchi.customers.actions.join import join_customers, part_customers
from madoguchi.customers.actions.record import (
    EDITABLE,
    MOST_ADDRESSES,
    Known,
    add_customer,
    add_first_address,
    change_customer,
    create_unknown,
    find_or_create,
    mark_undeliverable,
    set_addresses,
    take_over_customer,
)

__all__ = [
    "EDITABLE",
    "MOST_ADDRESSES",
    "Known",
    "add_customer",
    "add_first_address",
    "change_customer",
    "create_unknown",
    "find_or_create",
    "join_customers",
    "mark_undeliverable",
    "part_customers",
    "set_addresses",
    "take_over_customer",
]
