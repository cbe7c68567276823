"""What a macro or a rule sets to be done in a case: a task, or all of a plan."""

from collections.abc import Iterable

from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor
from madoguchi.macros.steps import PLAN, TASK, Step
from madoguchi.tasks.actions import Wanted, add_task, apply_plan
from madoguchi.tasks.models import Plan
from madoguchi.tasks.queries import open_tasks_of, plan_for

SETS_TASKS = (PLAN, TASK)


def set_tasks(step: Step, case: Case, *, by: Actor) -> list[int]:
    """Do such a step by the action that a hand would call; returns the tasks that came of it. Raises what it raises.

    What is still to be done is not set once more: a task of these words, or a plan of which something is left.
    """
    left = open_tasks_of(case)
    if step.do == PLAN:
        plan = plan_for(int(step.value), case)
        again = any(task.plan_id == plan.pk for task in left)
        return [] if again else [task.pk for task in apply_plan(plan, case, by=by)]
    again = any(task.title == step.value for task in left)
    return [] if again else [add_task(case, Wanted(title=step.value), by=by).pk]


def tasks_to_come(steps: Iterable[Step], *, company: int) -> int:
    """How many tasks such steps would set in one case, of plans as they are now. One query where they apply any."""
    steps = list(steps)
    plans = Plan.objects.filter(pk__in=[int(one.value) for one in steps if one.do == PLAN], company=company)
    planned = sum(len(plan.steps) for plan in plans) if any(one.do == PLAN for one in steps) else 0
    return planned + sum(one.do == TASK for one in steps)
