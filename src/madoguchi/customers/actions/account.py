"""Saying what rank an account has, and who is told at once of severe trouble there."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.account import Alerted
from madoguchi.customers.events import CustomerChanged
from madoguchi.customers.models import Customer
from madoguchi.customers.policies import may_join
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

MOST_ALERTED: Final = 10


@transaction.atomic
def set_account(account: Customer, *, rank: str, alerted: Sequence[Alerted], by: Actor) -> None:
    """Keep both. The same again does nothing.

    Raises NotAllowed, and Refused for a person, an unknown rank and too many.
    """
    held = Customer.objects.select_for_update().get(pk=account.pk)
    if not may_join(by, company=held.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    if not held.sort:
        raise Refused(_("Only a household or firm has a rank."), field="rank")
    if rank not in Customer.Rank.values:
        raise Refused(_("Choose one of the list."), field="rank")
    if len(alerted) > MOST_ALERTED:
        raise Refused(_("Ten people at most are told at once."), field="alerted")
    after = {"rank": rank, "alerted": [one.kept() for one in alerted]}
    changed = {name: value for name, value in after.items() if getattr(held, name) != value}
    if changed:
        Customer.objects.filter(pk=held.pk).update(**changed)
        words = {"rank": [held.rank, rank]} if "rank" in changed else None
        fact = CustomerChanged(company=held.company_id, customer=held.pk, fields=sorted(changed))
        record(fact, by=by, words=words)
