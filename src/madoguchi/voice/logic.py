"""What happens on a call: `step(call, event)` gives the call as it is then, and what is to be done. Pure.

Whatever carries calls (the embedded gateway, others later) turns what it hears into events and carries the verbs out in
their order. It keeps one thing playing and one time running: a new `Play` takes the place of the one before, and a
new time that of the time before. Nothing here fails for an event that does not fit.
"""

from dataclasses import replace
from datetime import datetime

from madoguchi.voice.beside import (
    hears,
    let_others_go,
    present,
    put_through,
    ring_of,
    step_beside,
)
from madoguchi.voice.endings import LEAST_MESSAGE, lasted, outcome, spent, spoken, waited_since
from madoguchi.voice.flow import END, KEYS, CallBack, Flow, Hours, Menu, Message, Queue, Say, Step
from madoguchi.voice.stretches import (
    SECRET_AFTER_KEY,
    close,
    no_more_ringing,
    not_recorded,
    recorded_again,
    rings,
    spend,
    talk_on,
)
from madoguchi.voice.terms import (
    CALLER,
    MOST_STEPS,
    Answer,
    Answered,
    Back,
    Bridge,
    Broken,
    By,
    Call,
    CallOut,
    Connected,
    Consult,
    Dial,
    Dtmf,
    Event,
    Gather,
    HangUp,
    Hold,
    How,
    HungUp,
    Key,
    Lead,
    LeftUs,
    Lost,
    Miss,
    Missed,
    NotAnswered,
    Offered,
    OfPerson,
    Outcome,
    Park,
    Parked,
    Pause,
    PauseRecording,
    Phase,
    Play,
    Played,
    Press,
    PutThrough,
    Record,
    RecordTalk,
    Refused,
    Reject,
    Release,
    Ring,
    Ringing,
    Secret,
    Span,
    Spent,
    StopRecording,
    TimeUp,
    Transfer,
    Unpark,
    Vanished,
    Verb,
    Wait,
    Watch,
)

__all__ = [
    "CALLER",
    "KEY_LASTS",
    "LEAST_MESSAGE",
    "MOST_KEYS",
    "MOST_PLACES",
    "MOST_STEPS",
    "Answer",
    "Answered",
    "Back",
    "Bridge",
    "Broken",
    "By",
    "Call",
    "CallOut",
    "Connected",
    "Consult",
    "Dial",
    "Dtmf",
    "Event",
    "Gather",
    "HangUp",
    "Hold",
    "How",
    "HungUp",
    "Key",
    "Lead",
    "LeftUs",
    "Lost",
    "Miss",
    "Missed",
    "NotAnswered",
    "OfPerson",
    "Offered",
    "Outcome",
    "Park",
    "Parked",
    "Pause",
    "PauseRecording",
    "Phase",
    "Play",
    "Played",
    "Press",
    "PutThrough",
    "Record",
    "RecordTalk",
    "Refused",
    "Reject",
    "Release",
    "Ring",
    "Ringing",
    "Secret",
    "Span",
    "Spent",
    "StopRecording",
    "TimeUp",
    "Transfer",
    "Unpark",
    "Vanished",
    "Verb",
    "Wait",
    "Watch",
    "calling",
    "dialable",
    "hears",
    "lasted",
    "outcome",
    "place",
    "present",
    "spent",
    "spoken",
    "step",
    "waited_since",
]

MOST_KEYS = 40
LONGEST_PURPOSE = 100
# So many keys are sent in one go.
MOST_SENT = 20
KEY_LASTS = 0.4
_DESK = "desk"
MOST_PLACES = 5
# Of so many minutes there is a recording.
_MINUTES_TOLD = (1, 2, 3, 5, 10, 15, 20, 30)
# Whose page was loaded anew, or whose line broke, may come back within so many seconds.
RECONNECT = 20
# Recording pauses for so long after a key in a talk, and longer after as many as may be of a card.
KEYS_OF_A_CARD = 4
SECRET_AFTER_KEYS = 20
# So long a customer's phone rings. One where nobody answers within that counts as not answered.
CUSTOMER_RINGS = 45


Next = tuple[Call, list[Verb]]


def step(call: Call, event: Event) -> Next:
    """The call after an event, and what is to be done, in order. After its end nothing is, but that who comes too late
    is let go.
    """
    if call.phase == Phase.ENDED:
        return call, [Release(event.person, away=isinstance(event, Watch))] if isinstance(
            event, Ringing | Watch
        ) else []
    after, verbs = _step(call, event)
    if after.notified_at is None:  # whoever has not heard that talks are recorded is not
        verbs = [verb for verb in verbs if verb != RecordTalk()]
    if hears(after) != hears(call) and after.phase != Phase.ENDED:
        verbs = [*verbs, Bridge(hears(after))]
    return after, verbs


def calling(caller: str, at: datetime, *, notice: str = "") -> Call:
    """A call that we make to a customer: as soon as somebody of ours has answered it, the customer's phone rings. Who
    answers hears the `notice` that the talk is recorded; without one it is not.
    """
    flow = Flow(start=_DESK, steps={_DESK: Queue(keys={})}, notice=notice)
    begun = Call(
        flow=flow, caller=caller, at_work=True, outgoing=True, phase=Phase.WAITING, step=_DESK, since=at
    )
    return spend(replace(begun, offered_at=at), Spent.RING, at)


def _step(call: Call, event: Event) -> Next:
    match event:
        case HungUp():
            return _end(call, event.at, By.CALLER), _quiet(call)
        case Refused():
            return _end(call, event.at, By.US), _quiet(call)
        case Lost() | Broken():
            by = By.LOST if isinstance(event, Lost) else By.FAULT
            return _end(call, event.at, by), [*_quiet(call), HangUp()]
        case OfPerson() if call.outgoing and call.answered_at is None and not isinstance(event, Watch):
            return _before_answer(call, event)
        case OfPerson():
            return step_beside(call, event) or _of_person(call, event)
    here = call.flow.steps.get(call.step)
    match call.phase:
        case Phase.OFFERED:
            return _offered(call, event)
        case Phase.CALLING:
            return _calling(call, event)
        case Phase.SAYING if isinstance(event, Played):
            return _enter(_told_by(call, here, event.at), _after(here), event.at)
        case Phase.NOTIFYING if isinstance(event, Played):
            return _notified(call, event.at)
        case Phase.ASKING if isinstance(here, Menu):
            return _asking(call, here, event)
        case Phase.WAITING if isinstance(here, Queue):
            return _waiting(call, here, event)
        case Phase.INVITING if isinstance(here, Message) and isinstance(event, Played):
            return spend(replace(call, phase=Phase.RECORDING), Spent.MESSAGE, event.at), [
                Record(here.longest)
            ]
        case Phase.RECORDING if isinstance(here, Message):
            return _recording(call, here, event)
        case Phase.TALKING if isinstance(event, Key):
            return _key_in_talk(call, event.at)
        case Phase.TALKING if isinstance(event, TimeUp) and call.secret > 0:
            return replace(recorded_again(call, event.at), secret=0), [RecordTalk()]
        case Phase.PARTED if isinstance(event, TimeUp) and call.helper > 0:
            return put_through(call, event.at, away=True)
        case Phase.PARTED if isinstance(event, TimeUp):
            return _back_to_queue(call, event.at, [Release(call.agent, away=True)])
    return call, []


def _offered(call: Call, event: Event) -> Next:
    if isinstance(event, Offered) and call.offered_at is None:
        call = spend(replace(call, offered_at=event.at), Spent.RING, event.at)
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
            return spend(replace(call, phase=Phase.SAYING), Spent.MENU, at), [Play(here.sounds)]
        case Say():
            return spend(replace(call, phase=Phase.SAYING), Spent.MENU, at), [Play(here.sounds)]
        case Menu():
            return spend(replace(call, phase=Phase.ASKING), Spent.MENU, at), [Play(here.sounds)]
        case Queue() if _wants_notice(call):
            return _notifying(call, at)
        case Queue():
            waits = replace(call, phase=Phase.WAITING, desk=call.flow.desks.get(here.desk, 0))
            return spend(waits, Spent.WAIT, at), [Park(name)]
        case Message():
            invited = replace(call, phase=Phase.INVITING)
            return spend(invited, Spent.MENU, at), [Play((*here.sounds, "beep"))]


def _wants_notice(call: Call) -> bool:
    return bool(call.flow.notice) and call.notified_at is None


def _notifying(call: Call, at: datetime) -> Next:
    return spend(replace(call, phase=Phase.NOTIFYING), Spent.MENU, at), [Play((call.flow.notice,))]


def _notified(call: Call, at: datetime) -> Next:
    """The notice was heard to its end: the talk begins, or the wait for one."""
    told = replace(call, notified_at=at)
    if call.outgoing:
        return _with_notice(told, at)
    return _enter(replace(told, left=call.left + 1), call.step, at)


def _told_by(call: Call, here: Step | None, at: datetime) -> Call:
    """A step that was heard to its end may have the notice among what it plays."""
    told = call.notified_at is None and call.flow.notice in getattr(here, "sounds", ())
    return replace(call, notified_at=at) if told else call


def _after(here: Step | None) -> str:
    return here.next if isinstance(here, Say | CallBack | Message) else END


def _asking(call: Call, menu: Menu, event: Event) -> Next:
    match event:
        case Played():
            return _told_by(call, menu, event.at), [Gather(menu.seconds)]
        case Key(key=key) if key in menu.keys:
            chosen = " / ".join(words for words in (call.purpose, menu.names.get(key, "")) if words)
            call = replace(_pressed(call, key), purpose=chosen[:LONGEST_PURPOSE])
            return _enter(call, menu.keys[key], event.at)
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
        case Parked(ahead=ahead, about=about):
            first, call = call.tried == 0, replace(call, ahead=ahead, about=about, tried=1)
            return call, [
                Dial(queue.ring, desk=call.desk),
                Play((*queue.sounds, _told(call, queue))),
            ] if first else []
        case Played():
            left = queue.longest - _waited(call, event.at)
            return call, [Play(queue.music, loop=True), Park(call.step, max(1, min(queue.every, left)))]
        case TimeUp() if _waited(call, event.at) >= queue.longest and not call.ringing:
            return _leave(call, queue.otherwise, event.at)
        case TimeUp():
            return call, [Play((_told(call, queue),))]
        case Key(key=key) if key in queue.keys:
            return _leave(_pressed(call, key), queue.keys[key], event.at)
        case Key(key=key):
            return _pressed(call, key), []
    return call, []


def place(ahead: int) -> str:
    """The recording that tells a caller before how many others they wait."""
    return f"position-{ahead + 1}" if ahead < MOST_PLACES else "many"


def about(seconds: int) -> str:
    """The recording that tells a caller how long they will wait, rather too long than too short."""
    fitting = (minutes for minutes in _MINUTES_TOLD if seconds <= minutes * 60)
    return f"about-{next(fitting, 'more')}"


def _told(call: Call, queue: Queue) -> str:
    known = queue.wait_told and call.about is not None
    return about(call.about or 0) if known else place(call.ahead)


def _leave(call: Call, name: str, at: datetime) -> Next:
    gone = [Release(call.ringing)] if call.ringing else []
    after, verbs = _enter(no_more_ringing(call, at), name, at)
    return after, [Unpark(), *gone, *verbs]


def _waited(call: Call, at: datetime) -> int:
    """Whole seconds in this queue so far; those in a queue before it are counted there."""
    return round((at - call.since).total_seconds()) if call.since else 0


def _recording(call: Call, here: Message, event: Event) -> Next:
    match event:
        case Key(key="#") | TimeUp():
            after, verbs = _enter(close(call, event.at), here.next, event.at)
            return after, [StopRecording(), *verbs]
        case Key():
            return call, [PauseRecording(KEY_LASTS)]
    return call, []


def _pressed(call: Call, key: str) -> Call:
    return replace(call, keys=(call.keys + key[:1])[:MOST_KEYS])


def _end(call: Call, at: datetime, by: By) -> Call:
    call = recorded_again(no_more_ringing(call, at), at)
    begun = call if call.offered_at else replace(call, offered_at=at)
    return replace(close(begun, at), phase=Phase.ENDED, ended_at=at, ended_by=by)


def _quiet(call: Call) -> list[Verb]:
    """What has to end with the call, whoever ends it."""
    ours: list[Verb] = [Release(person, away=person == call.watcher) for person in present(call)]
    match call.phase:
        case Phase.RECORDING:
            return [StopRecording(), *ours]
        case Phase.WAITING:
            return [Unpark(), *ours]
    return ours


# We call ----------------------------------------------------------------------------------------------------------


def _before_answer(call: Call, event: OfPerson) -> Next:
    """Somebody of ours first: nobody is to answer a call that we make and hear nobody."""
    person, at = event.person, event.at
    over: list[Verb] = [HangUp()]
    match event:
        case Ringing() if call.phase == Phase.WAITING and not call.ringing:
            return rings(call, person, at), []
        case Ringing() if person in (call.ringing, call.agent):
            return call, []
        case Ringing():
            return call, [Release(person)]
        case Connected() if person == call.ringing and person:
            answered = replace(no_more_ringing(call, at, answered=True), agent=person, phase=Phase.CALLING)
            return answered, [CallOut(), Wait(CUSTOMER_RINGS)]
        case NotAnswered() | Vanished() | LeftUs() if person == call.ringing and person:
            return _end(call, at, By.US), [Release(person, away=True), *over]
        case NotAnswered() if not call.ringing and not call.agent:  # wanted by name, and not free
            return _end(call, at, By.US), over
        case LeftUs() | Vanished() if person == call.agent and person:
            return _end(call, at, By.AGENT), [Release(person), *over]
    return call, []


def _calling(call: Call, event: Event) -> Next:
    match event:
        case Answered():
            return _with_notice(replace(call, answered_at=event.at), event.at)
        case Missed(why=why):
            return _missed(call, why, event.at)
        case TimeUp():
            return _missed(call, Miss.NO_ANSWER, event.at)
    return call, []


def _with_notice(call: Call, at: datetime) -> Next:
    """A customer whom we called answers, or has us back: the notice comes before the talk, unless it was heard."""
    if _wants_notice(call):
        return _notifying(call, at)
    return spend(replace(call, phase=Phase.TALKING), Spent.TALK, at), [RecordTalk()]


def dialable(keys: str) -> str:
    """Of what was typed, the keys that a telephone has."""
    return "".join(key for key in keys if key in KEYS)[:MOST_SENT]


def _missed(call: Call, why: Miss, at: datetime) -> Next:
    return _end(replace(call, missed=why), at, By.US), [Release(call.agent), HangUp()]


# Somebody of ours ------------------------------------------------------------------------------------------------


def _of_person(call: Call, event: OfPerson) -> Next:
    person, at = event.person, event.at
    waits = call.phase == Phase.WAITING
    match event:
        case Ringing() if waits and not call.ringing:
            return rings(call, person, at), []
        case Ringing() if person in (call.ringing, call.agent):
            return call, []
        case Ringing():
            return call, [Release(person)]
        case NotAnswered() | Vanished() | LeftUs() if waits and person == call.ringing:
            return no_more_ringing(call, at), [
                Release(person, away=True),
                Dial(ring_of(call), desk=call.desk),
            ]
        case NotAnswered() if waits and not call.ringing:  # asked for by name, and not free
            return call, [Dial(ring_of(call), desk=call.desk)]
        case Connected() if waits and person == call.ringing:
            answered = replace(no_more_ringing(call, at, answered=True), agent=person, phase=Phase.TALKING)
            return spend(answered, Spent.TALK, at), [Unpark(), RecordTalk()]
    return _in_talk(call, event) if person and person == call.agent else (call, [])


def _in_talk(call: Call, event: OfPerson) -> Next:
    person, at = event.person, event.at
    music: list[Verb] = [Play(("music",), loop=True)]
    match event:
        case Connected() if call.phase == Phase.PARTED and call.held:
            return replace(call, phase=Phase.HOLDING), []
        case Connected() if call.phase == Phase.PARTED and call.outgoing and call.notified_at is None:
            return _with_notice(call, at)
        case Connected() if call.phase == Phase.PARTED:
            return talk_on(call, at)
        case Press(keys=keys) if call.phase == Phase.TALKING and (keys := dialable(keys)):
            after, verbs = _key_in_talk(call, at)
            return after, [Dtmf(keys), *verbs]
        case Vanished() if call.phase != Phase.PARTED:
            alone = [] if call.helper and not call.held and call.secret >= 0 else music
            return spend(replace(call, phase=Phase.PARTED), Spent.HOLD, at), [*alone, Wait(RECONNECT)]
        case LeftUs():
            return _end(call, at, By.AGENT), [*_quiet(call), HangUp()]
        case Hold(on=True) if call.phase == Phase.TALKING:
            return spend(replace(call, phase=Phase.HOLDING, held=True), Spent.HOLD, at), music
        case Hold(on=False) if call.phase == Phase.HOLDING:
            return talk_on(call, at)
        case Transfer(to=to, desk=desk) if to != person and call.phase in (Phase.TALKING, Phase.HOLDING):
            handed = replace(call, desk=desk or call.desk)
            return _back_to_queue(handed, at, [Release(person)], to=to, on=Spent.TRANSFER)
        case Secret(on=True):
            return replace(not_recorded(call, person, at), secret=-1), [RecordTalk(on=False)]
        case Secret(on=False):
            return replace(recorded_again(call, at), secret=0), [RecordTalk()]
    return call, []


def _back_to_queue(
    call: Call, at: datetime, before: list[Verb], *, to: int = 0, on: Spent = Spent.WAIT
) -> Next:
    """The caller waits for somebody else, before all who wait for anybody; so often a call is handed on at most."""
    call, gone = let_others_go(call, at)
    before = [*before, *gone]
    if call.left <= 0 or not isinstance(call.flow.steps.get(call.step), Queue):
        return _end(call, at, By.US), [*before, HangUp()]
    call = replace(
        recorded_again(call, at),
        phase=Phase.WAITING,
        agent=0,
        turn=call.turn + 1,
        held=False,
        since=at,
        left=call.left - 1,
        tried=1,
        ahead=0,
        secret=0,
    )
    dial = Dial(ring_of(call), person=to, desk=call.desk)
    return spend(call, on, at), [*before, Park(call.step, first=True), dial, Play((place(0),))]


def _key_in_talk(call: Call, at: datetime) -> Next:
    """Keys in a talk are kept nowhere, and so many of them are a card: what is said beside them is not recorded."""
    if call.secret < 0:
        return call, []
    pressed = replace(not_recorded(call, CALLER, at), secret=call.secret + 1)
    if pressed.secret < KEYS_OF_A_CARD:
        return pressed, [RecordTalk(on=False), Wait(SECRET_AFTER_KEY)]
    return pressed, [RecordTalk(on=False), Wait(SECRET_AFTER_KEYS)]
