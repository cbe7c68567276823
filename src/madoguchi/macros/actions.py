"""Writing macros, running one on a case, and undoing a run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import add_note, columns_of, put_back, save_draft
from madoguchi.cases.actions.note import MOST_UNASKED
from madoguchi.cases.filling import filled
from madoguchi.cases.models import Case, Draft, HandOff
from madoguchi.cases.policies import may_reply
from madoguchi.cases.queries import together
from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import causing, record
from madoguchi.infra.forgetting import days_ago, forget
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import AskFirst, Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.knowledge.queries import templates_for_desk
from madoguchi.macros import policies
from madoguchi.macros.absence import Questions, absences, require_here
from madoguchi.macros.approving import ask, is_held_back, state_for
from madoguchi.macros.events import (
    MacroAdded,
    MacroChanged,
    MacroDeleted,
    MacroRan,
    MacroRestored,
    MacroUndone,
)
from madoguchi.macros.models import Macro, MacroRun, MacroState
from madoguchi.macros.steps import ME, NOTE, TEMPLATE, TEXT, Step, read_steps, words_of, write_steps
from madoguchi.macros.tasks import SETS_TASKS, set_tasks
from madoguchi.macros.verbs import Act, Verb, Words, act_of, do, occasion_of
from madoguchi.tasks.actions import remove_tasks
from madoguchi.tasks.queries import tasks_of

MOST_MACROS, MOST_NAME = 100, 60
Typed = Mapping[str, str]


@dataclass(slots=True)
class Ran:
    """What came of a macro: the run, and where its words went (`kept`: apart, for somebody else writes the answer)."""

    run: MacroRun
    texts: list[str] = field(default_factory=list)
    kept: bool = False


@transaction.atomic
def add_macro(
    company: Company, *, desk: Desk | None, name: str, acts: Any, draft: bool = False, by: Actor
) -> Macro:
    """Write a macro for a desk, or (None) for oneself. A `draft` is offered to nobody, nor are words that the company
    has not approved where it wants to.

    Raises NotAllowed for who may not write for them, and Refused for a missing name, acts that make no sense, a desk of
    another company, and when there are too many.
    """
    if by.id is None:
        raise NotAllowed(Permission.MACROS)
    macro = Macro(company=company, owner_id=by.id, desk=desk)
    if desk is not None and desk.company_id != company.pk:
        raise Refused(_("This desk belongs to another company."), field="desk")
    _require_change(macro, by)
    _require_room(macro)
    macro.name, macro.acts, macro.words_by_id = _named(name), _acts(acts, company.pk, by), by.id
    macro.state = state_for(macro, macro.acts, draft=draft, by=by)
    macro.save()
    record(MacroAdded(**macro.where, macro=macro.pk, name=macro.name), by=by)
    if macro.state == MacroState.WAITS and words_of(macro.acts):
        ask(macro, by=by)
    return macro


@transaction.atomic
def change_macro(macro: Macro, *, name: str, acts: Any, draft: bool = False, by: Actor) -> None:
    """Give a macro another name or other acts. Of one that is offered a `draft`, and words that wait for the company,
    are a proposal: it stays as it is until they are approved. Raises NotAllowed, or Refused as `add_macro`.
    """
    # Somebody else may have written it meanwhile: what stands now is what is changed.
    macro.refresh_from_db(from_queryset=Macro.objects.select_for_update())
    _require_change(macro, by)
    told: dict[str, Any] = {"name": _named(name), "acts": _acts(acts, macro.company_id, by)}
    state = state_for(macro, told["acts"], draft=draft, by=by)
    held = is_held_back(state, told["acts"], company=macro.company_id)
    columns: dict[str, Any] = {**told, "proposed": None, "state": state}
    if held and not is_held_back(macro.state, macro.acts, company=macro.company_id):
        columns = {"proposed": {**told, "waits": state == MacroState.WAITS}}
    if words_of(told["acts"]) != words_of((macro.proposed or {}).get("acts", macro.acts)):
        columns["words_by_id"] = by.id
    changes = set_changed(macro, **columns, comment="")
    changes.pop("words_by_id", None)
    if changes:
        record(MacroChanged(**macro.where, macro=macro.pk, changes=changes), by=by)
    if changes and held and state == MacroState.WAITS:
        ask(macro, by=by)


@transaction.atomic
def drop_proposal(macro: Macro, *, by: Actor) -> None:
    """Throw away what was proposed of a macro, if anything; it stays as it is. Raises NotAllowed."""
    macro.refresh_from_db(from_queryset=Macro.objects.select_for_update())
    _require_change(macro, by)
    changes = set_changed(macro, proposed=None, comment="") if macro.proposed else {}
    if changes:
        record(MacroChanged(**macro.where, macro=macro.pk, changes=changes), by=by)


@transaction.atomic
def delete_macro(macro: Macro, *, by: Actor) -> None:
    """Put a macro away; `restore_macro` has it back. Raises NotAllowed; one that is away stays so."""
    _require_change(macro, by)
    if Macro.objects.filter(pk=macro.pk, deleted_at=None).update(deleted_at=clock.now()):
        record(MacroDeleted(**macro.where, macro=macro.pk, name=macro.name), by=by)


@transaction.atomic
def restore_macro(macro: Macro, *, by: Actor) -> None:
    """Take back a macro that was put away. Raises NotAllowed, and Refused when there are too many by now; one that is
    there stays as it is.
    """
    _require_change(macro, by)
    if macro.deleted_at:
        _require_room(macro)
    if Macro.objects.filter(pk=macro.pk, deleted_at__isnull=False).update(deleted_at=None):
        record(MacroRestored(**macro.where, macro=macro.pk, name=macro.name), by=by)


@transaction.atomic
def run_macro(
    macro: Macro,
    case: Case,
    *,
    by: Actor,
    words: Words | None = None,
    typed: Typed | None = None,
    confirmed: Collection[str] | None = (),
) -> Ran:
    """Do all that a macro says to a case, each by the usual action with the rights of who runs it, or nothing at all.

    `words` go to whoever comes next where the desk wants them; `typed` is what stands in the answer being written, else
    what was kept of it. `confirmed` are the keys of the questions (`absence`) that were said yes to, None is yes to
    all. Raises NotFound for a macro that is not for this case, AskFirst where it would go to somebody who is not here,
    and what each act raises.
    """
    if (
        by.id is None
        or macro.deleted_at
        or not policies.may_see(by, macro)
        or not policies.is_for(macro, case)
        or is_held_back(macro.state, macro.acts, company=macro.company_id)
    ):
        raise NotFound(macro.pk)
    steps = read_steps(macro.acts)
    if confirmed is not None:
        require_here(_verbs(steps, by), [case.pk], confirmed=confirmed, by=by)
    case = (
        Case.objects.select_for_update(of=["self"])
        .select_related("desk", "company", "customer")
        .get(pk=case.pk)
    )
    run = MacroRun(company_id=case.company_id, macro=macro, case=case, user_id=by.id, at=clock.now())
    run.before, version = columns_of(case), case.version
    run.save()
    ran = Ran(run, texts=_texts(steps, case, by))
    with causing(run.cause):
        ran.kept = _write(ran, case, typed, by)
        for step in steps:
            run.tasks += _do(step, case, by, words)
        record(MacroRan(**case.where, macro=macro.pk, run=run.pk, name=macro.name), by=by)
    now = Case.objects.values_list("version", flat=True).get(pk=case.pk)
    run.version, run.noted = (now if now != version else None), any(step.do == NOTE for step in steps)
    run.save()
    return ran


@transaction.atomic
def undo_run(run: MacroRun, *, by: Actor) -> None:
    """Put a case back as it was before a macro ran, and the answer being written, where nobody has written on.

    A note stays, for colleagues may have read it, and so do tasks that were changed or done since. Raises NotAllowed
    for whoever did not run it, and Conflict when it was undone before or something has happened to the case since.
    """
    if run.user_id != by.id:
        raise NotAllowed(Permission.MACROS)
    if not MacroRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=clock.now()):
        raise Conflict(_("This cannot be undone now."))
    case = Case.objects.select_for_update(of=["self"]).select_related("desk", "company").get(pk=run.case_id)
    with causing(run.cause):
        if run.version is not None:
            if case.version != run.version:
                raise Conflict(_("Something has happened to this case since. The macro stays done."))
            put_back(case, columns=run.before, by=by)
        if run.tasks:
            _take_tasks_away(run, by)
        _unwrite(run, case, by)
        record(MacroUndone(**case.where, macro=run.macro_id, run=run.pk, name=run.macro.name), by=by)


def forget_runs() -> int:
    """Drop runs older than `MADOGUCHI_RUN_DAYS`, which nobody undoes any more; returns how many."""
    old = days_ago(settings.RUN_DAYS)
    return forget(lambda: MacroRun.objects.filter(at__lt=old))


def occasion_for(macro: Macro, case: Case, *, by: Actor) -> HandOff.Occasion | None:
    """The occasion for which the desk wants words before this macro runs; None where it wants none. Raises Refused for
    acts that make no sense any more.
    """
    acts = _verbs(read_steps(macro.acts), by)
    wanted = [occasion for act in acts if (occasion := occasion_of(act, case, by=by))]
    # Whoever hands it on says more than who closes it.
    return min(wanted, key=lambda occasion: occasion == HandOff.Occasion.CLOSING, default=None)


def absent_for(macro: Macro, case: Case, *, by: Actor) -> Questions:
    """Who would be given the case by this macro and is not here, as questions. Raises Refused as `occasion_for`."""
    return absences(_verbs(read_steps(macro.acts), by), [case.pk], by=by)


def _verbs(steps: Sequence[Step], by: Actor) -> list[Act]:
    return [verb_step(step, by=by) for step in steps if step.is_verb]


def verb_step(step: Step, *, by: Actor) -> Act:
    """The act of a step that changes the case; `me` is whoever runs it. Raises Refused as `act_of`."""
    value = str(by.id or "") if (step.do, step.value) == (Verb.ASSIGN, ME) else step.value
    return act_of(step.do, value, by=by)


def _do(step: Step, case: Case, by: Actor, words: Words | None) -> list[int]:
    """Do one step; returns the tasks that came of it."""
    if step.do in SETS_TASKS:
        return set_tasks(step, case, by=by)
    if step.do == NOTE:
        _note(case, filled(case, step.value, actor=by), by)
    elif step.is_verb:
        do(verb_step(step, by=by), case, by=by, words=words)
    return []


def _note(case: Case, text: str, by: Actor) -> None:
    """Add the macro's note. What is to be asked before cannot be asked here: it is written by hand, then."""
    try:
        add_note(case, text=text, by=by)
    except AskFirst as error:
        raise Refused(note_for_many()) from error


def note_for_many() -> str:
    """Why a macro's note is not added where many would be told."""
    words = _(
        "The note of this macro would tell more than %(most)s people: write it by hand, where it is asked."
    )
    return words % {"most": MOST_UNASKED}


def _texts(steps: Sequence[Step], case: Case, by: Actor) -> list[str]:
    """What goes into the answer, with the case's own words in it."""
    bodies = []
    for step in steps:
        if step.do == TEMPLATE:
            found = templates_for_desk(case.desk).filter(pk=step.value).first()
            if found is None:
                raise Refused(_("The template of this macro is not in use at this desk."), field="template")
            bodies.append(found.body)
        elif step.do == TEXT:
            bodies.append(step.value)
    return [filled(case, body, actor=by) for body in bodies]


def _write(ran: Ran, case: Case, typed: Typed | None, by: Actor) -> bool:
    """Put the words into the answer being written, after what stands there; true where they are kept apart."""
    if not ran.texts:
        return False
    if not may_reply(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    writer = together(case.pk).writer
    theirs = writer is not None and writer.id != by.id
    before = _typed(case, by) if typed is None or theirs else dict(typed)
    after = before | {"text": "\n\n".join(part for part in (before["text"].rstrip(), *ran.texts) if part)}
    kept = save_draft(case, kind="reply", by=by, **after)
    ran.run.draft = {"before": before, "after": after["text"]}
    return kept is not None and kept.kind == "kept"


def _typed(case: Case, by: Actor) -> dict[str, str]:
    draft = Draft.objects.filter(case=case, kind="reply", user=by.id).first()
    return {name: getattr(draft, name) if draft else "" for name in ("text", "to", "cc", "bcc")}


def _take_tasks_away(run: MacroRun, by: Actor) -> None:
    """Those that nobody has touched since; what was changed or done stays."""
    case = Case.objects.select_related("desk").get(pk=run.case_id)
    untouched = [task.pk for task in tasks_of(case) if task.pk in run.tasks and task.version == 1]
    remove_tasks(case, untouched, by=by)


def _unwrite(run: MacroRun, case: Case, by: Actor) -> None:
    if run.draft and _typed(case, by)["text"].strip() == run.draft["after"].strip():
        save_draft(case, kind="reply", by=by, **run.draft["before"])


def _acts(written: Any, company: int, by: Actor) -> list[dict[str, str]]:
    """Acts that whoever writes them could do themselves."""
    steps = read_steps(written)
    for step in steps:
        if step.is_verb:
            act = verb_step(step, by=by)
            if act.to is not None and act.to.company_id != company:
                raise Refused(_("This desk belongs to another company."), field="desk")
    return write_steps(steps)


def _require_room(macro: Macro) -> None:
    one_at_a_time(f"macros of {f'desk {macro.desk_id}' if macro.desk_id else f'person {macro.owner_id}'}")
    own = {} if macro.desk_id else {"owner": macro.owner_id}
    there = Macro.objects.filter(company=macro.company_id, desk=macro.desk_id, deleted_at=None, **own)
    if there.count() >= MOST_MACROS:
        raise Refused(_("There are too many macros already. Put one away that nobody uses."), field="name")


def _require_change(macro: Macro, by: Actor) -> None:
    if not policies.may_change(by, macro):
        raise NotAllowed(Permission.RULES)


def _named(name: str) -> str:
    named = blot_card_numbers(one_line(name, most=MOST_NAME))
    if not named:
        raise Refused(_("A name is needed."), field="name")
    return named
