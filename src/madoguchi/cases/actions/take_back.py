"""Taking an answer back before it left: the case stands as it stood, but for what has happened to it since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from madoguchi.cases.events import MessageWritten, StatusChanged
from madoguchi.cases.models import Case, Message, Status
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor

_MOMENTS = ("waiting_since", "first_replied_at", "solved_at", "touched_at")
_NOBODY_WAITS = (Status.WAITING_CUSTOMER, Status.SOLVED, Status.CLOSED)
Stood = Mapping[str, Any]


def standing_of(case: Case, *, becomes: Status) -> dict[str, Any]:
    """How a case stands before an answer after which it `becomes` something else, as JSON."""
    moments = {name: getattr(case, name) for name in _MOMENTS}
    return {
        "status": case.status,
        "became": becomes,
        "free": case.assignee_id is None,
        "undelivered": case.undelivered,
        "preview": case.preview,
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }


def answer_taken_back(message: Message, *, stood: Stood | None = None, by: Actor) -> None:
    """An answer was taken back before it left. What it changed is as it `stood`, where nothing else has changed it
    since; not known how, the customer waits as before, or, once answered, we wait for them.

    A status that somebody set since stands, and whether anybody waits goes by it: in a case that they put to rest, or
    in which they say that it is the customer's turn, nobody does, though no answer left; who took it back sees that.
    """
    case = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=message.case_id)
    said_here = Event.objects.filter(case_id=case.pk, kind=MessageWritten.kind, data__message=message.pk)
    known = stood if stood is not None and said_here.exists() else None
    changes = _guessed(case, message) if known is None else _given_back(case, message, known)
    before, after = case.status, changes["status"]
    Case.objects.filter(pk=case.pk).update(**changes, version=F("version") + 1)
    if before != after:
        record(StatusChanged(**case.where, before=before, after=after), by=by)


def _given_back(case: Case, message: Message, stood: Stood) -> dict[str, Any]:
    at = {name: datetime.fromisoformat(stood[name]) if stood[name] else None for name in _MOMENTS}
    changes = _guessed(case, message) | _standing(case, stood, at)
    if case.first_replied_at == message.at:
        changes["first_replied_at"] = at["first_replied_at"]
    if case.touched_at == message.at:
        changes |= {"touched_at": at["touched_at"], "preview": stood["preview"]}
    if stood["free"] and case.assignee_id == message.user_id:
        changes["assignee_id"] = None
    return changes


def _standing(case: Case, stood: Stood, at: Mapping[str, datetime | None]) -> dict[str, Any]:
    waits = [since for since in (at["waiting_since"], case.waiting_since) if since]
    changes: dict[str, Any] = {
        "waiting_since": min(waits, default=None),
        "undelivered": case.undelivered or stood["undelivered"],
    }
    if case.status == stood["became"]:
        return changes | {"status": Status(stood["status"]), "solved_at": at["solved_at"]}
    if case.status in _NOBODY_WAITS:
        changes = {"waiting_since": None}
    return changes | {"status": Status(case.status), "solved_at": case.solved_at}


def _guessed(case: Case, message: Message) -> dict[str, Any]:
    since = _unanswered_since(message)
    earlier = message.case.messages.filter(author=Message.Author.STAFF, sent_at__isnull=False)
    answered = since is None and earlier.filter(at__lte=message.at).exclude(pk=message.pk).exists()
    return {
        "status": Status.WAITING_CUSTOMER if answered else Status.OPEN,
        "waiting_since": since,
        "solved_at": None,
        "first_replied_at": None if case.first_replied_at == message.at else case.first_replied_at,
    }


def _unanswered_since(message: Message) -> datetime | None:
    """Since when the customer had waited before this answer; None when another one had reached them already."""
    before = message.case.messages.filter(at__lte=message.at).exclude(pk=message.pk)
    said = before.filter(author=Message.Author.CUSTOMER).order_by("-at").first()
    if said is None:
        return None
    left = before.filter(author=Message.Author.STAFF, at__gte=said.at, sent_at__isnull=False)
    return None if left.exists() else said.at
