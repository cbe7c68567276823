"""Our words to the customer, as a message of the case. `delivery` sends them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from madoguchi.cases.actions.arrive import as_json, attach
from madoguchi.cases.events import MessageWritten, StatusChanged
from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind
from madoguchi.kernel.channel import TALKS, Channel, File, Party
from madoguchi.kernel.markup import as_html
from madoguchi.kernel.pieces import lengths_of
from madoguchi.kernel.sign_off import signed_off
from madoguchi.kernel.text import blot_card_numbers, clean, one_line


@dataclass(frozen=True, slots=True)
class Answering:
    """What to say, to whom, and under which id it will be known to the other side.

    `laid_out` says that it leaves as HTML too, which then is what the case shows. An answer in a chat (`channel`) is
    part of the contact in which the customer wrote. `signature` stands under the text, unless it ends so already.
    """

    text: str
    to: tuple[Party, ...]
    external_id: str
    subject: str
    sender: Party
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    files: tuple[File, ...] = ()
    automatic: str = ""
    laid_out: bool = False
    channel: Channel | None = None
    signature: str = ""


def write_answer(case: Case, answering: Answering, *, by: Actor, status: Status | None = None) -> Message:
    """Add an answer to the case. A person's answer ends the customer's wait and sets the status, when given;
    an automatic one changes neither. Whether the actor may answer is checked by who calls (delivery).
    """
    message = _message(case, answering, by=by)
    attach(message, answering.files)
    if not answering.automatic:
        _settle(case, message, status, by=by)
    fact = MessageWritten(
        **case.where,
        message=message.pk,
        automatic=answering.automatic,
    )
    record(fact, by=by)
    return message


def _message(case: Case, answering: Answering, *, by: Actor) -> Message:
    now, channel = clock.now(), answering.channel or case.channel
    pieces = signed_off(blot_card_numbers(clean(answering.text)), clean(answering.signature))
    text = "".join(piece.text for piece in pieces)
    return Message.objects.create(
        company_id=case.company_id,
        case=case,
        contact=_chat_of(case, channel) or _new_contact(case, channel),
        channel=channel,
        author=Message.Author.STAFF if by.kind == ActorKind.PERSON else Message.Author.SYSTEM,
        user_id=by.id if by.kind == ActorKind.PERSON else None,
        sender_name=answering.sender.name,
        sender_address=answering.sender.address,
        to=as_json(answering.to),
        cc=as_json(answering.cc),
        bcc=as_json(answering.bcc),
        subject=one_line(answering.subject),
        text=text,
        pieces=lengths_of(pieces),
        html=as_html(text, pictures=pictures_of(answering.files)) if answering.laid_out else "",
        automatic=answering.automatic,
        external_id=answering.external_id,
        at=now,
    )


def _chat_of(case: Case, channel: str) -> Contact | None:
    """The contact in which the customer wrote last where one talks; None for another channel."""
    if channel not in TALKS:
        return None
    said = case.messages.filter(author=Message.Author.CUSTOMER, channel=channel).select_related("contact")
    last = said.order_by("-at", "-id").first()
    return last.contact if last else None


def _new_contact(case: Case, channel: str) -> Contact:
    return Contact.objects.create(
        company_id=case.company_id,
        case=case,
        customer_id=case.customer_id,
        entry_point_id=case.entry_point_id,
        channel=channel,
        inbound=False,
        at=clock.now(),
    )


def pictures_of(files: Iterable[File]) -> dict[str, str]:
    """The files that a text shows within itself, by name, with the address by which its HTML calls them."""
    return {file.filename: f"cid:{file.content_id}" for file in files if file.content_id}


def _settle(case: Case, message: Message, status: Status | None, *, by: Actor) -> None:
    after = status or case.status
    changes: dict[str, object] = {
        "status": after,
        "waiting_since": None,
        "undelivered": False,
        "first_replied_at": case.first_replied_at or message.at,
        "solved_at": message.at if after == Status.SOLVED else None,
        "touched_at": message.at,
        "preview": one_line(message.typed, most=160),
        "assignee_id": case.assignee_id or message.user_id,
        "message_count": F("message_count") + 1,
        "version": F("version") + 1,
    }
    Case.objects.filter(pk=case.pk).update(**changes)
    if after != case.status:
        fact = StatusChanged(**case.where, before=case.status, after=after)
        record(fact, by=by)


def answer_left(message: Message) -> None:
    """The other side took an answer: from now on the customer may see it on their own page."""
    Message.objects.filter(pk=message.pk).update(sent_at=clock.now())


def answer_failed(case: Case, *, by: Actor) -> None:
    """An answer will never arrive: the case is ours to act on again, for the customer knows nothing."""
    _as_before(case, status=Status.OPEN, waiting_since=case.waiting_since or clock.now(), by=by)


def answer_bounced(case: Case, *, reopen: bool, by: Actor) -> None:
    """A message that had left came back: the case says so until somebody answers anew or lays it to rest.

    With `reopen` it is ours to act on again, for the customer knows nothing.
    """
    Case.objects.filter(pk=case.pk).update(undelivered=True, version=F("version") + 1)
    if reopen:
        answer_failed(case, by=by)


def _as_before(case: Case, *, status: Status, waiting_since: datetime | None, by: Actor) -> None:
    changes = {"status": status, "waiting_since": waiting_since, "solved_at": None}
    Case.objects.filter(pk=case.pk).update(**changes, version=F("version") + 1)
    if case.status != status:
        record(StatusChanged(**case.where, before=case.status, after=status), by=by)


def recipients(parties: Iterable[Party]) -> tuple[Party, ...]:
    """Parties without repeats, in their order."""
    seen: dict[str, Party] = {}
    for party in parties:
        seen.setdefault(party.address.casefold(), party)
    return tuple(seen.values())
