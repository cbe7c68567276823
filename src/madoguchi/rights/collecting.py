"""Everything that is kept of one person, in plain JSON values (docs/rights.md says what stands where)."""

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from django.db import models
from django.utils import translation

from madoguchi.cases.models import Attachment, Case, HandOff, Message, Note
from madoguchi.commerce.models import IssuedDocument, Order, OrderLine
from madoguchi.companies.models import Company
from madoguchi.customers.models import Belonging, Customer, PostalAddress
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.promises.models import Promise
from madoguchi.rights.keeping_back import is_kept_back, is_memo_kept_back, told_apart
from madoguchi.rights.models import Request
from madoguchi.rights.person import Person
from madoguchi.rights.readable import facts_of, related, sections_of
from madoguchi.rights.registry import HELD, Held, model_of
from madoguchi.rights.withheld import is_theirs, is_told, rows_told, sifted, told_columns
from madoguchi.voice.models import Call, Recording

FORMAT, VERSION = "madoguchi-disclosure", 1
# What says nothing that does not stand in another row.
_REPEATED = frozenset({"search.Document", "cases.FilledValue"})
_AT_ONCE = 2000
# Of rows that hold bytes (raw mails, papers).
_LARGE_AT_ONCE = 4
# How they wish to be spoken with, and be reached.
_WISHES = ("pace", "detail", "prefers")
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that is enclosed: its name in the archive, and where its bytes are: in the file store, by their hash, or
    in a paper that was given. They are read when they are written.
    """

    name: str
    sha256: str = ""
    paper: int = 0

    def opened(self, company: int) -> BinaryIO:
        """Its bytes, to be read once. Raises FileNotFoundError where they are gone."""
        if not self.paper:
            return files.opened(self.sha256, company=company)
        with scope.acting_for([company]):
            found = IssuedDocument.objects.filter(pk=self.paper).values_list("pdf", flat=True).first()
        if found is None:
            raise FileNotFoundError(self.name)
        return io.BytesIO(bytes(found))


def collected(person: Person, withheld: Sequence[Mapping[str, Any]] = ()) -> tuple[Told, list[Enclosed]]:
    """What is kept of a person without what is `withheld` from them, and the files that belong to it. Asks for all
    cases at once, table by table.
    """
    enclosed: list[Enclosed] = []
    rows, read = _records(person)
    told = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": plain(clock.now()),
        "withheld": told_apart(withheld),
        "company": Company.objects.get(pk=person.company).name,
        "customers": [
            _record(one, person) for one in Customer.objects.filter(pk__in=person.customers).order_by("pk")
        ],
        "addresses": [*map(_address, person.identities), *map(_place, person.places)],
        "cases": _cases(person, enclosed),
        "calls": _calls(person, enclosed),
        "orders": _orders(person, enclosed),
        "requests": [_request(one) for one in Request.objects.filter(customer__in=person.customers)],
        "read": read,
        "records": rows,
    }
    return told, enclosed


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601 of Japan, bytes by their SHA-256."""
    if isinstance(value, datetime):
        return value.astimezone(clock.TOKYO).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return {"bytes": len(value), "sha256": hashlib.sha256(bytes(value)).hexdigest()}
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _record(one: Customer, person: Person) -> Told:
    names = ["name", "former_names", "kana", "address", "language", "created_at", "use_stopped_at"]
    names += [] if "memo" in person.without else ["memo"]
    groups = Belonging.objects.filter(customer=one).select_related("group").order_by("pk")
    belongs = [{"name": row.group.name, "role": row.role, "since": plain(row.at)} for row in groups]
    with translation.override("ja"):
        wishes = [str(getattr(one, f"get_{name}_display")()) for name in _WISHES if getattr(one, name)]
    told = {name: plain(getattr(one, name)) for name in names}
    return {"id": one.pk, **told, "wishes": wishes, "belongs_to": belongs}


def _address(one: Any) -> Told:
    known = {"verified_how": one.verified_how, "verified_at": plain(one.verified_at)}
    return {"kind": one.kind, "value": one.value, "written": one.written, **known}


def _place(one: PostalAddress) -> Told:
    known = {"verified_how": one.how, "verified_at": plain(one.at)}
    return {"kind": "address", "value": one.house, "written": one.written, **known}


def _request(one: Request) -> Told:
    names = ("kind", "state", "received_at", "due_on", "asker", "words", "proof", "proof_note", "refusal")
    return {name: plain(getattr(one, name)) for name in names}


def _cases(person: Person, enclosed: list[Enclosed]) -> list[Told]:
    said = _by_case(_said(person, enclosed))
    notes = _by_case((n.case_id, _note(n)) for n in Note.objects.filter(pk__in=person.of("notes")))
    left = HandOff.objects.filter(case__in=person.cases).order_by("pk")
    left = left.none() if "notes" in person.without else left
    hand_offs = _by_case((h.case_id, _hand_off(h)) for h in left)
    promised = Promise.objects.filter(case__in=person.cases).order_by("pk")
    promises = _by_case((p.case_id, _promise(p)) for p in promised)
    own = set(person.cases)
    touched = sorted({*own, *said})
    rows = Case.objects.filter(pk__in=touched).select_related("company", "desk", "window").order_by("pk")
    return [
        {
            "number": case.spoken_number(case.company.prefix),
            "desk": case.shown_desk.public_name or case.shown_desk.name,
            "theirs": case.pk in own,
            **(_case(case) if case.pk in own else {}),
            "messages": said[case.pk],
            "notes": notes[case.pk],
            "hand_offs": hand_offs[case.pk],
            "promises": promises[case.pk],
        }
        for case in rows
    ]


def _by_case(pairs: Any) -> Mapping[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    for case, told in pairs:
        found[case].append(told)
    return found


def _case(case: Case) -> Told:
    names = ("subject", "status", "channel", "tags", "feelings", "filled", "opened_at", "solved_at")
    return {name: plain(getattr(case, name)) for name in names}


def _said(person: Person, enclosed: list[Enclosed]) -> Iterator[tuple[int, Told]]:
    attached: dict[int, list[Told]] = defaultdict(list)
    for file in Attachment.objects.filter(pk__in=person.of("attachments")).order_by("pk"):
        name = f"files/{file.pk}-{_as_name(file.filename)}"
        enclosed.append(Enclosed(name, sha256=file.sha256))
        attached[file.message_id].append({"file": name, "filename": file.filename, "size": file.size})
    for one in Message.objects.filter(pk__in=person.messages).order_by("at", "pk"):
        yield one.case_id, _message(one, person) | {"attachments": attached[one.pk]}


def _message(one: Message, person: Person) -> Told:
    """One of us is the desk to a customer: who of us wrote is no data of theirs, nor who else wrote in their case."""
    known = one.author == Message.Author.CUSTOMER and is_theirs(one.sender_address, person.lower)
    sender = {"name": one.sender_name, "address": one.sender_address} if known else {}
    return {
        "at": plain(one.at),
        "author": one.author,
        "channel": one.channel,
        "from": sender,
        **{name: getattr(one, name) for name in ("to", "cc", "subject", "text")},
    }


def _note(one: Note) -> Told:
    return {"at": plain(one.at), "text": one.text}


def _hand_off(one: HandOff) -> Told:
    names = ("reason", "summary", "next_step", "promises")
    return {"at": plain(one.at), **{name: getattr(one, name) for name in names}}


def _promise(one: Promise) -> Told:
    return {name: plain(getattr(one, name)) for name in ("kind", "words", "made_at", "due_at", "state")}


def _calls(person: Person, enclosed: list[Enclosed]) -> list[Told]:
    sounds: dict[int, list[Told]] = defaultdict(list)
    for one in Recording.objects.filter(call__in=person.calls).order_by("pk"):
        name = f"recordings/{one.pk}.wav"
        enclosed.append(Enclosed(name, sha256=one.sha256))
        sounds[one.call_id].append({"file": name, "seconds": one.milliseconds // 1000, "at": plain(one.at)})
    names = ("caller", "called", "outcome", "keys", "offered_at", "answered_at", "ended_at")
    return [
        {**{name: plain(getattr(call, name)) for name in names}, "recordings": sounds[call.pk]}
        for call in Call.objects.filter(pk__in=person.calls).order_by("pk")
    ]


def _orders(person: Person, enclosed: list[Enclosed]) -> list[Told]:
    papers: dict[int, list[Told]] = defaultdict(list)
    for paper in IssuedDocument.objects.filter(order__in=person.orders).defer("pdf").order_by("pk"):
        name = f"papers/{_as_name(paper.number)}.pdf"
        enclosed.append(Enclosed(name, paper=paper.pk))
        told = {"number": paper.number, "kind": paper.kind, "day": plain(paper.day), "total": paper.total}
        papers[paper.order_id].append(told | {"file": name})
    lines: dict[int, list[Told]] = defaultdict(list)
    for line in OrderLine.objects.filter(order__in=person.orders).order_by("order", "place"):
        named = ("code", "name", "quantity", "unit_price", "tax_rate")
        lines[line.order_id].append({name: getattr(line, name) for name in named})
    names = (
        "state",
        "payment",
        "recipient",
        "postcode",
        "address",
        "phone",
        "note",
        "net",
        "tax",
        "placed_at",
    )
    return [
        {
            "number": order.spoken_number,
            **{name: plain(getattr(order, name)) for name in names},
            "lines": lines[order.pk],
            "papers": papers[order.pk],
        }
        for order in Order.objects.filter(pk__in=person.orders).order_by("pk")
    ]


def _records(person: Person) -> tuple[dict[str, list[Told]], dict[str, list[Told]]]:
    """The rows of every table that is known to hold something of theirs, as they are, so that nothing is forgotten; and
    as people read them (`readable.py`), by section.
    """
    told: dict[str, list[Told]] = {}
    read: dict[str, list[Told]] = {}
    for label, held in HELD.items():
        rows = sorted(_rows(label, held, person).items()) if label not in _REPEATED else []
        if rows:
            told[label] = [columns for _pk, (columns, _words) in rows]
            read[label] = [words for _pk, (_columns, words) in rows if words]
    return told, dict(sections_of(read))


def _rows(label: str, held: Held, person: Person) -> dict[Any, tuple[Told, Told | None]]:
    rows: dict[Any, tuple[Told, Told | None]] = {}
    all_rows, by, at_once = (
        model_of(label)._default_manager.select_related(*related(label)),
        held.by,
        _AT_ONCE,
    )
    wanted = rows_told(label, person.of(held.of))
    if any(isinstance(column, models.BinaryField) for column in all_rows.model._meta.concrete_fields):
        wanted = list(all_rows.filter(**{f"{by}__in": wanted}).values_list("pk", flat=True))
        by, at_once = "pk", _LARGE_AT_ONCE
    for at in range(0, len(wanted), at_once):
        found = all_rows.filter(**{f"{by}__in": wanted[at : at + at_once]}).iterator(at_once)
        rows |= {row.pk: _row(row, person) for row in found if _is_told(row, person)}
    return rows


def _is_told(row: models.Model, person: Person) -> bool:
    ours = getattr(row, "company_id", None) == person.company
    return ours and is_told(row) and not is_kept_back(row, person.without)


def _row(row: models.Model, person: Person) -> tuple[Told, Told | None]:
    """The columns of a row, but for what is somebody else's, or secret; and the row as people read it."""
    columns = told_columns(row, person.lower)
    cases = person.of("cases")
    kept = is_memo_kept_back(row, person.without)
    columns = [c for c in columns if not (kept and c.name in ("memo", "before", "after", "changes"))]
    told = {str(c.column): plain(sifted(row, getattr(row, c.attname), cases=cases)) for c in columns}
    return told, facts_of(row, [c.name for c in columns])


def _as_name(written: str) -> str:
    """A name that is one on every system, and leads to no other folder."""
    kept = "".join("_" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in written)
    return kept.strip(". ")[-100:] or "file"
