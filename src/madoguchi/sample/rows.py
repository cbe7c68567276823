"""Sample cases as rows of the tables they go into."""

import json
import os
from base64 import b32encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from madoguchi.cases.models import Attachment, Case, Contact, Mention, Message, Note
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery.models import Outgoing
from madoguchi.fields.models import Field
from madoguchi.infra.models import Event
from madoguchi.kernel.identity import IdentityKind
from madoguchi.sample.attachments import CONTENT_TYPES
from madoguchi.sample.content import SampleCase, SampleChange, SampleMessage, SampleNote
from madoguchi.sample.copying import Row, Target, target
from madoguchi.sample.customers import SampleCustomer
from madoguchi.sample.organisations import Places
from madoguchi.sample.set_up import values_of

_TRANSFER = timedelta(seconds=3)
_SEEN_AFTER = timedelta(hours=2)
_RESPONSE = "250 2.0.0 Ok"
_OURS = ("staff", "system")

CUSTOMERS = target(Customer, "id company_id name kana address memo language created_at")
IDENTITIES = target(Identity, "company_id customer_id kind value written")
CASES = target(
    Case,
    "id company_id number desk_id entry_point_id customer_id channel subject status priority assignee_id tags language"
    " reply_token preview message_count opened_at touched_at waiting_since first_replied_at solved_at version filled",
)
CONTACTS = target(Contact, "id company_id case_id customer_id entry_point_id channel inbound at")
MESSAGES = target(
    Message,
    "id company_id case_id contact_id channel author user_id sender_name sender_address to cc subject text new_text"
    " html automatic external_id at sent_at",
)
ATTACHMENTS = target(Attachment, "company_id message_id filename content_type size sha256 inline content_id")
OUTGOING = target(
    Outgoing,
    "company_id message_id entry_point_id channel state external_id in_reply_to references cause due_at created_at"
    " started_at finished_at tries response",
)
NOTES = target(Note, "id company_id case_id user_id text at")
MENTIONS = target(Mention, "company_id note_id case_id user_id at seen_at")
EVENTS = target(Event, "id company_id kind at actor_kind actor_id actor_name case_id desk_id data")
# Whoever is referred to stands before those who refer.
TARGETS = (CUSTOMERS, IDENTITIES, CASES, CONTACTS, MESSAGES, ATTACHMENTS, OUTGOING, NOTES, MENTIONS, EVENTS)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that attachments are made of."""

    content_type: str
    size: int
    sha256: str


@dataclass(slots=True)
class Batch:
    """The rows of some cases, table by table."""

    cases: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)
    outgoing: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    mentions: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    def by_target(self) -> tuple[tuple[Target, list[Row]], ...]:
        """The rows by where they go, those that are referred to first."""
        return (
            (CASES, self.cases),
            (CONTACTS, self.contacts),
            (MESSAGES, self.messages),
            (ATTACHMENTS, self.attachments),
            (OUTGOING, self.outgoing),
            (NOTES, self.notes),
            (MENTIONS, self.mentions),
            (EVENTS, self.events),
        )


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids that one batch of cases takes, in the order it takes them."""

    cases: Iterator[int]
    contacts: Iterator[int]
    messages: Iterator[int]
    notes: Iterator[int]
    events: Iterator[int]


def new_token() -> str:
    """A reply token nobody can guess, in the letters that tokens are of."""
    return b32encode(os.urandom(10)).decode().lower()


def customer_row(id_: int, customer: SampleCustomer, company: int) -> Row:
    """A row of customers."""
    return (
        id_,
        company,
        customer.name,
        customer.kana,
        customer.prefecture,
        "",
        customer.language,
        customer.created_at,
    )


def identity_rows(customer_id: int, customer: SampleCustomer, company: int) -> list[Row]:
    """The addresses of a customer, canonical as the kernel makes them."""
    rows: list[Row] = [(company, customer_id, IdentityKind.EMAIL.value, customer.email, customer.email)]
    if customer.phone:
        number = "+81" + customer.phone.replace("-", "")[1:]
        rows.append((company, customer_id, IdentityKind.PHONE.value, number, customer.phone))
    return rows


def customer_event(id_: int, customer_id: int, customer: SampleCustomer, company: int) -> Row:
    """The event of a customer's first appearance."""
    data = json.dumps({"customer": customer_id})
    return (id_, company, "customer.created", customer.created_at, "system", None, "intake", None, None, data)


class RowMaker:
    """Turns cases into rows, knowing where everything they name stands in the database."""

    def __init__(self, places: Places, assets: dict[str, Asset], *, now: datetime) -> None:
        self.places, self.assets, self.now = places, assets, now
        self.people = {key: (user.pk, user.name) for key, user in places.people.items()}
        self.to_desk = {key: _parties("", point.address) for key, point in places.mail.items()}

    def add(self, batch: Batch, case: SampleCase, customer_id: int, ids: Ids) -> None:
        """Add all rows of one case to the batch."""
        _CaseRows(self, batch, case, customer_id, ids).write()


class _CaseLog:
    """What the log tells of one case after its opening, collected in any order."""

    def __init__(self, maker: RowMaker, case: SampleCase) -> None:
        self.people = maker.people
        self.seen: list[tuple[datetime, int, int, str, str, dict[str, Any]]] = []
        for change in case.changes:
            self._changed(change)

    def happened(self, at: datetime, rank: int, kind: str, who: str, data: dict[str, Any]) -> None:
        """Note an event; of those of one moment the lower rank came first."""
        self.seen.append((at, rank, len(self.seen), kind, who, data))

    def _changed(self, change: SampleChange) -> None:
        """As the log tells it: a customer's words re-open a case without a word about the status."""
        if change.field == "assignee":
            after = self.people[change.after][0]
            self.happened(change.at, 0, "case.assigned", change.person, {"before": None, "after": after})
        elif change.person or change.after != "open":
            status = {"before": change.before, "after": change.after}
            self.happened(change.at, 1, "case.status", change.person or "cases", status)

    def rows(self, ids: Iterator[int], where: tuple[int, int, int]) -> Iterator[Row]:
        """The rows of all that happened, in its order."""
        for at, _rank, _place, kind, who, data in sorted(self.seen):
            yield self.row(next(ids), where, at, kind, who, data)

    def row(
        self,
        id_: int,
        where: tuple[int, int, int],
        at: datetime,
        kind: str,
        who: str,
        data: dict[str, Any],
    ) -> Row:
        """One event; `where` is company, case and desk, `who` a person's key or a part of the product."""
        company, case, desk = where
        person = self.people.get(who)
        actor = ("person", *person) if person else ("system", None, who)
        return (id_, company, kind, at, *actor, case, desk, json.dumps(data))


class _CaseRows:
    """One case on its way into a batch."""

    def __init__(self, maker: RowMaker, batch: Batch, case: SampleCase, customer_id: int, ids: Ids) -> None:
        self.maker, self.batch, self.case, self.customer_id, self.ids = maker, batch, case, customer_id, ids
        places = maker.places
        self.id = next(ids.cases)
        self.company = places.companies[case.company].pk
        self.desk = places.desks[case.desk]
        self.mail = places.mail[case.desk]
        self.point = places.forms[case.desk] if case.channel == "form" else self.mail
        self.token = new_token()
        self.to_customer = _parties(case.sender_name, case.customer.email)
        self.thread: list[str] = []
        self.log = _CaseLog(maker, case)
        fields = places.fields
        self.filled = [(fields[key], value) for key, value in values_of(case) if key in fields]

    def write(self) -> None:
        spoken = [m for m in self.case.messages if not m.automatic]
        self._write_case(spoken)
        opening = next(self.ids.events)
        for place, message in enumerate(self.case.messages):
            self._write_message(place, message, opening)
        for note in self.case.notes:
            self._write_note(note)
        for field_, value in self.filled:
            self._filled(field_, value)
        data = {"number": self.case.number, "channel": self.case.channel, "customer": self.customer_id}
        where = (self.company, self.id, self.desk.pk)
        self.batch.events.append(
            self.log.row(
                opening, where, self.case.opened_at, "case.opened", "intake", data | {"automatic": ""}
            )
        )
        self.batch.events.extend(self.log.rows(self.ids.events, where))

    def _write_case(self, spoken: Sequence[SampleMessage]) -> None:
        case, last = self.case, spoken[-1]
        self.batch.cases.append(
            (
                self.id,
                self.company,
                case.number,
                self.desk.pk,
                self.point.pk,
                self.customer_id,
                case.channel,
                case.subject,
                case.status,
                case.priority,
                self.maker.people[case.assignee][0] if case.assignee else None,
                list(case.tags),
                case.language,
                self.token,
                " ".join((last.new_text or last.text)[:400].split())[:160],
                len(spoken),
                case.opened_at,
                case.touched_at,
                case.waiting_since,
                case.first_replied_at,
                case.solved_at,
                len(spoken) + len(case.changes) + len(self.filled),
                json.dumps({field.key: value for field, value in self.filled}, ensure_ascii=False),
            )
        )

    def _write_message(self, place: int, message: SampleMessage, opening: int) -> None:
        ours, id_, contact = message.author in _OURS, next(self.ids.messages), next(self.ids.contacts)
        channel = self.case.channel if ours or not place else "email"
        external_id = self._external_id(message, channel)
        self.batch.contacts.append(
            (
                contact,
                self.company,
                self.id,
                self.customer_id,
                self.point.pk,
                channel,
                not ours,
                message.at,
            )
        )
        self.batch.messages.append(
            (
                id_,
                self.company,
                self.id,
                contact,
                channel,
                message.author,
                self.maker.people[message.person][0] if message.person else None,
                self.mail.shown_sender if ours else self.case.sender_name,
                self.mail.address if ours else self.case.customer.email,
                self.to_customer
                if ours
                else "[]"
                if channel == "form"
                else self.maker.to_desk[self.case.desk],
                "[]",
                message.subject,
                message.text,
                message.new_text,
                "",
                message.automatic,
                external_id,
                message.at,
                message.at + _TRANSFER if ours else message.at,
            )
        )
        for file in message.files:
            asset = self.maker.assets[file.asset]
            self.batch.attachments.append(
                (self.company, id_, file.filename, asset.content_type, asset.size, asset.sha256, False, "")
            )
        if ours:
            self._write_outgoing(id_, message, external_id, cause=opening if message.automatic else None)
        elif place:
            self._received(id_, message, channel)
        if channel == "email":
            self.thread.append(external_id)

    def _external_id(self, message: SampleMessage, channel: str) -> str:
        if message.author in _OURS:
            return f"c.{self.token}.{os.urandom(8).hex()}@{self.mail.address.rpartition('@')[2]}"
        if channel == "form":
            return f"form.{os.urandom(16).hex()}@madoguchi.invalid"
        return f"{os.urandom(12).hex()}@{self.case.customer.email.rpartition('@')[2]}"

    def _write_outgoing(
        self, message_id: int, message: SampleMessage, external_id: str, *, cause: int | None
    ) -> None:
        at, left = message.at, message.at + _TRANSFER
        self.batch.outgoing.append(
            (
                self.company,
                message_id,
                self.mail.pk,
                "email",
                "sent",
                external_id,
                self.thread[-1] if self.thread else "",
                "\n".join(self.thread),
                cause,
                at,
                at,
                left,
                left,
                1,
                _RESPONSE,
            )
        )
        written = {"message": message_id, "automatic": message.automatic}
        self.log.happened(at, 2, "message.written", message.person or "delivery", written)
        if not message.automatic:
            queued = {"message": message_id, "due": at.isoformat()}
            self.log.happened(at, 3, "message.queued", message.person, queued)
        sent = {"message": message_id, "response": _RESPONSE}
        self.log.happened(left, 4, "message.sent", "delivery", sent)

    def _received(self, message_id: int, message: SampleMessage, channel: str) -> None:
        rest = any(c.at == message.at and c.before in ("solved", "closed") for c in self.case.changes)
        data = {"message": message_id, "channel": channel, "automatic": "", "reopened": rest}
        self.log.happened(message.at, 0, "message.received", "intake", data)

    def _filled(self, field_: Field, value: str) -> None:
        at = self.case.first_replied_at or self.case.opened_at
        data = {"field": field_.pk, "label": field_.label, "of": field_.kind, "holds": ""}
        self.log.happened(at, 6, "case.filled", self.case.assignee, data | {"before": None, "after": value})

    def _write_note(self, note: SampleNote) -> None:
        id_, mentioned = next(self.ids.notes), [self.maker.people[key][0] for key in note.mentions]
        self.batch.notes.append(
            (id_, self.company, self.id, self.maker.people[note.person][0], note.text, note.at)
        )
        seen = note.at + _SEEN_AFTER
        for user in mentioned:
            self.batch.mentions.append(
                (self.company, id_, self.id, user, note.at, seen if seen < self.maker.now else None)
            )
        self.log.happened(note.at, 5, "note.added", note.person, {"note": id_, "mentioned": mentioned})


def _parties(name: str, address: str) -> str:
    return json.dumps([{"name": name, "address": address}], ensure_ascii=False)


def asset_of(filename: str, content: bytes, sha256: str) -> Asset:
    """What attachments say about this file."""
    return Asset(CONTENT_TYPES[filename.rpartition(".")[2]], len(content), sha256)
