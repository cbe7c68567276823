"""How far an answer has come, as it is told beside it in the case. Pure."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from madoguchi.channels.email.transport import KEPT_IN_OUTBOX
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.advice import Advice, advice_for
from madoguchi.kernel.channel import Channel


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far an answer has come, in words; `until` is when it can no longer be taken back."""

    outgoing: Outgoing
    tone: str
    words: str
    advice: Advice | None = None
    until: datetime | None = None
    next_try: datetime | None = None
    may_retry: bool = False


def delivery_of(outgoing: Outgoing, *, own: bool, now: datetime, among: int = 1) -> Delivery:
    """How an answer to so many addresses (`among`) fares, said so that one knows what to do next."""
    state = outgoing.state
    if state == Outgoing.State.SENT:
        return _sent(outgoing)
    if state == Outgoing.State.CANCELLED:
        return Delivery(outgoing, "", _("Taken back before it was sent"))
    if state in (Outgoing.State.FAILED, Outgoing.State.BOUNCED):
        retry = state == Outgoing.State.FAILED
        advice = advice_for(outgoing.response)
        words = _("It was not delivered") if retry else _("It came back: it did not reach the customer")
        if among > 1 and not retry:
            words = _("It came back from one of its addresses: others may have it")
        if outgoing.unconfirmed:
            words = _("It may have come back: a server tells of mail to this address, and not which")
        return Delivery(outgoing, "bad", words, advice=advice, may_retry=retry)
    if outgoing.channel == Channel.CHAT:
        return Delivery(outgoing, "", _("Not seen in the chat yet"))
    if outgoing.tries:
        advice = advice_for(outgoing.response)
        return Delivery(outgoing, "warn", _("Not delivered yet"), advice=advice, next_try=outgoing.due_at)
    undo = own and state == Outgoing.State.QUEUED and outgoing.due_at > now
    return Delivery(outgoing, "", _("Being sent"), until=outgoing.due_at if undo else None)


def _sent(outgoing: Outgoing) -> Delivery:
    """A mail that left, with what the other side has told of it since."""
    told = {"delivered": _("Its arrival was confirmed"), "read": _("Its opening was confirmed")}
    if outgoing.channel == Channel.CHAT:
        told = {"": _("Arrived in the chat"), "read": _("Read in the chat")}
    elif outgoing.instead:
        told[""] = _("Sent by mail, for the customer had left the chat")
    if outgoing.receipt == "delayed":
        return Delivery(outgoing, "warn", _("Sent, but late: the other side's server is still trying"))
    if outgoing.response == KEPT_IN_OUTBOX:
        kept = _("Kept in the outbox: the customer did not get it")
        if outgoing.instead:
            kept = _(
                "Made a mail, for the customer had left the chat, and kept in the outbox: they did not get it"
            )
        return Delivery(outgoing, "warn", kept)
    return Delivery(outgoing, "", told.get(outgoing.receipt, _("Sent")))
