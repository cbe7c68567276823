"""Clocks as JSON: what `madoguchi clock replay` prints, and what is compared with the rows of a live case. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from madoguchi.kernel.clock import TOKYO
from madoguchi.promises.clocks import Clock, Span, State
from madoguchi.promises.durations import as_iso
from madoguchi.promises.story import Event, Kind


def document(clocks: Sequence[Clock], *, at: datetime, zone: tzinfo = TOKYO) -> dict[str, Any]:
    """All clocks of a case at a moment; times in this zone, lengths in seconds."""
    return {
        "as_of": _moment(at, zone),
        "clocks": [as_json(clock, at=at, zone=zone) for clock in clocks],
        "next_due_at": _moment(_next_due(clocks), zone),
        "breached": any(clock.breached_at for clock in clocks),
    }


def as_json(clock: Clock, *, at: datetime, zone: tzinfo = TOKYO) -> dict[str, Any]:
    """One clock, with every stretch in which it ran or stood still."""
    assert clock.policy
    assert clock.target
    until = clock.ended_at or at
    runs, stands = ([s for s in clock.spans if s.runs is wanted] for wanted in (True, False))
    counted, target = clock.counted.total_seconds(), clock.target.length.total_seconds()
    return {
        "metric": clock.metric.value,
        "cycle": clock.cycle,
        "policy": clock.policy.name,
        "calendar": clock.policy.calendar_name if clock.target.business else None,
        "time": "business" if clock.target.business else "calendar",
        "target": as_iso(clock.target.length),
        "target_seconds": _number(target),
        "state": clock.state.value,
        "paused_by": clock.why if clock.state == State.PAUSED else None,
        "started_at": _moment(clock.began_at, zone),
        "ended_at": _moment(clock.ended_at, zone),
        "due_at": _moment(clock.due_at, zone),
        "breached": clock.breached_at is not None,
        "breached_at": _moment(clock.breached_at, zone),
        "counted_seconds": _number(counted),
        "banked_seconds": _number(sum(s.counted.total_seconds() for s in runs if not _is_open(s, clock))),
        "remaining_seconds": _number(target - counted),
        "elapsed_seconds": _number((until - clock.began_at).total_seconds()),
        "run_seconds": _number(sum((s.end - s.begin).total_seconds() for s in runs)),
        "pause_seconds": _number(sum((s.end - s.begin).total_seconds() for s in stands)),
        "spans": [_span(span, clock, zone) for span in clock.spans],
    }


def event_as_json(event: Event) -> dict[str, Any]:
    """One event as `docs/clocks.md` writes it; what is empty is left out."""
    facts = {name: sorted(values) for name, values in event.facts.items()}
    said: dict[str, Any] = {"at": event.at.isoformat(), "type": event.kind.value}
    if event.kind == Kind.CHANGED:
        ((field, values),) = facts.items()
        return said | {"type": "changed", "field": field, "to": values if field != "priority" else values[0]}
    more = {
        "status" if event.kind != Kind.STATUS else "to": event.status,
        **{name: values if name == "tags" else values[0] for name, values in facts.items() if values},
        "automatic": event.automatic,
        "by": "staff" if event.by_staff else "",
        "merge": event.merge,
        "message": event.message,
    }
    if event.kind == Kind.ASSIGNED:
        return said | {"to": "somebody" if event.assigned else None}
    more |= {"assignee": "somebody"} if event.assigned else {}
    return said | {name: value for name, value in more.items() if value}


def _span(span: Span, clock: Clock, zone: tzinfo) -> dict[str, Any]:
    kind = ("running" if _is_open(span, clock) else "banked") if span.runs else "paused"
    return {
        "kind": kind,
        "from": _moment(span.begin, zone),
        "to": _moment(span.end, zone),
        "seconds": _number((span.end - span.begin).total_seconds()),
        "counted_seconds": _number(span.counted.total_seconds()),
        "paused_by": span.why or None,
    }


def _is_open(span: Span, clock: Clock) -> bool:
    """Whether the clock is still running in it."""
    return clock.state == State.RUNNING and span is clock.spans[-1]


def _next_due(clocks: Sequence[Clock]) -> datetime | None:
    running = (clock.due_at for clock in clocks if clock.state == State.RUNNING and not clock.breached_at)
    return min((due for due in running if due), default=None)


def _moment(at: datetime | None, zone: tzinfo) -> str | None:
    return at.astimezone(zone).isoformat() if at else None


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds
