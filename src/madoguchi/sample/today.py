"""What the sample people are in the midst of: answers that wait, tasks, cases that are followed or belong together.

Done by the usual actions once all cases are there, so that the product reacts to it as it does to people.
"""

from datetime import datetime, timedelta

from madoguchi.cases.actions import link
from madoguchi.cases.models import Case, PendingAnswer, Status
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import ANYTHING, Reply, give_back, submit
from madoguchi.delivery.scheduling import offered
from madoguchi.escalations.actions import Question, Whom, answer, ask, note_opened
from madoguchi.escalations.models import Escalation
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.following.actions import follow
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.sample.set_up import written
from madoguchi.tasks.actions import Wanted, add_task, apply_plan, tick
from madoguchi.tasks.models import Plan

_ME, _MOST = "sasaki", 4


def happen(desks: dict[str, Desk], people: dict[str, User], *, now: datetime) -> None:
    """As much of it as there are cases for at the sample desk."""
    desk, me, lead = (
        desks[written()["desk"]],
        actor_of(people[_ME]),
        actor_of(people[written()["leader"]]),
    )
    with clock.held_at(now):
        cases = _cases(desk)
        # One's own first, and a colleague's last.
        cases.sort(key=lambda case: (case.assignee_id != me.id, case.assignee_id == lead.id))
        _answers(cases, me, lead, now)
        _tasks(cases, me, now)
        _questions(cases, me, lead, now)
        for case in cases:
            follow(case, by=me)
            follow(case, by=lead)
        if len(cases) > 1:
            link(cases[0], role="parent", other=cases[-1], by=lead)


def _cases(desk: Desk) -> list[Case]:
    """The youngest that somebody is at work on; where those are few, also some that wait for the customer."""
    there = Case.objects.filter(desk=desk, assignee__isnull=False, continued_in=None)
    found = there.filter(status__in=[Status.OPEN, Status.WAITING_CUSTOMER])
    related = found.select_related("company", "desk", "customer", "assignee")
    return list(related.order_by("status", "-opened_at", "pk")[:_MOST])


def _answers(cases: list[Case], me: Actor, lead: Actor, now: datetime) -> None:
    said = written()["answers"]
    for case in cases[:1]:
        waits = submit(case, _answer(said["returned"]), by=me)
        if isinstance(waits, PendingAnswer):
            give_back(waits.pk, comment=said["comment"], by=lead)
    for case in cases[1:][-1:]:
        colleague = case.assignee if case.assignee_id != lead.id else None
        by = actor_of(colleague) if colleague else me
        submit(case, _answer(said["awaiting"]), word=said["word"], by=by)
    for case in cases[1:-1][:1]:
        submit(case, _answer(said["scheduled"]), at=offered("tomorrow", now), by=me)


def _tasks(cases: list[Case], me: Actor, now: datetime) -> None:
    """A plan that has been begun in one's own case, and what one promised elsewhere."""
    for case in cases[:1]:
        plan = Plan.objects.get(desk=case.desk, name=written()["plan"]["name"])
        tick(apply_plan(plan, case, by=me)[0], done=True, by=me)
    for case, said in zip(cases[1:], written()["task"], strict=False):
        due_at = now + timedelta(hours=said["hours"])
        wanted = Wanted(title=said["title"], owner=me.id, due_at=due_at, minutes=said["minutes"])
        add_task(case, wanted, by=me)


def _questions(cases: list[Case], me: Actor, lead: Actor, now: datetime) -> None:
    """One that a senior answered and nobody has closed, one that waits; and a slip for somebody outside."""
    if not cases or lead.id is None:
        return
    first, second = written()["question"]
    answered, waits = _asked(cases[0], first, me, now), _asked(cases[-1], second, me, now)
    answer(answered, text=first["answer"], minutes=4, by=lead)
    note_opened(waits, by=lead)
    slip = written()["slip"]
    left = Written(**slip, due_at=now + timedelta(hours=6))
    make_slip(cases[-1], left, by=lead)


def _asked(case: Case, said: dict[str, str], me: Actor, now: datetime) -> Escalation:
    asked = Question(
        question=said["question"], tried=said["tried"], cause=said["cause"], due_at=now + timedelta(hours=4)
    )
    return ask(case, Whom(to="seniors"), asked, by=me)


def _answer(text: str) -> Reply:
    return Reply(text=text, status=Status.WAITING_CUSTOMER, confirmed=ANYTHING)
