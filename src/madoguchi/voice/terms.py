"""What a call is, what is heard on it, and what can be done: the words of `logic`. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from madoguchi.voice.flow import Flow

MOST_STEPS = 60
# Who calls, among the people of a call; those of ours are known by their ids, contacts outside by theirs with a minus.
CALLER = 0


class Phase(StrEnum):
    """Where a call is."""

    OFFERED = "offered"
    SAYING = "saying"
    ASKING = "asking"
    WAITING = "waiting"
    INVITING = "inviting"
    CALLING = "calling"
    RECORDING = "recording"
    NOTIFYING = "notifying"
    TALKING = "talking"
    HOLDING = "holding"
    PARTED = "parted"
    ENDED = "ended"


class Spent(StrEnum):
    """What the time of a call went by with; TRANSFER is the wait for somebody else after it was handed on."""

    RING = "ring"
    MENU = "menu"
    WAIT = "wait"
    TRANSFER = "transfer"
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
    TALKED = "talked"
    BROKEN = "broken"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHED = "unreached"
    STOPPED = "stopped"


class Miss(StrEnum):
    """Why somebody whom we call did not answer: their line was busy, they did not, or the call came to nobody."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHED = "unreached"


class By(StrEnum):
    """Who ended a call; LOST says that nothing was heard of the caller any more, FAULT that we could not go on."""

    CALLER = "caller"
    AGENT = "agent"
    US = "us"
    LOST = "lost"
    FAULT = "fault"


class How(StrEnum):
    """How a supervisor is on a call: hears it, is heard by who talks with the caller alone, or by all."""

    LISTEN = "listen"
    WHISPER = "whisper"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a call. `turn` is how many have had the caller before, `outside` that none of ours has them."""

    spent: Spent
    begin: datetime
    end: datetime | None = None
    turn: int = 0
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """How long somebody's phone rang, and whether they answered. `aside` is who was asked by a colleague, and did not
    take the caller. `desk` is to which one the call had been handed on (0: to none).
    """

    person: int
    begin: datetime
    end: datetime | None = None
    answered: bool = False
    aside: bool = False
    desk: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a talk was not recorded, and who wished so; CALLER where keys that were pressed did it."""

    person: int
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
class Missed(Event):
    """Who is called by us did not answer."""

    why: Miss = Miss.NO_ANSWER


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
    """The call stands in the queue, with so many before it; `about` is in how many seconds somebody will answer, where
    that is known.
    """

    ahead: int = 0
    about: int | None = None


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


@dataclass(frozen=True, slots=True)
class OfPerson(Event):
    """Something that somebody of ours did, or that happened to them."""

    person: int = 0


@dataclass(frozen=True, slots=True)
class Ringing(OfPerson):
    """Their phone rings: they were free, and are taken for this call."""


@dataclass(frozen=True, slots=True)
class NotAnswered(OfPerson):
    """They did not answer in time, or would not; or they were not free, where they were asked for by name."""


@dataclass(frozen=True, slots=True)
class Connected(OfPerson):
    """They hear us and we them: the first time, or again."""


@dataclass(frozen=True, slots=True)
class Vanished(OfPerson):
    """Nothing is heard of their browser any more."""


@dataclass(frozen=True, slots=True)
class LeftUs(OfPerson):
    """They hung up."""


@dataclass(frozen=True, slots=True)
class Hold(OfPerson):
    """They put the caller on hold, or (`on` is false) take them back."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Transfer(OfPerson):
    """They hand the caller on, to somebody by name (`to`) or to whoever is free at a desk (0: the desk called)."""

    to: int = 0
    desk: int = 0


@dataclass(frozen=True, slots=True)
class Press(OfPerson):
    """They press keys for the caller's side, as where somebody's menu answers whom we call."""

    keys: str = ""


@dataclass(frozen=True, slots=True)
class Secret(OfPerson):
    """What is said now is not to be recorded, or (`on` is false) is again."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Consult(OfPerson):
    """They ask a colleague (`to`) while the caller is on hold."""

    to: int = 0


@dataclass(frozen=True, slots=True)
class Back(OfPerson):
    """They are done with whom they asked, and talk with the caller again."""


@dataclass(frozen=True, slots=True)
class PutThrough(OfPerson):
    """They leave the caller to whom they asked."""


@dataclass(frozen=True, slots=True)
class Watch(OfPerson):
    """A supervisor comes to the call, or is on it in another way from now on."""

    how: How = How.LISTEN


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
    """Put the call into the queue of a step, or leave it there; time is up after so many seconds. `first` puts it
    before all others.
    """

    queue: str
    seconds: int = 0
    first: bool = False


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


@dataclass(frozen=True, slots=True)
class Dial:
    """Have the phone of somebody free ring, for so many seconds, as soon as there is one: a person by id, else
    anybody of a desk (0: the desk that was called). Leaving the queue ends the search. `aside` is who is to be asked
    by a colleague.
    """

    seconds: int
    person: int = 0
    desk: int = 0
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """From now on this person talks with the caller, in place of another, who put them through."""

    person: int
    before: int


@dataclass(frozen=True, slots=True)
class Release:
    """Somebody of ours has nothing to do with the call any more. `away` says that they did not answer."""

    person: int
    away: bool = False


@dataclass(frozen=True, slots=True)
class Bridge:
    """Who hears whom from now on, as (listener, speakers); who is not named hears what is played to them."""

    hears: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class RecordTalk:
    """Keep what caller and agent say while they hear one another, each on a side of their own. Or keep silence in its
    place (`on` is false) until told otherwise.
    """

    on: bool = True


@dataclass(frozen=True, slots=True)
class Dtmf:
    """Send these keys to the caller's side."""

    keys: str


@dataclass(frozen=True, slots=True)
class CallOut:
    """Have the customer's phone ring."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Time is up after so many seconds, whatever is played meanwhile."""

    seconds: int


Verb = (
    Answer
    | Reject
    | Play
    | Gather
    | Park
    | Unpark
    | Record
    | PauseRecording
    | StopRecording
    | HangUp
    | Dial
    | Lead
    | Release
    | Bridge
    | RecordTalk
    | Dtmf
    | CallOut
    | Wait
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it stands. `caller` is empty where the number is withheld; `at_work` is whether the desk is.

    `since` is when its step began; `left` counts how many more it may take, so that no flow goes round for ever.
    `ringing` is whose phone rings, `agent` who talks with the caller (0: nobody), `desk` to which one it was handed on.
    `turn` is how many have had the caller before them.
    `held` says that they put the caller on hold, which stays so while their page is loaded anew.
    `outgoing` is one that we make; `caller` is the customer all the same, and `missed` says why they did not answer.
    `secret` counts keys that were pressed in a talk since it is not recorded, or is -1 where somebody stopped that.
    `asked` is who is to be asked beside the caller, `helper` the same one once they hear one another. `watcher` is a
    supervisor who is on the call, and `how`. `notified_at` is when the notice that talks are recorded was over, before
    which none is; `purpose` is what was chosen in menus, in words.
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
    about: int | None = None
    keys: str = ""
    purpose: str = ""
    notified_at: datetime | None = None
    spans: tuple[Span, ...] = ()
    offered_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: By | None = None
    call_back: bool = False
    outgoing: bool = False
    missed: Miss | None = None
    ringing: int = 0
    agent: int = 0
    turn: int = 0
    asked: int = 0
    helper: int = 0
    watcher: int = 0
    how: How = How.LISTEN
    held: bool = False
    desk: int = 0
    secret: int = 0
    rings: tuple[Ring, ...] = ()
    pauses: tuple[Pause, ...] = ()
