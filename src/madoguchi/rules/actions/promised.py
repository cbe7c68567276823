"""Doing what a policy says of a moment of a clock, by the same hands as a rule, once for each moment."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Priority
from madoguchi.companies.models import Desk
from madoguchi.following.actions import make_responsible
from madoguchi.infra.event_log import Recorded, causing, record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.macros.steps import TASK, Step
from madoguchi.macros.verbs import Fate, Verb
from madoguchi.people.models import User
from madoguchi.people.queries import seniors_of_desk, staff_of_desk
from madoguchi.promises.events import ClockActed, ClockReached
from madoguchi.promises.models import Clock
from madoguchi.promises.notices import draft_notice
from madoguchi.promises.policy import PRIORITIES, RESPONSIBLE, SENIORS, TO_WHOM, Deed
from madoguchi.routing.queries import not_absent
from madoguchi.rules.actions.acting import done, held_case
from madoguchi.rules.naming import policy_actor


def do_promised(event: Recorded) -> None:
    """Do the acts of a moment, each by itself, and tell what became of them. Handled again it does nothing."""
    fact = event.fact()
    case = held_case(event.case or 0)
    if case is None or not isinstance(fact, ClockReached) or _was_done(event, case):
        return
    by = policy_actor(fact.policy_name)
    with causing(f"moment:{event.id}"):
        did = [_did(Deed(act["do"]), act["value"], case, event, by) for act in fact.acts]
    told = ClockActed(
        **case.where,
        metric=fact.metric,
        cycle=fact.cycle,
        policy_name=fact.policy_name,
        seconds=fact.seconds,
        moment=event.id,
        did=did,
    )
    record(told, by=system("promises"))


def _was_done(event: Recorded, case: Case) -> bool:
    return Event.objects.filter(case_id=case.pk, kind=ClockActed.kind, data__moment=event.id).exists()


def _did(do: Deed, value: str, case: Case, event: Recorded, by: Actor) -> dict[str, str]:
    people = _people(value, case) if do in TO_WHOM else []
    said = {"do": do.value, "value": value}
    if do in TO_WHOM and not people:
        reason = _("Nobody of this desk is meant by it today.")
        return said | {"fate": Fate.REFUSED.value, "reason": reason}
    if do == Deed.ASSIGN and not (people := _at_work(people, case)):
        reason = _("All whom it means are away or off work.")
        return said | {"fate": Fate.REFUSED.value, "reason": reason}
    if do == Deed.DESK and _desk(value, case) is None:
        return said | {"fate": Fate.REFUSED.value, "reason": _("The company has no such open desk today.")}
    if do == Deed.DELAY_NOTICE:
        draft_notice(case, **_clock_of(event, case))
    if do in (Deed.NOTIFY, Deed.DELAY_NOTICE):
        told = [person.pk for person in people]
        make_responsible(
            case, event=event.id, kind=ClockReached.kind, people=told, who=by.name.partition(":")[2]
        )
        return said | {"fate": Fate.DONE.value, "reason": ""}
    return done(_step(do, value, people, case), case, by=by) | said


def _clock_of(event: Recorded, case: Case) -> dict[str, Any]:
    """The clock whose moment it is, and when its time runs out by now."""
    fact = event.fact()
    assert isinstance(fact, ClockReached)
    which: dict[str, Any] = {"metric": fact.metric, "cycle": fact.cycle}
    due = Clock.objects.filter(case=case, **which).values_list("due_at", flat=True).first()
    return which | {"due_at": due or event.at - timedelta(seconds=fact.seconds)}


def _step(do: Deed, value: str, people: list[User], case: Case) -> Step:
    if do == Deed.PRIORITY:
        return Step(Verb.PRIORITY, str(_raised(case, PRIORITIES.index(value) + 1)))
    if do == Deed.ASSIGN:
        return Step(Verb.ASSIGN, str(_one_of(people, case)))
    if do == Deed.DESK and (to := _desk(value, case)):
        return Step(Verb.DESK, str(to))
    return Step(Verb.TAG if do == Deed.TAG else TASK, value)


def _desk(name: str, case: Case) -> int | None:
    """The open desk of the company that is called so."""
    found = Desk.objects.filter(company=case.company_id, name=name, active=True)
    return found.values_list("pk", flat=True).first()


def _raised(case: Case, to: int) -> int:
    """A priority is raised by a policy, and never lowered."""
    return Priority(max(case.priority, to)).value


def _at_work(people: list[User], case: Case) -> list[User]:
    """Those of them who have not said that they are away; whoever has the case already keeps it."""
    kept = not_absent([person.pk for person in people])
    return [person for person in people if person.pk in (*kept, case.assignee_id)]


def _one_of(people: list[User], case: Case) -> int:
    """Whoever is responsible already, if it is one of them; else the one with the fewest open cases at this desk."""
    among = [person.pk for person in people]
    if case.assignee_id in among:
        return case.assignee_id or 0
    open_cases = Case.objects.filter(desk=case.desk_id, assignee__in=among).exclude(
        status__in=["solved", "closed"]
    )
    busy = list(open_cases.values_list("assignee", flat=True))
    return min(among, key=busy.count)


def _people(whom: str, case: Case) -> list[User]:
    """Those of the desk whom a policy means today."""
    if whom == SENIORS:
        return seniors_of_desk(case.desk_id, company=case.company_id)
    staff = staff_of_desk(case.desk_id, company=case.company_id)
    if whom == RESPONSIBLE:
        return list(staff.filter(pk=case.assignee_id or 0))
    return list(staff.filter(email=whom.casefold()))
