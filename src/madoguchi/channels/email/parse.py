"""One mail, from bytes to values: `parse` never raises, whatever the bytes.

The standard library's parser is exact and slow and gives up on what mailers really write: structure, headers,
charsets and transfer encodings are read by our own modules.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from madoguchi.channels.email.autoreply import Auto, classify
from madoguchi.channels.email.content import Content, ParsedAttachment, gather
from madoguchi.channels.email.headers import (
    Address,
    addresses_of,
    date_of,
    mailbox,
    message_ids_of,
    text_of,
)
from madoguchi.channels.email.language import language_of
from madoguchi.channels.email.reply_text import Reply, split_reply
from madoguchi.channels.email.structure import Headers, Part, structure
from madoguchi.channels.email.trust import JUDGEMENTS
from madoguchi.kernel.languages import Language

__all__ = ["Address", "ParsedAttachment", "ParsedMail", "parse", "writers_of"]

SEVERAL_FROM: Final = "several-from"
MOST_REFERENCES: Final = 500
MOST_RECIPIENTS: Final = 1_000
_SHORTEST_THREAD_INDEX: Final = 22
_DELIVERED_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_WRITERS: Final = ("from", "sender", "reply-to")
_MOST_READ: Final = 2000


@dataclass(frozen=True)
class ParsedMail:
    """What a mail says, all text in NFC. Absent things are empty ('' or ()), only date and auto are None.

    `charset` is the one its words came in, as far as it is known.
    `warnings` are stable words (docs/running/mail.md): what had to be repaired, what was cut off because it was
    beyond all bounds, and `signed` or `encrypted`. `judgements` are headers by which mail servers say
    what they think of a mail, by name: the topmost of each, for only that can be our own server's.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    thread_index: bytes
    date: datetime | None
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    failed_recipients: tuple[str, ...]
    lists: str
    subject: str
    text: str
    html: str
    attachments: tuple[ParsedAttachment, ...]
    auto: Auto | None
    charset: str
    warnings: tuple[str, ...]
    judgements: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def reply(self) -> Reply:
        """The text in its pieces: what is new and what came along."""
        return split_reply(self.text, html=self.html, subject=self.subject)

    @cached_property
    def language(self) -> Language:
        """Which language to answer in, from what is new in the mail: quotes are often our own words."""
        return language_of(self.reply.new[:_MOST_READ], self.subject, self.charset)


def parse(raw: bytes) -> ParsedMail:
    """Read a mail as it came from the wire. Never raises; what was repaired stands in `warnings`."""
    content = Content()
    root = structure(raw, content.warn)
    headers = root.headers
    gather(root, content)
    subject = text_of(root.first("subject"))
    sender = _sender(root)
    if not sender.address:
        content.warn("no-sender")
    if _has_several_from(headers):
        content.warn(SEVERAL_FROM)
    date = date_of(root.first("date"))
    if date is None:
        content.warn("date-unreadable")
    return ParsedMail(
        message_id=next(iter(message_ids_of(root.first("message-id"))), ""),
        in_reply_to=_ids(headers, "in-reply-to")[:MOST_REFERENCES],
        references=_ids(headers, "references")[-MOST_REFERENCES:],
        thread_index=_thread_index(root.first("thread-index")),
        date=date,
        sender=sender,
        to=_addresses(headers, "to", content),
        cc=_addresses(headers, "cc", content),
        reply_to=_addresses(headers, "reply-to", content),
        delivered_to=_delivered_to(headers),
        failed_recipients=tuple(a.address for a in _addresses(headers, "x-failed-recipients", content)),
        lists=" ".join(root.first(name) for name in ("list-id", "list-post")).strip().lower(),
        subject=subject,
        text=content.text,
        html=content.html,
        attachments=tuple(content.attachments),
        auto=classify(
            headers=headers,
            content_type=root.content_type,
            report_type=root.parameters.get("report-type", "").lower(),
            sender=root.first("from"),
            subject=subject,
            text=content.text,
            parts={attachment.content_type for attachment in content.attachments},
        ),
        charset=content.charset,
        warnings=tuple(content.warnings),
        judgements={name: headers[name][0] for name in JUDGEMENTS if name in headers},
    )


def writers_of(raw: bytes) -> tuple[str, ...]:
    """Every address that a mail names as its writer's, as written there; of its body nothing counts. Never raises."""
    headers = structure(raw, lambda _word: None).headers
    values = (value for name in _WRITERS for value in headers.get(name, ()))
    return tuple(dict.fromkeys(found.address for value in values for found in addresses_of(value)))


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for value in headers.get(name, ()) for found in message_ids_of(value)))


def _thread_index(value: str) -> bytes:
    """Outlook's Thread-Index as bytes; nothing of one that is too short or long to be it."""
    try:
        index = base64.b64decode("".join(value.split())[:4000], validate=True) if value else b""
    except (binascii.Error, ValueError):
        return b""
    return index if len(index) >= _SHORTEST_THREAD_INDEX else b""


def _addresses(headers: Headers, name: str, content: Content) -> tuple[Address, ...]:
    found = tuple(address for value in headers.get(name, ()) for address in addresses_of(value))
    if len(found) > MOST_RECIPIENTS:
        content.warn("cut-recipients")
    return found[:MOST_RECIPIENTS]


def _sender(root: Part) -> Address:
    for name in ("from", "sender", "reply-to", "return-path"):
        for value in root.headers.get(name, ()):
            for address in addresses_of(value):
                return address
    return Address(text_of(root.first("from").replace("<>", "")), "")


def _has_several_from(headers: Headers) -> bool:
    """Whether a mail names several senders, in as many fields or in one."""
    values = headers.get("from", ())
    return len(values) > 1 or len({a.address.lower() for value in values for a in addresses_of(value)}) > 1


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    values = (value for name in _DELIVERED_TO for value in headers.get(name, ()))
    found = (mailbox(value.strip().strip("<>")) for value in values)
    return tuple(dict.fromkeys(address.address for address in found if address is not None))[:MOST_RECIPIENTS]
