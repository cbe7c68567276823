"""What somebody was given and had not begun goes back into the queue when they go away."""

from collections.abc import Iterable

from madoguchi.cases.actions import assign
from madoguchi.cases.models import OURS_TO_ACT, Case, Draft
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.routing.events import CaseGiven, CaseReturned

_OURS = [status.value for status in OURS_TO_ACT]


def give_back_unbegun(person: int, *, by: Actor) -> list[Case]:
    """Put back what the queue gave somebody and they have done nothing at since; within the caller's transaction.

    What they took themselves, or have written a word in, stays theirs: nobody else knows it as well.
    """
    held = list(Case.objects.filter(assignee_id=person, status__in=_OURS).select_related("desk", "company"))
    unbegun = _unbegun(held, person)
    back = [case for case in held if case.pk in unbegun]
    for case in back:
        assign(case, to=None, by=by)
        record(CaseReturned(**case.where, person=person), by=by)
    return back


def _unbegun(held: Iterable[Case], person: int) -> set[int]:
    """Those whose last act of a person is that the queue gave them to this one, with no draft written since."""
    given: dict[int, Event] = {}
    rows = Event.objects.filter(case_id__in=[case.pk for case in held]).order_by("id")
    for event in rows.only("id", "kind", "at", "actor_id", "case_id", "data"):
        case = event.case_id or 0
        if event.kind == CaseGiven.kind and event.data["person"] == person:
            given[case] = event
        elif event.actor_id is not None or event.kind == "case.assigned":
            given.pop(case, None)
    written = Draft.objects.filter(case_id__in=given, user_id=person).values_list("case_id", "saved_at")
    begun = {case for case, saved in written if saved >= given[case].at}
    return set(given) - begun
