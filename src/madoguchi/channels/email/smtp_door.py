"""The SMTP and LMTP door: a mail server hands mail over here, and it is stored before it is taken.

Only addresses of entry points in use are accepted. `250` is said after the raw mail is committed; a thread of its own
makes messages of what was stored, many in one transaction when many come.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from madoguchi.channels.email.smtp_session import Connections, LmtpSession, SmtpSession
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.intake.actions import handle_many, receive
from madoguchi.kernel.channel import Channel

logger = structlog.get_logger()
MOST_RECIPIENTS = 50
BATCH = 16
# An address that was looked up is believed for so many seconds; a new or closed one counts after that.
BELIEVED = 5.0
_STOP = (0, 0)
Result = TypeVar("Result")


class Handling:
    """The thread that handles what was stored. `put` waits when it is far behind, and so the sender waits."""

    def __init__(self, *, most_waiting: int = 500) -> None:
        self._waiting: queue.Queue[tuple[int, int]] = queue.Queue(most_waiting)
        self._thread = threading.Thread(target=self._run, name="mail-handling")

    def start(self) -> None:
        """Begin to handle."""
        self._thread.start()

    def put(self, company: int, arrival: int) -> None:
        """Have a stored arrival handled soon."""
        self._waiting.put((company, arrival))

    def stop(self) -> None:
        """Handle all that waits, then end."""
        self._waiting.put(_STOP)
        self._thread.join()

    def _run(self) -> None:
        company, arrival = self._waiting.get()
        while (company, arrival) != _STOP:
            batch = [arrival]
            following = self._next()
            while following and following[0] == company and len(batch) < BATCH:
                batch.append(following[1])
                following = self._next()
            _handle(batch, company)
            company, arrival = following or self._waiting.get()
        connection.close()

    def _next(self) -> tuple[int, int] | None:
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None


@dataclass
class Door:
    """aiosmtpd's handler. `threads` do the look-ups and the storing."""

    threads: ThreadPoolExecutor
    handling: Handling
    most_recipients: int = MOST_RECIPIENTS
    _known: dict[str, tuple[float, EntryPoint | None]] = field(default_factory=dict)
    # For each mail under way the first of its recipients in every company.
    _accepted: WeakKeyDictionary[Envelope, dict[int, EntryPoint]] = field(default_factory=WeakKeyDictionary)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take recipients that are ours, one by one."""
        if len(envelope.rcpt_tos) >= self.most_recipients:
            return "452 4.5.3 Too many recipients"
        try:
            known = await self._entry_point(address)
        except Exception:
            logger.exception("recipient_not_looked_up")
            return "451 4.3.0 Try again later"
        if known is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        self._accepted.setdefault(envelope, {}).setdefault(known.company_id, known)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store for every company addressed, then say so: for whom it was accepted, and for nobody else. An address
        that goes out of use between the two commands still gets this mail.
        """
        raw = _with_envelope(bytes(envelope.content or b""), envelope)
        source = f"smtp {session.peer[0] if session.peer else ''}"
        try:
            await self._in_thread(self._store, raw, list(self._accepted[envelope].values()), source)
        except Exception:
            logger.exception("mail_not_stored")
            return "451 4.3.0 Try again later"
        return "250 2.0.0 OK: stored"

    async def _entry_point(self, address: str) -> EntryPoint | None:
        until, point = self._known.get(address, (0.0, None))
        if time.monotonic() > until:
            point = await self._in_thread(entry_point_by_address, Channel.EMAIL, address)
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[address] = (time.monotonic() + BELIEVED, point)
        return point

    def _store(self, raw: bytes, points: list[EntryPoint], source: str) -> None:
        for point in points:
            stored = receive(raw=raw, entry_point=point, source=source)
            if stored is not None:
                self.handling.put(point.company_id, stored)

    async def _in_thread(self, work: Callable[..., Result], *given: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work, *given)


class SmtpDoor(Controller):
    """The door as a listener in a thread of its own."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        size_limit: int,
        lmtp: bool = False,
        threads: int = 2,
        connections: Connections | None = None,
    ) -> None:
        self.connections = connections or Connections()
        self.storing_threads = threads
        self.threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="mail-storing")
        self.handling = Handling()
        self.lmtp = lmtp
        super().__init__(
            # LMTP answers for each recipient apart; with one at a time there is one answer to give.
            Door(self.threads, self.handling, most_recipients=1 if lmtp else MOST_RECIPIENTS),
            hostname=host,
            port=port,
            data_size_limit=size_limit,
            ident="Madoguchi",
            decode_data=False,
            enable_SMTPUTF8=True,
        )

    def factory(self) -> SMTP:
        """One session of the protocol."""
        session = LmtpSession if self.lmtp else SmtpSession
        return session(self.handler, connections=self.connections, **self.SMTP_kwargs)

    def start(self) -> None:
        """Begin to listen and to handle."""
        self.handling.start()
        super().start()

    def close(self) -> None:
        """Stop listening, then finish what was taken. Closing what is closed does nothing."""
        if self.loop.is_closed():
            return
        self.stop(no_assert=True)
        self._let_go_of_the_database()
        self.threads.shutdown(wait=True)
        self.handling.stop()

    def _let_go_of_the_database(self) -> None:
        """Each storing thread closes the connection that is its own; the barrier gives every one its turn."""
        together = threading.Barrier(self.storing_threads)
        for _ in range(self.storing_threads):
            self.threads.submit(_close_connection, together)


def _with_envelope(raw: bytes, envelope: Envelope) -> bytes:
    """The mail with what its envelope alone says: that it comes from nobody, as bounces do, and the plus-addresses it
    came to, which a bounce or a blind copy may name nowhere else.
    """
    from_nobody = ["Return-Path: <>"] if envelope.mail_from in (None, "", "<>") else []
    detailed = (f"Delivered-To: {a}" for a in envelope.rcpt_tos if "+" in a.partition("@")[0])
    return b"".join(f"{line}\r\n".encode() for line in (*from_nobody, *detailed)) + raw


def _close_connection(together: threading.Barrier) -> None:
    with suppress(threading.BrokenBarrierError):
        together.wait(timeout=5)
    connection.close()


def _handle(arrivals: list[int], company: int) -> None:
    try:
        handle_many(arrivals, company=company)
    except Exception:
        logger.exception("arrivals_not_handled", arrivals=arrivals)
        connection.close()
