"""Message slips for stores: to which store somebody may write, and how many went there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.desk.called import store_of_case
from madoguchi.escalations.models import Slip
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import whole_number
from madoguchi.reservations.models import Store

# As many stores as somebody can look through.
MOST = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """Slips that went to a store's mail address: how many, of those how many wait to be done, and in which cases."""

    slips: int = 0
    open: int = 0
    cases: frozenset[int] = frozenset()


def stores_to_tell(company: int) -> list[Store]:
    """The stores of a company that have a mail address, by name. One query."""
    return list(Store.objects.filter(company=company).exclude(email="").order_by("name", "pk")[:MOST])


def addressed(case: Case, chosen: Mapping[str, str]) -> dict[str, str]:
    """Name and address of the store that somebody chose (`store`), or by whose number the customer came; nothing where
    there is none. One query.
    """
    if "store" in chosen:
        wanted = whole_number(chosen["store"])
        store = Store.objects.filter(pk=wanted, company=case.company_id).first()
    else:
        store = store_of_case(case)
    if store is None or not store.email:
        return {}
    return {"store": str(store.pk), "name": store.name, "address": store.email}


def is_of_store(company: int, address: str) -> bool:
    """Whether the company's settings have message slips for a store go to this address. One query."""
    written = canonical(IdentityKind.EMAIL, address)
    return bool(written) and Store.objects.filter(company=company, email=written).exists()


def store_named(written: str, *, actor: Actor) -> Store | None:
    """The store that an address of ours names, of a company with a desk of the reader's; None for any other, and for
    one without a mail address. Two queries, or none.
    """
    wanted = whole_number(written)
    if wanted is None:
        return None
    companies = {desk.company_id for desk in desks_of(actor)}
    return Store.objects.filter(pk=wanted, company__in=companies).exclude(email="").first()


def sent_to(stores: Sequence[Store], *, since: datetime, desks: Sequence[Desk]) -> dict[int, Sent]:
    """What went to each of these stores since a moment from these desks, by the store's id; what was withdrawn is none.
    One query.
    """
    of = {(one.company_id, one.email): one.pk for one in stores if one.email}
    rows = Slip.objects.filter(
        case__desk__in=desks,
        to_address__in={address for _company, address in of},
        made_at__gte=since,
        withdrawn_at=None,
    )
    found: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for company, address, case, done in rows.values_list("company", "to_address", "case", "done_at"):
        if store := of.get((company, address)):
            found[store].append((case, done is None))
    return {
        store: Sent(
            len(slips), sum(is_open for _case, is_open in slips), frozenset(case for case, _ in slips)
        )
        for store, slips in found.items()
    }
