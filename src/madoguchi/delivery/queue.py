"""Putting a message on its way: the row first, the job beside it, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import first_mail_point
from madoguchi.delivery import jobs
from madoguchi.delivery.channels import sender_of
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.channel import TALKS, Channel, Party, channel_of
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.subjects import without_answer_marks, without_numbers

MOST_REFERENCES = 20
_LONGEST_SUBJECT = 460


def sending_point(case: Case, to: Sequence[Party] = ()) -> EntryPoint:
    """The address a case's answers come from: the one the customer wrote to, else the first of the
    desk that they know, or of the one that works it. Whoever
    talks (`to`) is answered by the chat or the LINE account to which they wrote.

    Raises Refused when the desk has no mail address to answer from.
    """
    if to and (by := channel_of(to[0].address)) in TALKS:
        return _where_they_talked(case, by)
    if case.entry_point and case.entry_point.kind == Channel.EMAIL and case.entry_point.active:
        return case.entry_point
    point = first_mail_point(case.shown_desk.pk) or first_mail_point(case.desk_id)
    if point is None:
        raise Refused(_("This desk has no mail address to answer from. Add one in the settings."))
    return point


def _where_they_talked(case: Case, channel: Channel) -> EntryPoint:
    said = Message.objects.filter(case=case, author=Message.Author.CUSTOMER, channel=channel)
    last = said.select_related("contact__entry_point__desk").order_by("-at", "-id").first()
    if last is None or last.contact.entry_point is None:
        words = {
            Channel.CHAT: _("Nobody has written in a chat here. Enter a mail address under To."),
            Channel.LINE: _("Nobody has written by LINE here. Enter a mail address under To."),
        }
        raise Refused(words[channel], field="to")
    return last.contact.entry_point


def new_external_id(case: Case, point: EntryPoint) -> str:
    """A Message-ID under which the answer to this message finds the case again. What is said in a chat has one, too,
    for it may go by mail in the end.
    """
    mail = point if point.kind == Channel.EMAIL else first_mail_point(case.shown_desk.pk)
    domain = mail.address.rpartition("@")[2] if mail else "madoguchi.invalid"
    return sender_of(Channel.EMAIL).new_external_id(token=case.reply_token, domain=domain)


def sender(point: EntryPoint) -> Party:
    """Whom the customer sees as the sender."""
    return Party(address=point.address, name=point.shown_sender)


def subject_of(case: Case) -> str:
    """The subject of an answer: the customer's own after one “Re:”, with the case number once at its end, and no number
    of another case, which it may have come from.
    """
    prefix = case.company.prefix
    number = f"[{case.spoken_number(prefix)}]"
    words = without_answer_marks(without_numbers(case.subject, prefix=prefix, but=case.spoken_number(prefix)))
    subject = f"Re: {words[:_LONGEST_SUBJECT]}".strip()
    return subject if number in subject else f"{subject} {number}"


def subject_about(case: Case, matter: str) -> str:
    """The subject of a letter to an address that somebody typed: what it is about and the case number, and nothing that
    they wrote, for we carry nobody's words to strangers.
    """
    return f"{matter} [{case.spoken_number(case.company.prefix)}]"


def enqueue(
    message: Message,
    case: Case,
    point: EntryPoint,
    *,
    undo: bool = False,
    cause: int | None = None,
    text: str = "",
    link_generation: int | None = None,
    approved_by: int | None = None,
    choices: Sequence[str] = (),
    stood: Mapping[str, Any] | None = None,
) -> Outgoing:
    """Put a message on its way; with `undo` it waits for some seconds in which it can be taken back.

    `text` leaves instead of the message's own words, which are what staff read, for it brings the link of this
    generation to the customer's own page. `choices` are words that it can be answered with by a touch. `stood` is how
    the case stood before.
    """
    now = clock.now()
    earlier = _thread(case, message)
    outgoing = Outgoing.objects.create(
        company_id=case.company_id,
        message=message,
        entry_point=point,
        channel=point.kind,
        external_id=message.external_id,
        in_reply_to=earlier[-1] if earlier else "",
        references="\n".join(earlier),
        text=text,
        link_generation=link_generation,
        cause=cause,
        approved_by_id=approved_by,
        choices=[one[:300] for one in choices],
        stood=stood,
        due_at=now + timedelta(seconds=settings.UNDO_SECONDS if undo else 0),
        created_at=now,
    )
    jobs.schedule(outgoing)
    return outgoing


def _thread(case: Case, message: Message) -> list[str]:
    """Message-IDs that the customer's mail program knows, oldest first, ending with the mail that is answered: the
    customer's last, or where they never wrote by mail our own last. The first and the newest of them when many.
    """
    earlier = Message.objects.filter(case=case).exclude(pk=message.pk).exclude(external_id="")
    theirs, ours = Q(author=Message.Author.CUSTOMER, channel=Channel.EMAIL), Q(sent_at__isnull=False)
    known = list(earlier.filter(theirs | ours).order_by("at", "id").values_list("external_id", "author"))
    answered = [at for at, (_id, author) in enumerate(known, 1) if author == Message.Author.CUSTOMER]
    ids = [id_ for id_, _author in known[: answered[-1] if answered else None]]
    return ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[-(MOST_REFERENCES - 1) :]]
