"""Tasks of cases, as programs read and change them: by the same actions as people at the desk."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.api.changing import require_mark, require_something
from madoguchi.api.schemas import NewTaskIn, TaskIn
from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.blotting import Blotter
from madoguchi.kernel.errors import Refused
from madoguchi.people.queries import staff_of_desk
from madoguchi.tasks.actions import Wanted, add_task, apply_plan, change_task, tick
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.queries import plan_for, plans_for, tasks_of
from madoguchi.tasks.steps import read_steps

ME = "me"


def mark_of_task(task: Task) -> str:
    """What the ETag of a task begins with: its version."""
    return f"{task.version}-"


def shown(task: Task, *, prefix: str, blot: Blotter) -> dict[str, Any]:
    """A task as programs see it; `case` is the one where it is worked on."""
    return {
        "id": task.pk,
        "case": task.home.spoken_number(prefix),
        "title": blot(task.title),
        "owner": task.owner.name if task.owner else None,
        "due_at": task.due_at,
        "minutes": task.minutes,
        "done_at": task.done_at,
        "done_by": task.done_by.name if task.done_by else None,
        "version": task.version,
    }


def tasks_in(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The tasks of a case in order, as the actor may read them. One query, and two where anything is kept from them."""
    blot = blotter_of(case, actor=actor)
    number = case.spoken_number(case.company.prefix)
    found = tasks_of(case)
    for task in found:
        task.case = case
    return [shown(task, prefix=case.company.prefix, blot=blot) | {"case": number} for task in found]


def new_task(case: Case, wanted: NewTaskIn, *, by: Actor) -> Task:
    """Set something to be done in a case. Raises NotAllowed, Refused."""
    said = Wanted(
        title=wanted.title,
        owner=owner_of(case, wanted.owner, by),
        due_at=wanted.due_at,
        minutes=wanted.minutes,
    )
    return add_task(case, said, by=by)


def set_task(task: Task, wanted: TaskIn, *, if_match: str, by: Actor) -> None:
    """Set what is given, all of it or nothing: the request is one transaction. Raises Changed when the task is no
    longer as `if_match` says, NotAllowed, and Refused, also where nothing is wanted.
    """
    given = wanted.model_dump(exclude_unset=True)
    require_something(given)
    held = Task.objects.select_for_update().get(pk=task.pk)
    require_mark(mark_of_task(held), if_match)
    done = given.pop("done", None)
    if given:
        change_task(task, _as_given(task, held, given, by), by=by)
    if done is not None:
        tick(task, done=done, by=by)


def plans_in(case: Case) -> list[dict[str, Any]]:
    """The plans that can be applied to a case, by name, with their steps. Two queries."""
    ids = [plan.pk for plan in plans_for(case)]
    whole = Plan.objects.in_bulk(ids)
    return [
        {"id": pk, "name": whole[pk].name, "steps": [asdict(step) for step in read_steps(whole[pk].steps)]}
        for pk in ids
        if pk in whole
    ]


def apply(case: Case, plan: int, *, by: Actor) -> dict[str, Any]:
    """Let the steps of a plan become tasks of a case. Raises as `apply_plan`, and NotFound for a plan of others."""
    made = apply_plan(plan_for(plan, case), case, by=by)
    return {"plan": plan, "tasks": [task.pk for task in made]}


def _as_given(task: Task, held: Task, given: dict[str, Any], by: Actor) -> Wanted:
    """What is left out stays as it stands under the lock: it may have been changed since the task was read."""
    due: datetime | None = given.get("due_at", held.due_at)
    return Wanted(
        title=given.get("title") or held.title,
        owner=owner_of(task.home, given["owner"], by) if "owner" in given else held.owner_id,
        due_at=due,
        minutes=given.get("minutes", held.minutes),
    )


def owner_of(case: Case, written: str | None, by: Actor) -> int | None:
    """Whose it shall be: nobody's, `me`, or somebody of the desk by the mail address. Raises Refused."""
    if not written:
        return None
    if written == ME:
        return by.id
    found = staff_of_desk(case.desk_id, company=case.company_id).filter(email__iexact=written).first()
    if found is None:
        raise Refused(_("This person does not work at this desk."), field="owner")
    return found.pk
