"""Whom it concerns that something may become trouble: grave words, signals that pile up, complaints."""

from madoguchi.cases.models import Case
from madoguchi.complaints.events import ComplaintChanged, ComplaintMade, ComplaintOverdue
from madoguchi.following.models import Notification
from madoguchi.infra.facts import Fact
from madoguchi.people.queries import seniors_of_desk
from madoguchi.signals.events import GraveFound, IncidentRaised

Why = Notification.Why
TROUBLE = (GraveFound, IncidentRaised, ComplaintMade, ComplaintChanged, ComplaintOverdue)


def with_trouble(fact: Fact, case: Case) -> dict[int, Notification.Why]:
    """The people whom such an event of a case concerns, and why."""
    if isinstance(fact, GraveFound):
        return _seniors(case) | ({case.assignee_id: Why.SIGNAL} if case.assignee_id else {})
    if isinstance(fact, IncidentRaised):
        return _seniors(case)
    if isinstance(fact, ComplaintOverdue):
        late = dict.fromkeys(_seniors(case), Why.DUE)
        return late | ({fact.responsible: Why.DUE} if fact.responsible else {})
    if isinstance(fact, ComplaintMade | ComplaintChanged) and fact.responsible:
        return {fact.responsible: Why.TASK}
    return {}


def _seniors(case: Case) -> dict[int, Notification.Why]:
    return {one.pk: Why.SIGNAL for one in seniors_of_desk(case.desk_id, company=case.company_id)}
