"""Whom it concerns that somebody is asked something of a case, that it was answered, or that it waits too long.

Who is asked and does not work at the case's desk is told of no case: everybody of another desk is told of the question,
and for the company it stands in the list of what waits for them. What the company answers is told to the operator's
managers alone (37号告示). Of several who are asked, whoever has taken it up is reminded alone.
"""

from madoguchi.cases.models import Case
from madoguchi.escalations.events import (
    EscalationAnswered,
    EscalationAsked,
    EscalationAskedAgain,
    EscalationOverdue,
    EscalationPassedOn,
    EscalationWarned,
    SlipDone,
    SlipFailed,
    SlipOverdue,
)
from madoguchi.escalations.models import Escalation
from madoguchi.infra.facts import Fact
from madoguchi.people.queries import managers_of_desk, seniors_of_desk, staff_of_desk

To = Escalation.To
_ADDRESSED = (EscalationAsked, EscalationPassedOn, EscalationAskedAgain, EscalationWarned, EscalationOverdue)
_OF_SLIPS = (SlipDone, SlipFailed, SlipOverdue)
QUESTIONS = (*_ADDRESSED, EscalationAnswered, *_OF_SLIPS)


def with_a_question(fact: Fact, case: Case) -> set[int]:
    """The people whom such an event of a case concerns."""
    if isinstance(fact, EscalationAnswered):
        return _asker(fact, case)
    if isinstance(fact, _OF_SLIPS):
        return {person for person in (fact.maker, case.assignee_id) if person}
    if not isinstance(fact, _ADDRESSED):
        return set()
    asked = _asked(fact.to, fact.person, fact.to_desk, case)
    if isinstance(fact, EscalationWarned | EscalationOverdue):
        taken = Escalation.objects.filter(pk=fact.escalation, taken_by__isnull=False)
        asked = set(taken.values_list("taken_by_id", flat=True)) or asked
    if isinstance(fact, EscalationOverdue):
        asked |= {one.pk for one in seniors_of_desk(case.desk_id, company=case.company_id)}
        asked |= {person for person in (fact.asker, case.assignee_id) if person}
    return asked


def asked_desk(fact: Fact) -> int | None:
    """The other desk whose people are asked, where such an event is of that."""
    return fact.to_desk if isinstance(fact, _ADDRESSED) and fact.to == To.DESK else None


def _asked(to: str, person: int | None, desk: int | None, case: Case) -> set[int]:
    if to == To.PERSON and person:
        return {person}
    if to == To.DESK and desk:
        return set(staff_of_desk(desk, company=case.company_id).values_list("pk", flat=True))
    if to == To.TEAM:
        return set(staff_of_desk(case.desk_id, company=case.company_id).values_list("pk", flat=True))
    if to == To.SENIORS:
        return {one.pk for one in seniors_of_desk(case.desk_id, company=case.company_id)}
    if to == To.MANAGERS:
        return {one.pk for one in managers_of_desk(case.desk_id, company=case.company_id)}
    return set()


def _asker(fact: EscalationAnswered, case: Case) -> set[int]:
    """Who asked, and who is responsible for the case."""
    if fact.to == To.COMPANY:
        return {one.pk for one in managers_of_desk(case.desk_id, company=case.company_id)}
    return {person for person in (fact.asker, case.assignee_id) if person}
