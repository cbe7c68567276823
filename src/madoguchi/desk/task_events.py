"""What happened to tasks, as the conversation tells it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.infra.models import Event
from madoguchi.look.moments import full
from madoguchi.tasks.models import Task

TASKS_TOLD = (
    *("task.added", "task.done", "task.reopened", "task.removed", "task.restored"),
    *("task.given", "task.changed", "task.due", "plan.applied"),
)


def task_words(
    event: Event, data: Mapping[str, Any], tasks: Mapping[int, Task], people: Mapping[int, str]
) -> str:
    """Who did what with which task, by the words that it had then; empty for the single steps of a plan, and where it
    but changed its place.
    """
    task = tasks.get(data.get("task", 0))
    told = {"who": event.actor_name, "task": _called(task, event.pk)}
    match event.kind:
        case "task.added" if not data["planned"]:
            return _("%(who)s added the task: %(task)s") % told
        case "task.done":
            return _("%(who)s did the task: %(task)s") % told
        case "task.reopened":
            return _("%(who)s said that this task is not done: %(task)s") % told
        case "task.due":
            return _("The task is due: %(task)s") % told
        case "task.given":
            return _given(data, told, people)
        case "task.changed" if task is not None:
            return _changed(event, data, task, told)
        case "task.removed" | "task.restored" | "plan.applied":
            return _several(event, len(data["tasks"]))
    return ""


def _called(task: Task | None, event: int) -> str:
    if task is None:
        return _("one that is not there now")
    title = task.title_at(event)
    return _("“%(task)s” (taken away)") % {"task": title} if task.removed_at else title


def _changed(event: Event, data: Mapping[str, Any], task: Task, told: Mapping[str, str]) -> str:
    """What a task was before and what it is after, as far as the event says it: older ones name the field alone."""
    said = []
    if "title" in data["fields"]:
        sides = {"before": task.title_at(event.pk), "after": task.title_at(event.pk + 1)}
        words = _("%(who)s renamed the task: %(before)s → %(after)s")
        said.append(words % {**told, **sides} if sides["before"] != sides["after"] else "")
    changes = data.get("changes", {})
    if "due_at" in changes:
        before, after = (full(datetime.fromisoformat(one)) if one else "—" for one in changes["due_at"])
        words = _("%(who)s changed when the task is due: %(task)s (%(before)s → %(after)s)")
        said.append(words % {**told, "before": before, "after": after})
    if "minutes" in changes:
        before, after = (str(one) if one else "—" for one in changes["minutes"])
        words = _("%(who)s changed how many minutes the task should take: %(task)s (%(before)s → %(after)s)")
        said.append(words % {**told, "before": before, "after": after})
    return " / ".join(filter(None, said))


def _given(data: Mapping[str, Any], told: Mapping[str, str], people: Mapping[int, str]) -> str:
    if data["after"] is None:
        return _("%(who)s gave the task to nobody in particular: %(task)s") % told
    person = people.get(data["after"], _("somebody"))
    return _("%(who)s gave the task to %(person)s: %(task)s") % {**told, "person": person}


def _several(event: Event, count: int) -> str:
    told = {"who": event.actor_name, "count": count}
    if event.kind == "task.removed":
        return ngettext("%(who)s took %(count)s task away", "%(who)s took %(count)s tasks away", count) % told
    if event.kind == "task.restored":
        return ngettext("%(who)s put %(count)s task back", "%(who)s put %(count)s tasks back", count) % told
    return (
        ngettext("%(who)s applied a plan: %(count)s task", "%(who)s applied a plan: %(count)s tasks", count)
        % told
    )
