"""A customer's words become a message: in a new case, or in the one they belong to."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F

from madoguchi.cases.events import CaseOpened, MessageReceived
from madoguchi.cases.models import Attachment, Case, Contact, Message, Status
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra import files
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Inbound, Party
from madoguchi.kernel.text import one_line

_TOKEN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  speakable, none alike
_NEXT_NUMBER = """
    INSERT INTO cases_numbercounter (company_id, last) VALUES (%s, 1001)
    ON CONFLICT (company_id) DO UPDATE SET last = cases_numbercounter.last + 1 RETURNING last
"""
_AT_REST = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Arriving:
    """What arrived, from whom, and through which entry point."""

    inbound: Inbound
    customer: Customer
    entry_point: EntryPoint


def open_case(arriving: Arriving, *, by: Actor) -> Message:
    """Open a new case with its first message; the customer begins to wait, unless a robot wrote."""
    now, inbound = clock.now(), arriving.inbound
    case = Case.objects.create(
        company_id=arriving.customer.company_id,
        number=_next_number(arriving.customer.company_id),
        desk_id=arriving.entry_point.desk_id,
        entry_point=arriving.entry_point,
        customer=arriving.customer,
        channel=inbound.channel,
        subject=one_line(inbound.subject) or one_line(inbound.new_text, most=60),
        language=inbound.language,
        reply_token=new_reply_token(),
        preview=one_line(inbound.new_text or inbound.text, most=160),
        message_count=1,
        opened_at=now,
        touched_at=now,
        waiting_since=None if inbound.automatic else now,
    )
    message = _add_message(case, arriving, at=now)
    fact = CaseOpened(
        company=case.company_id,
        case=case.pk,
        desk=case.desk_id,
        number=case.number,
        channel=inbound.channel,
        customer=case.customer_id,
        automatic=inbound.automatic,
    )
    record(fact, by=by)
    return message


def continue_case(case: Case, arriving: Arriving, *, by: Actor) -> Message:
    """Add what the customer said to their case. A person's words re-open it; a robot's do not."""
    now, inbound = clock.now(), arriving.inbound
    message = _add_message(case, arriving, at=now)
    reopened = case.status in _AT_REST and not inbound.automatic
    changes: dict[str, object] = {"message_count": F("message_count") + 1, "version": F("version") + 1}
    if not inbound.automatic:
        changes |= _waiting_again(case, inbound, now)
    Case.objects.filter(pk=case.pk).update(**changes)
    fact = MessageReceived(
        company=case.company_id,
        case=case.pk,
        desk=case.desk_id,
        message=message.pk,
        channel=inbound.channel,
        automatic=inbound.automatic,
        reopened=reopened,
    )
    record(fact, by=by)
    return message


def new_reply_token() -> str:
    """A fresh token under which replies find their case: 16 letters, about 78 bits, safe to read aloud."""
    return "".join(secrets.choice(_TOKEN_LETTERS) for _ in range(16))


def _waiting_again(case: Case, inbound: Inbound, now: datetime) -> dict[str, object]:
    status = case.status if case.status == Status.NEW else Status.OPEN
    return {
        "status": status,
        "touched_at": now,
        "waiting_since": case.waiting_since or now,
        "solved_at": None,
        "preview": one_line(inbound.new_text or inbound.text, most=160),
    }


def _next_number(company: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [company])
        return int(cursor.fetchone()[0])


def _add_message(case: Case, arriving: Arriving, *, at: datetime) -> Message:
    inbound = arriving.inbound
    contact = Contact.objects.create(
        company_id=case.company_id,
        case=case,
        customer=arriving.customer,
        entry_point=arriving.entry_point,
        channel=inbound.channel,
        inbound=True,
        at=at,
    )
    message = Message.objects.create(
        company_id=case.company_id,
        case=case,
        contact=contact,
        channel=inbound.channel,
        author=Message.Author.CUSTOMER,
        sender_name=one_line(inbound.sender.name, most=200),
        sender_address=inbound.sender.address[:254],
        to=as_json(inbound.to),
        cc=as_json(inbound.cc),
        subject=one_line(inbound.subject),
        text=inbound.text,
        new_text=inbound.new_text if inbound.new_text != inbound.text else "",
        html=inbound.html,
        automatic=inbound.automatic,
        external_id=inbound.external_id[:500],
        at=at,
        sent_at=inbound.sent_at,
    )
    attach(message, inbound.files)
    return message


def attach(message: Message, attached: tuple[File, ...]) -> None:
    """Keep the files of a message."""
    Attachment.objects.bulk_create(
        Attachment(
            company_id=message.company_id,
            message=message,
            filename=one_line(file.filename, most=255) or "file",
            content_type=one_line(file.content_type, most=100) or "application/octet-stream",
            size=len(file.content),
            sha256=files.put(file.content, company=message.company_id),
            inline=file.inline,
            content_id=file.content_id[:255],
        )
        for file in attached
    )


def as_json(parties: tuple[Party, ...]) -> list[dict[str, str]]:
    """Parties as they are kept in `to` and `cc`."""
    return [{"name": p.name, "address": p.address} for p in parties]
