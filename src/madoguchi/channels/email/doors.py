"""All mail doors of one process: the SMTP listener, and a thread for each mailbox that it leases."""

import threading
import time

import structlog
from django.db import connection
from imapclient.exceptions import IMAPClientError

from madoguchi.channels.email import imap
from madoguchi.channels.email.models import Mailbox
from madoguchi.channels.email.smtp_door import SmtpDoor

logger = structlog.get_logger()
LOOK_FOR_MAILBOXES = 15
CLOSING_SECONDS = 4


class Reader(threading.Thread):
    """Reads one leased mailbox with a database connection of its own, and gives it back at the end.

    It dies with the process: a server that is silent must not keep us from stopping.
    """

    def __init__(self, mailbox: Mailbox, stop: threading.Event) -> None:
        super().__init__(name=f"imap-{mailbox.pk}", daemon=True)
        self.mailbox = mailbox
        self.stop = stop

    def run(self) -> None:
        """Until told to stop, or until the mailbox cannot be read or is no longer ours."""
        problem = ""
        try:
            imap.watch(self.mailbox, stop=self.stop)
        except (OSError, IMAPClientError) as error:
            problem = imap.in_words(error)
            logger.warning("mailbox_not_read", mailbox=self.mailbox.pk, problem=problem)
        except Exception as error:
            problem = imap.in_words(error)
            logger.exception("mailbox_not_read", mailbox=self.mailbox.pk)
        give_back(self.mailbox, problem)


def run(door: SmtpDoor, *, stop: threading.Event) -> None:
    """Keep the doors open until told to stop; then finish what was taken and give mailboxes back."""
    door.start()
    readers: list[Reader] = []
    try:
        while not stop.is_set():
            readers = [r for r in readers if r.is_alive()] + _start_readers(stop)
            stop.wait(LOOK_FOR_MAILBOXES)
    finally:
        door.close()
        _end(readers)


def give_back(mailbox: Mailbox, problem: str = "") -> None:
    """End the lease. Without a database it ends by itself, somewhat later."""
    try:
        imap.release(mailbox, problem=problem)
    except Exception:
        logger.exception("mailbox_not_given_back", mailbox=mailbox.pk)
    finally:
        connection.close()


def _start_readers(stop: threading.Event) -> list[Reader]:
    try:
        claimed = imap.claim()
    except Exception:
        logger.exception("mailboxes_not_claimed")
        return []
    finally:
        connection.close()
    readers = [Reader(mailbox, stop) for mailbox in claimed]
    for reader in readers:
        reader.start()
    return readers


def _end(readers: list[Reader]) -> None:
    deadline = time.monotonic() + CLOSING_SECONDS
    for reader in readers:
        reader.join(timeout=max(0, deadline - time.monotonic()))
        if reader.is_alive():
            give_back(reader.mailbox)
