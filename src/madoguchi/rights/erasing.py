"""What goes of a person and what stays: looked at beforehand, and done in one transaction."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Max, Model, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case, PendingAnswer
from madoguchi.commerce.models import Order, Return, Solicitation, Subscription
from madoguchi.commerce.returning import USUAL_DAYS, last_day_of, left_to_return
from madoguchi.commerce.soliciting import DAYS_TO_WITHDRAW
from madoguchi.customers.actions.refuse import count_to_keep, keep_refusals
from madoguchi.customers.models import Customer
from madoguchi.imports.actions.uploading import forget_files
from madoguchi.imports.models import Upload
from madoguchi.infra import limits
from madoguchi.infra.reactions import forget_errors
from madoguchi.kernel import clock
from madoguchi.reservations.models import Reservation
from madoguchi.rights.models import Request
from madoguchi.rights.person import Person, words_of
from madoguchi.rights.registry import HELD, Held, model_of
from madoguchi.signals.models import Grave

_AT_ONCE = 1000
# Rows that name a file of the store by its hash.
# Nobody's, and kept whoever is erased: a picture of an article may be one that a customer sent, too.
_COMPANYS_OWN = ("knowledge.ArticleFile",)
FILES = (
    *("cases.Attachment", "cases.DraftFile", "cases.PendingFile", "escalations.EscalationFile"),
    *("email.RemoteImage", "voice.Recording"),
)
# What was moved is put back by what these keep; nothing is left to put back.
_UNDOABLE = ("cases.Merge", "cases.Split", "customers.Join")
ORDERS_UNDER_WAY = (Order.State.PLACED, Order.State.SHIPPED)
WAITING_RETURNS = (Return.State.ASKED, Return.State.INSPECTED, Return.State.AWAITING)
_RESERVED = (Reservation.State.HELD, Reservation.State.BOOKED, Reservation.State.WAITING)
OPEN_ANSWERS = ("scheduled", "awaiting", "held", "returned")


@dataclass
class Gone:
    """What went: how many rows of which table, and which files of the store are named by none of theirs any more."""

    gone: Counter[str] = field(default_factory=Counter)
    emptied: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    archives: set[str] = field(default_factory=set)


def foreseen(customer: Customer) -> Gone:
    """How much would go, be emptied, and stay; nothing changes."""
    person, found = Person(customer), Gone()
    to_keep = count_to_keep(person.customers)
    for label, held in HELD.items():
        count = sum(rows.count() for rows in rows_of(label, held, person))
        _counter(found, held)[label] += count
    found.kept["customers.Refusal"] = max(found.kept["customers.Refusal"], to_keep)
    return found


def in_the_way(customer: Customer) -> list[str]:
    """What has to end before a person can be erased: cases, orders, returns, subscriptions and reservations that are
    under way, each by its number; what they may still give back or withdraw from, and until when; and a serious
    accident that is still to be reported. Ten queries, and four for each order that came lately.
    """
    customers = Person(customer).customers
    cases = Case.objects.filter(customer__in=customers, status__in=[s.value for s in ACTIVE])
    numbers = [c.spoken_number(c.company.prefix) for c in cases.select_related("company").order_by("pk")]
    answers = PendingAnswer.objects.filter(case__customer__in=customers, state__in=OPEN_ANSWERS)
    waiting = {a.case.spoken_number(a.case.company.prefix) for a in answers.select_related("case__company")}
    orders = Order.objects.filter(customer__in=customers, state__in=ORDERS_UNDER_WAY).order_by("pk")
    named = [*numbers, *sorted(waiting - set(numbers)), *(order.spoken_number for order in orders)]
    return [*named, *_agreed(customers), *_still_open(customers), *sorted(_to_report(customers) - set(named))]


def _agreed(customers: Sequence[int]) -> Iterator[str]:
    """What is promised or owed beside orders: goods that come back, what is sent again and again, what is reserved."""
    theirs = {"customer__in": customers}
    back = Return.objects.filter(order__customer__in=customers, state__in=WAITING_RETURNS)
    sent = Subscription.objects.filter(**theirs).exclude(state=Subscription.State.ENDED)
    kept = Reservation.objects.filter(**theirs, ends__gte=clock.now(), state__in=_RESERVED)
    for rows in (back, sent, kept):
        yield from (str(one) for one in rows.order_by("pk"))


def _still_open(customers: Sequence[int]) -> Iterator[str]:
    """From which orders they may still withdraw (特定商取引法24条), and what of them still goes back by the policy."""
    solicited = Solicitation.objects.filter(order__customer__in=customers, withdrawn_on=None)
    running = Q(papers_on=None) | Q(papers_on__gt=clock.today() - timedelta(days=DAYS_TO_WITHDRAW))
    nothing_sent = Q(order__state=Order.State.CANCELLED, subscription=None)
    words = {
        True: _("%(what)s (may be withdrawn from until %(day)s)"),
        False: _("%(what)s (may be withdrawn from: the written terms are still owed)"),
    }
    for one in solicited.filter(running).exclude(nothing_sent).select_related("order", "subscription"):
        yield words[one.last_day is not None] % {"what": one, "day": one.last_day}
    delivered = Order.objects.filter(customer__in=customers, state=Order.State.DELIVERED)
    longest = delivered.aggregate(days=Max("policy__days"))["days"] or 0
    lately = clock.now() - timedelta(days=max(longest, USUAL_DAYS) + 1)
    for order in delivered.filter(delivered_at__gt=lately).select_related("policy").order_by("pk"):
        day = last_day_of(order)
        if day is not None and day >= clock.today() and left_to_return(order):
            yield _("%(what)s (may be given back until %(day)s)") % {"what": order, "day": day}


def _to_report(customers: Sequence[int]) -> set[str]:
    """Cases of grave words whose ten days run (消安法35条)."""
    graves = Grave.objects.filter(case__customer__in=customers, dismissed_at=None, task__done_at=None)
    found = graves.exclude(task=None).select_related("case__company")
    return {one.case.spoken_number(one.case.company.prefix) for one in found}


def erase(request: Request) -> Gone:
    """Let everything of a person go, within the transaction of the caller; returns what went.

    What still comes for them meanwhile waits for the locks of their records and cases. Doing it twice finds nothing.
    """
    person, went = _held_fast(request.customer), Gone()
    words = _telling(person)
    keep_refusals(person.customers, company=person.company)
    for held in HELD.values():
        person.of(held.of)
    went.files = set(_hashes(person))
    went.archives = set(_archives(person))
    _drop_beside(person, words)
    for label, held in HELD.items():
        for rows in rows_of(label, held, person):
            _counter(went, held)[label] += let_rows_go(label, held, rows)
    return went


def is_named(sha256: str, *, company: int) -> bool:
    """Whether a row of the company still names this file of the store."""
    return any(
        model_of(label)._default_manager.filter(company=company, sha256=sha256).exists()
        for label in (*FILES, *_COMPANYS_OWN)
    )


def _held_fast(customer: Customer) -> Person:
    """The person with all records and cases locked."""
    person = Person(customer)
    list(Customer.objects.select_for_update().filter(pk__in=person.customers).order_by("pk"))
    list(Case.objects.select_for_update(of=["self"]).filter(pk__in=person.cases).order_by("pk").only("pk"))
    return person


def _telling(person: Person) -> list[str]:
    """Words that are nobody else's, long enough to be searched for where no column tells whose a row is."""
    return [word for word in dict.fromkeys(words_of(person)) if len(word) >= 4]


def rows_of(label: str, held: Held, person: Person) -> Iterator[QuerySet[Model]]:
    """The rows of a table that are a person's, some at a time."""
    wanted: Sequence[Any] = person.of(held.of)
    for at in range(0, len(wanted), _AT_ONCE):
        some = {f"{held.by}__in": wanted[at : at + _AT_ONCE]}
        yield model_of(label)._default_manager.filter(company=person.company, **some)


def _counter(went: Gone, held: Held) -> Counter[str]:
    if held.law:
        return went.kept
    return went.gone if held.gone else went.emptied


def let_rows_go(label: str, held: Held, rows: QuerySet[Model]) -> int:
    """Delete or empty rows as the registry says of their table; how many."""
    if held.law:
        return rows.count()
    if held.gone:
        return rows.delete()[1].get(label, 0)
    if label in _UNDOABLE:
        rows.filter(undone_at=None).update(undone_at=clock.now())
    return rows.update(**held.blank)


def _hashes(person: Person) -> Iterator[str]:
    for label in FILES:
        for rows in rows_of(label, HELD[label], person):
            yield from rows.values_list("sha256", flat=True)


def _archives(person: Person) -> Iterator[str]:
    made = Request.objects.filter(customer__in=person.customers).exclude(archive="")
    yield from made.values_list("archive", flat=True)


def _drop_beside(person: Person, words: Sequence[str]) -> None:
    """What no column tells to be theirs: counts, what a reader choked on, uploaded files."""
    for word in words:
        limits.forget_naming(word)
    forget_errors(person.of("events"))
    for upload in Upload.objects.filter(company=person.company, thrown_away_at=None):
        if not upload.under_way:
            forget_files(upload)


def words_in_the_way(found: Sequence[str]) -> str:
    """What is said where something has to end first."""
    return _("These are still under way, and have to end first: %(what)s") % {"what": "、".join(found[:20])}
