"""Single fields of customers' records that go by a rule of retention: of whom, how many, and letting them go.

Nothing goes of somebody with whom something goes on, nor the number or address of who once refused to be turned to by
that way: who may not be solicited again must be known again (特定商取引法17条, 特定電子メール法3条).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.commerce.models import Order, Subscription
from madoguchi.customers.events import CustomerChanged
from madoguchi.customers.models import Consent, Customer, CustomerNote, Identity, Join, PostalAddress, Way
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event, EventWords
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.identity import IdentityKind
from madoguchi.reservations.models import Reservation
from madoguchi.rights.erasing import ORDERS_UNDER_WAY, let_rows_go
from madoguchi.rights.models import RetentionRule
from madoguchi.rights.registry import HELD
from madoguchi.rights.under_way import going_on, marks_of

Kind = RetentionRule.Kind
# What stands in the log of changes beside an event, and what of a record it is: addresses by their kind, or a column.
_ADDRESSES: Final[Mapping[str, tuple[str, IdentityKind]]] = {
    Kind.PHONE: ("phones", IdentityKind.PHONE),
    Kind.EMAIL: ("emails", IdentityKind.EMAIL),
    Kind.MEMBER: ("members", IdentityKind.MEMBER),
}
_COLUMNS: Final[Mapping[str, str]] = {Kind.ADDRESS: "address", Kind.MEMO: "memo"}
_REFUSED: Final[Mapping[str, tuple[str, ...]]] = {
    Kind.PHONE: (Way.PHONE.value, Way.SMS.value),
    Kind.EMAIL: (Way.EMAIL.value,),
}
FIELDS: Final = frozenset({*_ADDRESSES, *_COLUMNS})


def due_customers(company: int, kind: str, before: datetime) -> QuerySet[Customer]:
    """Records that hold the field still, of whom nothing came or was bought since `before`, and nothing goes on."""
    theirs = {"customer": OuterRef("pk")}
    cases = Case.objects.filter(**theirs)
    active = Q(status__in=[one.value for one in ACTIVE])
    orders = Order.objects.filter(**theirs).filter(Q(placed_at__gte=before) | Q(state__in=ORDERS_UNDER_WAY))
    stays: list[QuerySet[Any]] = [
        cases.filter(Q(touched_at__gte=before) | active),
        orders,
        Subscription.objects.filter(**theirs).exclude(state=Subscription.State.ENDED),
        Reservation.objects.filter(**theirs, ends__gte=before),
        *marks_of(OuterRef("pk")),
        *going_on(since=before, customer=OuterRef("pk")),
    ]
    if kind in _REFUSED:
        stays.append(Consent.objects.filter(**theirs, given=False, channel__in=_REFUSED[kind]))
    found = Customer.objects.filter(*(~Exists(rows) for rows in stays))
    return _holding(kind, found.filter(company=company, joined_into=None, created_at__lt=before))


def foreseen_fields(kind: str, customers: Sequence[int]) -> Counter[str]:
    """How many rows of which table would go or be emptied; nothing changes."""
    return +Counter({rows.model._meta.label: rows.count() for rows in _rows(kind, customers)})


def customers_held_fast(company: int, kind: str, before: datetime, customers: Sequence[int]) -> list[int]:
    """Lock these records; those of them that are due still: what came in meanwhile counts, and what comes waits."""
    list(Customer.objects.select_for_update().filter(pk__in=customers).order_by("pk").only("pk"))
    due = due_customers(company, kind, before).filter(pk__in=customers)
    return list(due.order_by("pk").values_list("pk", flat=True))


def let_fields_go(company: int, kind: str, customers: Sequence[int]) -> Counter[str]:
    """Empty the field of these records, which the caller holds fast, and what the log of changes keeps of it; what
    went. Records that were joined into them cannot be parted any more: what would be given back is gone.
    """
    went = Counter[str]()
    for rows in _rows(kind, customers):
        label = rows.model._meta.label
        goes = rows.model is not Customer
        went[label] += rows.delete()[1].get(label, 0) if goes else rows.update(**{_COLUMNS[kind]: ""})
    joins = Join.objects.filter(Q(into__in=customers) | Q(into__joined_into__in=customers))
    let_rows_go("customers.Join", HELD["customers.Join"], joins)
    _forget_changes(company, kind, customers)
    for pk in customers:
        record(CustomerChanged(company=company, customer=pk, fields=[_called(kind)]), by=system("rights"))
    return +went


def _rows(kind: str, customers: Sequence[int]) -> Iterable[QuerySet[Any]]:
    if kind in _ADDRESSES:
        yield Identity.objects.filter(customer__in=customers, kind=_ADDRESSES[kind][1].value)
        return
    yield _with_joined(customers).exclude(**{_COLUMNS[kind]: ""})
    if kind == Kind.ADDRESS:
        yield PostalAddress.objects.filter(customer__in=customers)
    if kind == Kind.MEMO:
        yield CustomerNote.objects.filter(customer__in=customers)


def _with_joined(customers: Sequence[int]) -> QuerySet[Customer]:
    """These records, and those that were joined into them: addresses went over, but a row keeps its own columns."""
    return Customer.objects.filter(Q(pk__in=customers) | Q(joined_into__in=customers))


def _holding(kind: str, rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """Those that have the field. A note that is worth knowing still keeps itself and the memo."""
    if kind in _ADDRESSES:
        of_kind = Identity.objects.filter(customer=OuterRef("pk"), kind=_ADDRESSES[kind][1].value)
        return rows.filter(Exists(of_kind))
    column = {_COLUMNS[kind]: ""}
    joined = Customer.objects.filter(joined_into=OuterRef("pk")).exclude(**column)
    filled = ~Q(**column) | Exists(joined)
    if kind == Kind.ADDRESS:
        return rows.filter(filled | Exists(PostalAddress.objects.filter(customer=OuterRef("pk"))))
    notes = CustomerNote.objects.filter(customer=OuterRef("pk"))
    current = notes.filter(until__gte=clock.today(), ended_at=None)
    return rows.filter(filled | Exists(notes), ~Exists(current))


def _forget_changes(company: int, kind: str, customers: Sequence[int]) -> None:
    """What the field was before and after, as the log keeps it beside its events; the events themselves stay."""
    all_ = list(_with_joined(customers).values_list("pk", flat=True))
    words = [_called(kind), *(("places",) if kind == Kind.ADDRESS else ())]
    told = Event.objects.filter(company=company, kind="customer.changed", data__customer__in=all_)
    beside = EventWords.objects.filter(event_id__in=told.values("pk"), changes__has_any_keys=words)
    let_rows_go("infra.EventWords", HELD["infra.EventWords"], beside)


def _called(kind: str) -> str:
    return _ADDRESSES[kind][0] if kind in _ADDRESSES else _COLUMNS[kind]
