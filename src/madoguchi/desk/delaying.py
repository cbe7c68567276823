"""Telling a customer that something takes longer: the three parts of a delay notice, and its words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, PendingAnswer, Status
from madoguchi.customers.queries import name_in_words
from madoguchi.delivery.actions import Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import read_moment
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, clean
from madoguchi.look.moments import full
from madoguchi.promises.keeping import Told, make_promise, move_promise
from madoguchi.promises.models import DelayNotice, Promise
from madoguchi.promises.notices import Said, later_time, note_sent, notice_for, settle_notice, stands_for

_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Delay:
    """Why it takes longer, how it stands now, and by when it will be (as a form writes it); `text` is the mail, where
    somebody wrote it anew.
    """

    reason: str
    stands: str
    due: str
    text: str = ""


def begun(promise: Promise, case: Case) -> Delay:
    """The draft that waits for whoever keeps a promise: the one that was drafted by itself, else how the case stands,
    and the next working day.
    """
    if notice := notice_for(promise):
        return drafted(notice)
    after = max(clock.now(), promise.due_at)
    due = later_time(case, after=after, reply=promise.kind == Promise.Kind.REPLY)
    return Delay("", stands_for(case), _local(due) if due else "")


def drafted(notice: DelayNotice) -> Delay:
    """What was drafted by itself, or taken back, to be checked."""
    return Delay(notice.reason, notice.stands, _local(notice.new_due_at), notice.text)


def words_of(promise: Promise | None, case: Case, delay: Delay, due_at: datetime, *, by: Actor) -> str:
    """The mail with its three parts; without a promise that of an answer which the customer waits for. It names nobody
    whose name is kept from who sends it.
    """
    told = _("Thank you for waiting. We are sorry: our answer takes longer.")
    if promise:
        said = {"words": promise.words, "when": full(promise.due_at)}
        told = _("We had told you: “%(words)s” (by %(when)s). We are sorry: it takes longer.") % said
    name = name_in_words(case.customer, actor=by)
    parts = (
        _("Dear %(name)s,") % {"name": name} if name else "",
        told,
        _("Reason: %(reason)s") % {"reason": delay.reason.strip()},
        _("How it stands: %(stands)s") % {"stands": delay.stands.strip()},
        _("New time: by %(when)s") % {"when": full(due_at)},
    )
    return "\n\n".join(part for part in parts if part)


def send_delay(
    promise: Promise, case: Case, delay: Delay, *, by: Actor, notice: DelayNotice | None = None
) -> Outgoing | PendingAnswer:
    """Send the notice (`notice`: a draft of it) and move the promise to its new time, both or neither.

    Raises Refused where a part is missing or the new time is not later, Conflict where somebody else sent it or moved
    the promise since these were read, and as `submit` and `move_promise`.
    """
    due_at, seen = _require_whole(delay, promise.due_at), promise.due_at
    with transaction.atomic():
        if draft := notice or notice_for(promise):
            settle_notice(draft, state=DelayNotice.State.SENT, by=by)
        done, sent = _sent(promise, case, delay, due_at, by)
        note_sent(draft, promise, case, _said(delay, due_at, sent), by=by)
        move_promise(promise, due_at=due_at, by=by, seen=seen, **sent)
    return done


def send_notice(notice: DelayNotice, case: Case, delay: Delay, *, by: Actor) -> Outgoing | PendingAnswer:
    """Send a notice that was drafted; for a clock the new time is a promise from then on, of whoever sends it. Raises
    as `send_delay`.
    """
    if notice.promise:
        return send_delay(notice.promise, case, delay, by=by, notice=notice)
    due_at = _require_whole(delay, notice.due_at)
    with transaction.atomic():
        settle_notice(notice, state=DelayNotice.State.SENT, by=by)
        done, sent = _sent(None, case, delay, due_at, by)
        note_sent(notice, None, case, _said(delay, due_at, sent), by=by)
        told = Told(kind=Promise.Kind.REPLY, words=_("Our answer"), due_at=due_at, owner=by.id)
        make_promise(Case.objects.get(pk=case.pk), told, by=by, **sent)
    return done


def _require_whole(delay: Delay, before: datetime) -> datetime:
    for name, written in (("reason", delay.reason), ("stands", delay.stands), ("due", delay.due)):
        if not written.strip():
            raise Refused(
                _("A delay notice has three parts: the reason, how it stands, and the new time."), field=name
            )
    due_at = read_moment(delay.due)
    if due_at <= before:
        words = _("The new time has to be later than the one before: %(when)s.")
        raise Refused(words % {"when": full(before)}, field="due")
    return due_at


def _sent(
    promise: Promise | None, case: Case, delay: Delay, due_at: datetime, by: Actor
) -> tuple[Outgoing | PendingAnswer, dict[str, Any]]:
    """The answer that leaves, and where the new time is told by that."""
    text = clean(delay.text).strip() or words_of(promise, case, delay, due_at, by=by)
    done = submit(case, Reply(text=text, status=Status.OPEN), by=by)
    return done, {"message": done.message_id} if isinstance(done, Outgoing) else {"answer": done.pk}


def _said(delay: Delay, due_at: datetime, sent: dict[str, Any]) -> Said:
    reason, stands, text = (blot_card_numbers(clean(one)) for one in (delay.reason, delay.stands, delay.text))
    return Said(reason=reason, stands=stands, text=text, due_at=due_at, **sent)


def _local(at: datetime) -> str:
    return at.astimezone(clock.TOKYO).strftime(_LOCAL)
