"""What is said of calls, to people of a desk."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers
from madoguchi.voice.flow import FlowError, Problem
from madoguchi.voice.logic import Outcome
from madoguchi.voice.telephone import NoRecording, Wrong

# How a try ended that nobody took up.
_IN_VAIN: Mapping[str, str | Promise] = {
    Outcome.REJECTED: pgettext_lazy("of a try", "line busy"),
    Outcome.SHORT: pgettext_lazy("of a try", "hung up at once"),
    Outcome.ABANDONED: pgettext_lazy("of a try", "gave up"),
    Outcome.CALL_BACK: pgettext_lazy("of a try", "asked for a call-back"),
    Outcome.MESSAGE: pgettext_lazy("of a try", "left a message"),
    Outcome.INFORMED: pgettext_lazy("of a try", "heard an announcement"),
    Outcome.BROKEN: pgettext_lazy("of a try", "cut off by us"),
    "": pgettext_lazy("of a try", "still on the line"),
}
# What is said of a call while it rings at somebody of ours.
RANG = "rang"
_SUBJECTS: Mapping[str, str | Promise] = {
    Outcome.MESSAGE: gettext_lazy("Message left by phone"),
    Outcome.CALL_BACK: gettext_lazy("Call-back wished for by phone"),
    Outcome.ABANDONED: gettext_lazy("Call that nobody took"),
    Outcome.BROKEN: gettext_lazy("Call that broke off"),
    Outcome.TALKED: gettext_lazy("Phone call"),
    RANG: gettext_lazy("Phone call"),
}
_FIRST_LINES: Mapping[str, str | Promise] = {
    Outcome.MESSAGE: gettext_lazy("The customer left a message of %(length)s. It is attached."),
    Outcome.CALL_BACK: gettext_lazy("The customer called and wishes to be called back."),
    Outcome.ABANDONED: gettext_lazy("The customer called and hung up before anybody could take the call."),
    Outcome.BROKEN: gettext_lazy("The call broke off by a fault of ours. Please call the customer back."),
    Outcome.TALKED: gettext_lazy("We talked with the customer. The recording is attached."),
}
_NOT_RECORDED: Mapping[str, str | Promise] = {
    Outcome.MESSAGE: gettext_lazy("The customer left a message of %(length)s, which could not be fetched."),
    Outcome.TALKED: gettext_lazy("We talked with the customer. The talk was not recorded."),
}
_TRIES: Mapping[str, str | Promise] = {
    Outcome.TALKED: gettext_lazy("We called the customer and talked with them. The recording is attached."),
    Outcome.BUSY: gettext_lazy("We called the customer (try %(tries)s): the line was busy."),
    Outcome.NO_ANSWER: gettext_lazy("We called the customer (try %(tries)s): nobody answered."),
    Outcome.UNREACHED: gettext_lazy("We called the customer (try %(tries)s): the call did not come through."),
    Outcome.STOPPED: gettext_lazy("We called the customer (try %(tries)s) and hung up before they answered."),
    Outcome.BROKEN: gettext_lazy(
        "We called the customer (try %(tries)s): the call broke off by a fault of ours."
    ),
}
_WRONG: Mapping[Wrong, str | Promise] = {
    Wrong.NOT_WAV: gettext_lazy(
        "This is neither a WAV file with plain sound (PCM) nor MP3. Save the recording as one of them and try again."
    ),
    Wrong.KIND: gettext_lazy("Save the recording with 8 to 48 kHz, 8 to 32 bits, and one or two channels."),
    Wrong.LONG: gettext_lazy("A recording lasts two minutes at most."),
    Wrong.SHORT: gettext_lazy("Nothing is heard in so short a recording."),
}
_PROBLEMS: Mapping[Problem, str | Promise] = {
    Problem.NO_OBJECT: gettext_lazy("This is to be an object, written with { and }."),
    Problem.NO_STEPS: gettext_lazy("A flow needs “steps”, and none of them is named “end”."),
    Problem.TOO_MANY: gettext_lazy("A flow takes 50 steps at most."),
    Problem.NO_SUCH_STEP: gettext_lazy("There is no step “%(value)s” to go on with. “end” ends the call."),
    Problem.NO_SUCH_KIND: gettext_lazy(
        "There is no kind of step “%(value)s”. There are say, hours, menu, queue, call_back and message."
    ),
    Problem.UNKNOWN_FIELD: gettext_lazy("“%(value)s” is not known here."),
    Problem.MISSING: gettext_lazy("Something is missing here. It may be one of: %(value)s."),
    Problem.NO_SUCH_SOUND: gettext_lazy("There is no recording “%(value)s”."),
    Problem.NO_KEY: gettext_lazy(
        "Keys are 0 to 9, * and #, each with the step it leads to; not “%(value)s”."
    ),
    Problem.NUMBER: gettext_lazy("A whole number is needed here: %(value)s."),
    Problem.YES_NO: gettext_lazy("“%(value)s” is to be true or false."),
    Problem.NO_SUCH_DESK: gettext_lazy("There is no desk “%(value)s” in this company."),
    Problem.WORDS: gettext_lazy("What key %(value)s stands for takes 40 characters at most, in one line."),
    Problem.NAMES: gettext_lazy("“%(value)s” is to be a list of recordings, ten at most."),
}

# What the steps of a ready flow are called where somebody writes on.
_CALLED: Mapping[str, str | Promise] = {
    "greeting": gettext_lazy("Greeting"),
    "hours": gettext_lazy("Business hours"),
    "menu": pgettext_lazy("phone", "Menu"),
    "call_back": gettext_lazy("Call-back"),
    "withheld": gettext_lazy("Number withheld"),
    "closed": gettext_lazy("After hours"),
    "message": pgettext_lazy("phone", "Message of the caller"),
    "thanks": gettext_lazy("Thanks for the message"),
    "queue": gettext_lazy("Queue"),
    "busy": gettext_lazy("All are busy"),
}

# Among so many digits, more than a phone number in Japan has, some may be of a card, whatever was pressed around it.
_LONG = re.compile(r"\d{13,}")


def subject_of(outcome: str) -> str:
    """What a case that began with such a call is called."""
    return str(_SUBJECTS[outcome])


def words_of_try(outcome: str, *, tries: int) -> str:
    """What came of a call that we made."""
    return str(_TRIES[outcome]) % {"tries": tries}


def words_of_ring(*, withheld: bool, product: str = "", purpose: str = "", tried: str = "") -> str:
    """What is said of a call while it rings at somebody."""
    lines = [_("The customer calls."), *_of_purpose(purpose), *_of_product(product), *_of_tries(tried)]
    return "\n".join([*lines, _("The caller withheld the number.")] if withheld else lines)


def words_of(
    outcome: str,
    *,
    spoken: timedelta,
    lasted: timedelta,
    waited: timedelta,
    keys: str,
    withheld: bool,
    recorded: bool = True,
    product: str = "",
    purpose: str = "",
    tried: str = "",
) -> str:
    """What happened on a call, in a few lines. The caller's number is not among them: not everybody may see it."""
    first = _FIRST_LINES[outcome] if recorded else _NOT_RECORDED.get(outcome, _FIRST_LINES[outcome])
    lines = [str(first) % {"length": length(spoken)}]
    lines.append(_("The call lasted %(length)s.") % {"length": length(lasted)})
    if waited:
        lines.append(_("They waited %(length)s.") % {"length": length(waited)})
    lines += [*_of_purpose(purpose), *_of_product(product), *_of_tries(tried)]
    if keys:
        lines.append(_("Keys pressed: %(keys)s") % {"keys": keys})
    if withheld:
        lines.append(_("The caller withheld the number."))
    return "\n".join(lines)


def _of_product(name: str) -> list[str]:
    return [_("The number called is for: %(product)s") % {"product": name}] if name else []


def _of_purpose(chosen: str) -> list[str]:
    return [_("Chosen in the menu: %(purpose)s") % {"purpose": chosen}] if chosen else []


def _of_tries(tried: str) -> list[str]:
    return [_("Tried before within a day: %(tries)s") % {"tries": tried}] if tried else []


def words_of_tries(outcomes: Sequence[str]) -> str:
    """In vain tries before, counted by how they ended: “busy 1, hung up at once 2”."""
    counted = Counter(outcomes)
    return _(", ").join(
        _("%(how)s %(count)s") % {"how": label, "count": counted[how]}
        for how, label in _IN_VAIN.items()
        if counted[how]
    )


def without_numbers(keys: str) -> str:
    """The keys that were pressed, without what may be a card number: all of a long number but its last four digits.

    A card follows the keys of a menu without a gap, so that no check digit tells where it begins.
    """
    return _LONG.sub(lambda found: "■" * (len(found[0]) - 4) + found[0][-4:], blot_card_numbers(keys))


def length(lasted: timedelta) -> str:
    """A length of time as clocks of calls show it: 1:05."""
    seconds = round(lasted.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02}"


def wrong_with_recording(error: NoRecording) -> str:
    """What is wrong with a file that was to be a recording."""
    return str(_WRONG[error.wrong])


def refusal(error: FlowError) -> Refused:
    """What is wrong with a flow, for whoever wrote it."""
    words = str(_PROBLEMS[error.problem]) % {"value": error.value}
    where = _("Step “%(step)s”: %(words)s") % {"step": error.step, "words": words} if error.step else words
    return Refused(where, field="document")


def in_words(flow: Mapping[str, Any]) -> dict[str, Any]:
    """A flow that is ready, its steps called as the reader says."""

    def called(name: Any) -> Any:
        return str(_CALLED[name]) if isinstance(name, str) and name in _CALLED else name

    steps = {called(name): _leading(row, called) for name, row in flow["steps"].items()}
    return dict(flow) | {"start": called(flow["start"]), "steps": steps}


def _leading(row: dict[str, Any], called: Callable[[Any], Any]) -> dict[str, Any]:
    """A step that leads on by other names."""
    made = {name: value if name in ("kind", "desk") else called(value) for name, value in row.items()}
    if "keys" in row:
        made["keys"] = {key: called(to) for key, to in row["keys"].items()}
    return made
