"""What a macro puts into answers: proposed, approved by the company where it wants to, and given back."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.knowledge.queries import wants_four_eyes, wants_macros_approved
from madoguchi.macros import policies
from madoguchi.macros.events import MacroApproved, MacroProposed, MacroReturned
from madoguchi.macros.models import Macro, MacroState
from madoguchi.macros.steps import words_of

Acts = Sequence[Mapping[str, str]]


def state_for(macro: Macro, acts: Acts, *, draft: bool, by: Actor) -> MacroState:
    """How far a macro is with these acts: words stay approved, or are by whoever may; others wait, which holds nobody
    up where the company does not ask for it.
    """
    if draft:
        return MacroState.DRAFT
    if not words_of(acts):
        return MacroState.WAITS
    if macro.state == MacroState.APPROVED and words_of(acts) == words_of(macro.acts):
        return MacroState.APPROVED
    approves = policies.may_approve(by, macro) and not wants_four_eyes(macro.company_id)
    return MacroState.APPROVED if approves else MacroState.WAITS


def is_held_back(state: str, acts: Acts, *, company: int) -> bool:
    """Whether a macro that is so far is offered to nobody. A query where it has words that are not approved."""
    if state == MacroState.WAITS:
        return bool(words_of(acts)) and wants_macros_approved(company)
    return state == MacroState.DRAFT


def ask(macro: Macro, *, by: Actor) -> None:
    """Tell that words wait, where the company approves them."""
    if wants_macros_approved(macro.company_id):
        record(MacroProposed(**macro.where, macro=macro.pk), by=by)


def macro_digest(macro: Macro) -> str:
    """What an approver looks at, in short: another name, other acts or words have another one."""
    said = [macro.name, macro.acts, macro.proposed, macro.state]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def approve_macro(macro: Macro, *, seen: str | None = None, by: Actor) -> None:
    """Have what waits of a macro offered from now on. `seen` is the `macro_digest` of what the approver looked at.

    Raises NotAllowed for who does not approve for the company, Refused for one's own words where the company wants four
    eyes, and Conflict for what does not wait any more, or says something else by now.
    """
    _hold(macro, by)
    if seen is not None and seen != macro_digest(macro):
        raise Conflict(_("It has changed since you looked at it. Look again."))
    waits = macro.proposed if macro.proposed and macro.proposed["waits"] else None
    if macro.deleted_at or not (waits or (macro.state == MacroState.WAITS and words_of(macro.acts))):
        raise Conflict(_("This does not wait for approval any more."))
    if macro.words_by_id == by.id and wants_four_eyes(macro.company_id):
        raise Refused(_("Somebody else has to approve what you wrote yourself."))
    if waits:
        macro.name, macro.acts, macro.proposed = waits["name"], waits["acts"], None
    macro.state, macro.comment = MacroState.APPROVED, ""
    macro.save()
    record(MacroApproved(**macro.where, macro=macro.pk, words=words_of(macro.acts)), by=by)


@transaction.atomic
def return_macro(macro: Macro, *, comment: str, seen: str | None = None, by: Actor) -> None:
    """Give the words of a macro back to be written on, with a comment: what was proposed, else what is offered, which
    ends at once. Raises NotAllowed, and Conflict where there is nothing to give back or `seen` is not how it is.
    """
    _hold(macro, by)
    if seen is not None and seen != macro_digest(macro):
        raise Conflict(_("It has changed since you looked at it. Look again."))
    if macro.proposed and macro.proposed["waits"]:
        macro.proposed = {**macro.proposed, "waits": False}
    elif words_of(macro.acts) and macro.state != MacroState.DRAFT and not macro.deleted_at:
        macro.state = MacroState.DRAFT
    else:
        raise Conflict(_("This does not wait for approval any more."))
    macro.comment = blot_card_numbers(one_line(comment, most=500))
    macro.save()
    record(MacroReturned(**macro.where, macro=macro.pk, comment=macro.comment), by=by)


def _hold(macro: Macro, by: Actor) -> None:
    macro.refresh_from_db(from_queryset=Macro.objects.select_for_update())
    if not policies.may_approve(by, macro):
        raise NotAllowed(Permission.ARTICLES_APPROVE)
