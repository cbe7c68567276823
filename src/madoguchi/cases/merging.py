"""What two cases become when one goes on in the other, and what of that can be given back. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Status

MOST_TAGS = 20
# What a merge may change of either case. `message_count` is counted, not restored: more may have been said since.
COLUMNS = (
    *("status", "priority", "severity", "tags", "feelings", "preview", "touched_at", "waiting_since"),
    *("first_replied_at", "solved_at", "undelivered", "filled", "matter_id"),
)
# What messages and reports of delivery write.
_SPOKEN = ("status", "preview", "touched_at", "solved_at", "undelivered")
_MOMENTS = {"touched_at", "waiting_since", "first_replied_at", "solved_at"}
Values = dict[str, Any]


def values_of(case: Case) -> Values:
    """The columns that a merge may change, as they are."""
    return {name: getattr(case, name) for name in COLUMNS}


def survivor(case: Case, into: Case) -> Values:
    """What `into` becomes when `case` goes on in it: whoever waits longest, waits on, and what is urgent stays so."""
    newer = max(case, into, key=lambda one: one.touched_at)
    waits = [since for since in (case.waiting_since, into.waiting_since) if since]
    replied = [at for at in (case.first_replied_at, into.first_replied_at) if at]
    unfinished = case.status in ACTIVE and into.status not in ACTIVE
    opens = unfinished or bool(waits and into.status not in OURS_TO_ACT)
    return {
        "status": str(Status.OPEN) if opens else into.status,
        "priority": max(case.priority, into.priority),
        "severity": max(case.severity, into.severity),
        "tags": list(dict.fromkeys([*into.tags, *case.tags]))[:MOST_TAGS],
        "feelings": [str(one) for one in Feeling if one in into.feelings or one in case.feelings],
        "preview": newer.preview,
        "touched_at": newer.touched_at,
        "waiting_since": min(waits, default=None),
        "first_replied_at": min(replied, default=None),
        "solved_at": None if opens else into.solved_at,
        "undelivered": case.undelivered or into.undelivered,
        "filled": case.filled | into.filled,
        "matter_id": into.matter_id or (case.matter_id if case.desk_id == into.desk_id else None),
    }


def at_rest(case: Case, *, now: datetime) -> Values:
    """What becomes of a case that goes on in another one."""
    rest = {"status": str(Status.CLOSED), "solved_at": now, "waiting_since": None, "undelivered": False}
    return values_of(case) | rest


def given_back(
    now: Values, *, before: Values, after: Values, gone_on: bool = False, heard: datetime | None = None
) -> Values:
    """What the columns become when the merge is undone: what was not changed since is as it was, the rest stays.

    Where the conversation has `gone_on` since, what it writes stays, though it may have written the same value again;
    a customer who was `heard` since and not answered waits from then, or from before the merge.
    """
    values = {name: before[name] if now[name] == after[name] else now[name] for name in COLUMNS}
    values["filled"] = _each_given_back(now["filled"], before["filled"], after["filled"])
    if gone_on:
        values |= {name: now[name] for name in _SPOKEN}
    if heard and now["waiting_since"]:
        waits = [since for since in (before["waiting_since"], heard) if since]
        values["waiting_since"] = min(waits)
    return values


def _each_given_back(now: Values, before: Values, after: Values) -> Values:
    """Values of fields, each for itself: what was not changed since is as it was, or nothing again."""
    kept = {key: value for key, value in now.items() if key not in after or value != after[key]}
    untouched = {key: value for key, value in before.items() if now.get(key) == after.get(key)}
    return kept | untouched


def as_json(values: Values) -> Values:
    """The values as they are kept: moments to the microsecond."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def from_json(kept: Mapping[str, Any]) -> Values:
    """The values that were kept; what was not kept in those days is nothing."""
    values = {"filled": {}, "matter_id": None, "feelings": [], "severity": 0, **kept}
    return {
        name: datetime.fromisoformat(values[name]) if name in _MOMENTS and values[name] else values[name]
        for name in COLUMNS
    }
