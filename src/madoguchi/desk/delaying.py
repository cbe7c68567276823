"""Telling a customer that something takes longer: the three parts of a delay notice, and its words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, PendingAnswer, Status
from madoguchi.delivery.actions import Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import read_moment
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import clean
from madoguchi.look.moments import full
from madoguchi.promises.keeping import move_promise
from madoguchi.promises.ledger import calendar_for
from madoguchi.promises.models import Promise

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
    """The draft that waits for whoever keeps a promise: how the case stands, and the next working day."""
    after = max(clock.now(), promise.due_at)
    due = calendar_for(case.desk).end_of_day(after, 1)
    stands = _STANDS.get(Status(case.status), _is_worked_on)()
    return Delay("", stands, due.astimezone(clock.TOKYO).strftime(_LOCAL) if due else "")


def words_of(promise: Promise, case: Case, delay: Delay, due_at: datetime) -> str:
    """The mail with its three parts."""
    name = _("Dear %(name)s,") % {"name": case.customer.name} if case.customer.name else ""
    parts = (
        name,
        _("We had told you: “%(words)s” (by %(when)s). We are sorry: it takes longer.")
        % {"words": promise.words, "when": full(promise.due_at)},
        _("Reason: %(reason)s") % {"reason": delay.reason.strip()},
        _("How it stands: %(stands)s") % {"stands": delay.stands.strip()},
        _("New time: by %(when)s") % {"when": full(due_at)},
    )
    return "\n\n".join(part for part in parts if part)


def send_delay(promise: Promise, case: Case, delay: Delay, *, by: Actor) -> Outgoing | PendingAnswer:
    """Send the notice and move the promise to its new time, both or neither.

    Raises Refused where one of the three parts is missing, and as `submit` and `move_promise`.
    """
    for name, written in (("reason", delay.reason), ("stands", delay.stands), ("due", delay.due)):
        if not written.strip():
            raise Refused(
                _("A delay notice has three parts: the reason, how it stands, and the new time."), field=name
            )
    due_at = read_moment(delay.due)
    text = clean(delay.text).strip() or words_of(promise, case, delay, due_at)
    with transaction.atomic():
        done = submit(case, Reply(text=text, status=Status.OPEN), by=by)
        sent = {"message": done.message_id} if isinstance(done, Outgoing) else {"answer": done.pk}
        move_promise(promise, due_at=due_at, by=by, **sent)
    return done


def _is_worked_on() -> str:
    return _("We are working on it.")


def _is_asked_elsewhere() -> str:
    return _("We have asked the place that knows, and wait for its answer.")


_STANDS = {Status.WAITING_THIRD: _is_asked_elsewhere}
