"""What happened to tasks, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.infra.models import Event

TASKS_TOLD = (
    *("task.added", "task.done", "task.reopened", "task.removed", "task.restored"),
    *("task.given", "task.due", "plan.applied"),
)


def task_words(
    event: Event, data: Mapping[str, Any], titles: Mapping[int, str], people: Mapping[int, str]
) -> str:
    """Who did what with which task, by the words that it has now; empty for the single steps of a plan."""
    told = {"who": event.actor_name, "task": titles.get(data.get("task", 0), _("one that is not there now"))}
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
        case "task.removed" | "task.restored" | "plan.applied":
            return _several(event, len(data["tasks"]))
    return ""


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
