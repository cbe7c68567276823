"""Complaints of a case, of a customer, and in lists."""

from django.db.models import Q, QuerySet

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.complaints.models import Complaint
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound

State = Complaint.State
MOST_OF_CASE = 50
_WHERE = ("case__company", "case__desk", "case__continued_in__company", "case__continued_in__desk")
LISTS = {
    "open": Q(state=State.OPEN),
    "grave": Q(state=State.OPEN, severity__gte=Complaint.Severity.SERIOUS),
    "closed": Q(state=State.CLOSED),
}


def complaints_of(case: Case) -> list[Complaint]:
    """The complaints of a case and of what went on in it, the newest first. One query."""
    rows = Complaint.objects.filter(Q(case=case) | Q(case__continued_in=case))
    return list(rows.select_related("responsible", *_WHERE).order_by("-id")[:MOST_OF_CASE])


def complaint_by_id(pk: int, *, actor: Actor) -> Complaint:
    """A complaint of a case that the actor may read. Raises NotFound."""
    related = ("responsible", "made_by", "secondary_to__case__company", *_WHERE)
    found = Complaint.objects.select_related(*related).filter(pk=pk).first()
    if found is None or not policies.may_read(actor, found.home):
        raise NotFound(pk)
    return found


def complaints_at(actor: Actor, which: str) -> QuerySet[Complaint]:
    """The complaints of cases that the actor may read: open ones, those that are late, grave, or closed; what is due
    first first.
    """
    wide, single = actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ)
    here = Q(case__continued_in=None, case__desk__in=single) | Q(case__continued_in__desk__in=single)
    late = Q(state=State.OPEN, due_at__lte=clock.now())
    rows = Complaint.objects.filter(Q(company__in=wide) | here, late if which == "late" else LISTS[which])
    return rows.select_related("responsible", *_WHERE).order_by("due_at", "id")


def earlier_of_customer(case: Case, *, actor: Actor, before: int | None = None) -> list[Complaint]:
    """The complaints of a case's customer that the actor may read, to which another can be secondary. One query."""
    rows = Complaint.objects.filter(case__customer=case.customer_id).select_related(*_WHERE)
    rows = rows.filter(pk__lt=before) if before else rows
    return [one for one in rows.order_by("-id")[:MOST_OF_CASE] if policies.may_read(actor, one.home)]


def secondary_of(one: Complaint, *, actor: Actor) -> list[Complaint]:
    """The complaints about how this one was handled, of cases that the actor may read. One query."""
    rows = Complaint.objects.filter(secondary_to=one).select_related(*_WHERE).order_by("id")
    return [other for other in rows[:MOST_OF_CASE] if policies.may_read(actor, other.home)]
