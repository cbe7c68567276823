"""How a case stood in the system that it came from, as the conversation tells it. Pure."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.models import Priority, Status
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import ActorKind

# The actor of imports (`imports/actions/target.py`), of which nothing else is wanted here.
_IMPORT = "import"


def was_so_elsewhere(event: Event) -> bool:
    """Whether an event only takes over how a case stood elsewhere: nobody here did it."""
    return event.actor_kind == ActorKind.SYSTEM and event.actor_name == _IMPORT


def words_of_elsewhere(event: Event, data: Mapping[str, Any], people: Mapping[int, str]) -> str:
    """How it stood there; empty for what need not be told."""
    after = data.get("after")
    match event.kind, data.get("field"):
        case "case.status", _field:
            return _("Where it came from the status was “%(status)s”") % {"status": Status(str(after)).label}
        case "case.assigned", _field if after:
            return _("Where it came from %(person)s was responsible") % {
                "person": people.get(int(after), _("somebody"))
            }
        case "case.changed", "priority":
            label = Priority(int(after or 0)).label
            return _("Where it came from the priority was “%(priority)s”") % {"priority": label}
        case "case.changed", "tags":
            return _("Where it came from it had the tag %(tags)s") % {"tags": "・".join(after or ())}
    return ""
