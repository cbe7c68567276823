"""The memo about a customer, which several people may write at once: nobody's words are lost."""

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from madoguchi.customers.actions.record import change_customer
from madoguchi.customers.models import Customer
from madoguchi.kernel.actor import Actor


def memo_stamp(customer: Customer) -> str:
    """Tells one state of a memo from any other, and nothing of what it says to whoever has no key of ours."""
    return salted_hmac("customers.memo", f"{customer.pk}:{customer.memo}").hexdigest()[:16]


@transaction.atomic
def write_memo(customer: Customer, *, memo: str, seen: str, by: Actor) -> bool:
    """Write the memo anew.

    Was it changed since its writer saw it (`seen`, a `memo_stamp`; empty: nobody knows), both stay: what stands there,
    and the lines that are new to it. Whether that was so. Raises as `change_customer` does.
    """
    stood = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    overtaken = seen != "" and not constant_time_compare(seen, memo_stamp(stood))
    change_customer(customer, memo=_both(stood.memo, memo) if overtaken else memo, by=by)
    return overtaken


def _both(stands: str, wanted: str) -> str:
    known = {line.strip() for line in stands.splitlines()}
    new = [line for line in wanted.splitlines() if line.strip() not in known]
    return "\n".join([*stands.splitlines(), *new])
