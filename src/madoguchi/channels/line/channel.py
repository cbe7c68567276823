"""A LINE official account as the product's channel contract sees it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from madoguchi.cases.models import Attachment, Message
from madoguchi.channels.line import api
from madoguchi.channels.line.api import Answered
from madoguchi.channels.line.composing import (
    MOST_PICTURE,
    MOST_PREVIEW,
    PICTURES,
    PREVIEW_SIDE,
    Linked,
    in_batches,
    messages_of,
    retry_key,
)
from madoguchi.channels.line.composing import Message as Composed
from madoguchi.channels.line.models import Account, Friend, SentPart
from madoguchi.channels.line.saying import Saying, decode
from madoguchi.delivery.links import file_page
from madoguchi.infra import files, scope
from madoguchi.infra.pictures import NoPicture, preview
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel import clock
from madoguchi.kernel.channel import (
    Channel,
    Clue,
    Inbound,
    Outbound,
    Party,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
    Unreadable,
)
from madoguchi.kernel.identity import is_line_user
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean, one_line

# LINE takes a reply token for a minute; what is on its way takes some of it.
REPLY_WITHIN = timedelta(seconds=50)
_USED_UP, _OF_THE_TOKEN = "monthly limit", "reply token"
_REFUSED = 400


class LineChannel:
    """Reads what friends of an account say, and answers them: by their reply token while it lasts, else by a push."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """The message as an arrival; raises `Unreadable` for bytes that are none."""
        saying = decode(raw)
        if not is_line_user(saying.user):
            raise Unreadable("no user of LINE said it")
        text = blot_secrets(clean(saying.text).strip())
        return Inbound(
            channel=Channel.LINE,
            external_id=external_id(saying.id),
            sender=Party(address=saying.user, name=blot_secrets(one_line(saying.called, most=200))),
            subject="",
            text=text,
            new_text=text,
            fingerprint=fingerprint(saying),
            sent_at=_moment(saying.at),
            language=saying.language,
            files=saying.files,
            clues=(Clue("message_id", saying.follows),) if saying.follows else (),
        )

    def new_external_id(self, *, token: str, domain: str) -> str:
        """An id for an answer, in the shape of a Message-ID."""
        return f"line.{token}.{secrets.token_hex(8)}@{domain}"

    def send(self, message: Outbound) -> Receipt:
        """Hand an answer to LINE in as many parts as it needs; a part that LINE has taken is not sent again.

        Raises `PermanentFailure` for who blocked the account, what LINE refuses, and where the month's messages are
        used up; `TemporaryFailure` where LINE does not answer, is too busy, or no account is set up.
        """
        to = message.to[0].address if message.to else ""
        if not is_line_user(to):
            raise PermanentFailure("no user of LINE")
        with scope.acting_for([message.company]):
            account = _account(message.entry_point)
            friend = Friend.objects.filter(entry_point=message.entry_point, user=to).first()
            if friend and friend.blocked_at:
                raise PermanentFailure("blocked: the customer has blocked this LINE account")
            composed = messages_of(message.text, files=_linked(message), choices=message.choices)
            taken = _taken(message)
        for number, batch in enumerate(in_batches(composed)):
            if number not in taken:
                _send(account, friend if number == 0 else None, to, message, number, batch)
        return Receipt("taken by LINE")


def external_id(message: str) -> str:
    """The id of a message that LINE named, in the shape of a Message-ID."""
    return f"line.{message}@madoguchi.invalid"


def fingerprint(saying: Saying) -> bytes:
    """What makes two copies one message: what LINE named it, and its words."""
    return hashlib.sha256(f"line {saying.id} {saying.text}".encode()).digest()


def _account(entry_point: int | None) -> Account:
    try:
        account = Account.objects.filter(entry_point_id=entry_point).first()
    except SecretUnreadable as error:
        raise TemporaryFailure(f"401 {error}") from error
    if account is None:
        raise TemporaryFailure("401 no LINE account is set up for this entry point")
    return account


def _taken(message: Outbound) -> set[int]:
    parts = SentPart.objects.filter(company_id=message.company, external_id=message.external_id)
    return set(parts.values_list("number", flat=True))


def _linked(message: Outbound) -> list[Linked]:
    """The files that leave, each with a link that anybody can follow who was given it."""
    if not message.files:
        return []
    rows = Attachment.objects.filter(
        message__company_id=message.company, message__external_id=message.external_id
    ).exclude(message__author=Message.Author.CUSTOMER)
    return [
        Linked(row.filename, row.content_type, row.size, file_page(row.pk, row.company_id), _preview_of(row))
        for row in rows.order_by("id")
    ]


def _preview_of(row: Attachment) -> str:
    """Where a small one of a picture is fetched that is too large to be its own preview; empty where none is made."""
    if row.content_type not in PICTURES or not MOST_PREVIEW < row.size <= MOST_PICTURE:
        return ""
    try:
        preview(files.read(row.sha256, company=row.company_id), side=PREVIEW_SIDE, most=MOST_PREVIEW)
    except (NoPicture, FileNotFoundError):
        return ""
    return f"{file_page(row.pk, row.company_id)}preview/"


def _send(
    account: Account, friend: Friend | None, to: str, message: Outbound, number: int, batch: list[Composed]
) -> None:
    by_reply = bool(friend and _reply(account, friend, batch))
    if not by_reply:
        key = retry_key(message.external_id, number)
        _require_taken(
            api.post(account, "/v2/bot/message/push", {"to": to, "messages": batch}, retry_key=key)
        )
    with scope.acting_for([message.company]):
        part = {"external_id": message.external_id, "number": number}
        kept = {"by_reply": by_reply, "at": clock.now()}
        SentPart.objects.get_or_create(company_id=message.company, **part, defaults=kept)


def _reply(account: Account, friend: Friend, batch: list[Composed]) -> bool:
    """Whether the friend's reply token took it. It is used once, by whoever takes it first; where no answer comes it is
    tried again at once, since a token that is refused then has been used.
    """
    token = _reply_token(friend)
    if not token:
        return False
    said = {"replyToken": token, "messages": batch}
    first = api.post(account, "/v2/bot/message/reply", said)
    if first.status is not None and first.status < 500:
        return first.ok
    second = api.post(account, "/v2/bot/message/reply", said)
    return second.ok or (second.status == _REFUSED and _OF_THE_TOKEN in second.words.casefold())


def _reply_token(friend: Friend) -> str:
    with scope.acting_for([friend.company_id]):
        good = Friend.objects.filter(
            pk=friend.pk, reply_token=friend.reply_token, reply_until__gt=clock.now()
        )
        return friend.reply_token if friend.reply_token and good.update(reply_token="") else ""


def _require_taken(answer: Answered) -> None:
    if answer.ok:
        return
    used_up = answer.status == 429 and _USED_UP in answer.words.casefold()
    if answer.for_now and not used_up:
        raise TemporaryFailure(answer.words)
    raise PermanentFailure(answer.words)


def _moment(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None
