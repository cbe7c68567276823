"""Setting tasks, doing them, putting plans to use: the only writers of tasks."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Problems, Refused
from madoguchi.people.queries import works_at
from madoguchi.tasks import policies
from madoguchi.tasks.due import Unit, due_after
from madoguchi.tasks.events import (
    PlanApplied,
    TaskAdded,
    TaskChanged,
    TaskDone,
    TaskDue,
    TaskGiven,
    TaskReopened,
    TasksRemoved,
    TasksRestored,
)
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.queries import tasks_of
from madoguchi.tasks.steps import RESPONSIBLE, WHO_APPLIES, Step, read_minutes, read_steps, read_title

MOST_TASKS, AT_ONCE = 100, 1000
_CLOCK = system("tasks")
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a task shall be: its words, whose it is, by when, and how many minutes it should take."""

    title: str
    owner: int | None = None
    due_at: datetime | None = None
    minutes: int | None = None


@transaction.atomic
def add_task(case: Case, wanted: Wanted, *, by: Actor) -> Task:
    """Set something to be done in a case, after what is there.

    Raises NotAllowed, or Refused for no words, an owner who does not work at the desk, and when there are 100.
    """
    _hold(case, by, more=1)
    (task,) = _add(case, [(wanted, None)])
    record(TaskAdded(**case.where, task=task.pk, owner=task.owner_id, planned=False), by=by)
    return task


@transaction.atomic
def change_task(task: Task, wanted: Wanted, *, by: Actor, version: int | None = None) -> None:
    """Change what a task says, whose it is, by when it is due and how long it takes.

    Raises NotAllowed, Refused as `add_task`, and Conflict where it is not any more as who changes it has seen it
    (`version`; None: however it is).
    """
    case = _require(task, by)
    held = _held(task)
    if version is not None and held.version != version:
        raise Conflict(_("Somebody else has changed this task meanwhile. Look at it again."))
    given = wanted.owner != held.owner_id
    columns = _columns(case, wanted, check_owner=given)
    changed = [name for name, value in columns.items() if getattr(held, name) != value]
    if not changed:
        return
    was = {name: getattr(held, name) for name in changed}
    # A task that was put off is told of when it is due again.
    columns["told_at"] = held.told_at if wanted.due_at == held.due_at else None
    _update(task, **columns, version=held.version + 1)
    if given:
        fact = TaskGiven(**case.where, task=task.pk, before=held.owner_id, after=wanted.owner)
        record(fact, by=by)
    if fields := [name for name in changed if name != "owner_id"]:
        _tell_changes(held, case, {name: [was[name], columns[name]] for name in fields}, by=by)


def _tell_changes(held: Task, case: Case, changes: dict[str, list[Any]], *, by: Actor) -> None:
    """Its words are told beside the log, for they may be a customer's; the task knows what it was called."""
    plain = {name: [_said(one) for one in pair] for name, pair in changes.items() if name != "title"}
    words = {"title": changes["title"]} if "title" in changes else None
    fact = TaskChanged(**case.where, task=held.pk, fields=list(changes), changes=plain)
    event = record(fact, by=by, words=words)
    if words:
        _update(held, former=[*held.former, {"title": words["title"][0], "until": event}])


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


@transaction.atomic
def tick(task: Task, *, done: bool, by: Actor) -> bool:
    """Say that a task is done, or that it is not; whether that is news. Raises NotAllowed."""
    case = _require(task, by)
    there = Task.objects.filter(pk=task.pk, removed_at=None, done_at__isnull=done)
    values = {"done_at": clock.now() if done else None, "done_by_id": by.id if done else None}
    if not there.update(**values, version=F("version") + 1):
        return False
    record((TaskDone if done else TaskReopened)(**case.where, task=task.pk), by=by)
    return True


@transaction.atomic
def move_task(task: Task, *, up: bool, by: Actor) -> bool:
    """Let a task change places with the one before or after it; whether there was one. Raises NotAllowed."""
    case = _require(task, by)
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    order = tasks_of(case)
    at = next((n for n, one in enumerate(order) if one.pk == task.pk), None)
    to = None if at is None else at - 1 if up else at + 1
    if at is None or to is None or not 0 <= to < len(order):
        return False
    order[at], order[to] = order[to], order[at]
    for place, one in enumerate(order, 1):
        if one.place != place:
            Task.objects.filter(pk=one.pk).update(place=place)
    _tell_changes(task, case, {"place": [at + 1, to + 1]}, by=by)
    return True


@transaction.atomic
def remove_tasks(case: Case, tasks: Iterable[int], *, by: Actor) -> list[int]:
    """Take tasks off a case; `restore_tasks` has them back. Returns those that were there. Raises NotAllowed."""
    _hold(case, by)
    there = [task.pk for task in tasks_of(case) if task.pk in set(tasks)]
    _each(there).update(removed_at=clock.now())
    if there:
        record(TasksRemoved(**case.where, tasks=there), by=by)
    return there


@transaction.atomic
def restore_tasks(case: Case, tasks: Iterable[int], *, by: Actor) -> list[int]:
    """Put tasks back that were taken off a case; returns those that are back. Raises NotAllowed, or Refused when there
    are too many.
    """
    _hold(case, by)
    wanted = Task.objects.filter(pk__in=list(tasks), case__in=[case.pk, *_led_here(case)])
    gone = list(wanted.exclude(removed_at=None).order_by("pk").values_list("pk", flat=True))
    _refuse_too_many(case, more=len(gone))
    _each(gone).update(removed_at=None)
    if gone:
        record(TasksRestored(**case.where, tasks=gone), by=by)
    return gone


@transaction.atomic
def apply_plan(plan: Plan, case: Case, *, by: Actor) -> list[Task]:
    """Let the steps of a plan become tasks of a case, after what is there, due as the hours of its desk say.

    Raises NotAllowed, NotFound for a plan that is not for this case, and Refused when there would be too many.
    """
    if not policies.is_for(plan, case):
        raise NotFound(plan.pk)
    steps = read_steps(plan.steps)
    _hold(case, by, more=len(steps))
    now = clock.now()
    tasks = _add(case, [(_wanted(step, case, now, by), plan.pk) for step in steps])
    for task in tasks:
        record(TaskAdded(**case.where, task=task.pk, owner=task.owner_id, planned=True), by=by)
    record(PlanApplied(**case.where, plan=plan.pk, tasks=[task.pk for task in tasks]), by=by)
    return tasks


def tell_due() -> int:
    """Tell of tasks of all companies whose time has come, each once; returns how many.

    What is at rest needs no reminder: tasks of a solved case are told of when it is opened again.
    """
    with scope.everywhere(reason="tasks of any company may fall due"):
        found = list(_falling().order_by("due_at", "id").values_list("pk", "company_id")[:AT_ONCE])
    return sum(_guarded(pk, company) for pk, company in found)


def _falling() -> Any:
    due = Task.objects.filter(due_at__lte=clock.now(), told_at=None, done_at=None, removed_at=None)
    here = Q(case__continued_in=None, case__status__in=ACTIVE)
    return due.filter(here | Q(case__continued_in__status__in=ACTIVE))


def _guarded(pk: int, company: int) -> bool:
    try:
        return _tell(pk, company)
    except Exception:  # whatever it is about this task must not keep the others from being told
        logger.exception("task_not_told", task=pk)
        return False


def _tell(pk: int, company: int) -> bool:
    with scope.acting_for([company]):
        task = Task.objects.select_related("case", "case__continued_in").get(pk=pk)
        case = task.home
        if not _falling().filter(pk=pk).update(told_at=clock.now()):
            return False
        record(TaskDue(**case.where, task=pk, owner=task.owner_id or case.assignee_id), by=_CLOCK)
        return True


def _add(case: Case, wanted: Collection[tuple[Wanted, int | None]]) -> list[Task]:
    here = [case.pk, *_led_here(case)]
    last = Task.objects.filter(case__in=here).aggregate(last=Max("place"))["last"] or 0
    return Task.objects.bulk_create(
        Task(
            company_id=case.company_id,
            case=case,
            plan_id=plan,
            place=place,
            made_at=clock.now(),
            **_columns(case, one, check_owner=plan is None),
        )
        for place, (one, plan) in enumerate(wanted, last + 1)
    )


def require_sound(case: Case, wanted: Wanted, *, was: Task | None = None) -> None:
    """Raises Refused, with all that makes no sense of what a task of a case shall be; `was` is the task as it is."""
    _columns(case, wanted, check_owner=was is None or was.owner_id != wanted.owner)


def _columns(case: Case, wanted: Wanted, *, check_owner: bool) -> dict[str, Any]:
    wrong = Problems()
    title = wrong.of(lambda: read_title(wanted.title), "")
    if check_owner:
        wrong.of(lambda: _require_works_here(case, wanted.owner), None)
    wrong.of(lambda: _require_day(wanted.due_at), None)
    minutes = wrong.of(lambda: read_minutes(wanted.minutes), None)
    wrong.end()
    return {"title": title, "owner_id": wanted.owner, "due_at": wanted.due_at, "minutes": minutes}


def _require_works_here(case: Case, owner: int | None) -> None:
    if owner is not None and not works_at(owner, desk=case.desk_id, company=case.company_id):
        raise Refused(_("This person does not work at this desk."), field="owner")


def _require_day(due: datetime | None) -> None:
    if due and not clock.can_be_meant(due):
        raise Refused(_("Write a day between 1900 and 2199."), field="due_at")


def _wanted(step: Step, case: Case, now: datetime, by: Actor) -> Wanted:
    owners = {RESPONSIBLE: case.assignee_id, WHO_APPLIES: by.id}
    due = None if step.after is None else due_after(now, step.after, Unit(step.unit), desk=case.desk)
    # To the minute, as people set it: a task that is saved as it was is not due anew.
    due = due and due.replace(second=0, microsecond=0)
    return Wanted(title=step.title, owner=owners.get(step.owner), due_at=due, minutes=step.minutes)


def _hold(case: Case, by: Actor, *, more: int = 0) -> None:
    """Take the case, so that two who set tasks in it do so one after the other. Raises NotAllowed and Refused."""
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    _refuse_too_many(case, more=more)


def _refuse_too_many(case: Case, *, more: int) -> None:
    if more and len(tasks_of(case)) + more > MOST_TASKS:
        raise Refused(too_many_tasks(), field="title")


def too_many_tasks() -> str:
    """Why no more are set in a case."""
    return _("A case takes %(most)s tasks at most.") % {"most": MOST_TASKS}


def _require(task: Task, by: Actor) -> Case:
    case = task.home
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    return case


def _held(task: Task) -> Task:
    held = Task.objects.select_for_update().filter(pk=task.pk, removed_at=None).first()
    if held is None:
        raise Conflict(_("Somebody else has taken this task away meanwhile."))
    return held


def _update(task: Task, **values: Any) -> None:
    Task.objects.filter(pk=task.pk).update(**values)
    for name, value in values.items():
        setattr(task, name, value)


def _each(tasks: Collection[int]) -> Any:
    return Task.objects.filter(pk__in=tasks)


def _led_here(case: Case) -> list[int]:
    return list(Case.objects.filter(continued_in=case).values_list("pk", flat=True))
