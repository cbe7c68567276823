"""Who looked at whose data, for those who answer for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from madoguchi.cases import policies
from madoguchi.cases.models import Case, Look
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.case_number import CaseNumber
from madoguchi.kernel.errors import NotAllowed

MOST_SHOWN, _STEP = 200, 1_000


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody's look at a case within an hour; their searches in it, where it has neither case nor customer."""

    at: datetime
    hour: datetime
    person: str
    email: str
    company: str
    customer: int
    number: str
    times: int
    shown: int

    @property
    def is_search(self) -> bool:
        """Whether it stands for searches, which showed so many customers."""
        return not self.customer

    @classmethod
    def of(cls, look: Look) -> "Looked":
        """What is told of a row as `_looks` reads it."""
        count: int | None = getattr(look, "number", None)
        return cls(
            at=look.at,
            hour=look.hour,
            person=look.user.name,
            email=look.user.email,
            company=look.company.name,
            customer=look.customer_id,
            number=str(CaseNumber(look.company.prefix, count)) if count else "",
            times=look.times,
            shown=look.shown,
        )


def looks_at(case: Case, *, actor: Actor) -> list[Looked]:
    """Who looked at a case lately, and at its customer in others for which the actor answers too; newest first.

    Raises NotAllowed for who does not answer for the case. One query.
    """
    if not policies.may_see_looks(actor, case):
        raise NotAllowed(Permission.ACCESS)
    return list(islice(every_look(actor=actor, case=case), MOST_SHOWN))


def every_look(
    *, actor: Actor | None, person: int | None = None, case: Case | None = None, since: datetime | None = None
) -> Iterator[Looked]:
    """All looks at data for which the actor answers (None: the installation), newest first; by one person, at the
    customer of a case, since a moment. Who answers for desks alone is told of their cases, and of no searches.
    """
    found = _looks() if actor is None else _looks().filter(_answered_for_by(actor))
    if person is not None:
        found = found.filter(user=person)
    if case is not None:
        found = found.filter(company=case.company_id, customer_id=case.customer_id)
    if since is not None:
        found = found.filter(hour__gte=since)
    return (Looked.of(look) for look in found.iterator(chunk_size=_STEP))


def looks_counted(*, actor: Actor, since: datetime) -> dict[int, int]:
    """How many rows `every_look` tells an actor of each company since a moment. One query."""
    found = Look.objects.filter(_answered_for_by(actor), hour__gte=since)
    return dict(found.values_list("company").annotate(Count("hour")))


def _answered_for_by(actor: Actor) -> Q:
    companies = Q(company__in=sorted(actor.companies_with(Permission.ACCESS)))
    desks = actor.desks_with(Permission.ACCESS)
    if not desks:
        return companies
    return companies | Q(case_id__in=Case.objects.filter(desk__in=sorted(desks)).values("pk"))


def _looks() -> QuerySet[Look]:
    number = Subquery(Case.objects.filter(pk=OuterRef("case_id")).values("number"))
    order = ("-hour", "-user_id", "-customer_id", "-case_id")
    return Look.objects.select_related("user", "company").annotate(number=number).order_by(*order)
