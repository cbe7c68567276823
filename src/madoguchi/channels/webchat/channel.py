"""A chat as the product's channel contract sees it. An answer leaves when the visitor's own page takes it."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from madoguchi.channels.webchat.models import Visit
from madoguchi.channels.webchat.queries import external_id, mail_instead, widget_of
from madoguchi.channels.webchat.saying import Saying, decode
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import (
    Channel,
    Clue,
    GoneAway,
    HeldBack,
    Inbound,
    Outbound,
    Party,
    PermanentFailure,
    Receipt,
    Unreadable,
)
from madoguchi.kernel.identity import is_visitor
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import clean, one_line

# Whoever has not come back by then is looked for again so much later.
LOOK_AGAIN = timedelta(days=1)

__all__ = ["WebchatChannel", "external_id", "fingerprint"]


class WebchatChannel:
    """Reads what visitors write, and says of an answer that it waits for its reader."""

    def read(self, raw: bytes, *, own_addresses: Sequence[str]) -> Inbound:
        """The message as an arrival; raises `Unreadable` for bytes that are none."""
        saying = decode(raw)
        if not is_visitor(saying.visitor):
            raise Unreadable("no visitor of ours wrote it")
        text = blot_secrets(clean(saying.text).strip())
        return Inbound(
            channel=Channel.CHAT,
            external_id=external_id(saying.visitor),
            sender=Party(address=saying.visitor, name=blot_secrets(one_line(saying.called, most=200))),
            subject="",
            text=text,
            new_text=text,
            fingerprint=fingerprint(saying),
            language=saying.language,
            files=saying.files,
            clues=(Clue("message_id", external_id(saying.visitor)),),
        )

    def new_external_id(self, *, token: str, domain: str) -> str:
        """An id for an answer; where the desk has mail, delivery takes one under which a mail can take its place."""
        return f"chat.{token}.{secrets.token_hex(8)}@{domain}"

    def send(self, message: Outbound) -> Receipt:
        """Never takes a message itself: the visitor's page fetches it. Says how long to wait for that (`HeldBack`),
        or that the visitor has left and gave a mail address (`GoneAway`).
        """
        with scope.acting_for([message.company]):
            visit = Visit.objects.filter(visitor=message.to[0].address).first()
            if visit is None:
                raise PermanentFailure("the visitor is not known")
            widget = widget_of(visit.entry_point_id)
            mail = mail_instead(visit.visitor)
        if mail:
            raise GoneAway("this chat was ended", to=Party(address=mail, name=visit.called))
        mail_at = message.created_at + timedelta(minutes=widget.mail_after)
        if visit.address and clock.now() >= mail_at:
            raise GoneAway("not read in the chat", to=Party(address=visit.address, name=visit.called))
        until = mail_at if visit.address else clock.now() + LOOK_AGAIN
        raise HeldBack("waits to be read in the chat", until=until)


def fingerprint(saying: Saying) -> bytes:
    """What makes two copies one message: who wrote it, what their browser named it, and its words."""
    return hashlib.sha256(f"chat {saying.visitor} {saying.id} {saying.text}".encode()).digest()
