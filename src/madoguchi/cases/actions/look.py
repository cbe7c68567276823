"""That somebody looks at a customer's case, or searches, is kept: whose data it is asks who saw it.

Called before anything is shown, in its transaction. One statement, which writes once an hour for each person and case.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
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

# Whom a page or an answer shows, for who blots what was said to them (`project/blotting`, `api/kept`): cases, and
# customers without one.
_seen: ContextVar[tuple[set[int], set[int]] | None] = ContextVar("seen", default=None)
_LOOK = """
    INSERT INTO cases_look (company_id, customer_id, case_id, user_id, hour, at, times, shown)
    VALUES (%s, %s, %s, %s, date_trunc('hour', %s::timestamptz), %s, 1, 1) ON CONFLICT DO NOTHING RETURNING times
"""
# Those that were listed before in the hour count no more; beyond so many it is not kept who they were.
MOST_LISTED = 2_000
_SEARCH = """
    INSERT INTO cases_look AS look (company_id, customer_id, case_id, user_id, hour, at, times, shown, listed)
    SELECT found.company_id, 0, 0, %(user)s, %(hour)s, %(now)s, 1, count(*), array_agg(found.customer_id)
    FROM (
        SELECT company_id, customer_id FROM cases_case WHERE id = ANY (%(cases)s::bigint[])
        UNION SELECT company_id, id FROM customers_customer WHERE id = ANY (%(customers)s::bigint[])
    ) AS found
    LEFT JOIN cases_look AS known ON known.company_id = found.company_id AND known.customer_id = 0
        AND known.case_id = 0 AND known.user_id = %(user)s AND known.hour = %(hour)s
    WHERE %(searched)s OR known.user_id IS NULL OR found.customer_id <> ALL (known.listed)
    GROUP BY found.company_id ORDER BY found.company_id
    ON CONFLICT (company_id, customer_id, case_id, user_id, hour) DO UPDATE SET times = look.times + 1,
        shown = look.shown
            + (SELECT count(*) FROM unnest(excluded.listed) AS one WHERE one <> ALL (look.listed)),
        listed = CASE WHEN cardinality(look.listed) >= %(most)s THEN look.listed ELSE look.listed
            || ARRAY(SELECT one FROM unnest(excluded.listed) AS one WHERE one <> ALL (look.listed)) END
    RETURNING times
"""


@contextmanager
def whom_it_shows() -> Iterator[tuple[set[int], set[int]]]:
    """The cases and the customers that are noted as looked at meanwhile."""
    seen: tuple[set[int], set[int]] = (set(), set())
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def note_look(case: Case, *, by: Actor) -> None:
    """A person is shown a case: its customer, what was said in it, a file."""
    _note(case.company_id, case.customer_id, case.pk, by)


def note_look_at_customer(customer: int, *, by: Actor) -> None:
    """A person is shown a customer without a case, by a program that acts for them."""
    company = Customer.objects.values_list("company_id", flat=True).get(pk=customer)
    _note(company, customer, 0, by)


def note_search(*, cases: Iterable[int] = (), customers: Iterable[int] = (), by: Actor) -> None:
    """A search showed a person these cases and customers: how many customers of each company, each once an hour, is
    kept, not the words.
    """
    _note_shown(cases, customers, by, searched=True)


def note_list(*, cases: Iterable[int] = (), customers: Iterable[int] = (), by: Actor) -> None:
    """A page of a list did. Nothing is written of one that shows nobody new within the hour."""
    _note_shown(cases, customers, by, searched=False)


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


def _note_shown(cases: Iterable[int], customers: Iterable[int], by: Actor, *, searched: bool) -> None:
    cases, customers = list(cases), list(customers)
    _remember(cases, customers)
    if by.id is None or not (cases or customers):
        return
    now = clock.now()
    values = {"user": by.id, "now": now, "hour": now.replace(minute=0, second=0, microsecond=0)}
    values |= {"cases": cases, "customers": customers, "searched": searched, "most": MOST_LISTED}
    fetch_all(_SEARCH, values)


def _remember(cases: Iterable[int], customers: Iterable[int]) -> None:
    seen = _seen.get()
    if seen is not None:
        seen[0].update(cases)
        seen[1].update(customers)


def _note(company: int, customer: int, case: int, by: Actor) -> None:
    _remember([], [customer])
    if by.id is not None:
        now = clock.now()
        fetch_all(_LOOK, [company, customer, case, by.id, now, now])
