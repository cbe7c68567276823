"""All mail doors of one process: the SMTP listener, and a thread for each mailbox that it leases."""

import threading

import structlog
from django.db import connection
from imapclient.exceptions import IMAPClientError

from madoguchi.channels.email import imap
from madoguchi.channels.email.models import Mailbox
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.infra.secrets import SecretUnreadable

logger = structlog.get_logger()
LOOK_FOR_MAILBOXES = 15


def run(door: SmtpDoor, *, stop: threading.Event) -> None:
    """Keep the doors open until told to stop; then finish what was taken and give mailboxes back."""
    door.start()
    readers: list[threading.Thread] = []
    try:
        while not stop.is_set():
            readers = [r for r in readers if r.is_alive()] + _start_readers(stop)
            stop.wait(LOOK_FOR_MAILBOXES)
    finally:
        door.close()
        for reader in readers:
            reader.join(timeout=5)


def _start_readers(stop: threading.Event) -> list[threading.Thread]:
    try:
        claimed = imap.claim()
    except Exception:
        logger.exception("mailboxes_not_claimed")
        connection.close()
        return []
    readers = [threading.Thread(target=_read, args=(m, stop), name=f"imap-{m.pk}") for m in claimed]
    for reader in readers:
        reader.start()
    return readers


def _read(mailbox: Mailbox, stop: threading.Event) -> None:
    problem = ""
    try:
        imap.watch(mailbox, stop=stop)
    except (OSError, IMAPClientError, SecretUnreadable) as error:
        problem = f"{type(error).__name__}: {error}"
        logger.warning("mailbox_not_read", mailbox=mailbox.pk, problem=problem)
    finally:
        _give_back(mailbox, problem)


def _give_back(mailbox: Mailbox, problem: str) -> None:
    try:
        imap.release(mailbox, problem=problem)
    finally:
        connection.close()
