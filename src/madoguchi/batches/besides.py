"""What a macro does besides changing a case: notes and tasks; and why it could not, without trying."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from madoguchi.cases.actions import tells_many
from madoguchi.cases.models import Case
from madoguchi.cases.policies import may_note
from madoguchi.kernel.actor import Actor
from madoguchi.macros.actions import note_for_many
from madoguchi.macros.models import Macro
from madoguchi.macros.steps import NOTE, PLAN, Step
from madoguchi.macros.tasks import SETS_TASKS
from madoguchi.macros.verbs import NOT_ALLOWED
from madoguchi.tasks.actions import MOST_TASKS, too_many_tasks
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.policies import is_for, may_work, refuses_to_solve
from madoguchi.tasks.queries import tasks_among


@dataclass(frozen=True, slots=True)
class Besides:
    """Such steps of a macro, the plans that they name, and what is known of cases and desks so far."""

    steps: tuple[Step, ...]
    plans: dict[int, Plan]
    tasks: dict[int, list[Task]] = field(default_factory=dict)
    many: dict[tuple[int, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, steps: Sequence[Step], macro: Macro) -> "Besides":
        """Those among all steps of a macro. One query where they name a plan."""
        named = [int(step.value) for step in steps if step.do == PLAN]
        plans = Plan.objects.filter(pk__in=named, company=macro.company_id) if named else ()
        own = tuple(step for step in steps if step.do == NOTE or step.do in SETS_TASKS)
        return cls(own, {plan.pk: plan for plan in plans})

    def look_ahead(self, cases: Sequence[Case]) -> None:
        """Find out at once which tasks these cases have. One query, where any are to be set."""
        if any(step.do in SETS_TASKS for step in self.steps):
            found = tasks_among([case.pk for case in cases])
            self.tasks.update({case.pk: found.get(case.pk, []) for case in cases})

    def refusal(self, case: Case, *, ends: bool, by: Actor) -> str:
        """Why a macro that does this, and `ends` the case then, would be refused; empty where it would not."""
        why = (self._why_not(step, case, by) for step in self.steps)
        return next(filter(None, why), "") or self._why_not_set(case, ends=ends)

    def _why_not(self, step: Step, case: Case, by: Actor) -> str:
        if step.do == NOTE:
            if not may_note(by, case):
                return NOT_ALLOWED
            return note_for_many() if self._tells_many(step.value, case, by) else ""
        plan = self.plans.get(int(step.value)) if step.do == PLAN else None
        there = step.do != PLAN or (plan is not None and is_for(plan, case))
        return "" if there and may_work(by, case) else NOT_ALLOWED

    def _why_not_set(self, case: Case, *, ends: bool) -> str:
        """Tasks that are there are not set again, and keep it from being solved as well."""
        if not any(step.do in SETS_TASKS for step in self.steps):
            return ""
        if case.pk not in self.tasks:
            self.look_ahead([case])
        there, left = self.tasks[case.pk], [task for task in self.tasks[case.pk] if task.done_at is None]
        new = sum(self._to_come(step, left) for step in self.steps)
        if new and len(there) + new > MOST_TASKS:
            return too_many_tasks()
        if ends and (new or left) and refuses_to_solve(case.desk):
            return _("This desk solves no case with open tasks, and the macro sets some.")
        return ""

    def _to_come(self, step: Step, left: Sequence[Task]) -> int:
        if step.do == PLAN:
            again = any(task.plan_id == int(step.value) for task in left)
            return 0 if again else len(self.plans[int(step.value)].steps)
        return int(step.do in SETS_TASKS and all(task.title != step.value for task in left))

    def _tells_many(self, text: str, case: Case, by: Actor) -> bool:
        known = (case.desk_id, text)
        if known not in self.many:
            self.many[known] = tells_many(text, case, by=by)
        return self.many[known]
