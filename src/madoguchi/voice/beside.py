"""Who is on a call beside the caller and who talks with them: whom they asked, and a supervisor. Pure.

Whoever is asked hears who asks them while the caller is on hold (`HOLDING`), and all three hear one another while the
caller is not (`TALKING`): nothing more makes a conference of them.
"""

from dataclasses import replace
from datetime import datetime

from madoguchi.voice.stretches import no_more_ringing, not_recorded, recorded_again, rings, spend, talk_on
from madoguchi.voice.terms import (
    CALLER,
    Back,
    Call,
    Connected,
    Consult,
    Dial,
    Hold,
    How,
    Lead,
    LeftUs,
    NotAnswered,
    OfPerson,
    Phase,
    Play,
    PutThrough,
    RecordTalk,
    Release,
    Ring,
    Ringing,
    Spent,
    Vanished,
    Verb,
    Watch,
)

TALKS = (Phase.TALKING, Phase.HOLDING, Phase.PARTED)
Next = tuple[Call, list[Verb]]


def hears(call: Call) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Who hears whom. Of a line that rings, or hears that it is recorded, we hear what it says, and nobody hears us. A
    supervisor hears all of it, and is heard as they wish: in a whisper never by the caller. While the agent has the
    recording paused (a card number is spoken, and said again), nobody beside them is on what the caller and they say.
    """
    if call.phase == Phase.CALLING or (call.phase == Phase.NOTIFYING and call.outgoing):
        return ((call.agent, (CALLER,)),)
    if is_private(call):
        alone = ((CALLER, (call.agent,)), (call.agent, (CALLER,)))
        return alone if call.phase == Phase.TALKING else ()
    circle = _circle(call)
    if call.watcher and call.how == How.JOIN and circle:
        circle = (*circle, call.watcher)
    heard = {one: tuple(other for other in circle if other != one) for one in circle}
    if call.watcher and call.how != How.JOIN:
        heard[call.watcher] = circle
        if call.how == How.WHISPER and call.agent in heard:
            heard[call.agent] = (*heard[call.agent], call.watcher)
    return tuple((one, others) for one, others in heard.items() if others)


def is_private(call: Call) -> bool:
    """Whether the caller is to be heard by who talks with them alone: the agent has the recording paused."""
    return call.secret < 0 and call.phase in (Phase.TALKING, Phase.PARTED)


def _circle(call: Call) -> tuple[int, ...]:
    """Who talk with one another."""
    helper = (call.helper,) if call.helper else ()
    match call.phase:
        case Phase.TALKING:
            return CALLER, call.agent, *helper
        case Phase.HOLDING:
            return call.agent, *helper
        case Phase.PARTED if helper and not call.held:
            return CALLER, *helper
    return ()


def present(call: Call) -> tuple[int, ...]:
    """Who has to do with the call beside the caller, or hears it ring."""
    return tuple(one for one in (call.ringing, call.agent, call.helper, call.watcher) if one)


def let_others_go(call: Call, at: datetime) -> Next:
    """Nobody is on the call any more but the caller and who talks with them."""
    others = dict.fromkeys((call.ringing, call.helper))
    verbs: list[Verb] = [Release(one) for one in others if one]
    after, more = _unwatched(no_more_ringing(call, at))
    return replace(after, asked=0, helper=0), [*verbs, *more]


def step_beside(call: Call, event: OfPerson) -> Next | None:
    """What happens of those beside a talk; None where it is of others."""
    if isinstance(event, Watch):
        return _watched(call, event)
    if call.phase not in TALKS or not event.person:
        return None
    if event.person == call.agent:
        return _of_agent(call, event)
    if event.person == call.watcher:
        return _unwatched(call) if isinstance(event, LeftUs | Vanished) else (call, [])
    return _of_asked(call, event) if event.person in (call.asked, call.helper) else None


def _of_agent(call: Call, event: OfPerson) -> Next | None:
    at = event.at
    match event:
        case Consult(to=to):
            return _consult(call, at, to)
        case Back() | Hold(on=False) if call.asked and not (call.helper and isinstance(event, Hold)):
            return _take_back(call, at)
        case PutThrough() | LeftUs() if call.helper:
            return put_through(call, at)
        case PutThrough():
            return call, []
    return None


def _consult(call: Call, at: datetime, to: int) -> Next:
    taken = (CALLER, call.agent, call.watcher)
    if call.asked or to in taken or call.phase == Phase.PARTED:
        return call, []
    music: list[Verb] = [] if call.phase == Phase.HOLDING else [Play(("music",), loop=True)]
    held = spend(replace(call, phase=Phase.HOLDING, held=True, asked=to), Spent.HOLD, at)
    return held, [*music, Dial(ring_of(call), person=to, desk=call.desk, aside=True)]


def ring_of(call: Call) -> int:
    """For how many seconds somebody's phone rings for this call."""
    return getattr(call.flow.steps.get(call.step), "ring", 20)


def _take_back(call: Call, at: datetime) -> Next:
    gone: list[Verb] = [Release(one) for one in (call.ringing, call.helper) if one]
    alone = replace(no_more_ringing(call, at), asked=0, helper=0)
    if call.phase == Phase.PARTED:
        return alone, gone
    after, verbs = talk_on(alone, at)
    return after, [*gone, *verbs]


def put_through(call: Call, at: datetime, *, away: bool = False) -> Next:
    """Whom they asked talks with the caller from now on, and they do no more. It is recorded again, if it was not."""
    before, to = call.agent, call.helper
    call = replace(recorded_again(call, at), secret=0, rings=_took(call, to))
    after, _none = talk_on(replace(call, agent=to, turn=call.turn + 1, asked=0, helper=0), at)
    if to < 0:  # somebody outside, who was not told of recordings or supervisors
        after, gone = _unwatched(replace(not_recorded(after, before, at), secret=-1))
        return after, [Release(before, away=away), *gone, Lead(to, before), RecordTalk(on=False)]
    return after, [Release(before, away=away), Lead(to, before), RecordTalk()]


def _took(call: Call, person: int) -> tuple[Ring, ...]:
    """Who was asked, and has taken the caller, was so by their last ring."""
    last = max((n for n, ring in enumerate(call.rings) if ring.person == person), default=-1)
    return tuple(replace(ring, aside=False) if n == last else ring for n, ring in enumerate(call.rings))


def _of_asked(call: Call, event: OfPerson) -> Next:
    person, at = event.person, event.at
    match event:
        case Ringing() if not call.ringing and not call.helper:
            return rings(call, person, at, aside=True), []
        case Connected() if person == call.ringing:
            return replace(no_more_ringing(call, at, answered=True), helper=person), []
        case NotAnswered() | LeftUs() | Vanished() if not call.helper:
            gone = Release(person, away=bool(call.ringing))
            return replace(no_more_ringing(call, at), asked=0), [gone]
        case LeftUs() | Vanished():
            away = isinstance(event, Vanished)
            return replace(call, asked=0, helper=0), [Release(person, away=away)]
    return call, []


def _watched(call: Call, event: Watch) -> Next:
    """One supervisor at most is on a call, and only where somebody of ours talks."""
    person = event.person
    wanted = call.phase in TALKS and person not in (call.agent, call.asked)
    if person and wanted and call.agent > 0 and call.watcher in (0, person):
        return replace(call, watcher=person, how=event.how), []
    return call, [Release(person, away=True)] if person not in present(call) else []


def _unwatched(call: Call) -> Next:
    gone: list[Verb] = [Release(call.watcher, away=True)] if call.watcher else []
    return replace(call, watcher=0, how=How.LISTEN), gone
