"""Answers in a chat: the visitor's page takes them, or, when the visitor has left, they go by mail."""

from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.actions import answer_left
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import first_mail_point
from madoguchi.delivery import jobs
from madoguchi.delivery.events import MessageRead, MessageSent
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.event_log import record
from madoguchi.intake.models import Report
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.sign_off import signed_off

DELIVERY = system("delivery")
_LATER = timedelta(days=1)


@transaction.atomic
def taken(case: int, *, visitor: str, upto: int) -> None:
    """The visitor's page has our answers to them in this case up to a message (by id). What was taken back stays so."""
    for outgoing in _in_chat(case, visitor, upto, Outgoing.State.QUEUED, Outgoing.State.SENDING):
        outgoing.state, outgoing.response, outgoing.finished_at = Outgoing.State.SENT, "", clock.now()
        outgoing.tries += 1
        outgoing.save()
        answer_left(outgoing.message)
        record(
            MessageSent(**outgoing.message.case.where, message=outgoing.message_id, response=""), by=DELIVERY
        )


@transaction.atomic
def read(case: int, *, visitor: str, upto: int) -> None:
    """The visitor had our answers up to a message (by id) before their eyes."""
    taken(case, visitor=visitor, upto=upto)
    for outgoing in _in_chat(case, visitor, upto, Outgoing.State.SENT):
        if outgoing.receipt != Report.What.READ:
            outgoing.receipt, outgoing.receipt_at = Report.What.READ, clock.now()
            outgoing.save(update_fields=["receipt", "receipt_at"])
            record(MessageRead(**outgoing.message.case.where, message=outgoing.message_id), by=DELIVERY)


def _in_chat(case: int, visitor: str, upto: int, *states: Outgoing.State) -> list[Outgoing]:
    rows = Outgoing.objects.select_for_update(of=("self",)).select_related("message__case")
    ours = rows.filter(message__case_id=case, message_id__lte=upto, channel=Channel.CHAT)
    to_them = ours.filter(message__to__contains=[{"address": visitor}])
    return list(to_them.filter(state__in=states).order_by("pk"))


def go_by_mail(outgoing: Outgoing, *, to: Party) -> None:
    """Let an answer that nobody took in the chat leave by mail; it waits on where the desk has no mail address."""
    case = outgoing.message.case
    point = first_mail_point(case.shown_desk.pk)
    outgoing.state, outgoing.due_at = Outgoing.State.QUEUED, clock.now()
    if point is None:
        outgoing.due_at += _LATER
    else:
        with translation.override(ours_for(case.language)):
            outgoing.text = _by_mail(outgoing.message.text, case.shown_desk)
        outgoing.channel, outgoing.entry_point, outgoing.instead = Channel.EMAIL, point, to.address
    outgoing.save()
    jobs.schedule(outgoing)


def _by_mail(said: str, desk: Desk) -> str:
    words = _(
        "You asked us this in the chat of %(desk)s and had left when we answered. Answer this mail, and it goes on in"
        " the same case. If it was not you who asked, please disregard it and do not answer."
    )
    signed = "".join(piece.text for piece in signed_off(said, desk.signature))
    return f"{signed.rstrip()}\n\n――\n{words % {'desk': desk.public_name}}\n"
