"""Handing a message to its channel. The state is committed before the connection is opened.

Whoever sends holds a database lock that ends with its process. A message that has been `sending` for a while without
that lock belongs to a process that was killed; it is sent again under the same id, by which a receiver can tell a
repeat.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.cases.actions import answer_failed, answer_left
from madoguchi.cases.actions.answer import pictures_of
from madoguchi.cases.models import Message
from madoguchi.customers.actions import mark_undeliverable
from madoguchi.customers.models import Customer
from madoguchi.delivery import jobs
from madoguchi.delivery.actions.chat import go_by_mail
from madoguchi.delivery.alone import sole_sender
from madoguchi.delivery.channels import sender_of
from madoguchi.delivery.events import MessageDelayed, MessageFailed, MessageSent
from madoguchi.delivery.fresh_link import renew_link
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import (
    File,
    GoneAway,
    HeldBack,
    Outbound,
    Party,
    PermanentFailure,
    TemporaryFailure,
)
from madoguchi.kernel.markup import as_html, as_plain
from madoguchi.kernel.text import one_line

DELIVERY = system("delivery")
# Minutes to the next try. After the last the message has failed: a little over two days in all.
PAUSES = (1, 5, 15, 60, 180, 360, 720, 720, 1080)
# How long a sender waits for a database that has gone, to write down what became of its message.
PATIENCE = timedelta(minutes=1)
_PAUSE = 0.2
_LOCK_SPACE = 7431
# What a server says of the address itself (RFC 3463, 7505): there is none, or its mailbox takes nothing any more.
# A bare 550 may be about us.
_NO_SUCH_ADDRESS = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")

logger = structlog.get_logger()
Outcome = Callable[[Outgoing], None]


def send(outgoing_id: int, *, company: int) -> None:
    """Send one message that is due. Running it twice, or by two workers at once, sends once.

    What nobody planned (a file that is not there, a bug) is tried again like any failure that may pass, and is
    shown to people in the end: no message hides, and none keeps others from leaving.
    """
    with sole_sender(_LOCK_SPACE, outgoing_id) as sole:
        if sole and _claim(outgoing_id, company):
            _write_down(_attempt(outgoing_id, company), outgoing_id, company)


def resume_left_over(*, most: int = 200) -> int:
    """Give each message that is overdue by a minute a job again, for its own may be lost with its worker; says how
    many got one. One that has such a job waiting gets no other, and nothing is sent here: no server that does not
    answer holds up the rest. One that cannot be scheduled keeps no other from it.
    """
    overdue = clock.now() - timedelta(minutes=1)
    name = Concat(Value(jobs.left_over_name("")), Cast(OuterRef("pk"), TextField()))
    scheduled = ProcrastinateJob.objects.filter(status="todo", queueing_lock=name)
    with scope.everywhere(reason="messages of any company may have been left"):
        waiting = Outgoing.objects.filter(
            ~Exists(scheduled), state__in=["queued", "sending"], due_at__lt=overdue
        )
        left = list(waiting.order_by("due_at").values_list("pk", "company_id")[:most])
    return sum(_schedule_again(outgoing, company) for outgoing, company in left)


def _schedule_again(outgoing: int, company: int) -> bool:
    try:
        with transaction.atomic():
            jobs.schedule_left_over(outgoing, company=company)
    except (AlreadyEnqueued, IntegrityError):  # another sweep was first
        return False
    except Exception:
        logger.exception("message_not_scheduled_again", outgoing=outgoing)
        return False
    return True


def _attempt(outgoing_id: int, company: int) -> Outcome:
    """Try once; returns what is to be written down of it."""
    try:
        with scope.acting_for([company]):
            related = ("message__case__company", "message__case__customer", "entry_point__desk")
            outgoing = Outgoing.objects.select_related(*related).get(pk=outgoing_id)
            renew_link(outgoing)
            outbound = _outbound(outgoing)
        receipt = sender_of(outgoing.channel).send(outbound)
    except HeldBack as held:
        return partial(_hold_back, until=held.until)
    except GoneAway as gone:
        return partial(go_by_mail, to=gone.to)
    except TemporaryFailure as failure:
        return partial(_delay, response=failure.response)
    except PermanentFailure as failure:
        return partial(_fail, response=failure.response, recipient=failure.recipient)
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("message_not_sent", outgoing=outgoing_id)
        return partial(_delay, response=one_line(f"{type(error).__name__}: {error}", most=1000))
    return partial(_succeed, response=receipt.response)


def _write_down(outcome: Outcome, outgoing_id: int, company: int) -> None:
    """The other side's answer is known only here, so a database that restarts in this moment is waited for."""
    until = time.monotonic() + PATIENCE.total_seconds()
    while True:
        try:
            return _write_down_now(outcome, outgoing_id, company)
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            logger.warning("outcome_not_written_yet", outgoing=outgoing_id, exc_info=True)
            connection.close()
            time.sleep(_PAUSE)


def _write_down_now(outcome: Outcome, outgoing_id: int, company: int) -> None:
    with scope.acting_for([company]):
        begun = Outgoing.objects.select_for_update(of=("self",)).select_related("message__case")
        outgoing = begun.filter(pk=outgoing_id, state=Outgoing.State.SENDING).first()
        if outgoing is not None:  # else it was written down, and only the news of that was lost
            outcome(outgoing)


def _claim(outgoing_id: int, company: int) -> bool:
    """Whether the message is due and ours. One that was begun is left alone for a while although its lock is
    free: locks also end when the database restarts, and then its sender is still there.
    """
    now = clock.now()
    with scope.acting_for([company]):
        waiting = Q(state=Outgoing.State.QUEUED)
        left = Q(state=Outgoing.State.SENDING, started_at__lte=now - PATIENCE)
        due = Outgoing.objects.filter(waiting | left, pk=outgoing_id, due_at__lte=now)
        return bool(due.update(state=Outgoing.State.SENDING, started_at=now))


def _outbound(outgoing: Outgoing) -> Outbound:
    message, attached = outgoing.message, tuple(_files(outgoing.message))
    text = outgoing.text or message.text
    sender, to = Party(address=message.sender_address, name=message.sender_name), _parties(message.to)
    if outgoing.instead and outgoing.entry_point:
        sender = Party(address=outgoing.entry_point.address, name=outgoing.entry_point.shown_sender)
        to = (Party(address=outgoing.instead, name=to[0].name),)
    return Outbound(
        external_id=outgoing.external_id,
        company=outgoing.company_id,
        entry_point=outgoing.entry_point_id,
        sender=sender,
        to=to,
        cc=_parties(message.cc),
        bcc=_parties(message.bcc),
        subject=message.subject,
        text=as_plain(text),
        html=as_html(text, pictures=pictures_of(attached), styled=True) if message.html else "",
        created_at=outgoing.created_at,
        in_reply_to=outgoing.in_reply_to,
        references=tuple(outgoing.references.split("\n")) if outgoing.references else (),
        automatic=bool(message.automatic),
        files=attached,
        old_letters=message.case.customer.mail_format == Customer.MailFormat.OLD_LETTERS,
        choices=tuple(outgoing.choices),
    )


def _parties(kept: list[dict[str, str]]) -> tuple[Party, ...]:
    return tuple(Party(address=p["address"], name=p.get("name", "")) for p in kept)


def _files(message: Message) -> Iterator[File]:
    for attachment in message.attachments.order_by("id"):
        content = files.read(attachment.sha256, company=attachment.company_id)
        yield File(
            attachment.filename,
            attachment.content_type,
            content,
            inline=attachment.inline,
            content_id=attachment.content_id,
        )


def _succeed(outgoing: Outgoing, *, response: str) -> None:
    _finish(outgoing, Outgoing.State.SENT, response)
    answer_left(outgoing.message)
    _tell(MessageSent(**outgoing.message.case.where, message=outgoing.message_id, response=response))


def _fail(outgoing: Outgoing, *, response: str, recipient: str = "") -> None:
    _finish(outgoing, Outgoing.State.FAILED, response)
    if not outgoing.message.automatic:
        answer_failed(outgoing.message.case, by=DELIVERY)
    no_such = _NO_SUCH_ADDRESS.search(response)
    if recipient and no_such:
        told = {"address": recipient, "status": no_such[0], "why": response}
        mark_undeliverable(company=outgoing.company_id, **told, by=DELIVERY)
    _tell(MessageFailed(**outgoing.message.case.where, message=outgoing.message_id, response=response))


def _delay(outgoing: Outgoing, *, response: str) -> None:
    if outgoing.tries >= len(PAUSES):
        _fail(outgoing, response=response)
        return
    next_try = _later(outgoing)
    outgoing.state, outgoing.due_at, outgoing.response = Outgoing.State.QUEUED, next_try, response
    outgoing.tries += 1
    outgoing.save()
    jobs.schedule(outgoing)
    when = next_try.isoformat()
    _tell(
        MessageDelayed(
            **outgoing.message.case.where, message=outgoing.message_id, response=response, next_try=when
        )
    )


def _hold_back(outgoing: Outgoing, *, until: datetime) -> None:
    """Its turn comes later. That is no try, and nobody needs to hear of it."""
    outgoing.state, outgoing.due_at = Outgoing.State.QUEUED, until
    outgoing.save()
    jobs.schedule(outgoing)


def _later(outgoing: Outgoing) -> datetime:
    return clock.now() + timedelta(minutes=PAUSES[outgoing.tries])


def _finish(outgoing: Outgoing, state: Outgoing.State, response: str) -> None:
    outgoing.state, outgoing.response, outgoing.finished_at = state, response, clock.now()
    outgoing.tries += 1
    outgoing.save()


def _tell(fact: Fact) -> None:
    record(fact, by=DELIVERY)
