"""`madoguchi mail parse`: what mail files hold, one JSON object a line, whatever the files are."""

import json
import sys
import traceback

import click

from madoguchi.channels.email.charsets import clean
from madoguchi.channels.email.parse import Address, ParsedAttachment, ParsedMail
from madoguchi.channels.email.parse import parse as read
from madoguchi.channels.email.structure import MOST_BYTES


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
def parse(files: tuple[str, ...]) -> None:
    """Say what mail files hold: one JSON object a line, in the order given (format: docs/running/mail.md).

    Needs no database, and what cannot be read is an object with the reason among its warnings.
    `-` is standard input.
    """
    out = sys.stdout.buffer
    for file in files:
        out.write(json.dumps(said(file), ensure_ascii=False).encode() + b"\n")
    out.flush()


def said(file: str) -> dict[str, object]:
    """What one file holds, in the words of the command's format."""
    raw, problem = _content(file)
    try:
        mail = read(raw)
        return {"file": clean(file), **as_words(mail), "warnings": problem or list(mail.warnings)}
    except Exception:  # noqa: BLE001  a fault of ours in one file keeps nobody from what the others hold
        traceback.print_exc()
        return {"file": clean(file), **as_words(read(b"")), "warnings": ["not-understood"]}


def as_words(mail: ParsedMail) -> dict[str, object]:
    """A mail as JSON has it; without its file and its warnings."""
    return {
        "message_id": mail.message_id,
        "in_reply_to": next(iter(mail.in_reply_to), ""),
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "from": _address(mail.sender) if mail.sender != Address("", "") else None,
        "to": [_address(a) for a in mail.to],
        "cc": [_address(a) for a in mail.cc],
        "reply_to": [_address(a) for a in mail.reply_to],
        "subject": mail.subject,
        "text": mail.text,
        "reply_text": mail.reply.new.strip(),
        "html": mail.html,
        "attachments": [_attachment(a) for a in mail.attachments],
        "auto": mail.auto,
    }


def _content(file: str) -> tuple[bytes, list[str]]:
    """The bytes of a file as far as they are read, and what is to be said of it."""
    try:
        with click.open_file(file, "rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return b"", ["file-missing"]
    except (OSError, ValueError, click.ClickException):
        return b"", ["file-unreadable"]
    if not raw.strip():
        return b"", ["file-empty"]
    return raw, []


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _attachment(file: ParsedAttachment) -> dict[str, object]:
    return {
        "filename": file.filename,
        "content_type": file.content_type,
        "size": len(file.content),
        "sha256": file.sha256,
        "inline": file.inline,
        "content_id": file.content_id,
    }
