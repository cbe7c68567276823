"""The far side of each channel that sends, made to answer as a test wants. A new channel adds its own to `OUTBOUND`."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from madoguchi.channels.email.models import Security, SmtpServer
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import Side
from tests.servers.ground import free_ports

TAKEN, TEMPORARY, PERMANENT = "taken", "temporary", "permanent"


@dataclass
class FarSide:
    """Gives these answers in turn, then takes everything. `ids` are those of the messages it was sent."""

    answers: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def answer(self, external_id: str) -> str:
        """What becomes of a message with this id."""
        self.ids.append(external_id)
        answer = self.answers.pop(0) if self.answers else TAKEN
        if answer == TAKEN:
            self.taken.append(external_id)
        return answer


@dataclass(frozen=True, slots=True)
class OutboundShape:
    """How a channel's far side is put in place for one company."""

    channel: Channel
    far_side: Callable[[Side], AbstractContextManager[FarSide]]


class _MailServer:
    words = {TAKEN: "250 taken", TEMPORARY: "451 4.7.1 later", PERMANENT: "550 5.1.1 nobody"}

    def __init__(self, far: FarSide) -> None:
        self.far = far

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [external_id] = re.findall(rb"^Message-ID: <(.+)>\r$", envelope.content or b"", re.MULTILINE)
        return self.words[self.far.answer(external_id.decode())]


@contextmanager
def _mail_server(side: Side) -> Iterator[FarSide]:
    far, [port] = FarSide(), free_ports(1)
    server = Controller(_MailServer(far), hostname="127.0.0.1", port=port)
    server.start()
    where = {"host": "127.0.0.1", "port": port, "security": Security.NONE}
    with side.scope():
        SmtpServer.objects.create(company=side.company, entry_point=side.entry_point, **where)
    try:
        yield far
    finally:
        server.stop()


OUTBOUND = [OutboundShape(Channel.EMAIL, far_side=_mail_server)]
# Here the far side comes for its messages: `portal/tests/test_chat.py` holds what is true of that.
FETCHED = {Channel.CHAT}
