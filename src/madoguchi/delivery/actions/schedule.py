"""Letting an answer leave later: at its time, or once a senior has approved it; never when things have changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions import pending as rows
from madoguchi.cases.actions import release_reply, settle_drafts
from madoguchi.cases.actions.pending import WAITING, Aside, State, held_case, locked_pending
from madoguchi.cases.models import Case, Merge, Message, PendingAnswer, Split, Status
from madoguchi.delivery import jobs
from madoguchi.delivery.actions.reply import (
    Ready,
    Reply,
    let_out,
    looked_over,
    reaches_customer,
    sent_off,
    taken_up,
)
from madoguchi.delivery.approval import needs_approval
from madoguchi.delivery.checks import key_of_waiting
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import require_sensible
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

DELIVERY = system("delivery")
AT_REST = (Status.SOLVED, Status.CLOSED)
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Known:
    """What the writer of an answer knew: the newest message of the case, and what was done with it until then."""

    message: int
    at: datetime

    @classmethod
    def of(cls, pending: PendingAnswer) -> "Known":
        """What was known when the answer began to wait as it does."""
        return cls(pending.last_message, pending.changed_at)


@transaction.atomic
def submit(
    case: Case, written: Reply, *, by: Actor, at: datetime | None = None, word: str = ""
) -> Outgoing | PendingAnswer:
    """Send an answer, let it wait until a time (`at`), or, where the desk wants that, ask a senior to approve it, with
    a word to them. Raises as `reply` does, and Refused for a time that has passed or is more than a year away.
    """
    if at is not None:
        require_sensible(at)
    case = held_case(case.pk)
    ready = taken_up(case, written, by=by)
    approval = needs_approval(case.desk, person=by.id, asked=ready.asked)
    if at is None and not approval:
        return sent_off(case, ready, written.status, by=by)
    aside = _aside(written, [question.key for question in ready.asked])
    pending = rows.put_aside(case, aside, due_at=at, approval=approval, word=word, by=by)
    settle_drafts(case, said=pending.text, by=by)
    release_reply(case, by=by)
    _schedule(pending)
    return pending


@transaction.atomic
def plan(answer: int, *, at: datetime | None, by: Actor) -> Outgoing | PendingAnswer:
    """Let an answer that waits leave at another time, or (None) now; one that was held is released by that.

    What a senior has to approve waits for them again. Raises NotFound, NotAllowed, Conflict when it no longer waits,
    Refused for a time that makes no sense, and Refused or AskFirst where it may not leave as it is.
    """
    if at is not None:
        require_sensible(at)
    pending, case = _to_settle(answer, by, states=WAITING)
    writer = _writer(pending)
    ready = _looked_over_again(pending, case, writer)
    known = Known(rows.newest_message(case), clock.now())
    if _obstacle(case, writer, known, pending) not in ("", "closed"):
        raise Refused(
            _("It cannot leave from here any more. Take it back into the composer to go on with it.")
        )
    approval = not pending.approved and needs_approval(case.desk, person=pending.user_id, asked=ready.asked)
    if at is None and not approval:
        return leave_now(pending, case, ready, writer=writer)
    rows.plan_anew(pending, case, due_at=at, approval=approval, by=by)
    _schedule(pending)
    return pending


@transaction.atomic
def withdraw(answer: int, *, by: Actor) -> PendingAnswer:
    """Take an answer that waits back into the composer; where other words stand there, it is kept beside them. One
    that was thrown away comes back in the same way. Raises NotFound, NotAllowed, or Conflict when it has left.
    """
    pending, case = _to_settle(answer, by, states=(*WAITING, State.DISCARDED))
    rows.take_back(pending, case, by=by)
    return pending


@transaction.atomic
def discard(answer: int, *, by: Actor) -> PendingAnswer:
    """Let an answer that waits never leave, or put away one that came back. Raises as `withdraw` does."""
    pending, case = _to_settle(answer, by, states=(*WAITING, State.RETURNED))
    if pending.state == State.RETURNED:
        rows.acknowledge_return(pending)
    else:
        rows.discard(pending, case, by=by)
    return pending


def let_out_due(answer: int, *, company: int) -> None:
    """Let a scheduled answer leave if its time has come, or hold it if things have changed since. Running it twice, or
    by two workers at once, lets it leave once: it becomes a message in the transaction that takes it off the waiting.
    """
    with scope.acting_for([company]), transaction.atomic():
        pending, case = locked_pending(answer)
        if pending.state != State.SCHEDULED or (pending.due_at and pending.due_at > clock.now()):
            return
        writer = _writer(pending)
        why, detail, ready = _now_due(pending, case, writer)
        if ready is None:
            rows.hold(pending, case, why=why, detail=detail, by=DELIVERY)
        else:
            leave_now(pending, case, ready, writer=writer, undo=False)


def let_out_left_over(*, most: int = 200) -> int:
    """Let out scheduled answers that are overdue by a minute: their job was lost with its worker. One that cannot be
    handled keeps no other from leaving.
    """
    with scope.everywhere(reason="answers of any company may have been left"):
        overdue = clock.now() - timedelta(minutes=1)
        found = PendingAnswer.objects.filter(state=State.SCHEDULED, due_at__lt=overdue).order_by("due_at")
        left = list(found[:most])
    for pending in left:
        try:
            let_out_due(pending.pk, company=pending.company_id)
        except Exception:
            logger.exception("scheduled_answer_not_let_out", answer=pending.pk)
    return len(left)


@transaction.atomic
def hold_answers(case: int, *, why: str, until: int | None = None, since: datetime | None = None) -> int:
    """Hold all that waits in a case, for something happened there (`why`); says how many were. Of a message that the
    writer knew already (`until` is its id), or of what happened before they wrote (`since`), nothing follows. Doing it
    twice does nothing.
    """
    waiting = PendingAnswer.objects.filter(case_id=case, state__in=[State.SCHEDULED, State.AWAITING])
    every = waiting.order_by("pk").values_list("pk", flat=True)
    return sum(_hold(one, why, until, since) for one in every)


def leave_now(
    pending: PendingAnswer, case: Case, ready: Ready, *, writer: Actor, undo: bool = True
) -> Outgoing:
    """Make a message of an answer that waited, and put it on its way."""
    approved_by = pending.decided_by_id if pending.approved else None
    outgoing = let_out(case, ready, Status(pending.status), undo=undo, approved_by=approved_by, by=writer)
    rows.left(pending, outgoing.message)
    return outgoing


def schedule_again(pending: PendingAnswer, case: Case, *, confirmed: list[str], by: Actor) -> PendingAnswer:
    """Let an approved answer wait for the time that its writer chose; what is `confirmed` is not asked again then."""
    pending.confirmed = confirmed
    rows.plan_anew(pending, case, due_at=pending.due_at, approval=False, by=by)
    _schedule(pending)
    return pending


def obstacle(pending: PendingAnswer, case: Case) -> str:
    """Why an answer must not leave as things stand now, in a word; empty for no reason."""
    return _obstacle(case, _writer(pending), Known.of(pending), pending)


def written_of(pending: PendingAnswer) -> Reply:
    """The answer as its writer gave it."""
    to, cc, bcc = (
        tuple(Party(address=one["address"], name=one["name"]) for one in getattr(pending, field))
        for field in ("to", "cc", "bcc")
    )
    confirmed = frozenset(pending.confirmed)
    files = rows.files_of(pending)
    return Reply(pending.text, to, cc, bcc, files, status=Status(pending.status), confirmed=confirmed)


def _now_due(pending: PendingAnswer, case: Case, writer: Actor) -> tuple[str, str, Ready | None]:
    """What leaves now; else why not, with what the checks said."""
    why = _obstacle(case, writer, Known.of(pending), pending)
    if why:
        return why, "", None
    try:
        ready = _looked_over_again(pending, case, writer)
    except Refused as refused:
        return "checks", str(refused), None
    if not pending.approved and needs_approval(case.desk, person=pending.user_id, asked=ready.asked):
        return "approval", "", None
    return "", "", ready


def _hold(answer: int, why: str, until: int | None, since: datetime | None) -> bool:
    pending, case = locked_pending(answer)
    waits = pending.state in (State.SCHEDULED, State.AWAITING)
    known = until is not None and until <= pending.last_message
    reopened = why == "closed" and case.status not in AT_REST
    if not waits or known or reopened or (since is not None and since < pending.changed_at):
        return False
    answered = why in ("answered", "closed") and _is_answered(pending, case, Known.of(pending))
    if why == "answered" and not answered:
        return False
    why = "answered" if answered and why == "closed" else why
    rows.hold(pending, case, why=why, by=DELIVERY)
    return True


def _to_settle(answer: int, by: Actor, *, states: Collection[str]) -> tuple[PendingAnswer, Case]:
    pending, case = locked_pending(answer)
    if not policies.may_read(by, case):
        raise NotFound(answer)
    if not policies.may_settle(by, case, writer=pending.user_id):
        raise NotAllowed(Permission.CASE_REPLY)
    require_state(pending, states)
    return pending, case


def require_state(pending: PendingAnswer, states: Collection[str]) -> None:
    """Raises Conflict, saying what became of the answer, when it stands nowhere among these."""
    if pending.state in states:
        return
    who = pending.decided_by.name if pending.decided_by else ""
    if pending.state == State.RETURNED:
        raise Conflict(_("%(who)s has already returned it.") % {"who": who})
    if pending.approved and who:
        raise Conflict(_("%(who)s has already approved it.") % {"who": who})
    words = _("This answer does not wait any more: %(state)s.")
    raise Conflict(words % {"state": State(pending.state).label})


def _writer(pending: PendingAnswer) -> Actor:
    return actor_of(User.objects.get(pk=pending.user_id))


def _is_answered(pending: PendingAnswer, case: Case, known: Known) -> bool:
    """Whether the customer was answered since, by a colleague or the writer, and that was not taken back. What waited
    already when this answer was written, of which its writer was asked, does not count. One query, where nothing was
    said since.
    """
    said = Message.objects.filter(case=case, author=Message.Author.STAFF, automatic="", pk__gt=known.message)
    left = said.exclude(outgoing__state=Outgoing.State.CANCELLED)
    return any(
        reaches_customer(case, message) and not _was_foreseen(pending, message)
        for message in left.order_by("pk")
    )


def _was_foreseen(pending: PendingAnswer, message: Message) -> bool:
    waited = PendingAnswer.objects.filter(message=message).first()
    return waited is not None and key_of_waiting(waited.pk) in pending.confirmed


def _obstacle(case: Case, writer: Actor, known: Known, pending: PendingAnswer) -> str:
    said = Message.objects.filter(case=case, author=Message.Author.CUSTOMER, automatic="")
    point, since = case.entry_point, {"undone_at": None, "at__gt": known.at}
    stands = {
        "merged": case.continued_in_id is not None or Merge.objects.filter(into=case, **since).exists(),
        "customer_wrote": said.filter(pk__gt=known.message).exists(),
        "split": Split.objects.filter(case=case, **since).exists(),
        "answered": _is_answered(pending, case, known),
        "closed": case.status in AT_REST,
        "desk": not case.desk.active,
        "entry_point": point is not None and not point.active,
        "rights": not policies.may_reply(writer, case),
    }
    return next((why for why, holds in stands.items() if holds), "")


def _looked_over_again(pending: PendingAnswer, case: Case, writer: Actor) -> Ready:
    return looked_over(case, written_of(pending), by=writer)


def _schedule(pending: PendingAnswer) -> None:
    if pending.state == State.SCHEDULED:
        jobs.schedule_pending(pending)


def _aside(written: Reply, asked: Collection[str]) -> Aside:
    """What is put aside; of all that its writer said yes to, what was asked of this answer."""
    return Aside(
        written.text,
        written.status,
        written.to,
        written.cc,
        written.bcc,
        written.files,
        frozenset(asked),
    )
