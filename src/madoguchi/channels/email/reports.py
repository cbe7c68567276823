"""What mail servers and programs tell of a mail of ours: it came back, is late, arrived, or was read.

The standard forms (RFC 3464, RFC 8098) are read by their fields. Many servers, those of Japanese phones among them,
just write a text; of that the status, the address and our Message-ID are picked out, wherever they stand.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from madoguchi.channels.email.parse import ParsedMail
from madoguchi.kernel.channel import Report
from madoguchi.kernel.text import one_line

# Those of our ids that a report is about, at most; a digest of a list may name very many.
MOST_IDS: Final = 20
_READ: Final = 20_000
_RETURN_ADDRESS: Final = re.compile(r"(.+)\+b\.([a-z0-9]{6,64})\.([a-z0-9]{1,64})@([^@]+)", re.IGNORECASE)
_OUR_ID: Final = re.compile(r"\bc\.[a-z0-9]{6,64}\.[a-z0-9]{1,64}@[a-z0-9.-]{1,253}[a-z0-9]", re.IGNORECASE)
_ORIGINAL_ID: Final = re.compile(
    r"^[ \t>]*(?:Original-)?Message-ID:\s*<?([^\s<>]{3,500})>?", re.IGNORECASE | re.M
)
_STATUS_PARTS: Final = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_PARTS: Final = ("message/disposition-notification", "message/global-disposition-notification")
_RETURNED_PARTS: Final = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.*)")
_TYPED: Final = re.compile(r"^[A-Za-z0-9-]{1,20};\s*")
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE: Final = re.compile(r"(?<![\d.])([45])[0-5]\d[ -]")
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
)
_LATE: Final = re.compile(
    r"delayed|will be retried|will (?:keep|continue) (?:on )?trying|still trying|not yet been delivered"
    r"|could not send message for past|do not need to (?:resend|retry)|遅延|再送を試み|まだ配信",
    re.IGNORECASE,
)
_REASON: Final = re.compile(
    r"user unknown|unknown user|no such|not exist|does not like recipient|not found|invalid recipient|rejected"
    r"|disabled|mailbox|quota|over.?size|too large|host unknown|存在しません|見つかりません|いっぱい|容量|拒否",
    re.IGNORECASE,
)
_COPY_BELOW: Final = re.compile(
    r"^[ \t>]*+--[^\n]*?(?:below|copy|original|returned|元のメッセージ|unsent)"
    r"|^[ \t>]*+(?:Return-Path|Received):",
    re.IGNORECASE | re.M,
)
_MACHINES: Final = ("mailer-daemon", "postmaster")
_OUTCOMES: Final = {
    "failed": "bounced",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
}
_WORST_FIRST: Final = ("failed", "delayed", "delivered", "relayed", "expanded")
Fields = Mapping[str, str]


def return_address(address: str, message_id: str) -> str:
    """The address that a mail's bounces come home to: `support+b.<what the Message-ID says>@…`.

    Empty for an id that is not ours, or where the address would be longer than servers take.
    """
    local, _, domain = address.partition("@")
    parts = message_id.partition("@")[0].split(".")
    made = f"{local}+b.{'.'.join(parts[1:])}"
    ours = len(parts) == 3 and parts[0] == "c" and message_id.endswith(f"@{domain}")
    return f"{made}@{domain}" if ours and len(made) <= 64 else ""


def report_of(mail: ParsedMail, *, ours: Collection[str] = ()) -> Report | None:
    """What the mail reports; None when it is no report. `ours` are our addresses, which never are who failed."""
    if mail.auto == "receipt":
        return _receipt(mail)
    if mail.auto != "bounce":
        return None
    for attachment in mail.attachments:
        if attachment.content_type in _STATUS_PARTS:
            return _standard(mail, _text(attachment.content), ours)
    return _plain(mail, ours)


def _receipt(mail: ParsedMail) -> Report | None:
    part = next((a for a in mail.attachments if a.content_type in _RECEIPT_PARTS), None)
    if part is None:
        return None
    fields = _fields(_text(part.content))
    disposition = fields.get("disposition", "").rpartition(";")[2].lower()
    what = "read" if "displayed" in disposition else "delivered"
    about = (*_ids_in(fields.get("original-message-id", "")), *_about(mail))
    recipient = _typeless(fields.get("final-recipient", "") or fields.get("original-recipient", ""))
    return Report(what=what, about=_few(about), recipient=recipient, words=disposition.strip())


def _standard(mail: ParsedMail, told: str, ours: Collection[str]) -> Report:
    blocks = [_fields(block) for block in re.split(r"\n[ \t]*\n", told.replace("\r\n", "\n"))]
    recipients = [fields for fields in blocks if "action" in fields or "status" in fields]
    if not recipients:
        return _plain(mail, ours)
    worst = min(recipients, key=_badness)
    action = worst.get("action", "").lower().split(" ")[0]
    status = _STATUS.search(worst.get("status", ""))
    address = worst.get("original-recipient", "") or worst.get("final-recipient", "")
    words = _typeless(worst.get("diagnostic-code", "")) or worst.get("status", "")
    return Report(
        what=_OUTCOMES.get(action, "bounced" if action == "" else "delivered"),
        about=_about(mail),
        recipient=_typeless(address).strip("<>").lower(),
        status=status[1] if status else "",
        words=one_line(words, most=1000),
    )


def _plain(mail: ParsedMail, ours: Collection[str]) -> Report:
    """A server that just writes. What it does not call late has come back."""
    text = mail.text[:_READ]
    below = _COPY_BELOW.search(text)
    told = text[: below.start()] if below and below.start() > 20 else text
    lines = told.splitlines()
    saying = (next((n for n in lines if sign.search(n)), "") for sign in (_STATUS, _CODE, _REASON))
    line = next((n for n in saying if n), "")
    status = _STATUS.search(told)
    code = _CODE.search(told)
    found = status[1] if status else f"{code[1]}.0.0" if code else ""
    late = bool(_LATE.search(told)) and not found.startswith("5")
    return Report(
        what="delayed" if late else "bounced",
        about=_about(mail),
        recipient=_failed_address(mail, told, ours),
        status=found,
        words=one_line(line or mail.subject, most=1000),
    )


def _failed_address(mail: ParsedMail, told: str, ours: Collection[str]) -> str:
    candidates = (a.lower() for a in (*mail.failed_recipients, *_ADDRESS.findall(told)))
    strangers = (a for a in candidates if a not in ours and not a.startswith(_MACHINES))
    return next((a for a in strangers if a != mail.sender.address.lower()), "")


def _about(mail: ParsedMail) -> tuple[str, ...]:
    """The ids of ours that the report may be about, the surest first."""
    return _few((*_in_return_address(mail), *_in_what_came_back(mail), *mail.in_reply_to, *mail.references))


def _in_return_address(mail: ParsedMail) -> Iterator[str]:
    for address in (*mail.delivered_to, *(mailbox.address for mailbox in mail.to)):
        if (found := _RETURN_ADDRESS.fullmatch(address)) is not None:
            yield f"c.{found[2]}.{found[3]}@{found[4]}".lower()


def _in_what_came_back(mail: ParsedMail) -> Iterator[str]:
    for attachment in mail.attachments:
        if attachment.content_type in _RETURNED_PARTS:
            yield from _ids_in(_head(_text(attachment.content)))
    yield from _ids_in(mail.text[:_READ])


def _ids_in(text: str) -> Iterator[str]:
    unfolded = re.sub(r"\r?\n[ \t]+(?=<)", " ", text)
    yield from _ORIGINAL_ID.findall(unfolded)
    yield from (found.lower() for found in _OUR_ID.findall(text))


def _head(text: str) -> str:
    return re.split(r"\r?\n\r?\n", text.lstrip(), maxsplit=1)[0][:_READ]


def _few(ids: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))[:MOST_IDS]


def _fields(block: str) -> dict[str, str]:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block)
    found = (_FIELD.match(line) for line in unfolded.splitlines())
    return {match[1].lower(): match[2].strip() for match in found if match}


def _badness(fields: Fields) -> int:
    action = fields.get("action", "").lower().split(" ")[0]
    return _WORST_FIRST.index(action) if action in _WORST_FIRST else 0


def _typeless(value: str) -> str:
    return _TYPED.sub("", value).strip()


def _text(content: bytes) -> str:
    return content[: _READ * 4].decode("utf-8", "replace").replace("\x00", "")
