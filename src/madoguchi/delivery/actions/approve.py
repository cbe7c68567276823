"""A senior's word on a colleague's answer."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions import pending as rows
from madoguchi.cases.actions.pending import State, locked_pending
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.delivery.actions.reply import ANYTHING, looked_over
from madoguchi.delivery.actions.schedule import leave_now, obstacle, require_state, schedule_again, written_of
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

MOST_COMMENT = 2000


@transaction.atomic
def approve(answer: int, *, text: str | None = None, by: Actor) -> Outgoing | PendingAnswer:
    """Let a colleague's answer leave, with other words where they are given: after the undo time, or at the time that
    its writer chose. Approving says yes to all that the desk would ask about it. Where things have changed since it was
    written it is held instead, which what is returned tells.

    Raises NotFound; NotAllowed for the writer and for who is no senior of the desk; Conflict when another senior was
    faster; Refused without words, or with one that must not leave the desk.
    """
    pending, case = _to_decide(answer, by)
    why = obstacle(pending, case)
    if why:
        rows.hold(pending, case, why=why, by=system("delivery"))
        return pending
    if text is not None and not text.strip():
        raise Refused(_("Write something first."), field="text")
    writer = actor_of(User.objects.get(pk=pending.user_id))
    rows.approve(pending, case, text=pending.text if text is None else text, by=by)
    ready = looked_over(case, replace(written_of(pending), confirmed=ANYTHING), by=writer)
    if pending.due_at and pending.due_at > clock.now():
        return schedule_again(pending, case, confirmed=[one.key for one in ready.asked], by=by)
    return leave_now(pending, case, ready, writer=writer)


@transaction.atomic
def give_back(answer: int, *, comment: str, by: Actor) -> PendingAnswer:
    """Return a colleague's answer with a comment: its words are in the composer again, or kept for the writer where
    others stand there. Raises as `approve` does, and Refused without a comment.
    """
    pending, case = _to_decide(answer, by)
    comment = blot_card_numbers(clean(comment)).strip()
    if not comment:
        raise Refused(_("Say what should be different."), field="comment")
    if len(comment) > MOST_COMMENT:
        raise Refused(_("A comment has 2000 characters at most."), field="comment")
    writer = actor_of(User.objects.get(pk=pending.user_id))
    rows.give_back(pending, case, comment=comment, writer=writer, by=by)
    return pending


def _to_decide(answer: int, by: Actor) -> tuple[PendingAnswer, Case]:
    pending, case = locked_pending(answer)
    if not policies.may_read(by, case):
        raise NotFound(answer)
    if not policies.may_approve(by, case, writer=pending.user_id):
        raise NotAllowed(Permission.CASE_APPROVE)
    require_state(pending, [State.AWAITING])
    return pending, case
