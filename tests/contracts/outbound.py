"""The far side of each channel that sends, made to answer as a test wants. A new channel adds its own to `OUTBOUND`."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import Client, override_settings

from madoguchi.channels.email.models import Security, SmtpServer
from madoguchi.channels.line.composing import retry_key
from madoguchi.channels.line.models import Account
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.channel import Channel, Party
from madoguchi.people.factories import Side
from tests.servers.ground import free_ports
from tests.servers.line import SECRET, TOKEN, USER, line_server

GAKU = Party("gaku@home.example", "髙橋 ガク")
TAKEN, TEMPORARY, PERMANENT = "taken", "temporary", "permanent"


@dataclass
class FarSide:
    """Gives these answers in turn, then takes everything. `ids` are those of the messages it was sent, `files` what has
    come along, or is fetched from where a message says it is, `texts` what was said, `choices` what can be touched.
    """

    answers: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    entry_point: int = 0
    files: Callable[[], list[bytes]] = list
    texts: Callable[[], list[str]] = list
    choices: Callable[[], list[str]] = list

    def answer(self, external_id: str) -> str:
        """What becomes of a message with this id."""
        self.ids.append(external_id)
        answer = self.answers.pop(0) if self.answers else TAKEN
        if answer == TAKEN:
            self.taken.append(external_id)
        return answer


@dataclass(frozen=True, slots=True)
class OutboundShape:
    """How a channel's far side is put in place for one company, and whom it reaches. `known_as` is what the far side
    sees of an external id, by which it tells a repeat. Whether it `has_choices` to touch.
    """

    channel: Channel
    far_side: Callable[[Side], AbstractContextManager[FarSide]]
    to: Party = GAKU
    known_as: Callable[[str], str] = str
    has_choices: bool = False


class _MailServer:
    words = {TAKEN: "250 taken", TEMPORARY: "451 4.7.1 later", PERMANENT: "550 5.1.1 nobody"}

    def __init__(self, far: FarSide) -> None:
        self.far, self.came, self.said = far, list[bytes](), list[str]()
        far.files, far.texts = lambda: self.came, lambda: self.said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [external_id] = re.findall(rb"^Message-ID: <(.+)>\r$", envelope.content or b"", re.MULTILINE)
        told = self.far.answer(external_id.decode())
        if told == TAKEN:
            mail = message_from_bytes(envelope.original_content or b"", policy=default)
            words = mail.get_body(("plain",))
            self.said.append(words.get_content().strip() if words else "")
            self.came.extend(part.get_payload(decode=True) for part in mail.iter_attachments())
        return self.words[told]


@contextmanager
def _mail_server(side: Side) -> Iterator[FarSide]:
    far, [port] = FarSide(entry_point=side.entry_point.pk), free_ports(1)
    server = Controller(_MailServer(far), hostname="127.0.0.1", port=port)
    server.start()
    where = {"host": "127.0.0.1", "port": port, "security": Security.NONE}
    with side.scope():
        SmtpServer.objects.create(company=side.company, entry_point=side.entry_point, **where)
    try:
        yield far
    finally:
        server.stop()


@contextmanager
def _line(side: Side) -> Iterator[FarSide]:
    point = make_entry_point(side.desk, kind=Channel.LINE)
    far = FarSide(entry_point=point.pk)
    with side.scope():
        Account.objects.create(company=side.company, entry_point=point, secret=SECRET, token=TOKEN)
    with line_server() as server, override_settings(LINE_API=server.url):
        server.ask = lambda key: _LINE_SAYS.get(far.answer(key), (200, ""))
        far.files = lambda: [
            _fetched(link) for link in re.findall(r'https?://[^\s"]+', json.dumps(server.pushed))
        ]
        far.texts = lambda: [one["text"] for said in server.pushed for one in said["messages"]]
        far.choices = lambda: [
            item["action"]["text"]
            for said in server.pushed
            for item in said["messages"][-1].get("quickReply", {}).get("items", [])
        ]
        yield far


def _fetched(link: str) -> bytes:
    """What anybody gets who follows a link."""
    return b"".join(Client().get(urlsplit(link).path))


_LINE_SAYS = {TEMPORARY: (503, "Service Unavailable"), PERMANENT: (400, "The property, 'to', is invalid")}
OUTBOUND = [
    OutboundShape(Channel.EMAIL, far_side=_mail_server),
    OutboundShape(
        Channel.LINE,
        far_side=_line,
        to=Party(USER, "髙橋 ガク"),
        known_as=lambda external_id: retry_key(external_id, 0),
        has_choices=True,
    ),
]
# Here the far side comes for its messages: `portal/tests/test_chat.py` holds what is true of that.
FETCHED = {Channel.CHAT}
