"""One crooked mail and what must be read in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madoguchi.channels.email.parse import ParsedMail


@dataclass(frozen=True)
class Crooked:
    """A mail, and what it says by names of fields of `said`; what is not named is not asked for."""

    name: str
    raw: bytes
    says: Mapping[str, Any]


def crooked(name: str, raw: bytes, **says: Any) -> Crooked:
    return Crooked(name, raw, says)


def said(mail: ParsedMail) -> dict[str, Any]:
    """A mail in the short form in which the table says what is expected."""
    return {
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "sender": (mail.sender.name, mail.sender.address),
        "to": [(a.name, a.address) for a in mail.to],
        "cc": [(a.name, a.address) for a in mail.cc],
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "files": [(file.filename, file.content_type, file.content) for file in mail.attachments],
        "names": [file.filename for file in mail.attachments],
        "inline": [file.filename for file in mail.attachments if file.inline],
        "auto": mail.auto,
        "warnings": list(mail.warnings),
    }
