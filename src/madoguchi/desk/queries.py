"""A case as somebody at the desk sees it: the conversation, the person, the acts open to them, the composer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from madoguchi.bot.models import Talk
from madoguchi.bot.queries import talk_of
from madoguchi.cases import policies
from madoguchi.cases.blotted import blotter_of, with_words_kept
from madoguchi.cases.filling import filled
from madoguchi.cases.links import ROLE_NAMES, Ties, ties_of
from madoguchi.cases.models import (
    Attachment,
    Case,
    Draft,
    HandOff,
    Mention,
    Message,
    Note,
    Priority,
    Severity,
    Status,
)
from madoguchi.cases.queries import (
    BEGINNING,
    END,
    Colleague,
    Timeline,
    may_open,
    timeline,
    together,
    visible,
)
from madoguchi.companies.models import Desk
from madoguchi.customers.consenting import bounds_of, ways_refused
from madoguchi.customers.queries import show
from madoguchi.delivery.actions import is_laid_out
from madoguchi.delivery.addressing import follows_wish
from madoguchi.delivery.approval import always_needs_approval
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.chat_events import with_words_beside
from madoguchi.desk.due import Wait, said_first
from madoguchi.desk.event_words import TOLD, Names, case_told, data_of
from madoguchi.desk.flow import Entry, entries_of, kept_in, same_words
from madoguchi.desk.hand_off import last_of, of_events
from madoguchi.desk.letter import (
    Elsewhere,
    addressee_of,
    block_of,
    elsewhere_of,
    name_of_addressee,
    others_of,
    sender_of,
    usual_addressee,
)
from madoguchi.desk.notices import notices_of
from madoguchi.desk.pending import Card, said_again
from madoguchi.desk.tasks import tasks_told
from madoguchi.desk.trust import poses_as_us
from madoguchi.following.policies import may_follow
from madoguchi.following.queries import Followers, followers_of
from madoguchi.infra.facts import is_among_colleagues
from madoguchi.infra.models import Event
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.intake import senders
from madoguchi.intake.models import RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.own_pages import blot_own_pages_in
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.knowledge.queries import templates_for_desk, templates_to_choose
from madoguchi.macros.models import Macro
from madoguchi.macros.queries import macros_for
from madoguchi.people.models import User
from madoguchi.people.queries import people_by_id, staff_to_choose
from madoguchi.rules.naming import spoken
from madoguchi.tasks.models import Task

MOST_EVENTS = 300
MOST_TEMPLATES = 200
TO_CHOOSE = (Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_THIRD, Status.SOLVED, Status.CLOSED)
# The field of an event that names a person whom the conversation calls by name.
_NAMED = {"case.assigned": "after", "case.taken_over": "before", "task.given": "after"}

# By `moment`, which no index knows: of a plan for any two moments PostgreSQL expects little to lie between them, and
# would read the index by time from end to end beside that of the case.
_TOLD = PreparedQuery(
    lambda: (
        Event.objects.annotate(moment=Coalesce("at", "at"))
        .filter(case_id=Slot("case"), kind__in=TOLD, moment__gte=Slot("since"), moment__lt=Slot("before"))
        .order_by("-id")
    )
)
_SENT = PreparedQuery(
    lambda: Outgoing.objects.filter(message__among=Slot("messages")).select_related("approved_by")
)
_MAILED = PreparedQuery(
    lambda: (
        Message.objects.filter(
            case=Slot("case"), author=Message.Author.CUSTOMER, channel=Channel.EMAIL, automatic=""
        )
        .only("sender_address", "at", "trust")
        .order_by("at")
    )
)
_MENTIONS = PreparedQuery(lambda: Mention.objects.filter(note__among=Slot("notes")).select_related("user"))
_BY_ID = PreparedQuery(lambda: Case.objects.filter(id__among=Slot("cases")))
_DRAFTS = PreparedQuery(
    lambda: (
        Draft.objects.filter(Q(user=Slot("person")) | Q(kind="reply"), case=Slot("case"))
        .select_related("user")
        .order_by("-saved_at")
    )
)


@dataclass(frozen=True, slots=True)
class Flow:
    """A stretch of the conversation; `earlier` is the moment to ask before for what came before it."""

    entries: list[Entry]
    earlier: datetime | None
    said: list[Message]


@dataclass(frozen=True, slots=True)
class Acts:
    """What the reader may do with the case, and what there is to choose from. `give_up` says whose case it is that they
    may make nobody's.
    """

    reply: bool
    note: bool
    update: bool
    take: bool
    give_up: Literal["", "own", "others"]
    assign: bool
    staff: list[User]
    statuses: list[Status]
    priorities: list[Priority]
    severities: list[Severity]
    desks: list[Desk]
    spam: bool
    roles: list[tuple[str, str]]
    macros: list[Macro]
    looks: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a case: what it is about, since when somebody waits, who is responsible; who follows it, for those who
    may follow it themselves. `desk` is empty for a reader who knows no other one; `bounds` say what answers have to
    keep to, by what the customer said of their data.
    """

    case: Case
    number: str
    wait: Wait | None
    desk: str
    acts: Acts
    linked: list["Linked"]
    handed: HandOff | None
    ties: Ties
    followers: Followers | None
    talk: Talk | None
    bounds: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case of the same matter; `words` say how the two belong together."""

    words: str
    number: str


@dataclass(frozen=True, slots=True)
class Composer:
    """What an answer starts from: whom it goes to, who it comes from, what was typed before.

    `drafted_by` names the colleague whose words stand there; `stamp` tells this state of them from any other. `kept`
    are words of the reader's own beside which or in place of which somebody else went on. `approval` says that a senior
    approves what this reader writes, and `signature` is what the desk puts under it. `sent_by` is the colleague whose
    answer is the last word of the case.
    """

    to: str
    to_name: str
    elsewhere: Elsewhere | None
    to_may_change: bool
    others: str
    all_in_copy: bool
    laid_out: bool
    approval: bool
    sender: str
    signature: str
    sent_by: str
    trouble: str
    poses_as_us: bool
    notices: list[str]
    reply: Draft | None
    drafted_by: str
    stamp: str
    note: Draft | None
    kept: list[Draft]
    templates: list[ReplyTemplate]

    @property
    def signs_as(self) -> str:
        """The signature in a line, without rulers of signs."""
        lines = (line.strip() for line in self.signature.splitlines())
        return " ".join(line for line in lines if any(char.isalnum() for char in line))


@dataclass(frozen=True, slots=True)
class Beside:
    """Who else has the case open, and whose the answer is: `mine`, `theirs` or nobody's (`free`).

    `relieved` says that the writer took it over from the reader.
    """

    lookers: list[Colleague]
    writer: Colleague | None
    state: str
    relieved: bool
    may_take_over: bool
    heartbeat: int


def head_of(case: Case, *, actor: Actor, desks: Sequence[Desk]) -> Head:
    """The top of the case with the acts open to this reader. Four queries, for the desk's people, macros, followers and
    what the customer refused, and one each where other cases are of the same matter, and where it was handed on; two
    where it is linked to others.
    """
    number = case.spoken_number(case.company.prefix)
    return Head(
        case=case,
        number=number,
        wait=said_first(case, now=clock.now()),
        desk=case.desk.name if len(desks) > 1 else "",
        acts=_acts(case, actor, desks),
        linked=_linked(case, actor),
        handed=last_of(case),
        ties=ties_of(case, actor=actor),
        followers=followers_of(case, actor=actor) if may_follow(actor, case) else None,
        talk=talk_of(case),
        bounds=bounds_of(case.customer.use_stopped_at is not None, ways_refused(case.customer_id)),
    )


def flow_of(
    case: Case,
    *,
    actor: Actor,
    desks: Sequence[Desk],
    before: datetime | None = None,
    tasks: Mapping[int, Task] | None = None,
) -> Flow:
    """The last of the conversation, or what came before a moment. Three queries, and one each for files, for answers of
    ours, for strangers, for forms and for mentions where there are any, and for `tasks` where they are not at hand.
    """
    blot = blotter_of(case, actor=actor)
    part = with_words_kept(timeline(case, before=before), blot)
    events = _events(case, part, before, actor)
    ours = [m.pk for m in part.messages if not m.inbound]
    sent = _SENT.rows({"messages": ours}) if ours else []
    entries = entries_of(
        part,
        events,
        outgoing={o.message_id: o for o in sent},
        names=replace(_names(case, events, actor, desks), tasks=tasks_told(case, events, tasks)),
        handed=of_events([data_of(event)["hand_off"] for event in events if event.kind == "case.handed_off"]),
        reader=actor.id,
        now=clock.now(),
        named=_named(part.notes),
        mailed=_mailed(case) if any(m.channel == Channel.FORM for m in part.messages) else {},
    )
    return Flow(kept_in(entries, blot), part.earlier, part.messages)


def _named(notes: Sequence[Note]) -> dict[int, list[str]]:
    """The names by which each note mentions people and teams. One query where one may mention somebody."""
    calling = [note.pk for note in notes if "@" in note.text or "＠" in note.text]
    named: dict[int, set[str]] = {}
    for mention in _MENTIONS.rows({"notes": calling}) if calling else []:
        named.setdefault(mention.note_id, set()).add(mention.team or mention.user.name)
    return {note: sorted(names) for note, names in named.items()}


def _mailed(case: Case) -> dict[str, datetime]:
    """When the newest mail came in this case from each address, of those that no mail server found forged."""
    return {
        canonical(IdentityKind.EMAIL, mail.sender_address): mail.at
        for mail in _MAILED.rows({"case": case.pk})
        if not (mail.trust or {}).get("poses_as_us") and (mail.trust or {}).get("authentication") != "fail"
    }


def composer_of(
    case: Case, *, actor: Actor, said: Sequence[Message], pending: Sequence[Card] = ()
) -> Composer | None:
    """What the composer holds; None for readers who may neither answer nor note. Two queries or three, and up to three
    where a mail wishes its answer at another domain.
    """
    if not (policies.may_reply(actor, case) or policies.may_note(actor, case)):
        return None
    drafts, kept = _drafts(case, actor)
    last = _last_of_the_customers(case, said)
    scope = actor.data_scope(company=case.company_id)
    followed = last is None or follows_wish(case, last)
    keeps_addresses = "email" in _unseen(actor, case)
    others = "" if keeps_addresses else others_of(last, case=case)
    sender = sender_of(case, [Party(last.sender_address)] if last else ())
    written = drafts.get("reply")
    draft = _unsent(written, said, pending)
    # Whoever typed them: a file put beside another's words makes the draft one's own.
    if draft and keeps_addresses:
        draft.to = draft.cc = draft.bcc = ""
    return Composer(
        to=addressee_of(last, followed=followed, scope=scope) if last else usual_addressee(case, actor=actor),
        to_name=name_of_addressee(case, last, followed=followed),
        elsewhere=elsewhere_of(last, followed=followed, scope=scope),
        to_may_change=not keeps_addresses,
        others=others,
        all_in_copy=bool(draft and others and set(others.split(", ")) <= set(draft.cc.split(", "))),
        laid_out=is_laid_out(case),
        approval=always_needs_approval(case.desk, person=actor.id),
        sender=sender.shown,
        signature=sender.signature,
        sent_by=_sent_by(said, actor),
        trouble=sender.trouble or block_of(last),
        poses_as_us=poses_as_us(last),
        notices=notices_of(case, text=draft.text, files=bool(draft.files.all())) if draft else [],
        reply=draft,
        drafted_by=draft.user.name if draft and draft.user_id != actor.id else "",
        stamp=written.stamp if written else "",
        note=drafts.get("note"),
        kept=kept,
        templates=templates_to_choose(case.desk, feelings=case.feelings, most=MOST_TEMPLATES),
    )


def _sent_by(said: Sequence[Message], actor: Actor) -> str:
    words = [one for one in said if not one.automatic]
    last = words[-1] if words else None
    return last.user.name if last and last.user and last.user_id != actor.id else ""


def beside(case: Case, *, actor: Actor) -> Beside:
    """The colleagues at a case, for one of them. One query."""
    found = together(case.pk)
    writer = found.writer
    state = "free" if writer is None else "mine" if writer.id == actor.id else "theirs"
    writes = writer.id if writer else None
    return Beside(
        lookers=[one for one in found.lookers if one.id not in (actor.id, writes)],
        writer=writer,
        state=state,
        relieved=state == "theirs" and found.taken_from == actor.id,
        may_take_over=policies.may_take_over(actor, case),
        heartbeat=settings.REPLY_LOCK_SECONDS // 3,
    )


def filled_template(case: Case, template: int, *, actor: Actor) -> str:
    """A template's text with the case's own words in it. Raises NotFound for one of another desk."""
    found = templates_for_desk(case.desk).filter(pk=template).first()
    if found is None:
        raise NotFound(template)
    return filled(case, found.body, actor=actor)


def message_of(id_: int, *, actor: Actor) -> Message:
    """A message of a case that the actor may read, with its case and files. Raises NotFound."""
    rows = Message.objects.select_related("case").prefetch_related("attachments")
    found = rows.filter(pk=id_, case__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    return found


def original_of(message: Message, *, actor: Actor) -> bytes:
    """A message as it came in, byte for byte, but for keys to the customer's own page that stand there in the clear.

    Raises NotFound for one that never came in raw, NotAllowed for who may not read originals, for a key may be
    packed in it, and for readers from whom the data scope keeps anything of the customer: the bytes would show it.
    """
    if not may_read_originals(actor, message.case):
        raise NotAllowed(Permission.ORIGINALS)
    if _unseen(actor, message.case):
        raise NotAllowed(Permission.CUSTOMER_READ)
    if not may_open(actor, message.attachments.all(), message.case):
        raise NotAllowed(_("A file of this message is held back, so the original is, too."))
    raw = RawArrival.objects.filter(arrival__message_id=message.pk).first()
    if raw is None:
        raise NotFound(message.pk)
    return blot_own_pages_in(bytes(raw.content))


def may_read_originals(actor: Actor, case: Case) -> bool:
    """Whether the actor may read messages of a case as they came."""
    return actor.may(Permission.ORIGINALS, company=case.company_id, desk=case.desk_id)


def outgoing_of(id_: int, *, actor: Actor) -> Outgoing:
    """A message on its way out, of a case that the actor may read. Raises NotFound."""
    rows = Outgoing.objects.select_related("message__case").filter(message__case__in=visible(actor))
    found = rows.filter(pk=id_).first()
    if found is None:
        raise NotFound(id_)
    return found


def pictures_by_content_id(message: Message) -> dict[str, Attachment]:
    """The pictures that a mail shows within its text, by the Content-ID its HTML calls them."""
    files = message.attachments.all()
    return {a.content_id.strip("<>"): a for a in files if a.content_id and a.may_be_opened}


def _acts(case: Case, actor: Actor, desks: Sequence[Desk]) -> Acts:
    goes_on = case.continued_in_id is None
    update = goes_on and policies.may_update(actor, case)
    assign = goes_on and actor.may(Permission.CASE_ASSIGN, company=case.company_id, desk=case.desk_id)
    mine = case.assignee_id == actor.id
    return Acts(
        reply=policies.may_reply(actor, case),
        note=policies.may_note(actor, case),
        update=update,
        take=goes_on and not mine and policies.may_assign(actor, case, to=actor.id),
        give_up=_give_up(case, actor),
        assign=assign,
        staff=staff_to_choose(case.desk_id, company=case.company_id) if assign else [],
        statuses=[status for status in TO_CHOOSE if status != case.status] if update else [],
        priorities=[p for p in reversed(Priority) if p != case.priority] if update else [],
        severities=[s for s in reversed(Severity) if s != case.severity] if update else [],
        desks=[d for d in desks if d.company_id == case.company_id and d.pk != case.desk_id]
        if update
        else [],
        spam=may_call_spam(actor, case),
        roles=[(role, str(name)) for role, name in ROLE_NAMES.items()] if update else [],
        macros=macros_for(case, actor=actor) if update else [],
        looks=policies.may_see_looks(actor, case),
    )


def _give_up(case: Case, actor: Actor) -> Literal["", "own", "others"]:
    """Whose the case is, where the reader may make it nobody's."""
    if case.assignee_id is None or not policies.may_assign(actor, case, to=None):
        return ""
    return "own" if case.assignee_id == actor.id else "others"


def _linked(case: Case, actor: Actor) -> list[Linked]:
    ways = [
        (case.continued_in_id, _("Continued in %(number)s")),
        (case.follows_id, _("Earlier: %(number)s")),
        (case.followed_by_id, _("Later: %(number)s")),
    ]
    wanted = {other: words for other, words in ways if other}
    numbers = _numbers(case, wanted, actor)
    return [
        Linked(words % {"number": numbers[pk]}, numbers[pk]) for pk, words in wanted.items() if pk in numbers
    ]


def may_call_spam(actor: Actor, case: Case) -> bool:
    """Whether the reader may close a case as spam and keep its sender out; only mail has senders to keep out."""
    by_mail = case.channel == Channel.EMAIL
    return by_mail and policies.may_update(actor, case) and senders.may_rule_senders(actor, case.company_id)


def _events(case: Case, part: Timeline, before: datetime | None, actor: Actor) -> list[Event]:
    stretch = {"case": case.pk, "since": part.earlier or BEGINNING, "before": before or END}
    told = [*with_words_beside(_TOLD.rows(stretch, most=MOST_EVENTS)[::-1])]
    for event in told:
        event.actor_name = spoken(event.actor_name)
    return (
        told
        if policies.may_note(actor, case)
        else [event for event in told if not is_among_colleagues(event.kind)]
    )


def _names(case: Case, events: Sequence[Event], actor: Actor, desks: Sequence[Desk]) -> Names:
    named = {data_of(event).get(_NAMED[event.kind]) for event in events if event.kind in _NAMED}
    known = {actor.id: actor.name}
    if case.assignee:
        known[case.assignee.pk] = case.assignee.name
    strangers = [id_ for id_ in named if id_ and id_ not in known]
    if strangers:
        known |= {id_: person.name for id_, person in people_by_id(strangers).items()}
    people = {id_: name for id_, name in known.items() if id_ is not None}
    data_scope = actor.data_scope(company=case.company_id)
    return Names(
        customer=show(case.customer.name, "name", data_scope),
        desk=case.shown_desk.public_name,
        people=people,
        desks={desk.pk: desk.name for desk in desks},
        customer_id=case.customer_id,
        data_scope=data_scope,
        cases=_numbers_told(case, events, actor),
        came_to=case.entry_point.address if case.entry_point else "",
    )


def _numbers_told(case: Case, events: Sequence[Event], actor: Actor) -> dict[int, str]:
    """The numbers of cases that became one with this, were split from it or linked to it. One query where there are
    any.
    """
    return _numbers(case, {other for event in events if (other := case_told(event))}, actor)


def _numbers(case: Case, others: Collection[int], actor: Actor) -> dict[int, str]:
    """The numbers of those that the reader may see."""
    found = _BY_ID.rows({"cases": list(others)}) if others else []
    return {o.pk: o.spoken_number(case.company.prefix) for o in found if policies.may_read(actor, o)}


def _drafts(case: Case, actor: Actor) -> tuple[dict[str, Draft], list[Draft]]:
    found = _DRAFTS.rows({"case": case.pk, "person": actor.id})
    prefetch_related_objects(found, "files")
    kept = [draft for draft in found if draft.kind == "kept"]
    return {draft.kind: draft for draft in found if draft.kind != "kept"}, kept


def _unsent(draft: Draft | None, said: Sequence[Message], pending: Sequence[Card]) -> Draft | None:
    """A draft, unless it is what its writer sent last or put aside: a late autosave may outlive the sending."""
    if draft and said_again(pending, text=draft.text, person=draft.user_id):
        return None
    own = next((m for m in reversed(said) if draft and m.user_id == draft.user_id), None)
    if draft and own and draft.saved_at and same_words(draft.text, own.text):
        taken_back = Outgoing.objects.filter(message=own, state=Outgoing.State.CANCELLED).exists()
        return draft if taken_back else None
    return draft


def _last_of_the_customers(case: Case, said: Sequence[Message]) -> Message | None:
    return next((m for m in reversed(said) if _is_the_customers(m, case) and m.sender_address), None)


def _is_the_customers(message: Message, case: Case) -> bool:
    """Whether the customer said it, no machine, and nobody who joined in."""
    return message.inbound and not message.automatic and message.contact.customer_id == case.customer_id


def sight_of(case: Case, *, actor: Actor) -> dict[str, bool]:
    """What a page asks before it shows a conversation: all of the customer, messages as they came."""
    whole = may_see_all_of(case, actor=actor)
    return {"whole": whole, "originals": whole and may_read_originals(actor, case)}


def _unseen(actor: Actor, case: Case) -> frozenset[str]:
    scope = actor.data_scope(company=case.company_id)
    return scope.masked | scope.hidden


def may_see_all_of(case: Case, *, actor: Actor) -> bool:
    """Whether nothing of the customer is kept from this reader."""
    return not _unseen(actor, case)


def explain_no_answer(actor: Actor, case: Case) -> str:
    """Why somebody who may read the case may not answer it, and what they can do instead."""
    if case.continued_in_id:
        return _("This case goes on in another one. Open that one above to answer the customer.")
    if any(grant.operator is None and grant.company == case.company_id for grant in actor.grants):
        return _(
            "The people of the desk answer its customers. Please tell the operator's manager what you wish for."
        )
    return _("Answering needs a seat at this desk. Ask your manager if you should have one.")


def first_sender(case: Case) -> str:
    """The address that the case came from, as lists of senders hold it. Raises NotFound where there is none."""
    said = Message.objects.filter(case=case, author=Message.Author.CUSTOMER).exclude(sender_address="")
    found = said.order_by("at", "id").values_list("sender_address", flat=True).first()
    if not found:
        raise NotFound(case.pk)
    return senders.as_listed(found)
