"""A trial call, made while what callers meet is being written, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.voice.logic import Call, Phase, outcome
from madoguchi.voice.models import Call as CallRow
from madoguchi.voice.trying import HANG_UP, TALK, WAIT, Trial

ACT_NAMES: Mapping[str, str | Promise] = {
    WAIT: gettext_lazy("Nothing is pressed, and time goes by"),
    TALK: gettext_lazy("Somebody of the desk answers"),
    HANG_UP: gettext_lazy("The caller hangs up"),
}


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that is heard in a trial: in which step, what it is called, and what it says, where that is known."""

    step: str
    name: str
    words: str
    music: bool


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was done in a trial, in words, and what is heard then."""

    words: str
    heard: list[Sound]


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial as the page shows it: how it went, where the call stands in words, and what can be done now."""

    turns: list[Said]
    words: str
    keys: tuple[str, ...]
    acts: list[tuple[str, str]]


def standing_of(trial: Trial, words: Mapping[str, str]) -> Standing:
    """A trial in words; `words` are those of the recordings."""
    turns = [
        Said(
            words_of_act(turn.act) if turn.act else _("Somebody calls"),
            [Sound(one.step, one.sound, words.get(one.sound, ""), one.music) for one in turn.heard],
        )
        for turn in trial.turns
    ]
    return Standing(turns, _where(trial.call), trial.keys, [(act, str(ACT_NAMES[act])) for act in trial.acts])


def _where(call: Call) -> str:
    match call.phase:
        case Phase.ENDED:
            ended = CallRow.Ending(outcome(call)).label
            told = _("The call is over: %(ended)s.") if call.answered_at else _("The call is not taken.")
            return told % {"ended": ended}
        case Phase.ASKING:
            return _("A key is waited for.")
        case Phase.WAITING:
            return _("The caller waits in the queue.")
        case Phase.RECORDING:
            return _("The caller speaks, and it is recorded.")
        case Phase.TALKING:
            return _("The caller talks with somebody of the desk.")
    return ""


def words_of_act(act: str) -> str:
    """What was done in a trial."""
    return str(ACT_NAMES[act]) if act in ACT_NAMES else _("Key %(key)s") % {"key": act}
