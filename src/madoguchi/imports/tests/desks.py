"""What an import brought, as tests look at it; and mail as it lies in a mailbox."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from madoguchi.cases.models import Case
from madoguchi.people.factories import Side


def mail(
    at: datetime,
    *,
    sender: str = "佐藤 花子 <hanako@home.example>",
    to: str = "support@hinata.example",
    subject: str = "届きません",
    text: str = "注文した品が届きません。",
    id: str = "m1@home.example",
    answers: str = "",
) -> bytes:
    """One mail."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"], made["Message-ID"] = format_datetime(at), f"<{id}>"
    if answers:
        made["In-Reply-To"] = made["References"] = f"<{answers}>"
    made.set_content(text)
    return made.as_bytes()


def mbox(path: Path, *mails: bytes) -> Path:
    """A mailbox with these mails."""
    with path.open("wb") as file:
        for raw in mails:
            body = raw.replace(b"\nFrom ", b"\n>From ")
            file.write(b"From MAILER-DAEMON Sat Aug  1 10:00:00 2026\n" + body + b"\n")
    return path


def told(side: Side) -> list[dict[str, Any]]:
    """All cases of a company, as somebody who reads them would tell them."""
    with side.scope():
        return [_case(case) for case in Case.objects.select_related("customer", "assignee").order_by("id")]


def _case(case: Case) -> dict[str, Any]:
    return {
        "subject": case.subject,
        "customer": case.customer.name,
        "status": case.status,
        "opened": case.opened_at.isoformat(),
        "said": [
            (m.at.isoformat(), m.author, m.sender_address, m.text.strip())
            for m in case.messages.order_by("at", "id")
        ],
    }
