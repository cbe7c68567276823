"""A customer objects to what was found or done, on their own page or by telling us: looked at by somebody else,
answered, and the answer sent.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Status
from madoguchi.delivery.actions import ANYTHING, Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Problems, Refused
from madoguchi.shield import policies
from madoguchi.shield.events import AppealAnswered, AppealDecided, AppealMade, AppealOverdue
from madoguchi.shield.models import Appeal, Mark, Stop
from madoguchi.shield.queries import home_of, measures_of
from madoguchi.shield.stopping import lift_stop
from madoguchi.shield.texts import kept

WITHIN, MOST_OF_MARK = timedelta(days=7), 20
_CLOCK = system("shield")
CUSTOMER = Actor(kind=ActorKind.CUSTOMER, name="")


@transaction.atomic
def appeal(one: Mark, *, words: str, by: Actor) -> Appeal:
    """Write down that the customer objects; decided within seven days. Raises NotAllowed, Refused for no words."""
    if not policies.may_work(by, home_of(one.case)):
        raise NotAllowed(Permission.CASE_UPDATE)
    return _made(one, words, by)


@transaction.atomic
def object_to(one: Mark, *, words: str) -> Appeal:
    """The customer objects to a measure, on their own page. Raises NotFound where they were told of none, Conflict
    where an appeal waits for its answer already, and Refused for no words.
    """
    Mark.objects.select_for_update(no_key=True).only("pk").get(pk=one.pk)
    if one.pk not in {told.mark.pk for told in measures_of(home_of(one.case))}:
        raise NotFound(one.pk)
    if one.appeals.filter(state=Appeal.State.OPEN).exists():
        raise Conflict(_("Your objection is with us already. We will answer you."))
    return _made(one, words, CUSTOMER)


def _made(one: Mark, words: str, by: Actor) -> Appeal:
    said = kept(words, field="words")
    Mark.objects.select_for_update(no_key=True).only("pk").get(pk=one.pk)
    if one.appeals.count() >= MOST_OF_MARK:
        raise Refused(_("There are too many already."), field="words")
    now = clock.now()
    made = Appeal.objects.create(
        company_id=one.company_id,
        mark=one,
        words=said,
        came_at=now,
        entered_by_id=by.id,
        due_at=now + WITHIN,
        next_at=now + WITHIN,
    )
    record(AppealMade(**home_of(one.case).where, mark=one.pk, appeal=made.pk), by=by)
    return made


@transaction.atomic
def decide_appeal(
    made: Appeal, *, state: str, answer: str, send: bool = False, sure: bool = False, by: Actor
) -> None:
    """Look again. Granted, the mark is cleared; granted at least in part, the talk is open again. The customer reads
    the answer on their own page; with `send` it goes to them as an answer of their case, which `sure` confirms.

    Raises NotAllowed for who does not lead the desk and for who marked, decided or agreed to anything of it; Refused
    for no answer to the customer, and where it cannot be sent; Conflict where it is decided.
    """
    one, case = made.mark, home_of(made.mark.case)
    if not policies.may_lead(by, case) or by.id in _involved(one):
        raise NotAllowed(Permission.CASE_APPROVE)
    wrong, states = Problems(), (Appeal.State.UPHELD, Appeal.State.PARTLY, Appeal.State.GRANTED)
    wrong.unless(state in states, _("Choose one of the list."), "state")
    said = wrong.of(lambda: kept(answer, field="answer"), "")
    wrong.end()
    there = Appeal.objects.filter(pk=made.pk, state=Appeal.State.OPEN)
    if not there.update(state=state, answer=said, decided_by=by.id, decided_at=clock.now(), next_at=None):
        raise Conflict(_("Somebody was faster. Look again."))
    record(AppealDecided(**case.where, mark=one.pk, appeal=made.pk, state=state), by=by)
    if state == Appeal.State.GRANTED:
        Mark.objects.filter(pk=one.pk).update(state=Mark.State.CLEARED)
    if state != Appeal.State.UPHELD:
        for stop in one.stops.filter(state=Stop.State.AGREED, lifted_at=None).select_related("mark__case"):
            lift_stop(stop, by=by)
    if send:
        _send(made, case, said, sure=sure, by=by)


def _send(made: Appeal, case: Case, answer: str, *, sure: bool, by: Actor) -> None:
    """Let the answer go to the customer. Where a senior approves answers it waits for that, and is on their page."""
    stands = Status(case.status)
    written = Reply(
        text=answer,
        status=Status.OPEN if stands == Status.NEW else stands,
        confirmed=ANYTHING if sure else frozenset(),
    )
    try:
        gone = submit(case, written, by=by)
    except Refused as refused:
        raise Refused(str(refused), field="answer") from refused
    if isinstance(gone, Outgoing):
        Appeal.objects.filter(pk=made.pk).update(told_in=gone.message)
        fact = AppealAnswered(**case.where, mark=made.mark_id, appeal=made.pk, message=gone.message_id)
        record(fact, by=by)


def tell_overdue() -> int:
    """Tell of appeals to all companies that were not decided in time, each once; returns of how many."""
    return tell_each_due(Appeal, _tell, reason="appeals to any company may be due")


@transaction.atomic
def _tell(pk: int, now: datetime) -> bool:
    if not Appeal.objects.filter(pk=pk, next_at__lte=now, state=Appeal.State.OPEN).update(next_at=None):
        return False
    made = Appeal.objects.select_related("mark__case__continued_in").get(pk=pk)
    record(AppealOverdue(**home_of(made.mark.case).where, mark=made.mark_id, appeal=pk), by=_CLOCK)
    return True


def _involved(one: Mark) -> set[int | None]:
    stopped = one.stops.values_list("asked_by", "second")
    return {one.marked_by_id, one.decided_by_id, one.person_id, *(pk for pair in stopped for pk in pair)}
