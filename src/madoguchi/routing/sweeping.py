"""Every minute: who is not heard of, or whose shift is over, is away, what nobody takes up goes to another operator,
and what waits is given out where a desk wishes that.
"""

from collections.abc import Callable

import structlog

from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import note_shift_over, note_unseen, push, pushing_desks
from madoguchi.routing.dividing import dividing_desks, overflow
from madoguchi.routing.models import Division, Shift, State, Worker
from madoguchi.routing.queries import heard_since
from madoguchi.routing.shifts import off_duty

logger = structlog.get_logger()
AT_ONCE = 500


def sweep() -> tuple[int, int]:
    """How many were found away, and how many cases given out."""
    unseen = Worker.objects.filter(state=State.AVAILABLE, seen_at__lte=heard_since()).select_related("user")
    gone = sum(_find_away(worker, note_unseen) for worker in unseen.order_by("seen_at")[:AT_ONCE])
    gone += sum(_find_away(worker, note_shift_over) for worker in _whose_shift_is_over())
    with scope.everywhere(reason="desks of any company may give out what waits"):
        desks, divisions = pushing_desks(), dividing_desks()
    for division in divisions:
        _overflow_at(division)
    return gone, sum(_push_at(desk) for desk in desks)


def _whose_shift_is_over() -> list[Worker]:
    """Who works for somebody, too, that binds them by no shifts is there for that one as long as they say so."""
    bound = Shift.objects.values("member")
    unbound = OperatorMember.objects.exclude(pk__in=bound).values("user")
    there = Worker.objects.filter(state=State.AVAILABLE, user__in=Shift.objects.values("member__user"))
    there = there.exclude(user__in=unbound)
    workers = {one.user_id: one for one in there.select_related("user")}
    return [workers[person] for person in sorted(off_duty(list(workers)))]


def _find_away(worker: Worker, note: Callable[..., bool]) -> bool:
    try:
        actor = actor_of(worker.user)
        with scope.acting_for(actor.companies):
            return note(worker, desks=desks_of(actor, permission=Permission.CASE_REPLY))
    except (
        Exception
    ):  # whatever it is about this one, the next minute tries again; the others do not wait for it
        logger.exception("routing.not_found_away", person=worker.user_id)
        return False


def _push_at(desk: Desk) -> int:
    try:
        with scope.acting_for([desk.company_id]):
            return push(desk)
    except Exception:  # the next minute tries again; other desks do not wait for this one
        logger.exception("routing.push_failed", desk=desk.pk)
        return 0


def _overflow_at(division: Division) -> int:
    try:
        with scope.acting_for([division.company_id]):
            return overflow(division)
    except Exception:  # the next minute tries again; other desks do not wait for this one
        logger.exception("routing.overflow_failed", desk=division.desk_id)
        return 0
