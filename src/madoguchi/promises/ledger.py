"""What was promised to customers: of a case, of a person, at risk, and how much of it was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from madoguchi.cases.models import Case
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk, Engagement
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.hours import USUAL, Calendar
from madoguchi.people.models import OperatorMember
from madoguchi.promises.models import Promise, ServiceLevels
from madoguchi.promises.policy import WARN_SHARE
from madoguchi.promises.queries import read_text

MOST_SHOWN = 200
State = Promise.State
KEPT_RATE = (
    "promise_kept",
    1,
    "kept in time / (kept in time + broken), of promises whose last told time lies in the span;"
    " withdrawn ones do not count",
)


@dataclass(frozen=True, slots=True)
class KeptRate:
    """How many promises were kept in time, and how many broken; `moved` of both had been moved. `of` is whose."""

    of: int | None
    kept: int
    broken: int
    moved: int

    @property
    def rate(self) -> float | None:
        """The share that was kept; None where none is decided."""
        return self.kept / (self.kept + self.broken) if self.kept + self.broken else None

    @property
    def percent(self) -> str:
        """The same in percent, as it is shown."""
        return "–" if self.rate is None else f"{self.rate * 100:.1f}%"


def calendar_for(desk: Desk) -> Calendar:
    """By which days and hours a promise of this desk is reckoned: those of its service levels in use, else its own,
    else the usual ones. One query.
    """
    text = ServiceLevels.objects.filter(desk=desk, active=True).values_list("text", flat=True).first()
    named = [policy.calendar for policy in read_text(text) if policy.calendar_name] if text else []
    return named[0] if named else calendar_of(desk) or USUAL


def warn_at_of(case: Case, begin: datetime, due: datetime) -> datetime:
    """When four fifths of the working time are over; of the time on the wall, where nobody works until then.
    One query.
    """
    calendar = calendar_for(case.desk)
    passes = calendar.passed(begin, due)
    found = calendar.after(begin, passes * WARN_SHARE) if passes else None
    return min(found or begin + (due - begin) * WARN_SHARE, due)


def promises_of(case: Case) -> list[Promise]:
    """What was promised in a case and in what went on in it: open ones first, what is due first. One query."""
    rows = Promise.objects.filter(Q(case=case) | Q(case__continued_in=case)).select_related("owner")
    found = list(rows.order_by("due_at", "id")[:MOST_SHOWN])
    return sorted(found, key=lambda one: one.state != State.OPEN)


def open_promises_of(case: Case) -> list[Promise]:
    """What is still to be kept in a case. One query."""
    rows = Promise.objects.filter(Q(case=case) | Q(case__continued_in=case), state=State.OPEN)
    return list(rows.select_related("owner", "answer").order_by("due_at", "id")[:MOST_SHOWN])


def promise_by_id(pk: int, *, case: Case) -> Promise:
    """A promise by the case in which it is shown. Raises NotFound."""
    found = Promise.objects.filter(Q(case=case) | Q(case__continued_in=case), pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def at_risk(actor: Actor) -> list[Promise]:
    """The open promises of the actor's desks of which somebody was warned, or whose time ran out; the first due first.
    One query.
    """
    rows = Promise.objects.filter(_in_sight(actor), state=State.OPEN)
    late = rows.filter(Q(warned_at__isnull=False) | Q(broken_at__isnull=False))
    shown = late.select_related("owner", "case__company", "case__continued_in__company", "case__desk")
    return list(shown.order_by("due_at", "id")[:MOST_SHOWN])


def kept_rates(actor: Actor, *, begin: datetime, end: datetime, by: str) -> Sequence[KeptRate]:
    """The kept rate of the actor's desks by `person`, `desk` or `operator`, as `KEPT_RATE` defines it. Each promise
    counts once. One query.
    """
    rows: QuerySet[Promise] = Promise.objects.filter(_in_sight(actor), due_at__gte=begin, due_at__lt=end)
    kept, broken = Q(state=State.KEPT, broken_at=None), Q(broken_at__isnull=False) & ~Q(state=State.WITHDRAWN)
    counted = (
        rows.annotate(whose=_whose(by))
        .values("whose")
        .annotate(
            kept=Count("pk", filter=kept),
            broken=Count("pk", filter=broken),
            moved=Count("pk", filter=(kept | broken) & Q(moves__gt=0)),
        )
    )
    return [
        KeptRate(row["whose"], row["kept"], row["broken"], row["moved"]) for row in counted.order_by("whose")
    ]


def told_to_customer(case: Case) -> list[Promise]:
    """What is open and was said to the customer in a message, also in one that had waited for its time. One query."""
    return [one for one in open_promises_of(case) if one.said_in]


def _whose(by: str) -> F | Subquery:
    """Whose a promise is to keep. One of several operators' people kept it for the one that is engaged at its desk."""
    if by != "operator":
        return F({"person": "owner", "desk": "case__desk"}[by])
    desk = OuterRef(OuterRef("case__desk"))
    here = Exists(Engagement.objects.filter(operator=OuterRef("operator"), desk=desk))
    members = OperatorMember.objects.filter(user=OuterRef("owner")).annotate(here=here)
    return Subquery(members.order_by("-here", "operator").values("operator")[:1])


def _in_sight(actor: Actor) -> Q:
    """Of the desks at which the actor reads cases; a company's people read those of all of its desks."""
    wide, single = actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ)
    return Q(company__in=wide) | Q(case__desk__in=single)
