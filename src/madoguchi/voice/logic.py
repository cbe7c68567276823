"""What happens on a call: `step(call, event)` gives the call as it is then, and what is to be done. Pure.

Whatever carries calls (the embedded gateway, others later) turns what it hears into events and carries the verbs out in
their order. It keeps one thing playing and one time running: a new `Play` takes the place of the one before, and a
new time that of the time before. Nothing here fails for an event that does not fit.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from madoguchi.voice.flow import END, CallBack, Flow, Hours, Menu, Message, Queue, Say, Step

MOST_STEPS = 60
MOST_KEYS = 40
LEAST_MESSAGE = timedelta(seconds=1)
KEY_LASTS = 0.4
MOST_PLACES = 5


class Phase(StrEnum):
    """Where a call is."""

    OFFERED = "offered"
    SAYING = "saying"
    ASKING = "asking"
    WAITING = "waiting"
    INVITING = "inviting"
    RECORDING = "recording"
    ENDED = "ended"


class Spent(StrEnum):
    """What the time of a call went by with."""

    RING = "ring"
    MENU = "menu"
    WAIT = "wait"
    TALK = "talk"
    HOLD = "hold"
    MESSAGE = "message"


class Outcome(StrEnum):
    """How a call ended."""

    REJECTED = "rejected"
    SHORT = "short"
    ABANDONED = "abandoned"
    INFORMED = "informed"
    CALL_BACK = "call_back"
    MESSAGE = "message"
    BROKEN = "broken"


class By(StrEnum):
    """Who ended a call; LOST says that nothing was heard of the caller any more, FAULT that we could not go on."""

    CALLER = "caller"
    US = "us"
    LOST = "lost"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a call."""

    spent: Spent
    begin: datetime
    end: datetime | None = None


# What is heard ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on the line, and when."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Offered(Event):
    """Somebody calls. `free` says whether the gateway can carry one more call."""

    free: bool = True


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """The caller can hear us."""


@dataclass(frozen=True, slots=True)
class Played(Event):
    """What was to be played has been."""


@dataclass(frozen=True, slots=True)
class Key(Event):
    """The caller pressed a key."""

    key: str = ""


@dataclass(frozen=True, slots=True)
class TimeUp(Event):
    """The time of the last verb that set one is over."""


@dataclass(frozen=True, slots=True)
class Parked(Event):
    """The call stands in the queue, with so many before it."""

    ahead: int = 0


@dataclass(frozen=True, slots=True)
class HungUp(Event):
    """The caller hung up."""


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """The caller's phone offers no sound that we can take, and was told so."""


@dataclass(frozen=True, slots=True)
class Lost(Event):
    """Nothing has been heard of the caller for so long that nobody is there any more."""


@dataclass(frozen=True, slots=True)
class Broken(Event):
    """We cannot go on: the gateway is stopped, or something in it failed."""


# What is to be done ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Take the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not take it: busy."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play recordings, one after another; `loop` until something else is to be done."""

    sounds: tuple[str, ...]
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Gather:
    """Be quiet and wait so many seconds for a key."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Park:
    """Put the call into the queue of a step, or leave it there; time is up after so many seconds."""

    queue: str
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Unpark:
    """Take the call out of its queue."""


@dataclass(frozen=True, slots=True)
class Record:
    """Keep what the caller says, for so many seconds at most."""

    seconds: int


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Keep silence in place of what is heard now, for so many seconds: it is a key, which may be of a card."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StopRecording:
    """The caller's words are complete."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Verb = Answer | Reject | Play | Gather | Park | Unpark | Record | PauseRecording | StopRecording | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it stands. `caller` is empty where the number is withheld; `at_work` is whether the desk is.

    `since` is when its step began; `left` counts how many more it may take, so that no flow goes round for ever.
    """

    flow: Flow
    caller: str
    at_work: bool
    phase: Phase = Phase.OFFERED
    step: str = ""
    since: datetime | None = None
    tried: int = 0
    left: int = MOST_STEPS
    ahead: int = 0
    keys: str = ""
    spans: tuple[Span, ...] = ()
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: By | None = None
    call_back: bool = False


Next = tuple[Call, list[Verb]]


def step(call: Call, event: Event) -> Next:
    """The call after an event, and what is to be done, in order. After its end nothing is."""
    if call.phase == Phase.ENDED:
        return call, []
    match event:
        case HungUp():
            return _end(call, event.at, By.CALLER), _quiet(call)
        case Refused():
            return _end(call, event.at, By.US), _quiet(call)
        case Lost() | Broken():
            by = By.LOST if isinstance(event, Lost) else By.FAULT
            return _end(call, event.at, by), [*_quiet(call), HangUp()]
    here = call.flow.steps.get(call.step)
    match call.phase:
        case Phase.OFFERED:
            return _offered(call, event)
        case Phase.SAYING if isinstance(event, Played):
            return _enter(call, _after(here), event.at)
        case Phase.ASKING if isinstance(here, Menu):
            return _asking(call, here, event)
        case Phase.WAITING if isinstance(here, Queue):
            return _waiting(call, here, event)
        case Phase.INVITING if isinstance(here, Message) and isinstance(event, Played):
            return _spend(replace(call, phase=Phase.RECORDING), Spent.MESSAGE, event.at), [
                Record(here.longest)
            ]
        case Phase.RECORDING if isinstance(here, Message):
            return _recording(call, here, event)
    return call, []


def outcome(call: Call) -> Outcome:
    """How a call that is over ended."""
    if call.answered_at is None and call.ended_by == By.US:
        return Outcome.REJECTED
    if spoken(call) >= LEAST_MESSAGE:
        return Outcome.MESSAGE
    if call.call_back:
        return Outcome.CALL_BACK
    if call.ended_by == By.FAULT:
        return Outcome.BROKEN
    if call.ended_by == By.US:
        return Outcome.INFORMED
    return Outcome.SHORT if lasted(call) < timedelta(seconds=call.flow.short) else Outcome.ABANDONED


def lasted(call: Call) -> timedelta:
    """From the first ring to the end of a call that is over."""
    assert call.offered_at is not None
    assert call.ended_at is not None
    return call.ended_at - call.offered_at


def spoken(call: Call) -> timedelta:
    """How long the caller's message is."""
    return spent(call.spans, Spent.MESSAGE)


def spent(spans: tuple[Span, ...], on: Spent) -> timedelta:
    """How much time of a call went by with something."""
    ended = (span.end - span.begin for span in spans if span.spent == on and span.end)
    return sum(ended, timedelta())


def _offered(call: Call, event: Event) -> Next:
    if isinstance(event, Offered) and call.offered_at is None:
        call = _spend(replace(call, offered_at=event.at), Spent.RING, event.at)
        if event.free:
            return call, [Answer()]
        return _end(call, event.at, By.US), [Reject()]
    if isinstance(event, Answered) and call.offered_at is not None:
        return _enter(replace(call, answered_at=event.at), call.flow.start, event.at)
    return call, []


def _enter(call: Call, name: str, at: datetime) -> Next:
    """Begin a step; those that ask nothing of the caller lead on at once."""
    here = call.flow.steps.get(name)
    if here is None or call.left <= 0:
        return _end(call, at, By.US), [HangUp()]
    call = replace(call, step=name, since=at, left=call.left - 1, tried=0)
    match here:
        case Hours():
            return _enter(call, here.open if call.at_work else here.closed, at)
        case CallBack() if not call.caller:
            return _enter(call, here.withheld, at)
        case CallBack():
            call = replace(call, call_back=True)
            return _spend(replace(call, phase=Phase.SAYING), Spent.MENU, at), [Play(here.sounds)]
        case Say():
            return _spend(replace(call, phase=Phase.SAYING), Spent.MENU, at), [Play(here.sounds)]
        case Menu():
            return _spend(replace(call, phase=Phase.ASKING), Spent.MENU, at), [Play(here.sounds)]
        case Queue():
            return _spend(replace(call, phase=Phase.WAITING), Spent.WAIT, at), [Park(name)]
        case Message():
            invited = replace(call, phase=Phase.INVITING)
            return _spend(invited, Spent.MENU, at), [Play((*here.sounds, "beep"))]


def _after(here: Step | None) -> str:
    return here.next if isinstance(here, Say | CallBack | Message) else END


def _asking(call: Call, menu: Menu, event: Event) -> Next:
    match event:
        case Played():
            return call, [Gather(menu.seconds)]
        case Key(key=key) if key in menu.keys:
            return _enter(_pressed(call, key), menu.keys[key], event.at)
        case Key() | TimeUp():
            if isinstance(event, Key):
                call = _pressed(call, event.key)
            if call.tried + 1 >= menu.tries:
                return _enter(call, menu.otherwise, event.at)
            return replace(call, tried=call.tried + 1), [Play((*menu.again, *menu.sounds))]
    return call, []


def _waiting(call: Call, queue: Queue, event: Event) -> Next:
    match event:
        case Parked(ahead=ahead) if call.tried == 0 and ahead >= queue.most:
            return _leave(call, queue.full, event.at)
        case Parked(ahead=ahead):
            first, call = call.tried == 0, replace(call, ahead=ahead, tried=1)
            return call, [Play((*queue.sounds, place(ahead)))] if first else []
        case Played():
            left = queue.longest - _waited(call, event.at)
            return call, [Play(queue.music, loop=True), Park(call.step, max(1, min(queue.every, left)))]
        case TimeUp() if _waited(call, event.at) >= queue.longest:
            return _leave(call, queue.otherwise, event.at)
        case TimeUp():
            return call, [Play((place(call.ahead),))]
        case Key(key=key) if key in queue.keys:
            return _leave(_pressed(call, key), queue.keys[key], event.at)
        case Key(key=key):
            return _pressed(call, key), []
    return call, []


def place(ahead: int) -> str:
    """The recording that tells a caller before how many others they wait."""
    return f"position-{ahead + 1}" if ahead < MOST_PLACES else "many"


def _leave(call: Call, name: str, at: datetime) -> Next:
    after, verbs = _enter(call, name, at)
    return after, [Unpark(), *verbs]


def _waited(call: Call, at: datetime) -> int:
    """Whole seconds in this queue so far; those in a queue before it are counted there."""
    return round((at - call.since).total_seconds()) if call.since else 0


def _recording(call: Call, here: Message, event: Event) -> Next:
    match event:
        case Key(key="#") | TimeUp():
            after, verbs = _enter(_close(call, event.at), here.next, event.at)
            return after, [StopRecording(), *verbs]
        case Key():
            return call, [PauseRecording(KEY_LASTS)]
    return call, []


def _pressed(call: Call, key: str) -> Call:
    return replace(call, keys=(call.keys + key[:1])[:MOST_KEYS])


def _spend(call: Call, on: Spent, at: datetime) -> Call:
    """From now on the time goes by with this; a stretch of the same goes on."""
    if call.spans and call.spans[-1].spent == on and call.spans[-1].end is None:
        return call
    return replace(_close(call, at), spans=(*_close(call, at).spans, Span(on, at)))


def _close(call: Call, at: datetime) -> Call:
    if not call.spans or call.spans[-1].end is not None:
        return call
    return replace(call, spans=(*call.spans[:-1], replace(call.spans[-1], end=at)))


def _end(call: Call, at: datetime, by: By) -> Call:
    begun = call if call.offered_at else replace(call, offered_at=at)
    return replace(_close(begun, at), phase=Phase.ENDED, ended_at=at, ended_by=by)


def _quiet(call: Call) -> list[Verb]:
    """What has to end with the call, whoever ends it."""
    match call.phase:
        case Phase.RECORDING:
            return [StopRecording()]
        case Phase.WAITING:
            return [Unpark()]
    return []
