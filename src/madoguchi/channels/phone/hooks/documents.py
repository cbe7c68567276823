"""The document that a carrier is given: what it is to do next on a call, and where to ask for the one after. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from xml.etree.ElementTree import Element, SubElement, tostring

from madoguchi.channels.phone.kept import Standing
from madoguchi.channels.phone.sounds import PART, parts_of
from madoguchi.voice import logic
from madoguchi.voice.logic import Phase

TYPE = "text/xml; charset=utf-8"
# While somebody is looked for, the carrier asks again after so many seconds whether they were found.
LOOK_EVERY = PART
# What lasts longer than this is played in parts while somebody is looked for: nobody hears of who is free meanwhile.
MOST_OF_TURN = 12
# So long a talk lasts at most: what the carriers of this shape allow by themselves.
MOST_TALK = 14_400
EVERY_KEY = "0123456789*#"
# So long nothing has to be said before a message counts as complete.
SILENCE = 10


@dataclass(frozen=True, slots=True)
class Places:
    """Where the carrier asks for what is next (`onward`, by what happened), finds recordings or a part of one
    (`sound`), and how long these last. `ours` is the number that was called, `phone` where who is rung is to be
    reached.
    """

    onward: Callable[[str], str]
    sound: Callable[[str, int | None], str]
    lasts: Callable[[str], float]
    ours: str
    phone: str = ""


def document(call: logic.Call, standing: Standing, places: Places, at: datetime) -> str:
    """What the carrier is to do now."""
    root = Element("Response")
    if standing.ended == "reject":
        SubElement(root, "Reject", reason="busy")
    elif standing.ended or call.phase == Phase.ENDED:
        SubElement(root, "Hangup")
    elif call.ringing and places.phone:
        _dial(root, standing, places)
    elif standing.records:
        _record(root, standing, places, at)
    elif standing.sounds:
        _play(root, call, standing, places, at)
    elif standing.until:
        _gather(root, places, _left(standing, at))
        _then(root, places, "time")
    else:
        SubElement(root, "Pause", length=str(LOOK_EVERY))
        _then(root, places, "look")
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(root, encoding="unicode")


def nothing_more() -> str:
    """For who was rung and answered: they are connected at once."""
    return '<?xml version="1.0" encoding="UTF-8"?><Response />'


def _dial(root: Element, standing: Standing, places: Places) -> None:
    asked = {"action": places.onward("dialled"), "answerOnBridge": "true", "callerId": places.ours}
    limits = {"timeout": str(standing.seeks), "timeLimit": str(MOST_TALK)}
    dial = SubElement(root, "Dial", asked | limits)
    kind = "Sip" if places.phone.startswith(("sip:", "sips:")) else "Number"
    SubElement(dial, kind, url=places.onward("connected")).text = places.phone


def _record(root: Element, standing: Standing, places: Places, at: datetime) -> None:
    """Any key ends it: what was pressed is not in what is kept. The words after another key than # are kept anew."""
    asked = {"action": places.onward("recorded"), "recordingStatusCallback": places.onward("kept")}
    how = {"playBeep": "false", "trim": "do-not-trim", "finishOnKey": EVERY_KEY, "timeout": str(SILENCE)}
    SubElement(root, "Record", asked | how | {"maxLength": str(_left(standing, at))})
    _then(root, places, "recorded")


def _play(root: Element, call: logic.Call, standing: Standing, places: Places, at: datetime) -> None:
    next_call, verbs = logic.step(call, logic.Played(at))
    match verbs:
        case [logic.Gather(seconds=seconds)] if next_call == call:
            # A key counts while it is asked for, and for so long after that.
            _sounds(_gather(root, places, seconds), standing, places, at)
            _then(root, places, "time")
        case _:
            asks = call.phase == Phase.WAITING
            goes_on = _sounds(_gather(root, places, 1) if asks else root, standing, places, at)
            _then(root, places, "look" if goes_on else "played")


def _sounds(parent: Element, standing: Standing, places: Places, at: datetime) -> bool:
    """What is heard in this turn; whether there is more of it in the next."""
    if parts := _parts(standing, places):
        turn = standing.turn % len(parts) if standing.loop else min(standing.turn, len(parts) - 1)
        SubElement(parent, "Play").text = places.sound(*parts[turn])
        return standing.loop or turn < len(parts) - 1
    again = {"loop": str(_times(standing, places, at))} if standing.loop else {}
    for name in standing.sounds:
        SubElement(parent, "Play", again).text = places.sound(name, None)
    return standing.loop


def _parts(standing: Standing, places: Places) -> list[tuple[str, int]]:
    """What is played by turns, so that who becomes free is found in between; nothing where it is short."""
    lasts = {name: places.lasts(name) for name in standing.sounds}
    if not standing.seeks or sum(lasts[name] for name in standing.sounds) <= MOST_OF_TURN:
        return []
    return [(name, part) for name in standing.sounds for part in range(parts_of(lasts[name]))]


def _times(standing: Standing, places: Places, at: datetime) -> int:
    """How often what is played again and again is played before the carrier asks anew."""
    seconds = min(_left(standing, at), LOOK_EVERY) if standing.seeks else _left(standing, at)
    return max(1, ceil(seconds / max(1.0, sum(map(places.lasts, standing.sounds)))))


def _gather(root: Element, places: Places, seconds: int) -> Element:
    asked = {"action": places.onward("key"), "numDigits": "1", "finishOnKey": ""}
    return SubElement(root, "Gather", asked | {"timeout": str(seconds)})


def _then(root: Element, places: Places, what: str) -> None:
    SubElement(root, "Redirect").text = places.onward(what)


def _left(standing: Standing, at: datetime) -> int:
    return max(1, ceil((standing.until - at).total_seconds())) if standing.until else LOOK_EVERY
