"""What happened to a case as it is written in JSON Lines (docs/clocks.md). Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from madoguchi.kernel.clock import TOKYO
from madoguchi.promises.located import N_, Node, unique
from madoguchi.promises.policy import Facts
from madoguchi.promises.reading_names import read_priority
from madoguchi.promises.reading_policy import FACTS
from madoguchi.promises.story import STATUSES, Event, Kind

_KINDS = {kind.value: kind for kind in Kind} | {
    "case.opened": Kind.OPENED,
    "created": Kind.OPENED,
    "case.split_off": Kind.OPENED,
    "message.received": Kind.RECEIVED,
    "customer_message": Kind.RECEIVED,
    "customer_reply": Kind.RECEIVED,
    "message.written": Kind.ANSWERED,
    "reply": Kind.ANSWERED,
    "agent_reply": Kind.ANSWERED,
    "case.status": Kind.STATUS,
    "status_changed": Kind.STATUS,
    "case.changed": Kind.CHANGED,
    "case.assigned": Kind.ASSIGNED,
    "case.continued": Kind.MERGED,
    "case.took_in": Kind.TOOK_IN,
    "case.unmerged": Kind.UNMERGED,
    "message.taken_back": Kind.TAKEN_BACK,
}
# What may be written as a kind of its own, for what else is written as a status or a change.
_STATUS_KINDS = {"solved", "closed", "reopened"}
_FACT_KINDS = {
    "priority": "priority",
    "severity": "severity",
    "tags": "tags",
    "desk": "desk",
    "case.matter": "matter",
    "matter": "matter",
}
# What the log tells of a case that no clock hears.
SILENT = {
    *("note", "note.added", "case.split", "case.unsplit", "case.linked", "case.unlinked", "case.told_apart"),
    *("case.told_again", "delay.told", "delay.taken_back"),
    *(
        "case.handed_off",
        "case.acted_unsure",
        "case.filled",
        "case.taken_over",
        "case.link_ended",
        "case.customer",
        "message.source_read",
        "file.held",
    ),
    *("answer.scheduled", "answer.approval_asked", "answer.held", "answer.approved", "answer.returned"),
    *("answer.taken_back", "answer.discarded", "message.queued", "message.sent", "message.delayed"),
    *(
        "message.failed",
        "message.bounced",
        "message.acknowledgement_held",
        "message.loop_recognised",
        "case.followed",
        "case.unfollowed",
    ),
    *(
        "task.added",
        "task.changed",
        "task.given",
        "task.done",
        "task.reopened",
        "task.removed",
        "task.restored",
    ),
    *("task.due", "plan.applied", "clock.warned", "clock.breached", "account.alerted"),
}
_STATUSES = {status: status for status in STATUSES} | {
    "pending": "waiting_customer",
    "waiting_for_customer": "waiting_customer",
    "on_hold": "waiting_third",
    "hold": "waiting_third",
    "waiting_third_party": "waiting_third",
    "resolved": "solved",
    "reopened": "open",
}
_AT = ("at", "time", "timestamp")
_TYPE = ("type", "kind", "event")
# Beyond these neither holidays nor summer time are known, and dates come to their end.
_YEARS = range(1970, 2200)
_STAFF = ("staff", "agent", "person", "us")


def read_events(lines: Iterable[Node]) -> list[Event]:
    """What happened to one case, as it stands in the file. Raises Wrong with the line and the field."""
    return [event for line in lines if (event := _event(line)) is not None]


def _event(node: Node) -> Event | None:
    parts = dict(node.members())
    data = parts.pop("data", None)
    if data is not None and isinstance(data.value, dict):
        parts = {**data.members(), **parts}
    named = unique(parts, *_TYPE)
    if named is None:
        raise node.wrong(N_("It is not said what happened (“type”)."))
    name = named.text().casefold().replace("-", "_")
    if name in SILENT:
        return None
    kind = _kind(name, named, parts)
    return Event(
        at=_moment(unique(parts, *_AT), node),
        kind=kind,
        status=_status(name, kind, parts, node),
        facts=_facts(name, kind, parts, node),
        automatic=bool(parts["automatic"].value) if "automatic" in parts else False,
        by_staff=_by_staff(parts),
        assigned=_assigned(kind, parts),
        merge=_name(parts.get("merge")),
        message=_name(parts.get("message")),
        line=node.line,
    )


def _kind(name: str, node: Node, parts: Mapping[str, Node]) -> Kind:
    if name == "message":
        return Kind.ANSWERED if _by_staff(parts) else Kind.RECEIVED
    if name in _STATUS_KINDS:
        return Kind.STATUS
    if name in _FACT_KINDS:
        return Kind.CHANGED
    if name not in _KINDS:
        known = ", ".join([*Kind, *sorted(_STATUS_KINDS), *_FACT_KINDS])
        raise node.wrong(N_("“%(name)s” is no event. Known are: %(known)s."), name=node.text(), known=known)
    return _KINDS[name]


def _moment(node: Node | None, whole: Node) -> datetime:
    if node is None:
        raise whole.wrong(N_("It is not said when this happened (“at”)."))
    return read_moment(node)


def read_moment(node: Node) -> datetime:
    """A moment in ISO 8601; without an offset it is meant in Japan's time. Raises Wrong."""
    written = node.value.strip().replace("/", "-") if isinstance(node.value, str) else ""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise node.wrong(
            N_("This is no time: %(found)s. Write it as 2026-12-01T09:00:00+09:00."), found=node.shown()
        ) from None
    if moment.year not in _YEARS:
        raise node.wrong(
            N_("%(found)s is too far away. Years from 1970 to 2199 are read."), found=node.shown()
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=TOKYO)


def _status(name: str, kind: Kind, parts: Mapping[str, Node], whole: Node) -> str:
    if name in _STATUS_KINDS:
        return _STATUSES[name]
    node = unique(parts, "to", "after", "value", "status") if kind == Kind.STATUS else parts.get("status")
    if node is None:
        if kind == Kind.STATUS:
            raise whole.wrong(N_("It is not said which status the case has now (“to”)."))
        return ""
    found = _STATUSES.get(str(node.value).strip().casefold().replace("-", "_").replace(" ", "_"), "")
    if not found:
        raise node.wrong(
            N_("“%(name)s” is no status. Known are: %(known)s."),
            name=str(node.plain()),
            known=", ".join(STATUSES),
        )
    return found


def _facts(name: str, kind: Kind, parts: Mapping[str, Node], whole: Node) -> Facts:
    if kind in (Kind.RECEIVED, Kind.ANSWERED):
        return {}
    if kind != Kind.CHANGED:
        return {fact: _values(fact, parts[fact]) for fact in FACTS if fact in parts}
    named = parts.get("field")
    fact = _FACT_KINDS.get(name) or (named.text() if named else "")
    if fact not in FACTS:
        return {}
    node = unique(parts, "to", "after", "value", fact)
    if node is None:
        raise whole.wrong(N_("It is not said what it is now (“to”)."))
    return {fact: _values(fact, node)}


def _values(fact: str, node: Node) -> frozenset[str]:
    if fact == "priority":
        return frozenset({read_priority(node)})
    return frozenset(str(one.value).strip() for one in node.items() if one.value is not None)


def _by_staff(parts: Mapping[str, Node]) -> bool:
    said = unique(parts, "by", "from", "author", "actor_kind")
    return said is not None and str(said.value).casefold() in _STAFF


def _assigned(kind: Kind, parts: Mapping[str, Node]) -> bool:
    node = (
        unique(parts, "to", "after", "value", "assignee") if kind == Kind.ASSIGNED else parts.get("assignee")
    )
    return node is not None and node.value not in (None, "", False)


def _name(node: Node | None) -> str:
    return "" if node is None or node.value is None else str(node.value)
