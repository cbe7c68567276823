"""A customer objects to what was found or done: written down, looked at by somebody else, answered."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.shield import policies
from madoguchi.shield.events import AppealDecided, AppealMade, AppealOverdue
from madoguchi.shield.models import Appeal, Mark, Stop
from madoguchi.shield.queries import home_of
from madoguchi.shield.stopping import lift_stop
from madoguchi.shield.texts import kept

WITHIN, MOST_OF_MARK = timedelta(days=7), 20
_CLOCK = system("shield")


@transaction.atomic
def appeal(one: Mark, *, words: str, by: Actor) -> Appeal:
    """Write down that the customer objects; decided within seven days. Raises NotAllowed, Refused for no words."""
    case = home_of(one.case)
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
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
    record(AppealMade(**case.where, mark=one.pk, appeal=made.pk), by=by)
    return made


@transaction.atomic
def decide_appeal(made: Appeal, *, state: str, answer: str, by: Actor) -> None:
    """Look again. Granted, the mark is cleared; granted at least in part, the talk is open again.

    Raises NotAllowed for who does not lead the desk and for who marked, decided or agreed to anything of it; Refused
    for no answer to the customer; Conflict where it is decided.
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
