"""The stretches of a call: what its time goes by with, rings, and pauses of its recording. Pure."""

from dataclasses import replace
from datetime import datetime

from madoguchi.voice.terms import CALLER, Call, Pause, Phase, Ring, Span, Spent, Verb, Wait

# Recording pauses for so long after a key in a talk, and longer after as many as may be of a card.
SECRET_AFTER_KEY = 2


def spend(call: Call, on: Spent, at: datetime) -> Call:
    """From now on the time goes by with this; a stretch of the same, and of the same person, goes on."""
    last = call.spans[-1] if call.spans else None
    if last and (last.spent, last.turn, last.end) == (on, call.turn, None):
        return call
    return replace(
        close(call, at), spans=(*close(call, at).spans, Span(on, at, turn=call.turn, outside=call.agent < 0))
    )


def close(call: Call, at: datetime) -> Call:
    """The stretch that goes on ends."""
    if not call.spans or call.spans[-1].end is not None:
        return call
    return replace(call, spans=(*call.spans[:-1], replace(call.spans[-1], end=at)))


def rings(call: Call, person: int, at: datetime, *, aside: bool = False) -> Call:
    """Somebody's phone rings."""
    return replace(call, ringing=person, rings=(*call.rings, Ring(person, at, aside=aside, desk=call.desk)))


def no_more_ringing(call: Call, at: datetime, *, answered: bool = False) -> Call:
    """Whose phone rang has answered, or not."""
    if not call.ringing:
        return call
    rang = replace(call.rings[-1], end=at, answered=answered)
    return replace(call, ringing=0, rings=(*call.rings[:-1], rang))


def not_recorded(call: Call, person: int, at: datetime) -> Call:
    """A pause begins, unless it goes on; one that somebody wished takes the place of one that keys made."""
    if is_paused(call) and person in (CALLER, call.pauses[-1].person):
        return call
    call = recorded_again(call, at)
    return replace(call, pauses=(*call.pauses, Pause(person, at)))


def recorded_again(call: Call, at: datetime) -> Call:
    """The pause that goes on ends."""
    if not is_paused(call):
        return call
    return replace(call, pauses=(*call.pauses[:-1], replace(call.pauses[-1], end=at)))


def is_paused(call: Call) -> bool:
    """Whether the talk is not recorded."""
    return bool(call.pauses) and call.pauses[-1].end is None


def talk_on(call: Call, at: datetime) -> tuple[Call, list[Verb]]:
    """They hear one another again. What was paused by keys is recorded again in a moment."""
    talks = spend(replace(call, phase=Phase.TALKING, held=False), Spent.TALK, at)
    return talks, [Wait(SECRET_AFTER_KEY)] if call.secret > 0 else []
