"""What happened to a case of the database, as clocks hear it: its messages as they lie now, and what the log tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madoguchi.cases.events import CaseAssigned, CaseChanged, CaseContinued, MatterChosen, StatusChanged
from madoguchi.cases.models import Case, Message, Priority
from madoguchi.infra.models import Event as LogEvent
from madoguchi.promises.policy import Facts
from madoguchi.promises.story import Event, Kind, facts_of

_TAKEN_BACK = "message.taken_back"
_TELLING = (StatusChanged.kind, CaseChanged.kind, CaseAssigned.kind, MatterChosen.kind, _TAKEN_BACK)
_SPEAKING = ("message.received", "message.written")
_OPENING = ("case.opened", "case.split_off")
_PRIORITIES = {int(priority): priority.name.lower() for priority in Priority}
_KEPT = ("priority", "tags", "desk")


@dataclass(frozen=True, slots=True)
class _Logged:
    kind: str
    at: datetime
    data: dict[str, Any]
    carried: bool


def events_of(case: Case) -> list[Event]:
    """Everything that clocks hear of a case, in order. What was said and done elsewhere, before it came here, is left
    out: nothing was promised then. Two queries.
    """
    log = _log(case)
    since = _came_at(log)
    messages = [m for m in _messages(case) if since is None or m.at > since]
    ours = {int(one.data["message"]) for one in log if one.kind in _SPEAKING}
    first = (
        next((m for m in messages if m.at == case.opened_at or m.pk in ours), None) if since is None else None
    )
    told = [event for one in log if not one.carried for event in _told(one, messages)]
    spoken = [_spoken(m, moved=m.pk not in ours) for m in messages if m is not first]
    # What was said stands before what came of it in the same moment.
    events = [_opened(case, log, first, since), *spoken, *told, *_merged(case, log)]
    return sorted(events, key=lambda event: event.at)


def _log(case: Case) -> list[_Logged]:
    kinds = (*_TELLING, *_SPEAKING, *_OPENING, CaseContinued.kind)
    rows = LogEvent.objects.filter(case_id=case.pk, kind__in=kinds).order_by("id")
    return [_Logged(*row) for row in rows.values_list("kind", "at", "data", "carried")]


def _messages(case: Case) -> Sequence[Message]:
    rows = Message.objects.filter(case=case).order_by("at", "id")
    return list(rows.only("pk", "at", "author", "automatic", "company_id"))


def _came_at(log: list[_Logged]) -> datetime | None:
    """When a case came here that was opened elsewhere: with the last that it brought along. None for one of here."""
    if not any(one.carried and one.kind in _OPENING for one in log):
        return None
    return max(one.at for one in log if one.carried)


def _opened(case: Case, log: list[_Logged], first: Message | None, since: datetime | None) -> Event:
    """How it began: what it is now, but for what was changed since."""
    values = {"priority": case.priority, "tags": case.tags, "desk": case.desk_id, "matter": case.matter_id}
    assigned = case.assignee_id is not None
    for one in reversed([one for one in log if not one.carried]):
        field = "matter" if one.kind == MatterChosen.kind else one.data.get("field")
        if field in values and one.kind in (CaseChanged.kind, MatterChosen.kind):
            values[field] = one.data["before"]
        elif one.kind == CaseAssigned.kind:
            assigned = one.data["before"] is not None
    return Event(
        since or case.opened_at,
        Kind.OPENED,
        status=_first_status(log),
        facts=_facts(values | {"channel": case.channel, "language": case.language}),
        automatic=bool(first and first.automatic),
        by_staff=since is not None or bool(first and not first.inbound),
        assigned=assigned,
    )


def _first_status(log: list[_Logged]) -> str:
    """What the status was at first; empty where nothing tells of it."""
    moves = [one for one in log if one.kind == StatusChanged.kind]
    past = [one.data["after"] for one in moves if one.carried]
    here = [one.data["before"] for one in moves if not one.carried]
    return str((past[-1:] or here[:1] or [""])[0])


def _facts(values: dict[str, Any]) -> Facts:
    if "priority" in values:
        values = {**values, "priority": _PRIORITIES.get(int(values["priority"]), "normal")}
    return facts_of(values)


def _told(one: _Logged, messages: Sequence[Message]) -> Iterator[Event]:
    data = one.data
    if one.kind == StatusChanged.kind:
        yield Event(one.at, Kind.STATUS, status=data["after"])
    elif one.kind == CaseAssigned.kind:
        yield Event(one.at, Kind.ASSIGNED, assigned=data["after"] is not None)
    elif one.kind == MatterChosen.kind:
        yield Event(one.at, Kind.CHANGED, facts=_emptied("matter", data["after"]))
    elif one.kind == CaseChanged.kind and data.get("field") in _KEPT:
        yield Event(one.at, Kind.CHANGED, facts=_emptied(data["field"], data["after"]))
    elif one.kind == _TAKEN_BACK and any(m.pk == data["message"] for m in messages):
        yield Event(one.at, Kind.TAKEN_BACK, message=str(data["message"]))


def _emptied(field: str, value: Any) -> Facts:
    return {field: frozenset(), **_facts({field: value})}


def _spoken(message: Message, *, moved: bool) -> Event:
    kind = Kind.RECEIVED if message.inbound else Kind.ANSWERED
    merge = "moved" if moved else ""
    return Event(message.at, kind, automatic=bool(message.automatic), merge=merge, message=str(message.pk))


def _merged(case: Case, log: list[_Logged]) -> Iterator[Event]:
    told = [one for one in log if one.kind == CaseContinued.kind]
    if case.continued_in_id and told:
        yield Event(told[-1].at, Kind.MERGED)
