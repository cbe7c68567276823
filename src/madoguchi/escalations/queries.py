"""Escalations and slips: of a case, those that wait for somebody, those that are late, and how many for which cause."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from madoguchi.cases import policies as case_policies
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.policies import is_of_company, may_read
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, Role
from madoguchi.kernel.errors import NotFound

To, State = Escalation.To, Escalation.State
PAGE, MOST_OF_CASE = 50, 100
# Who knows much is asked much: whom it took so many minutes within a week is named after the others.
LATELY, MUCH = timedelta(days=7), 120
_SHOWN = ("person", "desk", "taken_by", "asked_by", "answered_by", "article")
_WHERE = ("case__company", "case__desk", "case__continued_in__company", "case__continued_in__desk")


@dataclass(frozen=True, slots=True)
class Counted:
    """Questions of one desk for one cause: how many, answered, late, still open; how many minutes they took those who
    were asked, and how many of these the company's; how many were closed without an article.
    """

    desk: str
    cause: str
    asked: int
    answered: int
    late: int
    open: int
    took: int
    company_minutes: int
    without_article: int


def escalations_of(case: Case) -> list[Escalation]:
    """The questions of a case and of what went on in it, with their slips, the newest first. Two queries."""
    rows = Escalation.objects.filter(_of(case)).select_related(*_SHOWN, *_WHERE)
    return list(rows.prefetch_related("slips").order_by("-id")[:MOST_OF_CASE])


def slips_of(case: Case) -> list[Slip]:
    """The message slips of a case and of what went on in it, the newest first, but those that bring a question. One
    query.
    """
    rows = Slip.objects.filter(_of(case), escalation=None).select_related("made_by", *_WHERE)
    return list(rows.order_by("-id")[:MOST_OF_CASE])


def questions_open_among(cases: Collection[int]) -> dict[int, list[Escalation]]:
    """The questions of these cases and of what went on in them that nobody has answered or withdrawn, by the case, the
    newest first. One query.
    """
    found: dict[int, list[Escalation]] = {}
    of = Q(case__in=cases) | Q(case__continued_in__in=cases)
    for one in Escalation.objects.filter(of, state=State.OPEN).select_related("case").order_by("-id"):
        for pk in {one.case_id, one.case.continued_in_id} & set(cases):
            found.setdefault(pk, []).append(one)
    return found


def escalation_by_id(pk: int, *, actor: Actor) -> Escalation:
    """A question that the actor may read. Raises NotFound."""
    found = Escalation.objects.select_related(*_SHOWN, *_WHERE, "case__customer").filter(pk=pk).first()
    if found is None or not may_read(actor, found):
        raise NotFound(pk)
    return found


def slip_by_id(pk: int, *, actor: Actor) -> Slip:
    """A slip of a case that the actor may read. Raises NotFound."""
    found = Slip.objects.select_related("made_by", "escalation", *_WHERE).filter(pk=pk).first()
    if found is None or not case_policies.may_read(actor, found.home):
        raise NotFound(pk)
    return found


def waiting_for(actor: Actor) -> QuerySet[Escalation]:
    """What the actor is asked and has not answered, also of cases that they may not read, but for what a colleague has
    taken up; what is due first first.
    """
    free = Q(taken_by=None) | Q(taken_by=actor.id)
    return _listed(Escalation.objects.filter(_asked_of(actor), free, state=State.OPEN))


def asked_by(actor: Actor) -> QuerySet[Escalation]:
    """What the actor asked and has not been settled."""
    mine = Escalation.objects.filter(asked_by=actor.id, state__in=[State.OPEN, State.ANSWERED])
    return _listed(mine.filter(_in_sight(actor)))


def unsettled(actor: Actor) -> QuerySet[Escalation]:
    """What waits for an answer, or to be closed, in all cases that the actor may read."""
    return _listed(Escalation.objects.filter(_in_sight(actor), state__in=[State.OPEN, State.ANSWERED]))


def overdue(actor: Actor) -> QuerySet[Escalation]:
    """What ought to have been answered by now, in all cases that the actor may read."""
    return unsettled(actor).filter(state=State.OPEN, due_at__lte=clock.now())


def settled(actor: Actor) -> QuerySet[Escalation]:
    """What is over, the newest first."""
    rows = Escalation.objects.filter(_in_sight(actor), state__in=[State.CLOSED, State.WITHDRAWN])
    return _listed(rows).order_by("-asked_at", "-id")


SLIP_STATES = {
    "open": Q(done_at=None, withdrawn_at=None),
    "unread": Q(done_at=None, withdrawn_at=None, read_at=None),
    "read": Q(done_at=None, withdrawn_at=None, read_at__isnull=False),
    "done": Q(done_at__isnull=False),
    "": Q(),
}


def slips_at(actor: Actor, state: str) -> QuerySet[Slip]:
    """The message slips of cases that the actor may read, the newest first; `late` are open ones whose time has run
    out.
    """
    wanted = SLIP_STATES["open"] & Q(due_at__lte=clock.now()) if state == "late" else SLIP_STATES[state]
    rows = Slip.objects.filter(wanted, _in_sight(actor), escalation=None)
    return rows.select_related("made_by", *_WHERE).order_by("-made_at", "-id")


def addresses_of(company: int, *, actor: Actor) -> list[tuple[str, str]]:
    """Whom slips of a company went to last, by address and name, the newest first; of cases that the actor may read,
    for whom another operator asks is none of theirs. One query.
    """
    seen = Slip.objects.filter(_in_sight(actor), company=company)
    rows = seen.order_by("-made_at", "-id").values_list("to_address", "to_name")
    return list(dict(reversed(rows[:200])).items())[::-1][:50]


def counts(actor: Actor, *, begin: datetime, end: datetime) -> Sequence[Counted]:
    """How many questions were asked for which cause, by desk, what is most first. One query."""
    rows = Escalation.objects.filter(_in_sight(actor), asked_at__gte=begin, asked_at__lt=end)
    late = Q(late_at__isnull=False) | Q(state=State.OPEN, due_at__lte=clock.now())
    named: dict[str, Any] = {
        "asked": Count("pk"),
        "answered": Count("pk", filter=Q(answered_at__isnull=False)),
        "late": Count("pk", filter=late),
        "open": Count("pk", filter=Q(state=State.OPEN)),
        "company_minutes": Sum("minutes", filter=Q(to=To.COMPANY), default=0),
        "took": Sum("minutes", default=0),
        "without_article": Count("pk", filter=Q(state=State.CLOSED, article=None)),
    }
    counted = rows.exclude(state=State.WITHDRAWN).values("cause", desk_name=F("case__desk__name"))
    ordered = counted.annotate(**named).order_by("-asked", "desk_name", "cause")
    causes = dict(Escalation.Cause.choices)
    return [
        Counted(desk=row["desk_name"], cause=str(causes[row["cause"]]), **{name: row[name] for name in named})
        for row in ordered
    ]


def minutes_lately(people: Collection[int], *, company: int | None = None) -> dict[int, int]:
    """How many minutes answering questions of a company, or of all in scope, took each of these people in the last
    seven days. One query.
    """
    rows = Escalation.objects.filter(
        answered_by__in=people, answered_at__gt=clock.now() - LATELY, minutes__isnull=False
    )
    rows = rows if company is None else rows.filter(company=company)
    return dict(rows.order_by().values_list("answered_by").annotate(took=Sum("minutes")))


def other_desks(case: Case) -> list[Desk]:
    """The company's other desks, which can be asked. One query."""
    return list(Desk.objects.filter(company=case.company_id, active=True).exclude(pk=case.desk_id))


def _listed(rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
    return rows.select_related(*_SHOWN, *_WHERE).order_by("due_at", "id")


def _of(case: Case) -> Q:
    return Q(case=case) | Q(case__continued_in=case)


def _at_desks(wide: Any, single: Any) -> Q:
    here = Q(case__continued_in=None, case__desk__in=single) | Q(case__continued_in__desk__in=single)
    return Q(company__in=wide) | here


def _in_sight(actor: Actor) -> Q:
    """Of cases that the actor may read, where these are now."""
    return _at_desks(actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ))


def _asked_of(actor: Actor) -> Q:
    """As `policies.may_answer` says it."""
    notes = actor.companies_with(Permission.CASE_NOTE), actor.desks_with(Permission.CASE_NOTE)
    works = actor.companies_with(Permission.CASE_UPDATE), actor.desks_with(Permission.CASE_UPDATE)
    leads = actor.companies_with(Permission.CASE_APPROVE), actor.desks_with(Permission.CASE_APPROVE)
    manages = [
        g.desk for g in actor.grants if g.role == Role.MANAGER and g.desk and g.allows(Permission.CASE_NOTE)
    ]
    companies = [company for company in actor.companies if is_of_company(actor, company)]
    return (
        (Q(to=To.PERSON, person=actor.id) & _at_desks(*notes))
        | (Q(to=To.DESK) & (Q(company__in=notes[0]) | Q(desk__in=notes[1])))
        | (Q(to=To.TEAM) & ~Q(asked_by=actor.id) & _at_desks(*works))
        | (Q(to=To.SENIORS) & _at_desks(*leads))
        | (Q(to=To.MANAGERS) & _at_desks((), manages))
        | Q(to=To.COMPANY, company__in=companies)
    )
