"""Looking after whom harassment met: rest, a talk, a word a week later, each by when; counsel by the employer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.shield import policies
from madoguchi.shield.events import (
    CareOverdue,
    CareSet,
    CareSettled,
    ConsultationAnswered,
    ConsultationMade,
    ConsultationOverdue,
)
from madoguchi.shield.models import Care, Consultation, Mark
from madoguchi.shield.queries import home_of, terms_of
from madoguchi.shield.texts import kept

REST_WITHIN, LATER = timedelta(hours=1), timedelta(days=7)
_CLOCK = system("shield")


@transaction.atomic
def look_after(mark: Mark, *, by: Actor) -> list[Care]:
    """Set what is to be done for whom a mark met, and by when; harmless to repeat. Nobody known, nothing set."""
    if mark.person_id is None:
        return []
    now, within = clock.now(), timedelta(hours=terms_of(mark.company_id).care_hours)
    dues = {Care.Sort.REST: now + REST_WITHIN, Care.Sort.TALK: now + within, Care.Sort.LATER: now + LATER}
    case = home_of(mark.case)
    made = [_set(case, mark.person_id, sort, due, mark=mark, by=by) for sort, due in dues.items()]
    return [one for one in made if one is not None]


@transaction.atomic
def offer_rest(person: int, case: Case, *, by: Actor) -> Care | None:
    """Offer somebody a rest after many hard contacts; None where one is offered already."""
    return _set(case, person, Care.Sort.REST, clock.now() + REST_WITHIN, mark=None, by=by)


@transaction.atomic
def settle_care(one: Care, *, outcome: str, by: Actor) -> None:
    """Say that it was done, or that they did not wish it. A rest one says oneself; that somebody was spoken with, a
    senior says. Raises NotAllowed, Refused, Conflict where it is settled.
    """
    case = home_of(one.case)
    own = one.person_id == by.id
    if not (own if one.sort == Care.Sort.REST else policies.may_lead(by, case) and not own):
        raise NotAllowed(Permission.CASE_APPROVE)
    if outcome not in Care.Outcome.values:
        raise Refused(_("Choose one of the list."), field="outcome")
    there = Care.objects.filter(pk=one.pk, settled_at=None)
    if not there.update(outcome=outcome, settled_at=clock.now(), settled_by=by.id, next_at=None):
        raise Conflict(_("Somebody was faster. Look again."))
    record(CareSettled(**case.where, care=one.pk, sort=one.sort, outcome=outcome), by=by)


@transaction.atomic
def consult(case: Case, *, words: str, to_client: bool = False, by: Actor) -> Consultation:
    """Ask one's employer for counsel about a case; temporary staff also the firm where they work (`to_client`).

    Raises NotAllowed for who works it for no operator, and for who asks another firm; Refused for no words.
    """
    operator = policies.operator_at(by, case)
    if operator is None or by.id is None or not policies.may_see_people(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    if to_client and not policies.is_temporary(by, case):
        raise NotAllowed(Permission.CASE_NOTE)
    now = clock.now()
    due = now + timedelta(hours=terms_of(case.company_id).care_hours)
    made = Consultation.objects.create(
        company_id=case.company_id,
        operator_id=operator,
        person_id=by.id,
        case=case,
        to_client=to_client,
        words=kept(words, field="words"),
        made_at=now,
        due_at=due,
        next_at=due,
    )
    record(ConsultationMade(**case.where, consultation=made.pk), by=by)
    return made


@transaction.atomic
def give_counsel(one: Consultation, *, answer: str, by: Actor) -> None:
    """Answer who asked for counsel. Raises NotAllowed for who is not to answer it, Refused, Conflict."""
    if not policies.is_counsel(by, one) or by.id == one.person_id:
        raise NotAllowed(Permission.CASE_APPROVE)
    said = kept(answer, field="answer")
    there = Consultation.objects.filter(pk=one.pk, answered_at=None)
    if not there.update(answer=said, answered_by=by.id, answered_at=clock.now(), next_at=None):
        raise Conflict(_("Somebody was faster. Look again."))
    record(ConsultationAnswered(**home_of(one.case).where, consultation=one.pk), by=by)


def tell_overdue() -> int:
    """Tell of care and counsel of all companies that were not given in time, each once; returns of how many."""
    why = "care and counsel at any company may be due"
    return tell_each_due(Care, _tell_care, reason=why) + tell_each_due(
        Consultation, _tell_counsel, reason=why
    )


@transaction.atomic
def _tell_care(pk: int, now: datetime) -> bool:
    if not Care.objects.filter(pk=pk, next_at__lte=now, settled_at=None).update(next_at=None):
        return False
    one = Care.objects.select_related("case__continued_in").get(pk=pk)
    record(CareOverdue(**home_of(one.case).where, care=pk, sort=one.sort), by=_CLOCK)
    return True


@transaction.atomic
def _tell_counsel(pk: int, now: datetime) -> bool:
    if not Consultation.objects.filter(pk=pk, next_at__lte=now, answered_at=None).update(next_at=None):
        return False
    one = Consultation.objects.select_related("case__continued_in").get(pk=pk)
    record(ConsultationOverdue(**home_of(one.case).where, consultation=pk), by=_CLOCK)
    return True


def _set(case: Case, person: int, sort: str, due: datetime, *, mark: Mark | None, by: Actor) -> Care | None:
    times = {"made_at": clock.now(), "due_at": due, "next_at": due}
    open_one = {} if mark else {"settled_at": None}
    made, new = Care.objects.get_or_create(
        company_id=case.company_id,
        person_id=person,
        sort=sort,
        mark=mark,
        **open_one,
        defaults={"case": case, **times},
    )
    if not new:
        return None
    record(CareSet(**case.where, care=made.pk, sort=sort, person=person), by=by)
    return made
