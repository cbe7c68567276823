"""That somebody looks at a customer's case, or searches, is kept: whose data it is asks who saw it.

Called before anything is shown, in its transaction. One statement, which writes once an hour for each person and case.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from django.conf import settings
from django.db import transaction

from madoguchi.cases.events import AuditDownloaded, LooksDownloaded
from madoguchi.cases.models import Case, Look
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

_LOOK = """
    INSERT INTO cases_look (company_id, customer_id, case_id, user_id, hour, at, times, shown)
    VALUES (%s, %s, %s, %s, date_trunc('hour', %s::timestamptz), %s, 1, 1) ON CONFLICT DO NOTHING RETURNING times
"""
_SEARCH = """
    INSERT INTO cases_look AS look (company_id, customer_id, case_id, user_id, hour, at, times, shown)
    SELECT found.company_id, 0, 0, %(user)s, date_trunc('hour', %(now)s::timestamptz), %(now)s, 1, count(*)
    FROM (
        SELECT company_id, customer_id FROM cases_case WHERE id = ANY (%(cases)s::bigint[])
        UNION SELECT company_id, id FROM customers_customer WHERE id = ANY (%(customers)s::bigint[])
    ) AS found GROUP BY found.company_id ORDER BY found.company_id
    ON CONFLICT (company_id, customer_id, case_id, user_id, hour)
        DO UPDATE SET times = look.times + 1, shown = look.shown + excluded.shown
    RETURNING times
"""


def note_look(case: Case, *, by: Actor) -> None:
    """A person is shown a case: its customer, what was said in it, a file."""
    _note(case.company_id, case.customer_id, case.pk, by)


def note_look_at_customer(customer: int, *, by: Actor) -> None:
    """A person is shown a customer without a case, by a program that acts for them."""
    company = Customer.objects.values_list("company_id", flat=True).get(pk=customer)
    _note(company, customer, 0, by)


def note_search(*, cases: Iterable[int] = (), customers: Iterable[int] = (), by: Actor) -> None:
    """A search or a further page of a list showed a person these cases and customers: how many customers of each
    company is kept, not the words.
    """
    cases, customers = list(cases), list(customers)
    if by.id is not None and (cases or customers):
        values = {"user": by.id, "now": clock.now(), "cases": cases, "customers": customers}
        fetch_all(_SEARCH, values)


@transaction.atomic
def note_audit_download(
    counts: Mapping[int, int], *, form: str, wanted: Mapping[str, str], customer: int | None, by: Actor
) -> None:
    """A person takes events along as a file, so many of each company: each company's log says so.

    Called by pages that give such a file, once it is made and whoever asks for it may have it.
    """
    for company, events in sorted(counts.items()):
        fact = AuditDownloaded(
            company=company, form=form, events=events, wanted=dict(wanted), customer=customer
        )
        record(fact, by=by)


@transaction.atomic
def note_looks_download(counts: Mapping[int, int], *, form: str, since: date, by: Actor) -> None:
    """A person takes along who looked at whose data, so many rows of each company: each company's log says so.

    Called before the first row leaves, for nobody knows whether the last one arrives.
    """
    for company, looks in sorted(counts.items()):
        record(LooksDownloaded(company=company, form=form, looks=looks, since=since.isoformat()), by=by)


def forget_looks() -> int:
    """Drop what is older than `MADOGUCHI_ACCESS_DAYS`; returns how many rows."""
    before = days_ago(settings.ACCESS_DAYS)
    return forget(lambda: Look.objects.filter(hour__lt=before))


def _note(company: int, customer: int, case: int, by: Actor) -> None:
    if by.id is not None:
        now = clock.now()
        fetch_all(_LOOK, [company, customer, case, by.id, now, now])
