"""What a batch does to each case: one act, or a macro, which is several at once; and what would become of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.batches.besides import Besides
from madoguchi.batches.fills import FillAct, read_fills
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.models import Case, Status
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.macros import verbs
from madoguchi.macros.actions import run_macro, undo_run, verb_step
from madoguchi.macros.models import Macro, MacroState
from madoguchi.macros.policies import is_for
from madoguchi.macros.queries import macro_by_id, macros_of, run_of
from madoguchi.macros.steps import TEMPLATE, TEXT, Step, ends_the_case, read_steps
from madoguchi.macros.verbs import Act, Fate, act_of

_MOST_DIGITS = 18
RowState = BatchRow.State


@dataclass(frozen=True, slots=True)
class MacroAct:
    """A macro, which of its acts change the case itself, and those that note something or set tasks besides."""

    macro: Macro
    acts: tuple[Act, ...]
    besides: Besides

    @property
    def verb(self) -> str:
        """What the batch keeps."""
        return Batch.Verb.MACRO.value

    @property
    def value(self) -> str:
        """What the batch keeps."""
        return str(self.macro.pk)


def wanted(
    verb: str, value: str, *, fills: Mapping[str, str] | None = None, by: Actor
) -> Act | MacroAct | FillAct:
    """What somebody wants done to many cases, with own fields filled in first. Raises Refused for a verb or a value
    that makes no sense, for nothing to fill in, and for a macro that writes an answer: nobody would see what is said to
    whom.
    """
    to_fill = read_fills(fills or {})
    if verb == Batch.Verb.FILL and not to_fill:
        raise Refused(_("Fill in at least one own field."), field="fill")
    if verb == Batch.Verb.FILL:
        return FillAct(to_fill, None)
    if verb not in Batch.Verb.values:
        raise Refused(_("Choose what shall be done."), field="verb")
    if verb != Batch.Verb.MACRO:
        act = act_of(verb, value, by=by)
        return FillAct(to_fill, act) if to_fill else act
    if to_fill:
        raise Refused(_("A macro runs alone. Fill in the own fields first, then run it."), field="macro")
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
        raise Refused(_("Choose one of the list."), field="macro")
    try:
        macro = macro_by_id(int(value), actor=by)
    except NotFound:
        raise Refused(_("Choose one of the list."), field="macro") from None
    if macro.state == MacroState.DRAFT:
        raise Refused(_("Choose one of the list."), field="macro")
    steps = read_steps(macro.acts)
    if _writes_an_answer(steps):
        words = _("“%(name)s” writes an answer. Run it on one case at a time, where you see what is said.")
        raise Refused(words % {"name": macro.name}, field="macro")
    acts = tuple(verb_step(step, by=by) for step in steps if step.is_verb)
    return MacroAct(macro, acts, Besides.of(steps, macro))


def ends_cases(act: Act | MacroAct | FillAct | None) -> bool:
    """Whether nothing more is to be done in the cases afterwards."""
    if act is None or isinstance(act, FillAct):
        return act is not None and ends_cases(act.act)
    if isinstance(act, MacroAct):
        return ends_the_case(read_steps(act.macro.acts))
    return act.verb == verbs.Verb.STATUS and act.value in (Status.SOLVED, Status.CLOSED)


def single_acts(act: Act | MacroAct | FillAct) -> list[Act]:
    """What of it changes the case itself, one by one."""
    if isinstance(act, MacroAct):
        return list(act.acts)
    if isinstance(act, FillAct):
        return [act.act] if act.act else []
    return [act]


def macros_for_many(actor: Actor) -> list[Macro]:
    """The macros that the actor may run on many cases at once. One query."""
    return [
        macro for macro in macros_of(actor, offered=True) if not _writes_an_answer(read_steps(macro.acts))
    ]


def fate_of(act: Act | MacroAct | FillAct, case: Case, *, by: Actor) -> tuple[Fate, str]:
    """What would become of a case, and why not. A macro does all that it says, or nothing."""
    if isinstance(act, FillAct):
        return act.fate(case, by=by)
    if isinstance(act, Act):
        return verbs.foresee(act, case, by=by)
    if not is_for(act.macro, case):
        return Fate.REFUSED, _("The macro is for another desk.")
    fates = verbs.foresee_all(act.acts, case, by=by)
    refused = next((reason for fate, reason in fates if fate == Fate.REFUSED), "")
    refused = refused or act.besides.refusal(case, ends=_ends(act, case), by=by)
    if refused:
        return Fate.REFUSED, refused
    changes = act.besides.steps or any(fate == Fate.DONE for fate, _reason in fates)
    return (Fate.DONE if changes else Fate.SAME), ""


def look_ahead(act: Act | MacroAct | FillAct, cases: Sequence[Case], *, by: Actor) -> None:
    """Find out at once what `fate_of` asks of each of these cases."""
    for one in act.acts if isinstance(act, MacroAct) else [act]:
        one.look_ahead(cases, by=by)
    if isinstance(act, MacroAct):
        act.besides.look_ahead(cases)


def _ends(act: MacroAct, case: Case) -> bool:
    return ends_cases(act) and case.status not in (Status.SOLVED, Status.CLOSED)


def run_on(case: Case, act: MacroAct, *, by: Actor) -> dict[str, object]:
    """Run a macro on a row's case; returns what the row keeps. Raises what running it raises."""
    fate, _reason = fate_of(act, case, by=by)
    if fate == Fate.SAME:
        return {"state": RowState.SAME}
    # Whoever set the batch going was asked about all of its cases at once.
    ran = run_macro(act.macro, case, by=by, confirmed=None)
    return {"state": RowState.DONE, "before": {"run": ran.run.pk}}


def undo_on(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Undo what a macro did to a row's case; returns what the row keeps. Raises what undoing it raises."""
    undo_run(run_of((row.before or {})["run"], actor=by), by=by)
    return {"state": RowState.UNDONE}


def _writes_an_answer(steps: Sequence[Step]) -> bool:
    return any(step.do in (TEXT, TEMPLATE) for step in steps)
