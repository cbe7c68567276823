"""Calls as the log tells them: a record for each who had one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from madoguchi.insight.logged import Event, Span, by_name
from madoguchi.insight.records import Call

CALL_KINDS = ("call.began", "call.placed", "call.rang", "call.handed_on", "call.ended", "call.wrapped_up")
# How a call that reached the queue left it, unless somebody answered.
_GAVE_UP, _REJECTED, _CALL_BACK, _MESSAGE = ("abandoned", "short"), "rejected", "call_back", "message"
_WAITS = ("wait", "transfer")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a call; `turn` is how many had the caller before, None where that was not told yet; `outside`,
    somebody who is none of ours had them.
    """

    what: str
    begin: datetime
    end: datetime
    turn: int | None
    outside: bool


def calls_in(events: Iterable[Event], span: Span) -> list[Call]:
    """The calls that came in within a span, ended, and reached a queue or a busy line; none that we made. One that was
    handed on is a record for each who had it.
    """
    return [call for told in by_name(events, "call").values() for call in _legs(told, span)]


def _legs(told: Sequence[Event], span: Span) -> list[Call]:
    ended = [event for event in told if event.kind == "call.ended"]
    if not ended or any(event.kind == "call.placed" for event in told):
        return []
    spans = [
        Stretch(
            s["spent"],
            datetime.fromisoformat(s["begin"]),
            datetime.fromisoformat(s["end"]),
            s.get("turn"),
            s.get("outside", False),
        )
        for s in ended[-1].data["spans"]
    ]
    if not span.holds(spans[0].begin if spans else told[0].at):
        return []
    names, rejected = {one.what for one in spans}, ended[-1].data["outcome"] == _REJECTED
    if not names & {"talk", "wait"} and not rejected:
        return []
    took = [event for event in told if event.kind == "call.rang" and _took(event.data)]
    if any(one.turn is None for one in spans):  # before it was told who had the caller when
        wrap = sum(event.data["seconds"] for event in told if event.kind == "call.wrapped_up")
        return [replace(_leg(told, spans, ended[-1], took[-1] if took else None, 0), wrap=wrap)]
    legs, takers = [], iter(took)
    for turn in range(max((one.turn or 0 for one in spans), default=0) + 1):
        had = [one for one in spans if one.turn == turn]
        if any(one.outside for one in had):  # what somebody outside took is nobody's of ours
            continue
        by = next(takers, None)
        untold = (
            turn > 0 and by is None and any(one.what == "talk" for one in had)
        )  # as the log told outside before
        if (had or not turn) and not untold:
            legs.append(_leg(told, had, ended[-1], by, turn))
    return legs


def _leg(told: Sequence[Event], spans: Sequence[Stretch], end: Event, taker: Event | None, turn: int) -> Call:
    """What one person had of a call, after `turn` others, or that nobody did any more."""
    outcome, names = end.data["outcome"], [one.what for one in spans]
    answered = "talk" in names
    before = spans[: names.index("talk")] if answered else spans
    person = taker.data["person"] if taker else None
    handed = [event for event in told if event.kind == "call.handed_on"]
    desk = taker.desk if taker else handed[-1].data["to_desk"] if turn and handed else end.desk
    return Call(
        ref=f"call {end.data['call']}",
        events=tuple(event.id for event in told),
        desk=desk,
        person=person,
        at=spans[0].begin if spans else told[0].at,
        waited=_spent(before, *_WAITS),
        answered=answered,
        gave_up=not answered and (outcome in _GAVE_UP or (turn > 0 and end.data.get("ended_by") == "caller")),
        call_back=not answered and outcome == _CALL_BACK,
        overflowed=not answered and outcome == _MESSAGE,
        blocked=not turn and not answered and "wait" not in names,
        turn=turn,
        taken_over=turn > 0 and "transfer" not in names,
        talk=_spent(spans, "talk"),
        hold=_spent(spans, "hold"),
        wrap=_wrapped(told, taker),
    )


def _wrapped(told: Sequence[Event], taker: Event | None) -> float:
    """How long who had a call wrapped it up; all of it with the last of their turns, if there are several."""
    took = [event for event in told if event.kind == "call.rang" and _took(event.data)]
    if taker is None:
        return 0
    last = [event for event in took if event.data["person"] == taker.data["person"]][-1]
    wrapped = (e for e in told if e.kind == "call.wrapped_up" and e.data["person"] == taker.data["person"])
    return sum(event.data["seconds"] for event in wrapped) if last is taker else 0


def _took(rang: Mapping[str, Any]) -> bool:
    """Whether somebody took the caller: not who was only asked by a colleague."""
    return bool(rang["answered"]) and not rang.get("aside")


def _spent(stretches: Iterable[Stretch], *names: str) -> float:
    return sum((one.end - one.begin).total_seconds() for one in stretches if one.what in names)
