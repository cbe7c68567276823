"""What can happen to tasks and plans. No event holds the words of a task: they are read where it
stands, and what it was called before stands beside the log.
"""

from dataclasses import field
from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class TaskAdded(Fact):
    """Something is to be done in the case, by somebody or by whoever takes it; `planned` as a step of a plan."""

    kind: ClassVar[str] = "task.added"
    task: int
    owner: int | None
    planned: bool = False


@fact
class TaskChanged(Fact):
    """Words, time, estimate or place of a task were changed: `fields` names them, `changes` is `{field: [before,
    after]}` of all but its words, which are kept beside the log.
    """

    kind: ClassVar[str] = "task.changed"
    task: int
    fields: list[str]
    changes: dict[str, list[Any]] = field(default_factory=dict)


@fact
class TaskGiven(Fact):
    """A task went from one person to another; None is nobody."""

    kind: ClassVar[str] = "task.given"
    task: int
    before: int | None
    after: int | None


@fact
class TaskDone(Fact):
    """A task was done."""

    kind: ClassVar[str] = "task.done"
    task: int


@fact
class TaskReopened(Fact):
    """A task that was said to be done is not."""

    kind: ClassVar[str] = "task.reopened"
    task: int


@fact
class TasksRemoved(Fact):
    """Tasks were taken off the case; they may be had back."""

    kind: ClassVar[str] = "task.removed"
    tasks: list[int]


@fact
class TasksRestored(Fact):
    """Tasks that were taken off the case were put back."""

    kind: ClassVar[str] = "task.restored"
    tasks: list[int]


@fact
class TaskDue(Fact):
    """The time of a task that is not done has come."""

    kind: ClassVar[str] = "task.due"
    task: int
    owner: int | None


@fact
class PlanApplied(Fact):
    """The steps of a plan became tasks of the case."""

    kind: ClassVar[str] = "plan.applied"
    plan: int
    tasks: list[int]


@fact
class PlanAdded(Fact):
    """A plan was written, for a desk or for all of a company's."""

    kind: ClassVar[str] = "plan.added"
    plan: int
    name: str


@fact
class PlanChanged(Fact):
    """A plan was changed, taken out of use or into use again. `changes` is `{field: [before, after]}`."""

    kind: ClassVar[str] = "plan.changed"
    plan: int
    changes: dict[str, list[Any]]
