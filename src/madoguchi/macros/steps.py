"""What a macro or a rule does, as a list of steps: kept as JSON, read with everything that makes no sense refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Priority, Severity, Status
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line
from madoguchi.macros.verbs import MOST_VALUE, Verb
from madoguchi.tasks.steps import MOST_TITLE

MOST_STEPS, MOST_LETTERS = 20, 5000
ME = "me"
NOTE, TEXT, TEMPLATE = "note", "text", "template"
PLAN, TASK = "plan", "task"
# The order in which they are done, whatever the order in which they were chosen: what needs a right at this desk comes
# before the case leaves it.
ORDER = (
    Verb.TAG,
    Verb.UNTAG,
    Verb.FEELING,
    Verb.PRIORITY,
    Verb.SEVERITY,
    Verb.ASSIGN,
    NOTE,
    PLAN,
    TASK,
    Verb.STATUS,
    Verb.DESK,
    TEMPLATE,
    TEXT,
)
# What a rule does, which nobody runs: no words of its own, and no judgement of how a customer feels.
BY_ITSELF = (*(verb for verb in Verb.values if verb != Verb.FEELING), PLAN, TASK)
_SEVERAL = (Verb.TAG, Verb.UNTAG, TASK)


@dataclass(frozen=True, slots=True)
class Step:
    """One act and what it takes: a status, a priority, a person (`me`, or empty for nobody), a tag, words …"""

    do: str
    value: str

    @property
    def is_verb(self) -> bool:
        """Whether it changes the case itself."""
        return self.do in Verb.values


def ends_the_case(steps: Iterable[Step]) -> bool:
    """Whether nothing more is to be done in the case when they are through."""
    return any(step.do == Verb.STATUS and step.value in (Status.SOLVED, Status.CLOSED) for step in steps)


def words_of(written: Iterable[Mapping[str, str]]) -> list[str]:
    """What the acts of a macro, as JSON, put into answers by words of their own."""
    return [one["value"] for one in written if one["do"] == TEXT]


def read_steps(written: Any, *, known: Sequence[str] = ORDER) -> tuple[Step, ...]:
    """The steps of what JSON says, in the order in which they are done.

    Raises Refused for what it does not understand, for none and too many, for two of a kind that has room for one, and
    for somebody made responsible at a desk that the case then leaves.
    """
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        raise Refused(_("Steps are a list of objects with “do” and “value”."))
    steps = [_step(one, known) for one in written]
    if not 0 < len(steps) <= MOST_STEPS:
        raise Refused(_("Choose between 1 and %(most)s acts.") % {"most": MOST_STEPS}, field="acts")
    kinds = [step.do for step in steps]
    if any(kinds.count(kind) > 1 for kind in kinds if kind not in _SEVERAL):
        raise Refused(_("Only tags and tasks can be chosen more than once."), field="acts")
    if Verb.ASSIGN in kinds and Verb.DESK in kinds:
        raise Refused(
            _("At another desk nobody is responsible yet: choose the person or the desk."), field="assign"
        )
    return tuple(sorted(steps, key=lambda step: ORDER.index(step.do)))


def write_steps(steps: Iterable[Step]) -> list[dict[str, str]]:
    """The steps as JSON, which `read_steps` reads again."""
    return [{"do": step.do, "value": step.value} for step in steps]


def _step(written: dict[str, Any], known: Sequence[str]) -> Step:
    do, value = str(written.get("do")), written.get("value")
    if do not in known or not isinstance(value, str):
        choices = ", ".join(known)
        raise Refused(
            _("“%(said)s” is not known here. Choose one of: %(choices)s.") % {"said": do, "choices": choices}
        )
    if do in (NOTE, TEXT):
        value = blot_card_numbers(clean(value)).strip()[:MOST_LETTERS]
    else:
        value = blot_card_numbers(one_line(value, most=MOST_TITLE if do == TASK else MOST_VALUE))
    if not _makes_sense(do, value):
        raise Refused(_("Choose one of the list."), field=do)
    return Step(do, value)


def _makes_sense(do: str, value: str) -> bool:
    if do == Verb.STATUS:
        return value in Status.values
    if do == Verb.PRIORITY:
        return value in [str(one) for one in Priority.values]
    if do == Verb.SEVERITY:
        return value in [str(one) for one in Severity.values]
    if do == Verb.FEELING:
        return value in Feeling.values
    if do == Verb.ASSIGN:
        return value in ("", ME) or _is_id(value)
    return _is_id(value) if do in (Verb.DESK, TEMPLATE, PLAN) else bool(value)


def _is_id(value: str) -> bool:
    return value.isdecimal() and value.isascii() and len(value) < 19
