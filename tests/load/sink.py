"""The other side: a mail server that takes everything and remembers how often each Message-ID came."""

import email
from collections import Counter
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ground import free_ports


class Sink:
    """Listens while inside."""

    def __init__(self) -> None:
        [self.port] = free_ports(1)
        self.came: Counter[str] = Counter()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.came[str(email.message_from_bytes(content)["Message-ID"]).strip("<> ")] += 1
        return "250 taken"
