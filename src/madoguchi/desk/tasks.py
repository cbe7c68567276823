"""The tasks of a case and of a person, as they are shown and worked on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Status
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.event_words import data_of
from madoguchi.desk.task_events import TASKS_TOLD
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Problems, Refused
from madoguchi.look.moments import ahead, full, span
from madoguchi.people.models import User
from madoguchi.people.queries import staff_to_choose
from madoguchi.tasks.actions import Wanted, require_sound
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.policies import may_work
from madoguchi.tasks.queries import my_tasks, plans_for, tasks_of, told_tasks

NEW = "new"
_REST = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why what was typed could not be kept: of which task (`new` for one to be), what is `wrong` by field, and what was
    typed. `overtaken` where a colleague has changed the task meanwhile.
    """

    task: str
    wrong: Mapping[str, str]
    typed: Mapping[str, str]
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """Which line of the panel has its form open (`editing`: a task, or `new`), and which was just saved."""

    editing: str = ""
    settled: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One task. `late` says in words for how long it has been due; `local` is its time as a form takes it."""

    task: Task
    due: str
    exact: str
    late: str
    local: str
    takes: str


@dataclass(frozen=True, slots=True)
class Panel:
    """What is to be done in a case. `editing` is the task whose form is open, or `new`; `settled` was just saved."""

    lines: list[Line]
    may_work: bool
    editing: str = ""
    settled: str = ""
    staff: Sequence[User] = ()
    plans: Sequence[Plan] = ()
    trouble: Trouble | None = None

    @property
    def left(self) -> int:
        """How many are not done."""
        return sum(line.task.done_at is None for line in self.lines)

    @property
    def by_id(self) -> dict[int, Task]:
        """Each by its id."""
        return {line.task.pk: line.task for line in self.lines}

    @property
    def takes(self) -> str:
        """How long what is left should take together, as far as it is estimated."""
        return _takes(sum(line.task.minutes or 0 for line in self.lines if line.task.done_at is None))


@dataclass(frozen=True, slots=True)
class Mine:
    """A task of the reader's with the case that it belongs to, and whether that is solved already."""

    line: Line
    case: int
    number: str
    subject: str
    solved: bool


def panel_of(case: Case, *, actor: Actor, opened: Opened, trouble: Trouble | None = None) -> Panel:
    """The tasks of a case. One query; two more, for people and plans, while one is being written."""
    works, now = may_work(actor, case), clock.now()
    lines = [line_of(task, now=now) for task in tasks_of(case)]
    writes = bool(opened.editing) and works
    return Panel(
        lines=lines,
        may_work=works,
        editing=opened.editing if writes else "",
        settled=opened.settled,
        staff=staff_to_choose(case.desk_id, company=case.company_id) if writes else (),
        plans=plans_for(case) if writes and opened.editing == NEW else (),
        trouble=trouble,
    )


def tasks_told(case: Case, events: Sequence[Event], known: Mapping[int, Task] | None) -> Mapping[int, Task]:
    """The tasks that the conversation tells of, by id. One query where they are not `known`, and one where it
    tells of any that are not there now.
    """
    told = {data_of(event).get("task", 0) for event in events if event.kind in TASKS_TOLD} - {0}
    if told and known is None:
        known = {task.pk: task for task in tasks_of(case)}
    there = known or {}
    gone = told - there.keys()
    return {**there, **({task.pk: task for task in told_tasks(gone)} if gone else {})}


def line_of(task: Task, *, now: datetime) -> Line:
    """A task in words."""
    due = task.due_at
    late = task.done_at is None and due is not None and due < now
    return Line(
        task=task,
        due=ahead(due, now=now) if due else "",
        exact=full(due) if due else "",
        late=_("Overdue by %(span)s") % {"span": span(now - due)} if due and late else "",
        local=due.astimezone(clock.TOKYO).strftime("%Y-%m-%dT%H:%M") if due else "",
        takes=_takes(task.minutes or 0),
    )


def mine_of(actor: Actor) -> list[Mine]:
    """What the reader has still to do. One query."""
    now = clock.now()
    return [
        Mine(
            line_of(task, now=now),
            home.pk,
            home.spoken_number(home.company.prefix),
            home.subject,
            home.status in _REST,
        )
        for task in my_tasks(actor)
        for home in [task.home]
    ]


def wanted_in(form: Mapping[str, str], case: Case, *, was: Task | None = None) -> Wanted:
    """What somebody typed of a task of a case (`was`: as it is). Raises Refused, with all that makes no sense."""
    wrong = Problems()
    owner = form.get("owner", "").strip()
    wanted = Wanted(
        title=form.get("title", ""),
        owner=int(owner) if owner.isdecimal() and len(owner) < 19 else None,
        due_at=wrong.of(lambda: _due(form.get("due_at", "").strip()), None),
        minutes=wrong.of(lambda: _minutes(form.get("minutes", "").strip()), None),
    )
    wrong.of(lambda: require_sound(case, wanted, was=was), None)
    wrong.end()
    return wanted


def _minutes(written: str) -> int | None:
    if written and not (written.isdecimal() and len(written) < 9):
        raise Refused(_("Write a number of minutes."), field="minutes")
    return int(written) if written else None


def _due(written: str) -> datetime | None:
    if not written:
        return None
    try:
        return read_moment(written)
    except Refused as refused:
        raise Refused(str(refused), field="due_at") from None


def _takes(minutes: int) -> str:
    return _("about %(n)s min") % {"n": minutes} if minutes else ""
