"""The SMTP and LMTP door: a mail server hands mail over here, and it is stored before it is taken.

Only addresses of entry points in use are accepted. `250` is said after the raw mail is committed; what it says is
made out afterwards, by a small pool of threads.
"""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel.channel import Channel

logger = structlog.get_logger()
MOST_RECIPIENTS = 50


@dataclass
class Door:
    """aiosmtpd's handler. `threads` do the database work; `backlog` bounds what waits to be handled."""

    threads: ThreadPoolExecutor
    backlog: int = 200
    _waiting: set["Future[None]"] = field(default_factory=set)
    _known: dict[str, EntryPoint] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take recipients that are ours, one by one."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            known = await asyncio.get_running_loop().run_in_executor(self.threads, _look_up, address)
        except Exception:
            logger.exception("recipient_not_looked_up")
            return "451 4.3.0 Try again later"
        if known is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        self._known[address] = known
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store for every company addressed, then say so."""
        points = {self._known[a].company_id: self._known[a] for a in reversed(envelope.rcpt_tos)}
        raw = bytes(envelope.content or b"")
        source = f"smtp {session.peer[0] if session.peer else ''}"
        loop = asyncio.get_running_loop()
        try:
            for point in points.values():
                stored = await loop.run_in_executor(self.threads, _store, raw, point, source)
                if stored is not None:
                    await self._handle_later(stored, point.company_id)
        except Exception:
            logger.exception("mail_not_stored")
            return "451 4.3.0 Try again later"
        return "250 2.0.0 OK: stored"

    async def _handle_later(self, arrival: int, company: int) -> None:
        while len(self._waiting) >= self.backlog:
            await asyncio.wait(map(asyncio.wrap_future, self._waiting), return_when=asyncio.FIRST_COMPLETED)
        work = self.threads.submit(_handle, arrival, company)
        self._waiting.add(work)
        work.add_done_callback(self._waiting.discard)


class SmtpDoor(Controller):
    """The door as a listener in a thread of its own."""

    def __init__(
        self, *, host: str, port: int, size_limit: int, lmtp: bool = False, threads: int = 2
    ) -> None:
        self.threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="mail")
        self.lmtp = lmtp
        super().__init__(
            Door(self.threads),
            hostname=host,
            port=port,
            data_size_limit=size_limit,
            ident="Madoguchi",
            decode_data=False,
            enable_SMTPUTF8=True,
        )

    def factory(self) -> SMTP:
        """One session of the protocol."""
        return LMTP(self.handler, **self.SMTP_kwargs) if self.lmtp else SMTP(self.handler, **self.SMTP_kwargs)

    def close(self) -> None:
        """Stop listening, then finish what was taken."""
        self.stop(no_assert=True)
        self.threads.shutdown(wait=True)


def _look_up(address: str) -> EntryPoint | None:
    return entry_point_by_address(Channel.EMAIL, address)


def _store(raw: bytes, point: EntryPoint, source: str) -> int | None:
    return receive(raw=raw, entry_point=point, source=source)


def _handle(arrival: int, company: int) -> None:
    try:
        handle(arrival, company=company)
    except Exception:
        logger.exception("arrival_not_handled", arrival=arrival)
        connection.close()
