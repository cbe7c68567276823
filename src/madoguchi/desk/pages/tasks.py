"""Tasks of a case: setting, changing, doing, ordering them, putting a plan to use; and one's own of all cases."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.models import Case
from madoguchi.companies.queries import desks_of
from madoguchi.customers.blots import as_stored
from madoguchi.desk.pages.parts import (
    MOST_DIGITS,
    DeskRequest,
    acted,
    case_url,
    frame_context,
    full_page,
    private,
    the_case,
    wanted_by,
)
from madoguchi.desk.tasks import NEW, Opened, Panel, Trouble, mine_of, panel_of, wanted_in
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.tasks import actions
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import plan_for, task_by_id


@require_safe
@requires(Permission.CASE_UPDATE)
def mine(request: DeskRequest) -> HttpResponse:
    """What one has still to do, in all cases, what is due first first."""
    tasks = mine_of(request.actor)
    note_list(cases={task.case for task in tasks}, by=request.actor)
    context = frame_context(request, desks_of(request.actor)) | {"tasks": tasks}
    return private(request, render(request, "desk/my_tasks.html", context))


@require_POST
@requires(Permission.CASE_UPDATE)
def tick_mine(request: DeskRequest, pk: int) -> HttpResponse:
    """Say of one of them that it is done (or not, which is the way back)."""
    task, done = task_by_id(pk, actor=request.actor), "undo" not in request.GET
    actions.tick(task, done=done, by=request.actor)
    words = _("Done: %(task)s") if done else _("To be done again: %(task)s")
    undo = f"{reverse('desk:task_tick_mine', args=[pk])}?undo=yes" if done else ""
    say(request, text=words % {"task": task.title}, undo_url=undo)
    return redirect("desk:my_tasks")


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def new(request: DeskRequest, number: str) -> HttpResponse:
    """The line in which a task is written; posted, it is set and the next can be written."""
    case = the_case(request, number)
    if request.method == "GET":
        return _part(request, case, panel_of(case, actor=request.actor, opened=_opened(request, NEW)), NEW)
    try:
        actions.add_task(case, wanted_in(request.POST.dict(), case), by=request.actor)
    except Refused as error:
        return _not_kept(request, case, NEW, error)
    return acted(request, case, tasks=Opened(editing=NEW))


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def change(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """One task, to be written on; posted, it is changed."""
    case, task = _task(request, number, pk)
    if request.method == "GET":
        opened = _opened(request, str(pk))
        return _part(request, case, panel_of(case, actor=request.actor, opened=opened), str(pk))
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 9 else None
    try:
        wanted = wanted_in(request.POST.dict(), case, was=task)
        as_stored(wanted.title, task.title, customer=case.customer, actor=request.actor)
        actions.change_task(task, wanted, version=seen, by=request.actor)
    except (Refused, Conflict) as error:
        return _not_kept(request, case, str(pk), error)
    return acted(request, case, tasks=Opened(settled=str(pk)))


@require_POST
@requires(Permission.CASE_UPDATE)
def tick(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Say that a task is done, or that it is not."""
    case, task = _task(request, number, pk)
    actions.tick(task, done=request.POST.get("done") == "yes", by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def move(request: DeskRequest, number: str, pk: int) -> HttpResponse:
    """Let a task change places with the one before or after it."""
    case, task = _task(request, number, pk)
    actions.move_task(task, up=request.POST.get("to") == "up", by=request.actor)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def remove(request: DeskRequest, number: str) -> HttpResponse:
    """Take tasks off the case; the notice offers the way back."""
    case = the_case(request, number)
    gone = actions.remove_tasks(case, _ids(request), by=request.actor)
    undo = reverse("desk:tasks_restore", args=[number]) + _named(gone) if gone else ""
    words = ngettext("%(n)s task is taken away.", "%(n)s tasks are taken away.", len(gone)) % {"n": len(gone)}
    return acted(request, case, words, undo=undo)


@require_POST
@requires(Permission.CASE_UPDATE)
def restore(request: DeskRequest, number: str) -> HttpResponse:
    """Put tasks back that were taken off the case."""
    case = the_case(request, number)
    back = actions.restore_tasks(case, _ids(request), by=request.actor)
    words = ngettext("%(n)s task is back.", "%(n)s tasks are back.", len(back)) % {"n": len(back)}
    return acted(request, case, words)


@require_POST
@requires(Permission.CASE_UPDATE)
def plan(request: DeskRequest, number: str) -> HttpResponse:
    """Let the steps of a plan become tasks; the notice offers the way back."""
    case, chosen = the_case(request, number), request.POST.get("plan", "")
    if not chosen.isdecimal() or len(chosen) > MOST_DIGITS:
        raise Refused(_("Choose one of the list."), field="plan")
    found = plan_for(int(chosen), case)
    made = actions.apply_plan(found, case, by=request.actor)
    undo = reverse("desk:tasks_remove", args=[number]) + _named(task.pk for task in made)
    words = _("The plan “%(name)s” is applied.") % {"name": found.name}
    return acted(request, case, words, undo=undo, tasks=Opened(settled=NEW))


def _task(request: DeskRequest, number: str, pk: int) -> tuple[Case, Task]:
    """A task by the case in which it is shown. Raises NotFound."""
    case, task = the_case(request, number), task_by_id(pk, actor=request.actor)
    if task.home.pk != case.pk:
        raise NotFound(pk)
    return case, task


def _ids(request: DeskRequest) -> list[int]:
    written = (request.POST.get("tasks") or request.GET.get("tasks") or "").split(",")
    return [int(one) for one in written if one.isdecimal() and len(one) <= MOST_DIGITS]


def _named(tasks: Iterable[int]) -> str:
    return "?tasks=" + ",".join(map(str, tasks))


def _opened(request: DeskRequest, name: str) -> Opened:
    """The form that was asked for; none where it was asked to close."""
    return Opened("" if "close" in request.GET else name)


def _part(request: DeskRequest, case: Case, panel: Panel, name: str) -> HttpResponse:
    """One line of the panel for a page that is there, else the case with the line open."""
    if not request.htmx:
        return redirect(case_url(case, query="" if "close" in request.GET else f"task={name}"))
    note_look(case, by=request.actor)
    context = {"panel": panel, "case": case, "wanted": wanted_by(request), "name": name}
    context["line"] = next((line for line in panel.lines if str(line.task.pk) == name), None)
    return private(request, render(request, "desk/task_line.html", context))


def _not_kept(request: DeskRequest, case: Case, name: str, error: Refused | Conflict) -> HttpResponse:
    """The line with the words as they were typed, and why they were not kept."""
    overtaken = isinstance(error, Conflict)
    status = 409 if overtaken else 422
    if not request.htmx:
        number = case.spoken_number(case.company.prefix)
        return full_page(request, wanted_by(request), number, notice=str(error), status=status)
    wrong = (error.fields if isinstance(error, Refused) else {}) or {"title": str(error)}
    trouble = Trouble(name, wrong, request.POST.dict(), overtaken)
    panel = panel_of(case, actor=request.actor, opened=Opened(name), trouble=trouble)
    context = {"panel": panel, "case": case, "wanted": wanted_by(request)}
    return private(request, render(request, "desk/tasks.html", context, status=status))
