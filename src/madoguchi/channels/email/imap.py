"""The IMAP door: mailboxes read by polling and IDLE, each by one process at a time.

A mail is stored and committed before its place in the mailbox is remembered and before it is marked as seen there.
So a process that is killed reads it again, and the intake knows it by its bytes.
"""

import os
import re
import secrets
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from madoguchi.channels.email import authorization, folder
from madoguchi.channels.email.hosts import HostRefused, ImapClient, refused_in_words
from madoguchi.channels.email.models import Mailbox, Security, SignIn
from madoguchi.channels.email.oauth import OAuthProblem, sasl
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.text import one_line

TIMEOUT = 30
LEASE = timedelta(minutes=3)
RETRY = timedelta(minutes=1)
NEWS_SECONDS = 60
# How many tenths of a second a person who asks for new mail waits for whoever is reading.
PATIENCE = 20
READING, WAITING = "reading", "waiting"


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What one look into a mailbox brought: new mails stored, and the server's own words."""

    stored: int
    answer: str


class Busy(IMAPClientError):
    """Somebody else is reading the mailbox at this moment."""


def check(mailbox: Mailbox) -> str:
    """Sign in, open the folder and return the server's answer. Raises OSError or IMAPClientError."""
    with _open(mailbox) as client:
        found = client.folder_status(mailbox.folder, ["MESSAGES", "UNSEEN"])
        return f"{_greeting(client)} — {found[b'MESSAGES']} messages, {found[b'UNSEEN']} unread"


def fetch(mailbox: Mailbox) -> FetchResult:
    """Read what is new in a mailbox now, taking it over from a process that merely waits for news.

    It works in a thread with a connection of its own: inside the caller's transaction nothing would be
    committed when the mail is marked as seen. Raises OSError or IMAPClientError, `Busy` among them; the
    problem is kept with the mailbox.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="imap-fetch") as alone:
        return alone.submit(_fetch, mailbox.pk, mailbox.company_id).result()


def watch(mailbox: Mailbox, *, stop: Event) -> None:
    """Read a claimed mailbox until told to stop, or until it goes to another process.

    What is unread is taken at first; then what comes, as the server tells (IDLE) or once a minute. While it
    waits it holds no database connection. Raises OSError or IMAPClientError.
    """
    with _open(mailbox) as client:
        idle = client.has_capability("IDLE")
        unread_too = True
        while not stop.is_set() and hold(mailbox, READING):
            _read(client, mailbox, unread_too=unread_too, stop=stop)
            unread_too = False
            if not hold(mailbox, WAITING):
                return
            connection.close()
            _wait_for_news(client, stop) if idle else stop.wait(NEWS_SECONDS)


def claim(most: int = 10) -> list[Mailbox]:
    """Lease mailboxes that nobody reads, for this process; every process may ask at any time."""
    with scope.everywhere(reason="mailboxes of all companies are read by the same processes"):
        free = Q(leased_until=None) | Q(leased_until__lt=clock.now())
        rows = Mailbox.objects.select_for_update(skip_locked=True, of=("self",)).filter(free, _in_use())
        claimed = list(rows.select_related("entry_point").defer("password")[:most])
        for mailbox in claimed:
            _lease(mailbox, Q(pk=mailbox.pk))
        return claimed


def hold(mailbox: Mailbox, doing: str) -> bool:
    """Keep the lease; False when the mailbox was switched off or went to another process."""
    now = clock.now()
    looked = {"checked_at": now} if doing == WAITING else {}
    with scope.acting_for([mailbox.company_id]):
        mine = Mailbox.objects.filter(_in_use(), _held_by(mailbox), pk=mailbox.pk)
        holder = f"{mailbox.lease_holder} {doing}"
        return bool(mine.update(lease_holder=holder, leased_until=now + LEASE, problem="", **looked))


def release(mailbox: Mailbox, *, problem: str = "") -> None:
    """Give the mailbox back. With a problem, nobody tries again for a minute, and people can see why."""
    until = clock.now() + RETRY if problem else None
    with scope.acting_for([mailbox.company_id]):
        mine = Mailbox.objects.filter(_held_by(mailbox), pk=mailbox.pk)
        mine.update(leased_until=until, lease_holder="", problem=one_line(problem, most=1000))


def in_words(error: Exception) -> str:
    """What went wrong, as people are shown it with the mailbox."""
    if isinstance(error, HostRefused):
        return refused_in_words(error)
    # The IMAP library keeps a server's words as the bytes they were.
    words = re.sub(r"^b'(.*)'$", r"\1", str(error).strip())
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, IMAPClientError | TimeoutError | SecretUnreadable | OAuthProblem) and words:
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _fetch(pk: int, company: int) -> FetchResult:
    try:
        mailbox = _take_over_soon(pk, company)
        problem = ""
        try:
            with _open(mailbox) as client:
                stored = _read(client, mailbox, unread_too=True, stop=Event())
                hold(mailbox, WAITING)
                return FetchResult(stored, _greeting(client))
        except (OSError, IMAPClientError) as error:
            problem = in_words(error)
            raise
        finally:
            release(mailbox, problem=problem)
    finally:
        connection.close()


def _take_over_soon(pk: int, company: int) -> Mailbox:
    """As `_take_over`, but a look that only takes a moment is waited for."""
    for _ in range(PATIENCE):
        with suppress(Busy):
            return _take_over(pk, company)
        Event().wait(0.1)
    return _take_over(pk, company)


def _take_over(pk: int, company: int) -> Mailbox:
    """The mailbox, leased: it was free, or its holder was only waiting, and will notice. Raises Busy."""
    with scope.acting_for([company]):
        mailbox = Mailbox.objects.select_related("entry_point").defer("password").get(pk=pk)
        not_read = ~Q(lease_holder__endswith=f" {READING}") | Q(leased_until=None)
        if not _lease(mailbox, Q(not_read | Q(leased_until__lt=clock.now()), pk=pk), doing=READING):
            raise Busy(f"it is being read at this moment ({mailbox.lease_holder})")
        mailbox.refresh_from_db(fields=["uid_validity", "last_uid", "checked_at"])
        return mailbox


def _lease(mailbox: Mailbox, which: Q, *, doing: str = WAITING) -> bool:
    holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
    taken = Mailbox.objects.filter(which).update(
        lease_holder=f"{holder} {doing}", leased_until=clock.now() + LEASE
    )
    if taken:
        mailbox.lease_holder = holder
    return bool(taken)


def _in_use() -> Q:
    # Without a join: an update over one chooses its rows in a subquery, which a lease that was taken
    # meanwhile does not make PostgreSQL choose anew, and the late holder would take it back.
    return Q(Exists(EntryPoint.objects.filter(pk=OuterRef("entry_point"), active=True)), active=True)


def _held_by(mailbox: Mailbox) -> Q:
    return Q(lease_holder__startswith=f"{mailbox.lease_holder} ")


@contextmanager
def _open(mailbox: Mailbox) -> Iterator[IMAPClient]:
    tls = mailbox.security == Security.TLS
    client = ImapClient(mailbox.host, port=mailbox.port, ssl=tls, timeout=TIMEOUT)
    try:
        if mailbox.security == Security.STARTTLS:
            client.starttls()
        _sign_in(client, mailbox)
        client.select_folder(mailbox.folder)
        yield client
    finally:
        _leave(client)


def _sign_in(client: IMAPClient, mailbox: Mailbox) -> None:
    try:
        if mailbox.sign_in == SignIn.OAUTH:
            return _sign_in_by_token(client, mailbox)
        with scope.acting_for([mailbox.company_id]):
            password = mailbox.password
        client.login(mailbox.username, password)
    except (LoginError, SecretUnreadable, OAuthProblem) as error:
        raise LoginError(in_words(error)) from error
    except UnicodeError as error:
        raise LoginError("this server takes only ASCII in the user name and the password") from error


def _sign_in_by_token(client: IMAPClient, mailbox: Mailbox) -> None:
    token = authorization.access_token(mailbox)
    first = iter([sasl(mailbox.username, token)])
    try:
        # A server that refuses says why in a second challenge, which wants an empty answer.
        client.sasl_login("XOAUTH2", lambda _challenge: next(first, ""))
    except LoginError:
        authorization.distrust(mailbox, token)
        raise


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):
        with suppress(OSError, IMAPClientError):
            client.shutdown()


def _greeting(client: IMAPClient) -> str:
    return str(client.welcome.decode(errors="replace"))


def _read(client: IMAPClient, mailbox: Mailbox, *, unread_too: bool, stop: Event) -> int:
    known = folder.Position(mailbox.uid_validity, mailbox.last_uid)
    position = folder.go_on(client, mailbox.folder, known=known, last_look=mailbox.checked_at)
    if position != known and not _remember(mailbox, position):
        return 0
    uids = folder.waiting(client, position, unread_too=unread_too)
    stored = 0
    for mails in folder.portions(client, uids, most=settings.MAX_MAIL_BYTES):
        stored += sum(_take(mailbox, mail) for mail in mails)
        last = max([mailbox.last_uid, *(mail.uid for mail in mails)])
        if not _remember(mailbox, folder.Position(position.validity, last)):
            break
        folder.mark_taken(client, mails)
        if stop.is_set():
            break
    return stored


def _take(mailbox: Mailbox, mail: folder.Mail) -> bool:
    point = mailbox.entry_point
    source = f"imap {mailbox.username} {mailbox.folder} {mail.uid}"
    arrival = receive(raw=mail.raw, entry_point=point, source=source)
    if arrival is not None:
        handle(arrival, company=point.company_id)
    return arrival is not None


def _remember(mailbox: Mailbox, position: folder.Position) -> bool:
    """Write down how far it was read and keep the lease; False when it is no longer ours."""
    mailbox.uid_validity, mailbox.last_uid = position.validity, position.last
    with scope.acting_for([mailbox.company_id]):
        mine = Mailbox.objects.filter(_held_by(mailbox), pk=mailbox.pk)
        until = clock.now() + LEASE
        return bool(mine.update(uid_validity=position.validity, last_uid=position.last, leased_until=until))


def _wait_for_news(client: IMAPClient, stop: Event) -> None:
    """Until the server says that something changed, or a minute at most: connections may die in silence."""
    client.idle()
    try:
        for _ in range(NEWS_SECONDS):
            if stop.is_set() or client.idle_check(timeout=1):
                return
    finally:
        client.idle_done()
