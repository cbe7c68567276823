"""What callers meet at a number, as data: announcements, a menu, hours, a queue, call-backs, messages. Pure.

A flow is a JSON object `{"start": NAME, "steps": {NAME: {"kind": …}, …}}`. `read` checks it as a whole, so that no call
meets a step that is not there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, get_type_hints

END = "end"
KEYS = frozenset("0123456789*#")
MOST_STEPS_OF_A_FLOW = 50
MOST_SOUNDS = 10
LONGEST_WORDS = 40


class Problem(StrEnum):
    """What is wrong with a flow; `voice/wording.py` has the sentences."""

    NO_OBJECT = "no object"
    NO_STEPS = "no steps"
    TOO_MANY = "too many steps"
    NO_SUCH_STEP = "no such step"
    NO_SUCH_KIND = "no such kind"
    UNKNOWN_FIELD = "unknown field"
    MISSING = "missing"
    NO_SUCH_SOUND = "no such sound"
    NO_KEY = "no key"
    NUMBER = "number"
    NAMES = "names"
    YES_NO = "yes or no"
    NO_SUCH_DESK = "no such desk"
    WORDS = "words"


class FlowError(ValueError):
    """A flow cannot be used: in which step, what is wrong, and with which value."""

    def __init__(self, step: str, problem: Problem, value: object = "") -> None:
        super().__init__(f"{step}: {problem}: {value}")
        self.step, self.problem, self.value = step, problem, str(value)[:100]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Announcements, then on."""

    sounds: tuple[str, ...]
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Two ways on: while the desk is at work, and while it is not. Without known hours it is always at work."""

    open: str
    closed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """One key is asked for, `tries` times; who presses none of them goes on as `otherwise` says. `names` are what keys
    stand for, in a few words: whoever answers sees what was chosen.
    """

    sounds: tuple[str, ...]
    keys: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = END
    seconds: int = 6
    tries: int = 2
    again: tuple[str, ...] = ("again",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Waiting for somebody: music, with the place in the queue said `every` so many seconds, for `longest` at most.
    With `wait_told` it is said how long it will take, where that is known.

    Somebody of the `desk` by this name is wanted; where none is said, of the number's own. Where `most` wait already,
    callers go on as `full` says. `keys` lead out of it. The phone of whoever is free rings for `ring` seconds, then
    that of somebody else.
    """

    sounds: tuple[str, ...] = ("wait",)
    music: tuple[str, ...] = ("music",)
    otherwise: str = END
    full: str = END
    keys: Mapping[str, str]
    every: int = 30
    longest: int = 180
    most: int = 20
    ring: int = 20
    wait_told: bool = False
    desk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """The caller is promised a call at the number they call from; `withheld` is for who shows none."""

    sounds: tuple[str, ...] = ("call-back-taken",)
    withheld: str
    next: str = END


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The caller's words are recorded after a tone, for `longest` seconds at most; # or hanging up ends them."""

    sounds: tuple[str, ...] = ("leave",)
    longest: int = 120
    next: str = END


Step = Say | Hours | Menu | Queue | CallBack | Message
KINDS: Mapping[str, type[Step]] = {
    "say": Say,
    "hours": Hours,
    "menu": Menu,
    "queue": Queue,
    "call_back": CallBack,
    "message": Message,
}
# From least to most, each in seconds or in calls.
LIMITS: Mapping[str, tuple[int, int]] = {
    "seconds": (1, 60),
    "tries": (1, 5),
    "every": (5, 600),
    "longest": (5, 3600),
    "most": (0, 500),
    "ring": (5, 120),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow that has been checked. Who hangs up within `short` seconds has not been kept waiting by anybody. So many
    calls at once the number takes (`lines`; 0: as many as can be carried).

    `notice` is the recording that says that talks are recorded, a property of the number: without one no talk is.
    `desks` are the ids of the company's desks by name.
    """

    start: str
    steps: Mapping[str, Step]
    short: int = 5
    lines: int = 0
    notice: str = ""
    desks: Mapping[str, int] = field(default_factory=dict)

    def takes_one_more(self, others: int) -> bool:
        """Whether one more call is taken at the number beside so many others."""
        return not self.lines or others < self.lines


def read(
    document: Any, *, sounds: Callable[[str], bool], desks: Callable[[str], bool] = lambda _name: True
) -> Flow:
    """The flow that a document describes; `sounds` says whether there is a recording of a name, `desks` a desk.

    Raises FlowError for the first thing that is wrong with it.
    """
    if not isinstance(document, dict):
        raise FlowError("", Problem.NO_OBJECT)
    _refuse_unknown("", document, {"start", "steps", "short", "lines"})
    rows = document.get("steps")
    if not isinstance(rows, dict) or not rows or END in rows:
        raise FlowError("", Problem.NO_STEPS)
    if len(rows) > MOST_STEPS_OF_A_FLOW:
        raise FlowError("", Problem.TOO_MANY, len(rows))
    steps = {str(name): _step(str(name), row) for name, row in rows.items()}
    start = document.get("start")
    if not isinstance(start, str) or start not in steps:
        raise FlowError("", Problem.NO_SUCH_STEP, start)
    for name, step in steps.items():
        _check(name, step, steps, sounds)
        if isinstance(step, Queue) and step.desk and not desks(step.desk):
            raise FlowError(name, Problem.NO_SUCH_DESK, step.desk)
    short = _number("", "short", document.get("short", 5), (0, 60))
    return Flow(
        start=start, steps=steps, short=short, lines=_number("", "lines", document.get("lines", 0), (0, 500))
    )


def leads_to(step: Step) -> Iterator[str]:
    """Every name that a step may go on to."""
    match step:
        case Say(next=after) | Message(next=after):
            yield after
        case Hours():
            yield from (step.open, step.closed)
        case CallBack():
            yield from (step.next, step.withheld)
        case Menu():
            yield from (*step.keys.values(), step.otherwise)
        case Queue():
            yield from (*step.keys.values(), step.otherwise, step.full)


def sounds_of(step: Step) -> tuple[str, ...]:
    """Every recording that a step plays."""
    named = (getattr(step, name, ()) for name in ("sounds", "music", "again"))
    return tuple(sound for each in named for sound in each)


def _step(name: str, row: Any) -> Step:
    if not isinstance(row, dict):
        raise FlowError(name, Problem.NO_OBJECT)
    kind = KINDS.get(str(row.get("kind")))
    if kind is None:
        raise FlowError(name, Problem.NO_SUCH_KIND, row.get("kind"))
    known = {one.name for one in fields(kind)}
    _refuse_unknown(name, row, known | {"kind"})
    values = {"keys": {}, **row} if "keys" in known else dict(row)
    values.pop("kind", None)
    types = get_type_hints(kind)
    made = {one: _value(name, one, types[one], value) for one, value in values.items()}
    try:
        return kind(**made)
    except TypeError as error:
        missing = sorted(f.name for f in fields(kind) if f.name not in made)
        raise FlowError(name, Problem.MISSING, ", ".join(missing)) from error


def _value(step: str, field: str, wanted: Any, value: Any) -> Any:
    if wanted is int:
        return _number(step, field, value, LIMITS[field])
    if wanted is bool:
        if not isinstance(value, bool):
            raise FlowError(step, Problem.YES_NO, field)
        return value
    if field == "keys":
        return _keys(step, value)
    if field == "names":
        return _names(step, value)
    if wanted is str:
        if not isinstance(value, str):
            raise FlowError(step, Problem.NO_SUCH_STEP, value)
        return value
    if not isinstance(value, list) or len(value) > MOST_SOUNDS or not all(isinstance(v, str) for v in value):
        raise FlowError(step, Problem.NAMES, field)
    return tuple(value)


def _number(step: str, field: str, value: Any, between: tuple[int, int]) -> int:
    least, most = between
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FlowError(step, Problem.NUMBER, f"{field} {least}-{most}")
    return value


def _keys(step: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(to, str) for to in value.values()):
        raise FlowError(step, Problem.NO_KEY, value)
    for key in value:
        if key not in KEYS:
            raise FlowError(step, Problem.NO_KEY, key)
    return dict(value)


def _names(step: str, value: Any) -> dict[str, str]:
    named = _keys(step, value)
    for key, words in named.items():
        if len(words) > LONGEST_WORDS or "\n" in words:
            raise FlowError(step, Problem.WORDS, key)
    return {key: words.strip() for key, words in named.items() if words.strip()}


def _refuse_unknown(step: str, row: Mapping[str, Any], known: set[str]) -> None:
    for one in row:
        if one not in known:
            raise FlowError(step, Problem.UNKNOWN_FIELD, one)


def _check(name: str, step: Step, steps: Mapping[str, Step], sounds: Callable[[str], bool]) -> None:
    for target in leads_to(step):
        if target != END and target not in steps:
            raise FlowError(name, Problem.NO_SUCH_STEP, target)
    for sound in sounds_of(step):
        if not sounds(sound):
            raise FlowError(name, Problem.NO_SUCH_SOUND, sound)
