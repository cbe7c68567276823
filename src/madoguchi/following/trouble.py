"""Whom it concerns that something may become trouble: grave words, signals that pile up, complaints, customers who are
passed on again and again. And whom it concerns that a customer thanks somebody by name.
"""

from datetime import timedelta

from madoguchi.cases.events import CaseAssigned, CaseChanged, CaseOpened, MessageReceived
from madoguchi.cases.models import Case, Message
from madoguchi.complaints.events import ComplaintChanged, ComplaintMade, ComplaintOverdue
from madoguchi.escalations.events import AccountAlerted
from madoguchi.feedback.events import PraiseGiven
from madoguchi.following.models import Notification
from madoguchi.following.thanks import thanked_in
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.facts import Fact
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.queries import (
    employers_of_temporary_staff,
    managers_of_desk,
    seniors_of_desk,
    staff_of_desk,
)
from madoguchi.shield.events import (
    AppealMade,
    AppealOverdue,
    CareOverdue,
    CareSet,
    ConsultationAnswered,
    ConsultationMade,
    ConsultationOverdue,
    HarassmentDecided,
    HarassmentMarked,
    HarassmentSuggested,
    HelpCalled,
    PoliceTold,
    StopAsked,
    StopDecided,
)
from madoguchi.shield.queries import asked_the_client, who_consulted
from madoguchi.signals.events import GraveFound, IncidentRaised, InstructionNoticed

Why = Notification.Why
# Of these the seniors of the desk are told at once.
_FOR_SENIORS = (IncidentRaised, HelpCalled, HarassmentMarked, StopAsked, ConsultationMade, AppealMade)
# And of these both employers of temporary staff (派遣元, 派遣先).
_FOR_EMPLOYERS = (HarassmentMarked, HarassmentDecided, PoliceTold)
# Passed on as often as this, a customer has told the same to three people (たらい回し).
TOO_OFTEN = 2
# What is read later than this was written long ago: a mailbox that was emptied, an import.
_OLD = timedelta(days=2)
_LATE = (CareOverdue, ConsultationOverdue, AppealOverdue)
TROUBLE = (
    *(GraveFound, ComplaintMade, ComplaintChanged, ComplaintOverdue),
    *(HarassmentSuggested, StopDecided, CareSet, ConsultationAnswered),
    *_FOR_SENIORS,
    *_LATE,
    *(HarassmentDecided, PoliceTold, InstructionNoticed),
    AccountAlerted,
    PraiseGiven,
)


def with_trouble(fact: Fact, case: Case) -> dict[int, Notification.Why]:
    """The people whom such an event of a case concerns, and why."""
    if isinstance(fact, GraveFound):
        return _seniors(case) | ({case.assignee_id: Why.SIGNAL} if case.assignee_id else {})
    if isinstance(fact, PraiseGiven):
        return {fact.person: Why.MENTIONED}
    if isinstance(fact, AccountAlerted):
        return dict.fromkeys(fact.people, Why.SIGNAL)
    if isinstance(fact, HarassmentSuggested | StopDecided):
        return {case.assignee_id: Why.SIGNAL} if case.assignee_id else {}
    if isinstance(fact, _FOR_EMPLOYERS):
        return _employers(fact, case)
    if isinstance(fact, InstructionNoticed):
        there = managers_of_desk(case.desk_id, company=case.company_id)
        return {one.pk: Why.SIGNAL for one in there}
    if isinstance(fact, ConsultationMade) and asked_the_client(fact.consultation):
        return _seniors(case) | _temporary(case)
    if isinstance(fact, _FOR_SENIORS):
        return _seniors(case)
    if isinstance(fact, _LATE):
        return dict.fromkeys(_seniors(case), Why.DUE)
    if isinstance(fact, CareSet):
        return {fact.person: Why.TASK} if fact.sort == "rest" else {}
    if isinstance(fact, ConsultationAnswered):
        asked = who_consulted(fact.consultation)
        return {asked: Why.QUESTION} if asked else {}
    if isinstance(fact, ComplaintOverdue):
        late = dict.fromkeys(_seniors(case), Why.DUE)
        return late | ({fact.responsible: Why.DUE} if fact.responsible else {})
    if isinstance(fact, ComplaintMade | ComplaintChanged) and fact.responsible:
        return {fact.responsible: Why.TASK}
    return {}


def with_a_hop(event: Recorded, case: Case) -> dict[int, Notification.Why]:
    """The seniors of the desk, where a case was passed on by this for the second time or more. One query where it was
    passed on.
    """
    fact = event.fact()
    if not isinstance(fact, CaseAssigned | CaseChanged) or fact.hop <= 0:
        return {}
    kinds = (CaseAssigned.kind, CaseChanged.kind)
    until = Event.objects.filter(case_id=case.pk, kind__in=kinds, id__lte=event.id)
    hops = sum(hop or 0 for hop in until.values_list("data__hop", flat=True))
    return _seniors(case) if hops >= TOO_OFTEN else {}


def with_thanks(fact: CaseOpened | MessageReceived, case: Case) -> dict[int, Notification.Why]:
    """Whom a customer thanks by name, and the seniors of the desk. One query, and where somebody is, one more and those
    for the seniors.
    """
    said = Message.objects.filter(case=case, author=Message.Author.CUSTOMER, automatic="")
    said = said.filter(at__gt=clock.now() - _OLD).order_by("id")
    if isinstance(fact, MessageReceived):
        said = said.filter(pk=fact.message)
    text = next((new or whole for new, whole in said.values_list("new_text", "text")[:1]), "")
    if not any(called in text for called in ("さん", "さま", "様", "氏", "ちゃん")):
        return {}
    names = dict(staff_of_desk(case.desk_id, company=case.company_id).values_list("pk", "name"))
    thanked = thanked_in(text, names)
    return (_seniors(case) | dict.fromkeys(thanked, Why.MENTIONED)) if thanked else {}


def _seniors(case: Case) -> dict[int, Notification.Why]:
    return {one.pk: Why.SIGNAL for one in seniors_of_desk(case.desk_id, company=case.company_id)}


def _employers(fact: Fact, case: Case) -> dict[int, Notification.Why]:
    told = _temporary(case)
    if isinstance(fact, HarassmentMarked):
        told |= _seniors(case)
    if isinstance(fact, PoliceTold):
        told |= {one.pk: Why.SIGNAL for one in managers_of_desk(case.desk_id, company=case.company_id)}
    return told


def _temporary(case: Case) -> dict[int, Notification.Why]:
    there = employers_of_temporary_staff(case.desk_id, company=case.company_id)
    return {one.pk: Why.SIGNAL for one in there}
