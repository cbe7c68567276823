"""A flow tried out with nobody calling: what a caller hears, and where each thing that they do leads. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from madoguchi.voice.flow import Flow, Menu, Queue
from madoguchi.voice.logic import step
from madoguchi.voice.terms import (
    Answer,
    Answered,
    Call,
    Connected,
    Event,
    Gather,
    HungUp,
    Key,
    Offered,
    Park,
    Parked,
    Phase,
    Play,
    Played,
    Record,
    Ringing,
    TimeUp,
    Verb,
)

# What a caller may do beside pressing a key: wait, be answered by somebody of ours, hang up.
WAIT, TALK, HANG_UP = "w", "a", "h"
MOST_ACTS = 60
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_SOMEBODY, _CALLER = 1, "+815000000000"
_THINKS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording that is played in a step, again and again where it is `music`."""

    step: str
    sound: str
    music: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that was done (nothing, at first), and what the caller hears then."""

    act: str
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """How the call stands after all that was done, and how it went. `seconds` is how long it has lasted."""

    call: Call
    turns: tuple[Turn, ...]
    seconds: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that lead somewhere now."""
        here = self.call.flow.steps.get(self.call.step)
        asked = self.call.phase in (Phase.ASKING, Phase.WAITING) and isinstance(here, Menu | Queue)
        return tuple(here.keys) if asked and isinstance(here, Menu | Queue) else ()

    @property
    def acts(self) -> str:
        """What can be done now, keys apart."""
        match self.call.phase:
            case Phase.ENDED:
                return ""
            case Phase.WAITING:
                return WAIT + TALK + HANG_UP
            case Phase.TALKING:
                return HANG_UP
            case _:
                return WAIT + HANG_UP


def tried(
    flow: Flow,
    acts: str,
    *,
    at_work: bool,
    withheld: bool,
    ahead: int = 0,
    lasts: Callable[[str], float] = lambda _sound: 3.0,
) -> Trial:
    """The flow after these acts, each a letter or a key; what does not fit changes nothing. `ahead` is how many wait in
    every queue before the caller, and `lasts` how many seconds a recording does.
    """
    line = _Line(Call(flow=flow, caller="" if withheld else _CALLER, at_work=at_work), ahead, lasts)
    line.hear(Offered(line.at))
    turns = [line.turn("")]
    for act in acts[:MOST_ACTS]:
        line.do(act)
        turns.append(line.turn(act))
    return Trial(line.call, tuple(turns), round((line.at - _BEGIN).total_seconds()))


@dataclass(slots=True)
class _Line:
    """Carries a call as a gateway does, but that everything played has been listened to at once."""

    call: Call
    ahead: int
    lasts: Callable[[str], float]
    at: datetime = _BEGIN
    time: int = 0
    heard: list[Heard] = field(default_factory=list)

    def turn(self, act: str) -> Turn:
        done, self.heard = Turn(act, tuple(self.heard)), []
        return done

    def do(self, act: str) -> None:
        self.at += timedelta(seconds=self.time) if act == WAIT else _THINKS
        match act:
            case "w":
                self.hear(TimeUp(self.at))
            case "a":
                self.hear(Ringing(self.at, _SOMEBODY))
                self.hear(Connected(self.at, _SOMEBODY))
            case "h":
                self.hear(HungUp(self.at))
            case _:
                self.hear(Key(self.at, act))

    def hear(self, event: Event) -> None:
        """Let something happen, and all that follows by itself."""
        then: Event | None = event
        while then:
            self.call, verbs = step(self.call, then)
            then = self._carry_out(verbs)

    def _carry_out(self, verbs: Sequence[Verb]) -> Event | None:
        """What happens by itself once the verbs are carried out; a new play takes the place of the one before."""
        then: Event | None = None
        for verb in verbs:
            match verb:
                case Answer():
                    then = Answered(self.at)
                case Play(sounds=sounds, loop=loop):
                    self.heard += [Heard(self.call.step, sound, music=loop) for sound in sounds]
                    if not loop:
                        self.at += timedelta(seconds=sum(map(self.lasts, sounds)))
                        then = Played(self.at)
                case Park(seconds=0):
                    then = Parked(self.at, self.ahead)
                case Park(seconds=seconds) | Gather(seconds=seconds) | Record(seconds=seconds):
                    self.time = seconds
        return then
