"""Two records of one person become one: what was checked in cases of the one that goes says nothing of the other."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from madoguchi.cases.actions.whose import set_aside
from madoguchi.cases.events import CaseCustomerChanged
from madoguchi.cases.models import Case
from madoguchi.customers.actions import join_customers as join_records
from madoguchi.customers.models import Customer, Join
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor

CASES = "cases.Case.customer"


@transaction.atomic
def join_customers(customer: Customer, *, into: Customer, by: Actor) -> Join:
    """Let a record go on in another one with its cases. What was compared in those was compared with the record that
    goes: it is set aside until the two part. Raises NotAllowed or Refused.
    """
    made = join_records(customer, into=into, by=by)
    let_checks_follow(made.moved[CASES], before=made.customer_id, after=made.into_id, by=by)
    return made


def let_checks_follow(cases: Iterable[int], *, before: int, after: int, by: Actor) -> None:
    """Of cases that went from one record to another let count what had been checked of the one they are of now, and
    nothing else. Within the transaction in which they went; two queries, and three for each with anything checked.
    """
    for one in Case.objects.select_for_update().filter(pk__in=list(cases)).order_by("pk"):
        counts = set_aside(one, after)
        if one.checked == counts and not _has_been_anothers(one):
            continue
        Case.objects.filter(pk=one.pk).update(checked=counts, version=F("version") + 1)
        record(CaseCustomerChanged(**one.where, before=before, after=after, checked=one.checked), by=by)


def _has_been_anothers(case: Case) -> bool:
    return Event.objects.filter(case_id=case.pk, kind=CaseCustomerChanged.kind).exists()
