"""The conversation of a case in the order it happened: messages, notes, and what was done between them. Pure."""

import copy
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.bot.queries import AUTOMATIC
from madoguchi.cases.models import Attachment, HandOff, Message, Note
from madoguchi.cases.queries import Timeline
from madoguchi.companies.queries import without_detail
from madoguchi.delivery.models import Outgoing
from madoguchi.desk.event_words import Names, as_called, case_told, data_of, words_for
from madoguchi.desk.faring import Delivery, delivery_of
from madoguchi.desk.letter import addresses_of
from madoguchi.desk.trust import Mark, marks_of, only_typed
from madoguchi.infra.models import Event
from madoguchi.kernel.blotting import Blotter
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.markup import as_plain
from madoguchi.kernel.pieces import Kind, Piece, is_answered_within
from madoguchi.kernel.text import fold

# The @ of a mail address comes after a letter; that of a name does not.
_MENTION = r"(?<![\w.+-])[@＠](?:{names})"
_MOST_ANSWERED = 3
_MOST_IN_SIGHT = 6
_PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}

# What can be undone where it is told, by what, and which other case is told of.
_TO_UNDO = {"case.took_in": "merge", "case.split": "split", "case.split_off": "split"}
_UNDOING = {"case.unmerged": "merge", "case.unsplit": "split"}


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


def kept_in(entries: list[Entry], blot: Blotter) -> list[Entry]:
    """The entries with what events and hand-offs tell blotted; messages and notes are already."""
    if blot.is_none:
        return entries
    return [
        replace(one, words=blot(one.words), handed=_handed_kept(one.handed, blot) if one.handed else None)
        for one in entries
    ]


def _handed_kept(handed: HandOff, blot: Blotter) -> HandOff:
    kept = copy.copy(handed)
    for name in ("reason", "summary", "next_step", "promises"):
        setattr(kept, name, blot(getattr(handed, name)))
    return kept


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


def _handed(event: Event, handed: Mapping[int, HandOff]) -> HandOff | None:
    return handed.get(data_of(event)["hand_off"]) if event.kind == "case.handed_off" else None


def _to_undo(event: Event, undone: Collection[tuple[str, int]]) -> Undo | None:
    """Where the merge or split that this tells of is undone, as long as it can be."""
    name = _TO_UNDO.get(event.kind, "")
    row: int | None = data_of(event).get(name)
    if not row or (name, row) in undone:
        return None
    words = _("Undo the merge") if name == "merge" else _("Undo the split")
    return Undo(reverse(f"desk:undo_{name}", args=[row]), words)


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
