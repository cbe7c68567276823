"""Handing a message to its channel. The state is committed before the connection is opened.

Whoever sends holds a database lock that ends with its process. So a message in state `sending` without that lock
belongs to a process that was killed; it is sent again under the same id, by which a receiver can tell a repeat.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from madoguchi.cases.actions import answer_failed, answer_left
from madoguchi.cases.models import Message
from madoguchi.delivery import jobs
from madoguchi.delivery.channels import sender_of
from madoguchi.delivery.events import MessageDelayed, MessageFailed, MessageSent
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, File, Outbound, Party, PermanentFailure, TemporaryFailure

DELIVERY = system("delivery")
# Minutes to the next try. After the last the message has failed: a little over two days in all.
PAUSES = (1, 5, 15, 60, 180, 360, 720, 720, 1080)
_LOCK_SPACE = 7431


def send(outgoing_id: int, *, company: int) -> None:
    """Send one message that is due. Running it twice, or by two workers at once, sends once."""
    with _sole_sender(outgoing_id) as sole:
        outbound = _claim(outgoing_id, company) if sole else None
        if outbound is None:
            return
        try:
            receipt = sender_of(Channel.EMAIL).send(outbound)
        except TemporaryFailure as failure:
            _delay(outgoing_id, company, failure.response)
        except PermanentFailure as failure:
            _fail(outgoing_id, company, failure.response)
        else:
            _succeed(outgoing_id, company, receipt.response)


def resume_left_over(*, most: int = 200) -> int:
    """Schedule messages again that are overdue by a minute: their job was lost with its worker."""
    overdue = clock.now() - timedelta(minutes=1)
    with scope.everywhere(reason="messages of any company may have been left"):
        waiting = Outgoing.objects.filter(state__in=["queued", "sending"], due_at__lt=overdue).order_by(
            "due_at"
        )
        left = list(waiting[:most])
    for outgoing in left:
        send(outgoing.pk, company=outgoing.company_id)
    return len(left)


@contextmanager
def _sole_sender(outgoing_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_SPACE, outgoing_id % 2**31])
        sole = bool(cursor.fetchone()[0])
    try:
        yield sole
    finally:
        if sole:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_SPACE, outgoing_id % 2**31])


def _claim(outgoing_id: int, company: int) -> Outbound | None:
    now = clock.now()
    with scope.acting_for([company]):
        due = Outgoing.objects.filter(pk=outgoing_id, state__in=["queued", "sending"], due_at__lte=now)
        if not due.update(state=Outgoing.State.SENDING, started_at=now):
            return None
        related = ("message__case__company", "entry_point__desk")
        outgoing = Outgoing.objects.select_related(*related).get(pk=outgoing_id)
        return _outbound(outgoing)


def _outbound(outgoing: Outgoing) -> Outbound:
    message = outgoing.message
    return Outbound(
        external_id=outgoing.external_id,
        company=outgoing.company_id,
        entry_point=outgoing.entry_point_id,
        sender=Party(address=message.sender_address, name=message.sender_name),
        to=_parties(message.to),
        cc=_parties(message.cc),
        subject=message.subject,
        text=message.text,
        created_at=outgoing.created_at,
        in_reply_to=outgoing.in_reply_to,
        references=tuple(outgoing.references.split("\n")) if outgoing.references else (),
        automatic=bool(message.automatic),
        files=tuple(_files(message)),
    )


def _parties(kept: list[dict[str, str]]) -> tuple[Party, ...]:
    return tuple(Party(address=p["address"], name=p.get("name", "")) for p in kept)


def _files(message: Message) -> Iterator[File]:
    for attachment in message.attachments.order_by("id"):
        content = files.read(attachment.sha256, company=attachment.company_id)
        yield File(attachment.filename, attachment.content_type, content)


def _succeed(outgoing_id: int, company: int, response: str) -> None:
    with scope.acting_for([company]):
        outgoing = _finish(outgoing_id, Outgoing.State.SENT, response)
        answer_left(outgoing.message)
        _tell(MessageSent(**_where(outgoing), message=outgoing.message_id, response=response))


def _fail(outgoing_id: int, company: int, response: str) -> None:
    with scope.acting_for([company]):
        outgoing = _finish(outgoing_id, Outgoing.State.FAILED, response)
        if not outgoing.message.automatic:
            answer_failed(outgoing.message.case, by=DELIVERY)
        _tell(MessageFailed(**_where(outgoing), message=outgoing.message_id, response=response))


def _delay(outgoing_id: int, company: int, response: str) -> None:
    with scope.acting_for([company]):
        outgoing = Outgoing.objects.select_related("message__case").get(pk=outgoing_id)
        if outgoing.tries >= len(PAUSES):
            _fail(outgoing_id, company, response)
            return
        next_try = _later(outgoing)
        outgoing.state, outgoing.due_at, outgoing.response = Outgoing.State.QUEUED, next_try, response
        outgoing.tries += 1
        outgoing.save()
        jobs.schedule(outgoing)
        when = next_try.isoformat()
        _tell(
            MessageDelayed(**_where(outgoing), message=outgoing.message_id, response=response, next_try=when)
        )


def _later(outgoing: Outgoing) -> datetime:
    return clock.now() + timedelta(minutes=PAUSES[outgoing.tries])


def _finish(outgoing_id: int, state: Outgoing.State, response: str) -> Outgoing:
    outgoing = Outgoing.objects.select_related("message__case").get(pk=outgoing_id)
    outgoing.state, outgoing.response, outgoing.finished_at = state, response, clock.now()
    outgoing.tries += 1
    outgoing.save()
    return outgoing


def _where(outgoing: Outgoing) -> dict[str, int]:
    case = outgoing.message.case
    return {"company": case.company_id, "case": case.pk, "desk": case.desk_id}


def _tell(fact: Fact) -> None:
    record(fact, by=DELIVERY)
