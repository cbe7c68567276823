"""Answering a customer, taking an answer back, and trying a failed one again."""

from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions import (
    Answering,
    answer_taken_back,
    claim_reply,
    held_case,
    release_reply,
    require_filled,
    require_room,
    settle_drafts,
    settle_returned,
    standing_of,
    taken_over_from,
    write_answer,
)
from madoguchi.cases.actions.answer import recipients
from madoguchi.cases.actions.take_back import Stood
from madoguchi.cases.models import Case, Message, PendingAnswer, Status
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.consenting import ways_refused
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import show
from madoguchi.delivery import checks, jobs, queue
from madoguchi.delivery.addressing import answered_in, follows_wish, identities_of
from madoguchi.delivery.approval import needs_approval
from madoguchi.delivery.bases import inner_words_in, wrong_words_in
from madoguchi.delivery.checks import Question, Waiting
from madoguchi.delivery.events import MessageQueued, MessageTakenBack
from madoguchi.delivery.fresh_link import brings_link, with_link
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.old_letters import lost_in
from madoguchi.delivery.said import overtaken, said_before
from madoguchi.delivery.template_use import bare_template
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import TALKS, Channel, File, Party, channel_of
from madoguchi.kernel.errors import AskFirst, Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.markup import pictures_in
from madoguchi.look.moments import ahead
from madoguchi.tasks.queries import open_tasks_of

MOST_RECIPIENTS = 50
# Whoever says so beforehand is asked nothing.
ANYTHING = frozenset({"*"})
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operator sends. Without `to` it goes to the customer; `status` is what the case becomes.

    `confirmed` are the keys of the questions (`delivery/checks.py`) that its writer has said yes to; ANYTHING is yes to
    all. `bcc` receives it unseen by the others. A picture among `files` that the text calls by its name, as in
    `![](name.png)`, is shown within it.
    """

    text: str
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    files: tuple[File, ...] = ()
    status: Status = Status.WAITING_CUSTOMER
    expected_version: int | None = None
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer that may leave as it is, and what its writer was asked about it."""

    answering: Answering
    point: EntryPoint
    asked: tuple[Question, ...]


@transaction.atomic
def reply(case: Case, written: Reply, *, by: Actor) -> Outgoing:
    """Answer the customer from the address they wrote to. The message leaves after the undo time.

    Raises NotAllowed; Refused without text, recipient or sending address, with a word that must not leave the desk, or
    where a senior is to approve it first (`submit` asks one); AskFirst where the desk wants something confirmed that is
    not; Conflict when somebody else is writing an answer, or when `expected_version` is given and the case has moved on
    since, for another answer may be there.
    """
    case = held_case(case.pk)
    ready = taken_up(case, written, by=by)
    if needs_approval(case.desk, person=by.id, asked=ready.asked):
        raise Refused(_("At this desk a senior approves this answer first. Ask for approval."), field="text")
    return sent_off(case, ready, written.status, by=by)


def taken_up(case: Case, written: Reply, *, by: Actor) -> Ready:
    """An answer as its writer gives it out of their hands, looked over; they hold the answer until it is. Raises as
    `reply` does.
    """
    _check(case, written, by)
    require_filled(case, to=written.status, by=by)
    claim_reply(case, by=by)
    return looked_over(case, written, waiting=_waiting_in(case, by), by=by)


def sent_off(case: Case, ready: Ready, status: Status, *, by: Actor) -> Outgoing:
    """Let what was taken up leave now, after the undo time."""
    # Who waits in a chat waits for the words themselves; until their page has taken them they can be taken back.
    outgoing = let_out(case, ready, status, undo=ready.point.kind != Channel.CHAT, by=by)
    settle_drafts(case, said=outgoing.message.typed, by=by)
    release_reply(case, by=by)
    settle_returned(case, by=by)
    return outgoing


def let_out(
    case: Case, ready: Ready, status: Status, *, undo: bool, approved_by: int | None = None, by: Actor
) -> Outgoing:
    """Put an answer on its way, as a message of who wrote it."""
    stood = standing_of(case, becomes=status) | {"taken_from": taken_over_from(case, by=by)}
    message = write_answer(case, ready.answering, by=by, status=status)
    outgoing = _enqueue(message, case, ready.point, undo=undo, approved_by=approved_by, stood=stood)
    fact = MessageQueued(**case.where, message=message.pk, due=outgoing.due_at.isoformat())
    record(fact, by=by)
    return outgoing


def looked_over(case: Case, written: Reply, *, waiting: tuple[Waiting, ...] = (), by: Actor) -> Ready:
    """What would leave now. Raises Refused or AskFirst, as `reply` does, asking about other answers that are `waiting`;
    nothing is written.
    """
    to = written.to or customer_parties(case)
    _require_one_way(to, written)
    point = queue.sending_point(case, to)
    by_mail = point.kind == Channel.EMAIL
    if case.assignee_id is None and by.id is not None:
        require_room(case, person=by.id)  # who answers first has the case from then on
    external_id, laid_out = queue.new_external_id(case, point), by_mail and is_laid_out(case)
    answering = Answering(
        text=written.text,
        to=to,
        cc=recipients(written.cc),
        bcc=recipients(written.bcc),
        external_id=external_id,
        subject=queue.subject_of(case),
        sender=queue.sender(point),
        files=_within(written, external_id) if laid_out else written.files,
        laid_out=laid_out,
        channel=Channel(point.kind) if not by_mail else None,
        signature=signature_of(case, point),
    )
    if not answering.to:
        raise Refused(_("There is no address to send to. Enter one under To."), field="to")
    seen = replace(_as_seen(case, written, answering, by), waiting=waiting)
    return Ready(answering, point, _look_over(case, written, seen))


@transaction.atomic
def take_back(outgoing_id: int, *, by: Actor) -> Outgoing:
    """Take an answer back before it leaves, by who wrote or approved it. The case stands as it stood.

    Raises NotFound, NotAllowed, or Conflict when it has left already.
    """
    outgoing = _own(outgoing_id, by)
    if outgoing.state != Outgoing.State.QUEUED or outgoing.tries:
        raise Conflict(_("It has already been sent."))
    outgoing.state, outgoing.finished_at = Outgoing.State.CANCELLED, clock.now()
    outgoing.save()
    answer_taken_back(outgoing.message, stood=outgoing.stood, by=by)
    record(MessageTakenBack(**outgoing.message.case.where, message=outgoing.message_id), by=by)
    return outgoing


@transaction.atomic
def try_again(outgoing_id: int, *, by: Actor) -> Outgoing:
    """Send a failed message once more. Raises NotFound, NotAllowed, or Conflict when it did not fail."""
    outgoing = _locked(outgoing_id)
    if not policies.may_reply(by, outgoing.message.case):
        raise NotAllowed(Permission.CASE_REPLY)
    if outgoing.state != Outgoing.State.FAILED:
        raise Conflict(_("Only a message that failed can be sent again."))
    outgoing.state, outgoing.due_at, outgoing.tries = Outgoing.State.QUEUED, clock.now(), 0
    outgoing.save()
    jobs.schedule(outgoing)
    case = outgoing.message.case
    record(MessageQueued(**case.where, message=outgoing.message_id, due=outgoing.due_at.isoformat()), by=by)
    return outgoing


def customer_parties(case: Case) -> tuple[Party, ...]:
    """Where the case's customer is answered: where their last mail asks for it, unless that may be somebody else's
    wish (`follows_wish`), else at the address it came from, else at any known.

    Others who joined the conversation, and machines, are not answered in the customer's place.
    """
    last = _last_word(case)
    if last and last.reply_to and follows_wish(case, last):
        return tuple(Party(address=p["address"], name=p["name"]) for p in last.reply_to)
    return sender_parties(case, last)


def reaches_customer(case: Case, said: Message) -> bool:
    """Whether an answer went to the case's customer, and not to others alone."""
    to = tuple(Party(address=one["address"], name=one["name"]) for one in said.to)
    mails = _mails(to)
    return not mails or bool(mails & (identities_of(case) | _mails(customer_parties(case))))


def sender_parties(case: Case, last: Message | None = None) -> tuple[Party, ...]:
    """The address that the case's customer last wrote from, else any known: for what is meant for them alone, since
    a mail may ask for answers anywhere.
    """
    last = last or _last_word(case)
    if last:
        return (Party(address=last.sender_address, name=last.sender_name),)
    mail = (
        Identity.objects.filter(customer_id=case.customer_id, kind=IdentityKind.EMAIL).order_by("id").first()
    )
    return (Party(address=mail.written, name=case.customer.name),) if mail else ()


def _enqueue(
    message: Message, case: Case, point: EntryPoint, *, undo: bool, approved_by: int | None, stood: Stood
) -> Outgoing:
    enqueue = partial(queue.enqueue, message, case, point, undo=undo, approved_by=approved_by, stood=stood)
    if not brings_link(case, message):
        return enqueue()
    return enqueue(text=with_link(case, message.text), link_generation=case.link_generation)


def _last_word(case: Case) -> Message | None:
    own = case.messages.filter(author="customer", automatic="", contact__customer_id=case.customer_id)
    return own.exclude(sender_address="").order_by("-at", "-id").first()


def is_laid_out(case: Case) -> bool:
    """Whether an answer leaves as HTML beside the plain words: as the desk wishes, if the customer can read it."""
    return case.desk.laid_out and case.customer.mail_format == Customer.MailFormat.AS_DESK


def signature_of(case: Case, point: EntryPoint) -> str:
    """What stands under an answer that leaves by this entry point: the signature of the desk, in a mail."""
    return case.shown_desk.signature if point.kind == Channel.EMAIL else ""


def _within(written: Reply, external_id: str) -> tuple[File, ...]:
    """The files, with an id for each picture that the text calls by its name."""
    called = pictures_in(written.text)
    return tuple(
        replace(file, inline=True, content_id=f"{number}.{external_id}")
        if file.filename in called and file.content_type.lower() in PICTURES
        else file
        for number, file in enumerate(written.files)
    )


def _require_one_way(to: tuple[Party, ...], written: Reply) -> None:
    """What is said in a chat or by LINE reaches nobody else: mail does."""
    talks = {channel_of(party.address) for party in to} & TALKS
    if talks and (len(to) > 1 or written.cc or written.bcc):
        words = {
            Channel.CHAT: _("A chat has no copies. Send mail instead: enter the addresses under To."),
            Channel.LINE: _("LINE has no copies. Send mail instead: enter the addresses under To."),
        }
        raise Refused(words[min(talks)], field="cc")


def _check(case: Case, written: Reply, by: Actor) -> None:
    if not policies.may_reply(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    if written.expected_version is not None and written.expected_version != case.version:
        raise overtaken(case, written.text, signature=case.shown_desk.signature, by=by)
    if not written.text.strip():
        raise Refused(_("Write something first."), field="text")
    if len(written.to) + len(written.cc) + len(written.bcc) > MOST_RECIPIENTS:
        raise Refused(_("A reply goes to 50 addresses at most."), field="to")
    if (written.to or written.cc or written.bcc) and _address_is_kept_from(by, case.company_id):
        # Everybody addressed reads all the others' addresses.
        raise Refused(
            _("The contract keeps mail addresses from you, so this goes to the customer alone."), field="cc"
        )


def _look_over(case: Case, written: Reply, seen: checks.Written) -> tuple[Question, ...]:
    if refusal := checks.refusal(case.desk, written.text):
        raise Refused(refusal, field="text")
    asked = checks.questions(case.desk, seen)
    left = [(one.key, one.words) for one in asked if one.key not in written.confirmed]
    if left and written.confirmed != ANYTHING:
        raise AskFirst(left, field="text")
    return tuple(asked)


def _as_seen(case: Case, written: Reply, answering: Answering, by: Actor) -> checks.Written:
    """What is looked at, and nothing of the customer that the writer may not see."""
    scope = by.data_scope(company=case.company_id)
    kept = scope.masked | scope.hidden
    to, cc, bcc = (
        ", ".join(show(party.address, "email", scope) for party in parties)
        for parties in (answering.to, answering.cc, answering.bcc)
    )
    return checks.Written(
        text=written.text,
        customer="" if "name" in kept else case.customer.name,
        files=tuple(file.filename for file in written.files),
        to=to,
        cc=cc,
        bcc=bcc,
        to_others=bool(written.to or written.cc or written.bcc or written.files),
        to_unknown=_is_unknown(case, answering.to),
        to_stranger=bool(written.to) and _is_stranger(case, answering.to),
        addresses=tuple(p.address for p in (*answering.to, *answering.cc, *answering.bcc)),
        bare=bare_template(case, written.text, by=by) if case.desk.check_bare else "",
        inner=tuple(inner_words_in(case, written.text, by=by)),
        wrong=tuple(wrong_words_in(case, written.text, by=by)),
        undone=tuple(task.title for task in open_tasks_of(case)) if written.status == Status.SOLVED else (),
        stopped=case.customer.use_stopped_at is not None,
        refused=_refused(case, answering),
        lost=lost_in(case, answering),
        said=said_before(case, written.text, signature=case.shown_desk.signature, by=by),
    )


def _waiting_in(case: Case, by: Actor) -> tuple[Waiting, ...]:
    """The answers that wait in a case and leave by themselves, or by a senior's word, the oldest first. One query."""
    states = PendingAnswer.State.SCHEDULED, PendingAnswer.State.AWAITING
    found = PendingAnswer.objects.filter(case=case, state__in=states).select_related("user").order_by("pk")
    now = clock.now()
    return tuple(
        Waiting(
            one.pk,
            "" if one.user_id == by.id else one.user.name,
            ahead(one.due_at, now=now) if one.state == states[0] and one.due_at else "",
        )
        for one in found
    )


def _refused(case: Case, answering: Answering) -> tuple[str, ...]:
    ways = {str(channel_of(party.address)) for party in answering.to}
    return tuple(sorted(ways & ways_refused(case.customer_id)))


def _is_unknown(case: Case, to: tuple[Party, ...]) -> bool:
    return case.desk.check_recipients != Desk.Recipients.NEVER and not _mails(to) <= identities_of(case)


def _is_stranger(case: Case, to: tuple[Party, ...]) -> bool:
    """Whether one of them is neither known as the customer's nor who is answered by itself, nor was answered here."""
    left = _mails(to) - identities_of(case)
    return bool(left) and not left <= answered_in(case) | _mails(customer_parties(case))


def _mails(to: tuple[Party, ...]) -> set[str]:
    by_mail = [party.address for party in to if channel_of(party.address) == Channel.EMAIL]
    return {canonical(IdentityKind.EMAIL, address) for address in by_mail}


def _address_is_kept_from(by: Actor, company: int) -> bool:
    unseen = by.data_scope(company=company)
    return "email" in unseen.masked | unseen.hidden


def _own(outgoing_id: int, by: Actor) -> Outgoing:
    outgoing = _locked(outgoing_id)
    if by.id is None or by.id not in (outgoing.message.user_id, outgoing.approved_by_id):
        raise NotAllowed(Permission.CASE_REPLY)
    return outgoing


def _locked(outgoing_id: int) -> Outgoing:
    rows = Outgoing.objects.select_for_update(of=("self",)).select_related("message__case")
    outgoing = rows.filter(pk=outgoing_id).first()
    if outgoing is None:
        raise NotFound(outgoing_id)
    return outgoing
