"""What of old cases goes by a rule of retention, and what stays: looked at beforehand, done some cases at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property, partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from madoguchi.cases.models import ACTIVE, Attachment, Case, Message
from madoguchi.commerce.queries import months_after
from madoguchi.customers.models import Customer, Identity
from madoguchi.escalations.models import EscalationFile
from madoguchi.infra import files
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.rights.erasing import FILES, is_named, let_rows_go, rows_of
from madoguchi.rights.models import RetentionRule
from madoguchi.rights.old_fields import (
    FIELDS,
    customers_held_fast,
    due_customers,
    foreseen_fields,
    let_fields_go,
)
from madoguchi.rights.person import Person
from madoguchi.rights.registry import HELD
from madoguchi.rights.under_way import going_on, marked
from madoguchi.voice.models import Call

Kind = RetentionRule.Kind
# Papers and orders are kept by other laws; records of customers and their addresses go by an erasure alone.
_OF_CASES = frozenset(
    {"cases", "messages", "notes", "drafts", "answers", "attachments", "arrivals", "sent", "documents"}
    | {"events", "marks", "slips", "questions", "calls"}
)
TABLES: dict[str, tuple[str, ...]] = {
    # Mail as it came holds its attachments too.
    Kind.ATTACHMENTS: (
        *("search.FileText", "intake.RawArrival"),
        *("escalations.EscalationFile", "cases.Attachment"),
    ),
    Kind.WORDS: tuple(label for label, held in HELD.items() if held.of in _OF_CASES and not held.law),
}


@dataclass(frozen=True)
class Shelf(Person):
    """Some cases of a company, as the sets by which the registry names rows: those alone, and nobody's record. Where
    attachments alone go, what came is that which held one.
    """

    shelved: tuple[int, ...] = ()
    kind: str = Kind.WORDS

    @property
    def cases(self) -> list[int]:  # type: ignore[override]
        """The cases themselves."""
        return list(self.shelved)

    @cached_property
    def customers(self) -> list[int]:
        """No record: customers stay."""
        return []

    @cached_property
    def identities(self) -> list[Identity]:
        """No address."""
        return []

    @cached_property
    def calls(self) -> list[int]:
        """Calls that became messages of these cases."""
        said = Message.objects.filter(case__in=self.shelved).values("pk")
        found = Call.objects.filter(company=self.company, message_id__in=said)
        return list(found.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def arrivals(self) -> list[int]:
        """What became messages of these cases, as it came."""
        found = Arrival.objects.filter(company=self.company, case_id__in=self.shelved)
        if self.kind == Kind.ATTACHMENTS:
            held = Attachment.objects.filter(message__case__in=self.shelved)
            found = Arrival.objects.filter(company=self.company, message_id__in=held.values("message"))
        return list(found.order_by("pk").values_list("pk", flat=True))


def cutoff_of(months: int) -> datetime:
    """Before when a last contact is so many months ago."""
    day = months_after(clock.today(), -months)
    return datetime.combine(day, time(), tzinfo=clock.TOKYO)


def due_cases(company: int, kind: str, before: datetime) -> QuerySet[Case]:
    """Cases at rest of customers none of whose cases was touched since, as far as they still hold something that goes.

    Cases in which somebody marked harassment stay, and those in which such a case went on: they are proof, and whoever
    appeals needs them. Nothing goes of customers with whom something goes on (`under_way.py`).
    """
    since = Case.objects.filter(customer=OuterRef("customer"), touched_at__gte=before)
    active = Case.objects.filter(customer=OuterRef("customer"), status__in=[one.value for one in ACTIVE])
    found = Case.objects.filter(~Exists(since), ~Exists(active), company=company, touched_at__lt=before)
    found = found.filter(*(~Exists(rows) for rows in (*marked(), *going_on(since=before))))
    if kind == Kind.ATTACHMENTS:
        came = Exists(Attachment.objects.filter(message__case=OuterRef("pk")))
        return found.filter(came | Exists(EscalationFile.objects.filter(escalation__case=OuterRef("pk"))))
    return found.exclude(subject="—", preview="")


def due_of(company: int, kind: str, before: datetime) -> QuerySet[Any]:
    """What a rule of this kind goes through: cases, or records of customers."""
    return (due_customers if kind in FIELDS else due_cases)(company, kind, before)


def foreseen_of(company: int, kind: str, cases: Sequence[int]) -> Counter[str]:
    """How many rows of which table would go or be emptied; nothing changes."""
    if kind in FIELDS:
        return foreseen_fields(kind, cases)
    shelf, found = _shelf(company, kind, cases), Counter[str]()
    for label in TABLES[kind]:
        found[label] += sum(rows.count() for rows in rows_of(label, HELD[label], shelf))
    return +found


def held_fast(company: int, kind: str, before: datetime, cases: Sequence[int]) -> list[int]:
    """Lock these cases and their customers' records; those of them that are due still: what came in meanwhile counts,
    and what comes from now on waits. Of a kind that goes through records they are those.
    """
    if kind in FIELDS:
        return customers_held_fast(company, kind, before, cases)
    theirs = Case.objects.filter(pk__in=cases).values("customer")
    list(Customer.objects.select_for_update().filter(pk__in=theirs).order_by("pk").only("pk"))
    list(Case.objects.select_for_update(of=["self"]).filter(pk__in=cases).order_by("pk").only("pk"))
    due = due_cases(company, kind, before).filter(pk__in=cases)
    return list(due.order_by("pk").values_list("pk", flat=True))


def let_go_of(company: int, kind: str, cases: Sequence[int]) -> tuple[Counter[str], set[str]]:
    """Let go what the rule says of these cases, which the caller holds fast; what went, and the files of the store that
    their rows named. Doing it twice finds nothing to delete. Of a kind that goes through records they are those.
    """
    if kind in FIELDS:
        return let_fields_go(company, kind, cases), set()
    shelf, went, named = _shelf(company, kind, cases), Counter[str](), set[str]()
    for label in TABLES[kind]:
        shelf.of(HELD[label].of)
    for label in TABLES[kind]:
        for rows in rows_of(label, HELD[label], shelf):
            if label in FILES:
                named |= set(rows.values_list("sha256", flat=True))
            went[label] += let_rows_go(label, HELD[label], rows)
    return +went, named


def drop_files(company: int, names: set[str]) -> int:
    """Delete files of the store that no row of the company names any more; how many."""
    return sum(
        files.drop_unless(partial(is_named, name, company=company), name, company=company)
        for name in sorted(names)
    )


def _shelf(company: int, kind: str, cases: Sequence[int]) -> Shelf:
    return Shelf(customer=Customer(company_id=company), shelved=tuple(cases), kind=kind)
