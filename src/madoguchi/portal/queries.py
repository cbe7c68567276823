"""A case as its customer may see it: what was said to them and by them, where it stands, who sees to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.events import CaseCustomerChanged, LinkEnded
from madoguchi.cases.models import OURS_TO_ACT, Attachment, Case, Message
from madoguchi.cases.queries import reply_time
from madoguchi.channels.webform.channel import external_id
from madoguchi.companies.models import Company, EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.customers.models import Identity
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.wording import usual_reply_time
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.case_number import CaseNumber
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import IdentityKind
from madoguchi.kernel.markup import as_plain
from madoguchi.kernel.pieces import Kind, newly_written
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import published
from madoguchi.portal.policies import is_theirs, name_for_customers
from madoguchi.portal.state import State, state_of
from madoguchi.promises.ledger import told_to_customer
from madoguchi.promises.models import Promise
from madoguchi.shield.conduct import conduct_address
from madoguchi.shield.queries import measures_of, of_use_to_customers

MOST_AT_ONCE = 50
# How long whoever was given the link to a file that we sent can fetch it: a link may be handed on and lie about.
SENT_FILES_FOR = timedelta(weeks=8)
_ENDS_LINKS = (LinkEnded.kind, CaseCustomerChanged.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message as the customer sees it. `quoted` is what its writer only repeated."""

    id: int
    ours: bool
    automatic: bool
    author: str
    at: datetime
    text: str
    quoted: str
    files: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForCustomer:
    """The customer's page of a case. `earlier` says how many messages before `said` are not in it; `reply_time` is what
    the acknowledgement promised, while they wait for us; `promised` is what they wait for and by when.
    """

    number: str
    subject: str
    desk: str
    hours: str
    state: State
    responsible: str
    opened_at: datetime
    said: tuple[Said, ...]
    earlier: int
    reply_time: str
    promised: tuple[tuple[str, datetime], ...] = ()


def form_door(address: str) -> EntryPoint:
    """The entry point behind a form's address. Raises NotFound for none, or one that is not in use."""
    door = entry_point_by_address(Channel.FORM, address)
    if door is None or not door.desk.active:
        raise NotFound(address)
    return door


class LinkIsEnded(NotFound):
    """A link that was once good and that somebody of the desk has ended since."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.pk)
        self.case = case


def case_of_link(case_id: int, company_id: int, generation: int) -> Case:
    """The case a link was made for, or where it went on, with what its page needs at hand: never one of another
    customer, whatever led there.

    Raises NotFound, or LinkIsEnded.
    """
    case = _case(case_id, company_id)
    if case.link_generation != generation:
        raise LinkIsEnded(case)
    if case.continued_in_id is None:
        return case
    there = _case(case.continued_in_id, company_id)
    return there if there.customer_id == case.customer_id else case


def shield_of(case: Case) -> dict[str, Any]:
    """What the customer of a case that `case_of_link` found was told of the shield, and where the policy on harassment
    stands. No query where there is neither; else three.
    """
    said = vars(case)
    policy = conduct_address(case.company) if said["has_policy"] else ""
    return {"measures": measures_of(case) if said["is_marked"] else [], "conduct_url": policy}


def _case(case_id: int, company_id: int) -> Case:
    related = ("company", "desk", "window", "entry_point__desk", "customer", "assignee")
    case: Case | None = (
        Case.objects.select_related(*related)
        .annotate(**of_use_to_customers())
        .filter(pk=case_id, company_id=company_id)
        .first()
    )
    if case is None:
        raise NotFound(case_id)
    return case


def number_of_sending(token: str, *, company: Company) -> str:
    """The number of the case that a sent form became, or that it bears though its sender is kept out; empty while it is
    not handled, or when it is in quarantine.
    """
    sent = {"company": company.pk}
    first = Message.objects.filter(**sent, external_id=external_id(token)).order_by("id")
    number = first.values_list("case__number", flat=True).first()
    if number is None:
        kept_out = Arrival.objects.filter(**sent, form=external_id(token)).order_by("id")
        number = kept_out.values_list("number", flat=True).first()
    return str(CaseNumber(company.prefix, number)) if number else ""


def for_customer(case: Case, *, everything: bool = False) -> CaseForCustomer:
    """The case in the customer's eyes, with its newest messages or all of them. Five queries, six while they wait."""
    messages = _theirs(case, _left(Message.objects.filter(case=case)))
    promises = _promises(case, {message.pk for message in messages})
    shown = messages if everything else messages[-MOST_AT_ONCE:]
    return CaseForCustomer(
        number=case.spoken_number(case.company.prefix),
        subject=case.subject,
        desk=case.shown_desk.public_name,
        hours=case.shown_desk.hours,
        state=state_of(case.status),
        responsible=name_for_customers(case.assignee.name) if case.assignee else "",
        opened_at=case.opened_at,
        said=tuple(_said(message, case) for message in _with_words(shown)),
        earlier=len(messages) - len(shown),
        reply_time="" if any(one.kind == Promise.Kind.REPLY for one in promises) else _usual(case),
        promised=tuple((one.get_kind_display(), one.due_at) for one in promises),
    )


def _promises(case: Case, seen: set[int]) -> list[Promise]:
    """What was promised in messages that the customer sees: its kind and time are told, never our own words."""
    return [one for one in told_to_customer(case) if one.said_in in seen]


def said_in_chat(case: Case, *, visitor: str, written: str, after: int, before: int = 0) -> list[Said]:
    """What was said between us and one visitor of a chat after a message (by id), or `before` one, oldest first and no
    more than the newest. `written` is the id of all that they write.

    Nothing else of the case: of a visitor nothing is proven, whosever case theirs became a part of.
    """
    messages = _in_chat(case, visitor, written).filter(pk__gt=after).order_by("-at", "-id")
    messages = messages.filter(pk__lt=before) if before else messages
    return [_said(message, case) for message in _with_words(messages.only("pk")[:MOST_AT_ONCE])]


def file_in_chat(case: Case, attachment: int, *, visitor: str, written: str) -> Attachment:
    """A file of what was said with one visitor of a chat. Raises NotFound for any other, and one not to be opened."""
    messages = _in_chat(case, visitor, written)
    found = Attachment.objects.filter(pk=attachment, message__in=messages).first()
    if found is None or not found.may_be_opened:
        raise NotFound(attachment)
    return found


def _in_chat(case: Case, visitor: str, written: str) -> QuerySet[Message]:
    wrote = Q(author=Message.Author.CUSTOMER, external_id=written)
    told = ~Q(author=Message.Author.CUSTOMER) & Q(to__contains=[{"address": visitor}])
    return _left(Message.objects.filter(wrote | told, case=case))


def _usual(case: Case) -> str:
    """How soon the desk usually answers at this hour of the week, where no time was told; empty where nobody waits for
    it, or it is not known.
    """
    if case.status not in OURS_TO_ACT or case.waiting_since is None:
        return ""
    return usual_reply_time(reply_time(case.desk_id, at=case.waiting_since))


def file_of(case: Case, attachment_id: int) -> Attachment:
    """A file of a message that the customer may see. Raises NotFound."""
    attachment = Attachment.objects.filter(pk=attachment_id, message__case=case).first()
    if attachment is None or not attachment.may_be_opened:
        raise NotFound(attachment_id)
    if not _theirs(case, _left(Message.objects.filter(pk=attachment.message_id))):
        raise NotFound(attachment_id)
    return attachment


def customer_of(case: Case) -> Party:
    """The customer as they began the case: under this address an answer from the page is theirs."""
    first = Message.objects.filter(
        case=case, author=Message.Author.CUSTOMER, contact__customer_id=case.customer_id
    )
    message = first.order_by("at", "id").first()
    if message and message.sender_address:
        return Party(address=message.sender_address, name=message.sender_name or case.customer.name)
    address = _identities(case).values_list("written", flat=True).first()
    return Party(address=address or "", name=case.customer.name)


def _theirs(case: Case, messages: QuerySet[Message]) -> list[Message]:
    """Those of these that the customer may see, in order, without their words: a case may hold very many."""
    own = Identity.objects.filter(
        customer_id=case.customer_id, kind__in=[IdentityKind.EMAIL, IdentityKind.WEB, IdentityKind.LINE]
    )
    addresses = set(own.values_list("value", flat=True))
    told = messages.select_related("contact").order_by("at", "id")
    needed = told.only("author", "automatic", "to", "cc", "contact__customer_id")
    return [message for message in needed if is_theirs(message, case, addresses=addresses)]


def _with_words(shown: Iterable[Message]) -> QuerySet[Message]:
    these = Message.objects.filter(pk__in=[message.pk for message in shown]).defer("html")
    return these.prefetch_related("attachments").order_by("at", "id")


def _left(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Without answers that were taken back, or still can be; in a chat they wait for nothing but to be seen."""
    state = Outgoing.State
    waits = Q(outgoing__state=state.QUEUED, outgoing__tries=0, outgoing__due_at__gt=clock.now())
    may_be_taken_back = waits & ~Q(outgoing__channel=Channel.CHAT)
    return messages.exclude(Q(outgoing__state=state.CANCELLED) | may_be_taken_back)


def _identities(case: Case) -> QuerySet[Identity]:
    of_customer: QuerySet[Identity] = Identity.objects.filter(customer_id=case.customer_id)
    return of_customer.filter(kind=IdentityKind.EMAIL).order_by("id")


def _said(message: Message, case: Case) -> Said:
    ours = message.author != Message.Author.CUSTOMER
    new, quoted = _parts(message)
    return Said(
        id=message.pk,
        ours=ours,
        automatic=bool(message.automatic),
        author=_of_ours(message, case) if ours else _addressed(message.sender_name or case.customer.name),
        at=message.at,
        text=as_plain(new) if ours else new,
        quoted=quoted,
        files=tuple(_in_order(message.attachments.all())),
    )


def _of_ours(message: Message, case: Case) -> str:
    """Who of us speaks: the desk, or its bot by its own name."""
    is_bot = message.automatic == AUTOMATIC and message.author == Message.Author.SYSTEM
    return message.sender_name if is_bot and message.sender_name else case.shown_desk.public_name


def _in_order(attachments: Iterable[Attachment]) -> list[Attachment]:
    return sorted(attachments, key=lambda attachment: attachment.pk)


def _addressed(name: str) -> str:
    return _("%(name)s (you)") % {"name": name} if name else _("You")


def _parts(message: Message) -> tuple[str, str]:
    """What was newly written, and what stands beneath it as a quotation."""
    if message.author != Message.Author.CUSTOMER:
        return message.text.strip(), ""
    pieces = message.in_pieces()
    repeated = "".join(piece.text for piece in pieces if piece.kind != Kind.NEW)
    return newly_written(pieces).strip(), repeated.strip()


def article_for_customers(company: int, article: int) -> ArticleVersion:
    """The version of an article that customers read now, with its company; raises NotFound where there is none."""
    rows = published(company, customers=True).select_related("article__company")
    found = rows.filter(article=article).first()
    if found is None:
        raise NotFound(article)
    return found


class FileIsOver(NotFound):
    """A link to a file that was once good, and the desk that can send the file anew."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__(attachment.pk)
        self.desk = attachment.message.case.desk


def link_was_ended(cases: Q, *, after: datetime) -> bool:
    """Whether the link to one of these cases was ended since. One query, or two."""
    ended = list(Case.objects.filter(cases, link_generation__gt=1).values_list("pk", flat=True))
    told = Event.objects.filter(case_id__in=ended, kind__in=_ENDS_LINKS, at__gt=after)
    return bool(ended) and told.exists()


def sent_file_of(attachment: int) -> Attachment:
    """A file of an answer that was not taken back, for some weeks from when it left.

    Raises NotFound for any other, and for what a customer sent; FileIsOver once those weeks are over, and once the
    link to the case, or to where it went on, was ended after the answer: what reached the wrong hands opens nothing.
    """
    rows = Attachment.objects.filter(pk=attachment).exclude(message__author=Message.Author.CUSTOMER)
    found = (
        rows.exclude(message__outgoing__state=Outgoing.State.CANCELLED)
        .select_related("message__outgoing", "message__case__desk")
        .first()
    )
    if found is None or not found.may_be_opened:
        raise NotFound(attachment)
    left_at = found.message.outgoing.finished_at
    if left_at and clock.now() > left_at + SENT_FILES_FOR:
        raise FileIsOver(found)
    case = found.message.case
    if link_was_ended(Q(pk__in=[case.pk, case.continued_in_id or case.pk]), after=found.message.at):
        raise FileIsOver(found)
    return found
