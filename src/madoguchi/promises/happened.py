"""What happened to a case of the database, as clocks hear it: its messages, and what the log tells.

What was said and answered here stays so after it lies in another case: a promise that was kept is not broken by it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madoguchi.cases.events import (
    CaseAssigned,
    CaseChanged,
    CaseContinued,
    CaseSplit,
    MatterChosen,
    StatusChanged,
)
from madoguchi.cases.models import Case, Merge, Message, Priority, Severity, Split
from madoguchi.customers.account import accounts_of
from madoguchi.infra.models import Event as LogEvent
from madoguchi.promises.policy import Facts
from madoguchi.promises.story import Event, Kind, facts_of

_TAKEN_BACK = "message.taken_back"
_TELLING = (StatusChanged.kind, CaseChanged.kind, CaseAssigned.kind, MatterChosen.kind, _TAKEN_BACK)
_SPEAKING = ("message.received", "message.written")
_OPENING = ("case.opened", "case.split_off")
_PRIORITIES = {int(priority): priority.name.lower() for priority in Priority}
_SEVERITIES = {int(one): one.name.lower() for one in Severity if one}
_KEPT = ("priority", "severity", "tags", "desk")


@dataclass(frozen=True, slots=True)
class _Logged:
    kind: str
    at: datetime
    data: dict[str, Any]
    carried: bool


def events_of(case: Case) -> list[Event]:
    """Everything that clocks hear of a case, in order. What was said and done elsewhere, before it came here, is left
    out: nothing was promised then. Three queries, and up to three more for one that was merged or split.
    """
    log = _log(case)
    since = _came_at(log)
    ours = {int(one.data["message"]) for one in log if one.kind in _SPEAKING}
    messages = [m for m in _messages(case, log, ours) if since is None or m.at > since]
    first = _first(case, messages, ours) if since is None else None
    told = [event for one in log if not one.carried for event in _told(one, messages)]
    began = since or case.opened_at
    spoken = [_spoken(m, began, moved=m.pk not in ours) for m in messages if m is not first]
    # What was said stands before what came of it in the same moment.
    events = [_opened(case, log, first, since), *spoken, *told, *_merged(case, log)]
    return sorted(events, key=lambda event: event.at)


def _first(case: Case, messages: Sequence[Message], ours: set[int]) -> Message | None:
    """The message that opened it, though an earlier one that came late stands above it."""
    opened = (m for m in messages if m.at == case.opened_at)
    return next(opened, None) or next((m for m in messages if m.pk in ours), None)


def _log(case: Case) -> list[_Logged]:
    kinds = (*_TELLING, *_SPEAKING, *_OPENING, CaseContinued.kind, CaseSplit.kind)
    rows = LogEvent.objects.filter(case_id=case.pk, kind__in=kinds).order_by("id")
    return [_Logged(*row) for row in rows.values_list("kind", "at", "data", "carried")]


def _messages(case: Case, log: list[_Logged], ours: set[int]) -> Sequence[Message]:
    """What lies here, and what went elsewhere and counts here all the same."""
    found = {m.pk: m for m in _rows(case=case)}
    continued = _continued(case, log)
    if continued:
        merge = Merge.objects.filter(pk=continued.data.get("merge")).first()
        gone = _rows(pk__in=merge.moved["messages"] if merge else ours)
        found |= {m.pk: m for m in gone if m.at <= continued.at}
    if any(one.kind == CaseSplit.kind for one in log):
        for parted in Split.objects.filter(case=case, undone_at=None).only("company_id", "at", "moved"):
            found |= _answered(list(found.values()), _rows(pk__in=parted.moved["messages"]), parted.at)
    return sorted(found.values(), key=lambda m: (m.at, m.pk))


def _answered(stayed: list[Message], gone: list[Message], at: datetime) -> dict[int, Message]:
    """What was split off and had been answered by then, with the answers. What waited went along."""
    answers = [m.at for m in (*stayed, *gone) if not m.inbound and not m.automatic and m.at <= at]
    return {m.pk: m for m in gone if answers and m.at <= max(answers)}


def _rows(**which: Any) -> list[Message]:
    return list(Message.objects.filter(**which).only("pk", "at", "author", "automatic", "company_id"))


def _continued(case: Case, log: list[_Logged]) -> _Logged | None:
    """What tells that the case went on in another one; None where it did not, or not any more."""
    told = [one for one in log if one.kind == CaseContinued.kind]
    return told[-1] if case.continued_in_id and told else None


def _came_at(log: list[_Logged]) -> datetime | None:
    """When a case came here that was opened elsewhere: with the last that it brought along. None for one of here."""
    if not any(one.carried and one.kind in _OPENING for one in log):
        return None
    return max(one.at for one in log if one.carried)


def _opened(case: Case, log: list[_Logged], first: Message | None, since: datetime | None) -> Event:
    """How it began: what it is now, but for what was changed since."""
    values: dict[str, Any] = {
        "priority": case.priority,
        "severity": case.severity,
        "tags": case.tags,
        "desk": case.desk_id,
        "matter": case.matter_id,
    }
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
        facts=_facts(values | {"channel": case.channel, "language": case.language} | _account(case)),
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


def _account(case: Case) -> dict[str, list[str]]:
    """Names and ranks of the accounts of its customer, as their records say now."""
    found = accounts_of(case.customer_id)
    return {"account": [one.name for one in found], "account_rank": [one.rank for one in found if one.rank]}


def _facts(values: dict[str, Any]) -> Facts:
    if "severity" in values:
        values = {**values, "severity": _SEVERITIES.get(int(values["severity"]), "")}
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


def _spoken(message: Message, began: datetime, *, moved: bool) -> Event:
    kind = Kind.RECEIVED if message.inbound else Kind.ANSWERED
    merge = "moved" if moved else ""
    # What came late is put where it was sent; before it came, nobody waited here.
    at = message.at if moved else max(message.at, began)
    return Event(at, kind, automatic=bool(message.automatic), merge=merge, message=str(message.pk))


def _merged(case: Case, log: list[_Logged]) -> Iterator[Event]:
    continued = _continued(case, log)
    if continued:
        yield Event(continued.at, Kind.MERGED)
