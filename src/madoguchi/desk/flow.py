"""The conversation of a case in the order it happened: messages, notes, and what was done between them. Pure."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.links import ROLE_NAMES
from madoguchi.cases.models import Attachment, HandOff, Message, Note, Priority, Status
from madoguchi.cases.queries import Timeline
from madoguchi.companies.queries import without_detail
from madoguchi.customers.queries import show
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.bot_events import BOT_TOLD, words_of_bot
from madoguchi.desk.chat_events import CHAT_TOLD, words_of_chat
from madoguchi.desk.escalation_events import ESCALATIONS_TOLD, escalation_words
from madoguchi.desk.faring import Delivery, delivery_of
from madoguchi.desk.filled_events import filled_words
from madoguchi.desk.import_events import was_so_elsewhere, words_of_elsewhere
from madoguchi.desk.judged_events import felt, identified
from madoguchi.desk.letter import addresses_of
from madoguchi.desk.order_events import ORDERS_TOLD, order_words
from madoguchi.desk.pending_events import PENDING_TOLD, pending_words
from madoguchi.desk.routing_events import by_division, by_the_queue
from madoguchi.desk.task_events import TASKS_TOLD, task_words
from madoguchi.desk.trust import Mark, machine_called, marks_of, only_typed
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import ActorKind, DataScope
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.markup import as_plain
from madoguchi.kernel.pieces import Kind, Piece, is_answered_within
from madoguchi.kernel.text import fold
from madoguchi.look import moments
from madoguchi.promises.queries import metric_name
from madoguchi.tasks.models import Task

# The @ of a mail address comes after a letter; that of a name does not.
_MENTION = r"(?<![\w.+-])[@＠](?:{names})"
_MOST_ANSWERED = 3
_MOST_IN_SIGHT = 6
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}

# Other kinds show themselves: a message or note stands there, a delivery is told beside its message.
LINKED = ("case.linked", "case.unlinked", "case.told_apart")
TOLD = (
    *("case.assigned", "case.status", "case.changed", "case.link_ended", "case.handed_off"),
    *("case.continued", "case.took_in", "case.unmerged", "case.taken_over", "case.filled", "case.matter"),
    *("case.split", "case.split_off", "case.unsplit", "case.customer", *LINKED),
    *(*PENDING_TOLD, *TASKS_TOLD),
    *(*ORDERS_TOLD, *ESCALATIONS_TOLD),
    *(*BOT_TOLD, *CHAT_TOLD),
    *("message.received", "message.acknowledgement_held", "message.loop_recognised"),
    *("message.source_read", "clock.breached", "routing.divided"),
)
_WORDS = {
    **dict.fromkeys(PENDING_TOLD, pending_words),
    **dict.fromkeys(ORDERS_TOLD, order_words),
    **dict.fromkeys(ESCALATIONS_TOLD, escalation_words),
    **dict.fromkeys(BOT_TOLD, words_of_bot),
    **dict.fromkeys(CHAT_TOLD, words_of_chat),
}
# What can be undone where it is told, by what, and which other case is told of.
_TO_UNDO = {"case.took_in": "merge", "case.split": "split", "case.split_off": "split"}
_UNDOING = {"case.unmerged": "merge", "case.unsplit": "split"}
_OTHER = {"case.continued": "into", "case.took_in": "other", "case.split": "into", "case.split_off": "other"}
_OTHER |= dict.fromkeys(LINKED, "other")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a message. One with `words` is folded and called by them; a forward stands open."""

    text: str
    words: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """Where what an event tells of is undone, and what the button says."""

    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the conversation. `kind` is customer, us, automatic, note or event; `called` is how one says
    who it was. A `newcomer` speaks on the customer's side and is not the customer. `answered` is what we said before.
    `leads_to` is the number of the other case that an event tells of, `undo` where that can be undone.
    `typed` says that the sender's address was but typed into a form; `named` are the people whom a note mentions.
    `came_to` is the address of ours at which the case's mail comes in.
    """

    id: str
    at: datetime
    kind: str
    who: str
    called: str = ""
    message: Message | None = None
    note: Note | None = None
    files: Sequence[Attachment] = ()
    delivery: Delivery | None = None
    words: str = ""
    newcomer: bool = False
    answered: Sequence[str] = ()
    handed: HandOff | None = None
    leads_to: str = ""
    undo: "Undo | None" = None
    typed: bool = False
    named: Sequence[str] = ()
    came_to: str = ""

    @property
    def css(self) -> str:
        """What a message looks like: ours, failed, taken back."""
        failed = self.delivery is not None and self.delivery.tone == "bad"
        taken_back = self.delivery is not None and self.delivery.outgoing.state == Outgoing.State.CANCELLED
        marks = {"us": self.kind == "us", "failed": failed, "taken-back": taken_back}
        return " ".join(mark for mark, holds in marks.items() if holds)

    @property
    def to(self) -> str:
        """The addresses that an answer of ours went to."""
        return addresses_of(self.message.to) if self.message and self.kind == "us" else ""

    @property
    def cc(self) -> str:
        """The addresses in copy of an answer of ours."""
        return addresses_of(self.message.cc) if self.message and self.kind == "us" else ""

    @property
    def bcc(self) -> str:
        """The addresses in blind copy."""
        return addresses_of(self.message.bcc) if self.message else ""

    @property
    def came_for(self) -> list[tuple[str, str]]:
        """To whom a customer's mail was addressed, and where it asks for answers, line by line."""
        if self.kind != "customer" or self.message is None or self.message.channel != Channel.EMAIL:
            return []
        mail = self.message
        lines = [(_("To"), mail.to), ("Cc", mail.cc), (_("Answer to"), mail.reply_to)]
        return [(name, addresses_of(map(self._as_known, parties))) for name, parties in lines if parties]

    @property
    def came_for_words(self) -> str:
        """What stands for it where that is folded: it came for us alone, or for very many; empty where it is not."""
        mail = self.message
        if mail is None or mail.reply_to:
            return ""
        named = [self._as_known(party)["address"] for party in (*mail.to, *mail.cc)]
        if named == [self.came_to]:
            return _("To us")
        many = len(named) > _MOST_IN_SIGHT
        return _("To %(count)s addresses") % {"count": len(named)} if many else ""

    def _as_known(self, party: Mapping[str, str]) -> Mapping[str, str]:
        """A party of a mail, our own address without what answers bear in it."""
        ours = without_detail(party["address"]).lower() == self.came_to.lower()
        return {**party, "address": self.came_to} if ours else party

    @property
    def laid_out(self) -> SafeString:
        """An answer of ours as it was laid out, its pictures by our own addresses; empty when it left plain.

        Only `kernel/markup.py` makes such HTML, and everything that was typed is escaped in it.
        """
        html = self.message.html if self.message and self.kind == "us" else ""
        for file in self.files:
            address = reverse("desk:preview", args=[file.pk])
            html = (
                html.replace(f'src="cid:{file.content_id}"', f'src="{address}"') if file.content_id else html
            )
        return mark_safe(html)  # noqa: S308 - see above

    @property
    def marks(self) -> list[Mark]:
        """What is known of whether it is from whom it says."""
        return marks_of(self.message, typed=self.typed) if self.kind == "customer" else []

    @property
    def text(self) -> str:
        """What the writer newly wrote; the whole text where nothing was quoted."""
        return (self.message.new_text or self.message.text) if self.message else ""

    @property
    def parts(self) -> list[Part]:
        """The message as it is read: new words in sight, what came along folded in its place."""
        if self.message is None:
            return []
        # What stands under an answer of ours left with it.
        pieces = self.message.in_pieces() if self.kind == "customer" else [Piece(Kind.NEW, self.message.text)]
        return parts_of(pieces, answered=self.answered)

    @property
    def whole(self) -> str:
        """The whole text, where more than one stretch of it is folded."""
        folded = sum(bool(part.words) for part in self.parts)
        return self.message.text if self.message and folded > 1 else ""

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The note in pieces, each said to be a mention or not."""
        return list(pieces_of(self.note.text, self.named)) if self.note else []


def entries_of(
    timeline: Timeline,
    events: Iterable[Event],
    *,
    outgoing: Mapping[int, Outgoing],
    names: "Names",
    reader: int | None,
    now: datetime,
    handed: Mapping[int, HandOff] = MappingProxyType({}),
    named: Mapping[int, Sequence[str]] = MappingProxyType({}),
    mailed: Mapping[str, datetime] = MappingProxyType({}),
) -> list[Entry]:
    """Everything of a stretch of the conversation, oldest first."""
    entries = _with_what_they_answer(
        _of_message(m, timeline, outgoing.get(m.pk), names, reader, now, mailed) for m in timeline.messages
    )
    entries += [
        Entry(f"note-{n.pk}", n.at, "note", n.user.name, note=n, named=tuple(named.get(n.pk, ())))
        for n in timeline.notes
    ]
    events = list(events)
    undone = {(name, data_of(event)[name]) for event in events if (name := _UNDOING.get(event.kind))}
    told = ((event, as_called(words_for(event, names), event)) for event in events)
    entries += [
        Entry(
            f"event-{event.pk}",
            event.at,
            "event",
            event.actor_name,
            words=words,
            handed=_handed(event, handed),
            leads_to=names.cases.get(case_told(event) or 0, ""),
            undo=_to_undo(event, undone),
        )
        for event, words in told
        if words
    ]
    return sorted(entries, key=lambda entry: entry.at)


@dataclass(frozen=True, slots=True)
class Names:
    """What to call whom: the customer as the reader may see them, staff, desks and other cases by id."""

    customer: str
    desk: str
    people: Mapping[int, str]
    desks: Mapping[int, str]
    customer_id: int | None = None
    data_scope: DataScope = field(default_factory=DataScope)
    cases: Mapping[int, str] = field(default_factory=dict)
    tasks: Mapping[int, Task] = field(default_factory=dict)
    came_to: str = ""

    def on_their_side(self, message: Message) -> tuple[str, bool]:
        """Who speaks on the customer's side, and whether that is somebody else than the customer."""
        if message.contact.customer_id == self.customer_id:
            return self.customer, False
        name, address = message.sender_name, message.sender_address
        shown = show(name, "name", self.data_scope) if name else show(address, "email", self.data_scope)
        return shown, True

    def on_our_side(self, message: Message) -> str:
        """Who answered: somebody of the desk, or whom a system named from which the answer came."""
        if message.user:
            return message.user.name
        is_ours = message.author == Message.Author.SYSTEM and message.automatic != AUTOMATIC
        return self.desk if is_ours else message.sender_name or self.desk

    @staticmethod
    def called(name: str) -> str:
        """Somebody on the customer's side as one speaks of them."""
        return _("%(name)s-sama") % {"name": name} if name else _("Name unknown")


def _of_message(
    message: Message,
    timeline: Timeline,
    outgoing: Outgoing | None,
    names: Names,
    reader: int | None,
    now: datetime,
    mailed: Mapping[str, datetime],
) -> Entry:
    newcomer = typed = False
    if message.author == Message.Author.CUSTOMER:
        kind, (who, newcomer) = "customer", names.on_their_side(message)
        called = names.called(who)
        typed = only_typed(message, mailed)
    else:
        is_machine = message.author == Message.Author.SYSTEM and message.automatic != AUTOMATIC
        kind = "automatic" if is_machine else "us"
        who = called = names.on_our_side(message)
    return Entry(
        f"message-{message.pk}",
        message.at,
        kind,
        who,
        called,
        message=message,
        files=timeline.files.get(message.pk, ()),
        delivery=delivery_of(
            outgoing,
            own=reader in _takers(message, outgoing),
            now=now,
            among=len(message.to) + len(message.cc) + len(message.bcc),
        )
        if outgoing
        else None,
        newcomer=newcomer,
        typed=typed,
        came_to=names.came_to,
    )


def _takers(message: Message, outgoing: Outgoing) -> set[int]:
    """Who wrote an answer, or approved it, can take it back."""
    return {person for person in (message.user_id, outgoing.approved_by_id) if person}


def _with_what_they_answer(entries: Iterable[Entry]) -> list[Entry]:
    """Each message of a customer's with our last ones before it, which it may repeat."""
    told: list[Entry] = []
    ours: list[str] = []
    for entry in entries:
        theirs = entry.kind == "customer"
        told.append(replace(entry, answered=tuple(ours[-_MOST_ANSWERED:])) if theirs else entry)
        if entry.message and not theirs:
            ours.append(as_plain(entry.message.text))
    return told


def parts_of(pieces: Iterable[Piece], *, answered: Iterable[str] = ()) -> list[Part]:
    """Pieces of a message as one reads them, without the blank lines around them.

    Open are forwards, and quotations with words between the lines of what we said, which are answers.
    """
    said = ((piece.kind, lines_of(piece.text)) for piece in pieces)
    return [
        Part("\n".join(lines), _folded_words(kind, len(lines)), _is_open(kind, "\n".join(lines), answered))
        for kind, lines in said
        if lines
    ]


def _is_open(kind: Kind, text: str, answered: Iterable[str]) -> bool:
    if kind == Kind.QUOTE:
        return any(is_answered_within(text, original) for original in answered)
    return kind == Kind.FORWARD


def lines_of(text: str) -> list[str]:
    """The lines of a text from its first word to its last."""
    lines = text.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return lines


def _folded_words(kind: Kind, lines: int) -> str:
    match kind:
        case Kind.QUOTE:
            return ngettext("Quoted (%(count)s line)", "Quoted (%(count)s lines)", lines) % {"count": lines}
        case Kind.SIGNATURE:
            return _("Signature")
        case Kind.FORWARD:
            return _("Forwarded mail")
    return ""


def _source_read(event: Event, data: Mapping[str, Any]) -> str:
    values = {"who": event.actor_name, "when": moments.full(datetime.fromisoformat(data["moved_at"]))}
    if data["sent"]:
        return _("%(who)s read the mail of %(when)s in the outbox, which holds the customer's link") % values
    return _("%(who)s opened the original of the message of %(when)s") % values


def _handed(event: Event, handed: Mapping[int, HandOff]) -> HandOff | None:
    return handed.get(data_of(event)["hand_off"]) if event.kind == "case.handed_off" else None


def case_told(event: Event) -> int | None:
    """The other case that an event tells of."""
    field = _OTHER.get(event.kind)
    return data_of(event)[field] if field else None


def _to_undo(event: Event, undone: Collection[tuple[str, int]]) -> Undo | None:
    """Where the merge or split that this tells of is undone, as long as it can be."""
    name = _TO_UNDO.get(event.kind, "")
    row: int | None = data_of(event).get(name)
    if not row or (name, row) in undone:
        return None
    words = _("Undo the merge") if name == "merge" else _("Undo the split")
    return Undo(reverse(f"desk:undo_{name}", args=[row]), words)


def data_of(event: Event) -> dict[str, Any]:
    """The fields of an event, which come as text where a prepared query has read them."""
    data: dict[str, Any] = event.data if isinstance(event.data, dict) else json.loads(event.data)
    return data


def as_called(words: str, event: Event) -> str:
    """Words about an event without the title of a person for what is none: a rule, the bot, the product itself."""
    if event.actor_kind == ActorKind.PERSON:
        return words
    return words.replace(f"{event.actor_name}さん", machine_called(event.actor_name))


def words_for(event: Event, names: Names) -> str:
    """What an event is called in the conversation; empty for what need not be told there."""
    data = data_of(event)
    if was_so_elsewhere(event):
        return words_of_elsewhere(event, data, names.people)
    match event.kind:
        case "case.assigned":
            return _assigned(event, data.get("after"), names)
        case "case.status" if event.actor_kind == ActorKind.SYSTEM:
            return _("The status is now “%(status)s”") % {"status": Status(data["after"]).label}
        case "case.status":
            return _("%(who)s set the status to “%(status)s”") % {
                "who": event.actor_name,
                "status": Status(data["after"]).label,
            }
        case "message.received" if data.get("reopened"):
            return _("The customer wrote again: the case is open once more")
        case "case.changed":
            return _changed(event, data, names)
        case "case.filled" | "case.matter" | "case.customer":
            return filled_words(event, data)
        case "case.handed_off":
            return _("%(who)s left words for whoever comes next") % {"who": event.actor_name}
        case "case.continued":
            return _("Goes on in %(number)s") % {
                "number": names.cases.get(data["into"], _("a case of another desk"))
            }
        case "case.took_in":
            return _merged(event, data, names)
        case "case.unmerged":
            return _("%(who)s undid the merge") % {"who": event.actor_name}
        case "case.split" | "case.split_off":
            return _split(event, data, names)
        case "case.unsplit":
            return _("%(who)s undid the split") % {"who": event.actor_name}
        case "case.linked" | "case.unlinked" | "case.told_apart":
            return _linked(event, data, names)
        case "case.taken_over":
            return _("%(who)s took over the answer that %(person)s was writing") % {
                "who": event.actor_name,
                "person": names.people.get(data["before"], _("somebody")),
            }
        case kind if kind in _WORDS:
            return _WORDS[kind](event, data)
        case kind if kind in TASKS_TOLD:
            return task_words(event, data, names.tasks, names.people)
        case "case.link_ended":
            return _("%(who)s ended the link to the customer's own page") % {"who": event.actor_name}
        case "message.source_read":
            return _source_read(event, data)
        case "routing.divided":
            return by_division(event, data, names.desks)
        case "clock.breached":
            return _("A promised time ran out: %(what)s") % {"what": metric_name(data["metric"])}
        case "message.acknowledgement_held":
            return _not_acknowledged(data)
        case "message.loop_recognised":
            return _("No acknowledgement was sent: a machine seems to answer each of them")
    return ""


def _not_acknowledged(data: dict[str, Any]) -> str:
    if data.get("limit") == "desk":
        return _("No acknowledgement was sent: this desk has sent very many within the hour")
    return _("No acknowledgement was sent: this address has had several already")


def _assigned(event: Event, after: int | None, names: Names) -> str:
    who = event.actor_name
    if event.actor_kind == ActorKind.SYSTEM and who == "routing":
        return by_the_queue(after, names.people)
    if after is None:
        return _("%(who)s left the case to nobody in particular") % {"who": who}
    if after == event.actor_id:
        return _("%(who)s took the case") % {"who": who}
    return _("%(who)s made %(person)s responsible") % {
        "who": who,
        "person": names.people.get(after, _("somebody")),
    }


def _merged(event: Event, data: Mapping[str, Any], names: Names) -> str:
    number = names.cases.get(data["other"], _("a case of another desk"))
    if data.get("merge") is None:
        return _("%(number)s turned out to be the same matter and goes on here") % {"number": number}
    return _("%(who)s merged %(number)s into this case") % {"who": event.actor_name, "number": number}


def _split(event: Event, data: Mapping[str, Any], names: Names) -> str:
    told = {
        "who": event.actor_name,
        "count": data["messages"],
        "number": names.cases.get(case_told(event) or 0, _("a case of another desk")),
    }
    if event.kind == "case.split_off":
        return _("%(who)s split this case off from %(number)s (messages: %(count)s)") % told
    return _("%(who)s split off a new case %(number)s (messages: %(count)s)") % told


def _linked(event: Event, data: Mapping[str, Any], names: Names) -> str:
    other = names.cases.get(data["other"], _("a case of another desk"))
    told = {"who": event.actor_name, "number": other}
    if event.kind == "case.told_apart" and data["apart"]:
        return _("%(who)s said that %(number)s is another matter") % told
    if event.kind == "case.told_apart":
        return _("%(who)s had %(number)s suggested as a duplicate again") % told
    told["role"] = str(ROLE_NAMES[data["role"]])
    if event.kind == "case.linked":
        return _("%(who)s linked %(number)s: %(role)s") % told
    return _("%(who)s took away the link to %(number)s: %(role)s") % told


def _changed(event: Event, data: Mapping[str, Any], names: Names) -> str:
    who, after = event.actor_name, data.get("after")
    match data.get("field"):
        case "subject":
            return _("%(who)s changed the subject, which was “%(before)s”") % {
                "who": who,
                "before": data.get("before"),
            }
        case "priority":
            return _("%(who)s set the priority to “%(priority)s”") % {
                "who": who,
                "priority": Priority(int(after or 0)).label,
            }
        case "feelings":
            return felt(who, data.get("before") or [], after or [])
        case "checked":
            return identified(who, after or [])
        case "tags":
            return _tagged(who, data.get("before") or [], after or [])
        case "desk" if event.actor_kind != ActorKind.SYSTEM or who != "routing":
            desk = names.desks.get(int(after or 0), _("another desk"))
            return _("%(who)s moved the case to %(desk)s") % {"who": who, "desk": desk}
    return ""


def _tagged(who: str, before: Sequence[str], after: Sequence[str]) -> str:
    added, removed = [t for t in after if t not in before], [t for t in before if t not in after]
    if added and not removed:
        return _("%(who)s added the tag %(tags)s") % {"who": who, "tags": "・".join(added)}
    if removed and not added:
        return _("%(who)s removed the tag %(tags)s") % {"who": who, "tags": "・".join(removed)}
    return _("%(who)s changed the tags") % {"who": who}


def pieces_of(text: str, names: Iterable[str] = ()) -> Iterator[tuple[str, bool]]:
    """A text in pieces, each said to be a mention (`@name`) or not. `names` are those in full of who is mentioned, who
    may be called by the first part of them, too; an @ before anything else calls nobody.
    """
    ways = {way for name in names for way in (name, "".join(name.split()), name.split()[0])}
    at, whole = 0, "|".join(map(re.escape, sorted(ways, key=len, reverse=True)))
    for match in re.finditer(_MENTION.replace("{names}", whole), text) if whole else ():
        yield text[at : match.start()], False
        yield match.group(), True
        at = match.end()
    yield text[at:], False


def is_picture(content_type: str) -> bool:
    """Whether a file claims to be a picture that a browser shows without running anything."""
    return content_type.lower() in _PICTURES


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, spaces and widths apart."""
    return "".join(fold(one).split()) == "".join(fold(other).split())
