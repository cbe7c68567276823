"""The IMAP door: mailboxes read by polling and IDLE, each by one process at a time.

A mail is stored and committed before its place in the mailbox is remembered and before it is marked as seen there.
So a process that is killed reads it again, and the intake knows it by its bytes.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from django.db.models import Q
from imapclient import SEEN, IMAPClient

from madoguchi.channels.email.models import Mailbox, Security
from madoguchi.infra import scope
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock

TIMEOUT = 30
BATCH = 50
LEASE = timedelta(minutes=5)
IDLE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What one look into a mailbox brought: new mails stored, and the server's own words."""

    stored: int
    answer: str


def check(mailbox: Mailbox) -> str:
    """Sign in, open the folder and return the server's answer. Raises OSError or IMAPClientError."""
    with _open(mailbox) as client:
        found = client.folder_status(mailbox.folder, ["MESSAGES", "UNSEEN"])
        return f"{client.welcome.decode(errors='replace')} — {found[b'MESSAGES']} messages"


def fetch(mailbox: Mailbox) -> FetchResult:
    """Read what is new in a mailbox now. Raises OSError or IMAPClientError; the problem is kept with it."""
    with _open(mailbox) as client:
        stored = _read_new(client, mailbox)
        return FetchResult(stored, client.welcome.decode(errors="replace"))


def watch(mailbox: Mailbox, *, stop: Event) -> None:
    """Read a mailbox until told to stop: what is new, then wait for the server to say there is more."""
    with _open(mailbox) as client:
        idle = client.has_capability("IDLE")
        while not stop.is_set() and renew(mailbox):
            _read_new(client, mailbox)
            if idle:
                _wait_for_news(client, stop)
            else:
                stop.wait(IDLE_SECONDS)


def claim(most: int = 10) -> list[Mailbox]:
    """Lease mailboxes that nobody reads, for this process; every process may ask at any time."""
    with scope.everywhere(reason="mailboxes of all companies are read by the same processes"):
        free = Q(leased_until=None) | Q(leased_until__lt=clock.now())
        rows = Mailbox.objects.select_for_update(skip_locked=True, of=("self",)).filter(free, active=True)
        claimed = list(rows.select_related("entry_point")[:most])
        _write_lease([m.pk for m in claimed])
        return claimed


def renew(mailbox: Mailbox) -> bool:
    """Keep the lease; False when the mailbox was switched off or went to another process."""
    with scope.acting_for([mailbox.company_id]):
        mine = Mailbox.objects.filter(pk=mailbox.pk, active=True, lease_holder=holder())
        return bool(mine.update(leased_until=clock.now() + LEASE, checked_at=clock.now(), problem=""))


def release(mailbox: Mailbox, *, problem: str = "") -> None:
    """Give the mailbox back. With a problem, nobody tries again for a minute, and people can see why."""
    until = clock.now() + timedelta(minutes=1) if problem else None
    with scope.acting_for([mailbox.company_id]):
        mine = Mailbox.objects.filter(pk=mailbox.pk, lease_holder=holder())
        mine.update(leased_until=until, lease_holder="", problem=problem[:1000], checked_at=clock.now())


def holder() -> str:
    """This process, as it signs a lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def _open(mailbox: Mailbox) -> Iterator[IMAPClient]:
    tls = mailbox.security == Security.TLS
    client = IMAPClient(mailbox.host, port=mailbox.port, ssl=tls, timeout=TIMEOUT)
    try:
        if mailbox.security == Security.STARTTLS:
            client.starttls()
        client.login(mailbox.username, mailbox.password)
        client.select_folder(mailbox.folder)
        yield client
    finally:
        _leave(client)


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, client.Error):
        client.shutdown()


def _read_new(client: IMAPClient, mailbox: Mailbox) -> int:
    _follow_validity(client, mailbox)
    stored = 0
    for batch in _batches(_new_uids(client, mailbox)):
        for uid, raw in sorted(_raw(client, batch).items()):
            stored += _take(mailbox, raw)
            mailbox.last_uid = max(mailbox.last_uid, uid)
        _remember(mailbox)
        client.add_flags(batch, [SEEN], silent=True)
    return stored


def _follow_validity(client: IMAPClient, mailbox: Mailbox) -> None:
    """A folder that was made anew numbers its mails anew: read it from the start, known mails are known."""
    status = client.folder_status(mailbox.folder, ["UIDVALIDITY"])
    validity = int(status[b"UIDVALIDITY"])
    if validity != mailbox.uid_validity:
        mailbox.uid_validity, mailbox.last_uid = validity, 0
        _remember(mailbox)


def _new_uids(client: IMAPClient, mailbox: Mailbox) -> list[int]:
    found = client.search(["UID", f"{mailbox.last_uid + 1}:*"])
    return sorted(uid for uid in found if uid > mailbox.last_uid)


def _batches(uids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]


def _raw(client: IMAPClient, uids: list[int]) -> dict[int, bytes]:
    fetched = client.fetch(uids, ["BODY.PEEK[]"])
    return {uid: data[b"BODY[]"] for uid, data in fetched.items() if data.get(b"BODY[]")}


def _take(mailbox: Mailbox, raw: bytes) -> int:
    point = mailbox.entry_point
    arrival = receive(raw=raw, entry_point=point, source=f"imap {mailbox.username} {mailbox.folder}")
    if arrival is None:
        return 0
    handle(arrival, company=point.company_id)
    return 1


def _remember(mailbox: Mailbox) -> None:
    with scope.acting_for([mailbox.company_id]):
        row = Mailbox.objects.filter(pk=mailbox.pk)
        row.update(uid_validity=mailbox.uid_validity, last_uid=mailbox.last_uid, checked_at=clock.now())


def _write_lease(ids: list[int]) -> None:
    rows = Mailbox.objects.filter(pk__in=ids)
    rows.update(lease_holder=holder(), leased_until=clock.now() + LEASE)


def _wait_for_news(client: IMAPClient, stop: Event) -> None:
    client.idle()
    try:
        for _ in range(IDLE_SECONDS):
            if stop.is_set() or client.idle_check(timeout=1):
                return
    finally:
        client.idle_done()
