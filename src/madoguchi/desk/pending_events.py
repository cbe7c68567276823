"""What happened to answers that waited, as the conversation tells it. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.infra.models import Event
from madoguchi.look.moments import full

PENDING_TOLD = (
    *("answer.scheduled", "answer.approval_asked", "answer.held", "answer.approved"),
    *("answer.returned", "answer.taken_back", "answer.discarded"),
)


def pending_words(event: Event, data: Mapping[str, Any]) -> str:
    """Who did what with an answer that waits, or why it was held."""
    who = {"who": event.actor_name}
    match event.kind:
        case "answer.scheduled":
            when = full(datetime.fromisoformat(data["due"])) if data["due"] else ""
            return _("%(who)s scheduled an answer for %(when)s") % (who | {"when": when})
        case "answer.approval_asked":
            return _("%(who)s asked for approval of an answer") % who
        case "answer.held":
            return _held(data["why"])
        case "answer.approved" if data["changed"]:
            return _("%(who)s changed the answer and approved it") % who
        case "answer.approved":
            return _("%(who)s approved the answer") % who
        case "answer.returned":
            return _("%(who)s returned the answer with a comment") % who
        case "answer.taken_back":
            return _("%(who)s took the answer back into the composer") % who
    return _("%(who)s threw the answer away that waited") % who


def _held(why: str) -> str:
    if why == "customer_wrote":
        return _("The answer that waited was held, for the customer wrote first")
    if why == "answered":
        return _("The answer that waited was held, for another one was sent first")
    if why in ("merged", "split", "closed"):
        return _("The answer that waited was held, for the case was changed")
    return _("The answer that waited was held")
