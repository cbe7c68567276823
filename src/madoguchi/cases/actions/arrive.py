"""A customer's words become a message: in a new case, or in the one they belong to.

This is the busiest path of the product: each verb is one statement and one event, whatever the size of the tables.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from madoguchi.cases.actions.check import schedule_check
from madoguchi.cases.events import CaseOpened, MessageReceived
from madoguchi.cases.models import Attachment, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import clamd, files
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import TALKS, Channel, File, Inbound, Party, Trust
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.pieces import lengths_of
from madoguchi.kernel.text import one_line

_TOKEN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  speakable, none alike

# By which medium the customer had bought last, as it was then.
_BOUGHT = """coalesce((SELECT medium FROM commerce_order WHERE customer_id = %(customer)s
                AND company_id = %(company)s ORDER BY placed_at DESC LIMIT 1), '')"""
_CONTACT = f"""
    contact AS (
        INSERT INTO cases_contact (company_id, case_id, customer_id, entry_point_id, channel, inbound, at,
            medium, bought)
        SELECT %(company)s, id, %(customer)s, %(entry_point)s, %(channel)s, true, %(now)s,
            %(medium)s, {_BOUGHT} FROM matter
        RETURNING id
    ),
"""  # noqa: S608  put together from the constants above
# What is said in one sitting is one contact.
_CONTACT_OF_SITTING = f"""
    begun AS (
        SELECT contact_id AS id FROM cases_message
        WHERE case_id = %(case)s AND company_id = %(company)s AND author = 'customer'
            AND sender_address = %(sender_address)s AND channel = %(channel)s AND at > %(sitting)s::timestamptz
        ORDER BY at DESC, id DESC LIMIT 1
    ),
    made AS (
        INSERT INTO cases_contact (company_id, case_id, customer_id, entry_point_id, channel, inbound, at,
            medium, bought)
        SELECT %(company)s, id, %(customer)s, %(entry_point)s, %(channel)s, true, %(now)s,
            %(medium)s, {_BOUGHT} FROM matter
        WHERE NOT EXISTS (SELECT FROM begun)
        RETURNING id
    ),
    contact AS (SELECT id FROM begun UNION ALL SELECT id FROM made),
"""  # noqa: S608  put together from the constants above
_MESSAGE = """
    message AS (
        INSERT INTO cases_message (company_id, case_id, contact_id, channel, author, sender_name, sender_address,
            "to", cc, reply_to, subject, text, new_text, pieces, html, automatic, external_id, trust, at, sent_at)
        SELECT %(company)s, matter.id, contact.id, %(channel)s, 'customer', %(sender_name)s, %(sender_address)s,
            %(to)s::jsonb, %(cc)s::jsonb, %(reply_to)s::jsonb, %(subject)s, %(text)s, %(new_text)s,
            %(pieces)s::jsonb, %(html)s, %(automatic)s,
            %(external_id)s, %(trust)s::jsonb, {at}, %(sent_at)s::timestamptz FROM matter, contact
        RETURNING id
    )
"""
# Among the customers' mails since our last answer, in the order in which they were sent.
_IN_ORDER = """
    (SELECT CASE
            WHEN earlier IS NULL THEN coalesce(later - interval '1 second', %(now)s)
            ELSE earlier + (coalesce(later, %(now)s) - earlier) / CASE WHEN later IS NULL THEN 1 ELSE 2 END
        END
        FROM (
            SELECT max(at) FILTER (WHERE sent_at <= %(sent_at)s::timestamptz) AS earlier,
                min(at) FILTER (WHERE sent_at > %(sent_at)s::timestamptz) AS later
            FROM cases_message WHERE case_id = matter.id AND author = 'customer' AND at > coalesce((
                SELECT max(at) FROM cases_message WHERE case_id = matter.id AND author = 'staff'
            ), '-infinity')
        ) AS beside)
"""
_COUNT = """
    INSERT INTO cases_numbercounter (company_id, last) VALUES (%(company)s, 1001)
    ON CONFLICT (company_id) DO UPDATE SET last = cases_numbercounter.last + 1 RETURNING last
"""
_OPEN = f"""
    WITH counter AS ({_COUNT}),
    matter AS (
        INSERT INTO cases_case (company_id, number, desk_id, entry_point_id, customer_id, channel, subject, status,
            priority, tags, language, reply_token, preview, message_count, opened_at, touched_at, waiting_since,
            version, follows_id)
        SELECT %(company)s, last, %(desk)s, %(entry_point)s, %(customer)s, %(channel)s, %(title)s, 'new',
            2, '{{}}', %(language)s, %(token)s, %(preview)s, 1, %(now)s, %(now)s,
            %(waiting_since)s::timestamptz, 1, %(follows)s::bigint FROM counter
        RETURNING id, number
    ),
    followed AS (
        UPDATE cases_case SET followed_by_id = matter.id FROM matter
        WHERE cases_case.id = %(follows)s::bigint AND company_id = %(company)s
    ),
    {_CONTACT}{_MESSAGE.format(at="%(now)s")}
    SELECT matter.id, matter.number, message.id FROM matter, message
"""  # noqa: S608  put together from the constants above
# A person's words re-open the case and begin their wait, anew where it was over; a robot's are only added.
_TAKEN_UP = """
    WITH before AS (
        SELECT id, desk_id, status, waiting_since FROM cases_case
        WHERE id = %(case)s AND company_id = %(company)s FOR UPDATE
    ),
    matter AS (
        UPDATE cases_case SET
            message_count = message_count + 1,
            version = version + 1,
            status = CASE WHEN %(robot)s OR before.status = 'new' THEN before.status ELSE 'open' END,
            touched_at = CASE WHEN %(robot)s THEN touched_at ELSE %(now)s END,
            waiting_since = CASE WHEN %(robot)s THEN before.waiting_since
                WHEN before.status IN ('solved', 'closed', 'waiting_customer') THEN %(now)s
                ELSE coalesce(before.waiting_since, %(now)s) END,
            solved_at = CASE WHEN %(robot)s THEN solved_at END,
            preview = CASE WHEN %(robot)s THEN preview ELSE %(preview)s END
        FROM before WHERE cases_case.id = before.id
        RETURNING cases_case.id, before.desk_id, before.status AS was
    ),
"""
_WAS = "SELECT matter.desk_id, matter.was, message.id, {goes_on} FROM matter, message"
_GOES_ON = _WAS.format(goes_on="EXISTS (SELECT FROM begun)")
_CONTINUE = f"{_TAKEN_UP}{_CONTACT}{_MESSAGE.format(at=_IN_ORDER)}{_WAS.format(goes_on='false')}"
_CONTINUE_SITTING = f"{_TAKEN_UP}{_CONTACT_OF_SITTING}{_MESSAGE.format(at='%(now)s')}{_GOES_ON}"
# What is said in LINE may be told in another order than it was said.
_CONTINUE_IN_ORDER = f"{_TAKEN_UP}{_CONTACT_OF_SITTING}{_MESSAGE.format(at=_IN_ORDER)}{_GOES_ON}"
_CONTINUING = {Channel.CHAT: _CONTINUE_SITTING, Channel.LINE: _CONTINUE_IN_ORDER}
# A chat in which nobody has written for so long is over; what comes then is a contact of its own.
SITTING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Arriving:
    """What arrived, from which customer (id), and through which entry point."""

    inbound: Inbound
    customer: int
    entry_point: EntryPoint


@dataclass(frozen=True, slots=True)
class Placed:
    """Where something that arrived went: the case and the message, by id."""

    case: int
    message: int


def take_number(company: int) -> int:
    """A number that no case will bear, for whoever is not to learn that there is no case."""
    return int(fetch_all(_COUNT, {"company": company})[0][0])


def open_case(arriving: Arriving, *, by: Actor, follows: int | None = None) -> Placed:
    """Open a new case with its first message; the customer begins to wait, unless a robot wrote.

    `follows` is a case closed long ago whose matter this one takes up.
    """
    inbound, point = arriving.inbound, arriving.entry_point
    values = _values(arriving)
    values |= {
        "desk": point.desk_id,
        "title": _title(inbound),
        "language": inbound.language,
        "token": new_reply_token(),
        "waiting_since": None if inbound.automatic else values["now"],
        "follows": follows,
    }
    case, number, message = fetch_all(_OPEN, values)[0]
    _attach_to(message, point.company_id, inbound.files)
    fact = CaseOpened(
        company=point.company_id,
        case=case,
        desk=point.desk_id,
        number=number,
        channel=inbound.channel,
        customer=arriving.customer,
        automatic=inbound.automatic,
        follows=follows,
    )
    record(fact, by=by)
    return Placed(case, message)


def continue_case(case: int, arriving: Arriving, *, by: Actor) -> Placed:
    """Add what the customer said to their case. A person's words re-open it; a robot's do not."""
    inbound, company = arriving.inbound, arriving.entry_point.company_id
    values = _values(arriving) | {"case": case, "robot": bool(inbound.automatic)}
    if inbound.channel in TALKS:
        values["sitting"] = values["now"] - SITTING
    statement = _CONTINUING.get(inbound.channel, _CONTINUE)
    desk, was, message, goes_on = fetch_all(statement, values)[0]
    _attach_to(message, company, inbound.files)
    fact = MessageReceived(
        company=company,
        case=case,
        desk=desk,
        message=message,
        channel=inbound.channel,
        automatic=inbound.automatic,
        reopened=was in ("solved", "closed") and not inbound.automatic,
        goes_on=goes_on,
    )
    record(fact, by=by)
    return Placed(case, message)


def next_number(company: int) -> int:
    """The next case number of a company, given out once."""
    return int(fetch_all(_COUNT, {"company": company})[0][0])


def new_reply_token() -> str:
    """A fresh token under which replies find their case: 16 letters, about 78 bits, safe to read aloud."""
    return "".join(secrets.choice(_TOKEN_LETTERS) for _ in range(16))


def _values(arriving: Arriving) -> dict[str, Any]:
    inbound = arriving.inbound
    return {
        "company": arriving.entry_point.company_id,
        "customer": arriving.customer,
        "entry_point": arriving.entry_point.pk,
        "medium": arriving.entry_point.medium,
        "channel": str(inbound.channel),
        "sender_name": one_line(inbound.sender.name, most=200),
        "sender_address": inbound.sender.address[:254],
        "to": json.dumps(as_json(inbound.to), ensure_ascii=False),
        "cc": json.dumps(as_json(inbound.cc), ensure_ascii=False),
        "reply_to": json.dumps(as_json(inbound.reply_to), ensure_ascii=False),
        "subject": one_line(inbound.subject),
        "text": inbound.text,
        "new_text": inbound.new_text if inbound.new_text != inbound.text else "",
        "pieces": json.dumps(lengths_of(inbound.pieces)),
        "html": inbound.html,
        "automatic": inbound.automatic,
        "external_id": inbound.external_id[:500],
        "trust": _what_is_said(inbound.trust),
        "preview": one_line(inbound.new_text or inbound.text, most=160),
        "now": clock.now(),
        "sent_at": inbound.sent_at,
    }


def _title(inbound: Inbound) -> str:
    return one_line(inbound.subject) or ("" if inbound.says_nothing else one_line(inbound.new_text, most=60))


def _what_is_said(trust: Trust) -> str | None:
    said = {name: value for name, value in asdict(trust).items() if value}
    return json.dumps(said, ensure_ascii=False) if said else None


def _attach_to(message: int, company: int, attached: tuple[File, ...]) -> None:
    if not attached:
        return
    scan = Attachment.Scan.WAITING if clamd.is_set_up() else Attachment.Scan.NONE
    attach(Message(pk=message, company_id=company), attached, scan=scan)
    if scan == Attachment.Scan.WAITING:
        schedule_check(message, company=company)


def attach(
    message: Message, attached: tuple[File, ...], *, scan: Attachment.Scan = Attachment.Scan.NONE
) -> None:
    """Keep the files of a message; `scan` says whether they are looked through first. What we recorded is not."""
    Attachment.objects.bulk_create(
        Attachment(
            company_id=message.company_id,
            message=message,
            filename=blot_secrets(one_line(file.filename, most=255)) or "file",
            content_type=one_line(file.content_type, most=100) or "application/octet-stream",
            size=file.size,
            sha256=file.kept or files.put(file.content, company=message.company_id),
            inline=file.inline,
            content_id=file.content_id[:255],
            scan=Attachment.Scan.NONE if file.kept else scan,
        )
        for file in attached
    )


def as_json(parties: tuple[Party, ...]) -> list[dict[str, str]]:
    """Parties as they are kept in `to`, `cc` and `reply_to`."""
    return [{"name": p.name, "address": p.address} for p in parties]
