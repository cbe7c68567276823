"""What there is to be found, read from where it is kept: cases, what was said in them, whom they are for.

Something new to be found is a function that makes `Entry` of its rows, called by `entries_of`. An entry may belong
to a case, to a customer, or to neither.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.case_number import CaseNumber
from madoguchi.kernel.identity import IdentityKind, bare_member, canonical, holds_address
from madoguchi.kernel.places import house_of, place_of

_CASES = """
    SELECT c.id, c.company_id, company.prefix, c.number, c.former_number, c.subject, c.tags, c.opened_at, c.customer_id,
        whom.use_stopped_at IS NOT NULL AND c.status IN ('solved', 'closed')
    FROM cases_case AS c JOIN companies_company AS company ON company.id = c.company_id
        JOIN customers_customer AS whom ON whom.id = c.customer_id
    WHERE c.id = ANY (%s::bigint[])
"""
# What was said never changes: it is read once. It may move to another case, though.
_MESSAGES = """
    SELECT m.id, m.company_id, m.case_id, m.at, m.subject, m.text, m.author = 'customer', m.sender_name,
        m.sender_address, (m."to" || m.cc)::text, c.customer_id, point.address
    FROM cases_message AS m JOIN cases_case AS c ON c.id = m.case_id
        LEFT JOIN companies_entrypoint AS point ON point.id = c.entry_point_id
        LEFT JOIN search_document AS d ON d.source_id = m.id AND d.kind = 'message' AND d.field = 'text'
    WHERE m.case_id = ANY (%s::bigint[]) AND (d.id IS NULL OR d.case_id <> m.case_id)
"""
_NOTES = """
    SELECT n.id, n.company_id, n.case_id, n.at, n.text
    FROM cases_note AS n
        LEFT JOIN search_document AS d ON d.source_id = n.id AND d.kind = 'note' AND d.field = 'text'
    WHERE n.case_id = ANY (%s::bigint[]) AND (d.id IS NULL OR d.case_id <> n.case_id)
"""
_FILES = """
    SELECT a.id, a.company_id, m.case_id, m.at, a.filename
    FROM cases_message AS m JOIN cases_attachment AS a ON a.message_id = m.id
        LEFT JOIN search_document AS d ON d.source_id = a.id AND d.kind = 'file' AND d.field = 'filename'
    WHERE m.case_id = ANY (%s::bigint[]) AND (d.id IS NULL OR d.case_id <> m.case_id)
"""
_CONTENTS = """
    SELECT a.id, a.company_id, m.case_id, m.at, t.text
    FROM cases_message AS m JOIN cases_attachment AS a ON a.message_id = m.id
        JOIN search_filetext AS t ON t.attachment_id = a.id
        LEFT JOIN search_document AS d ON d.source_id = a.id AND d.kind = 'file' AND d.field = 'content'
    WHERE m.case_id = ANY (%s::bigint[]) AND t.text <> '' AND (d.id IS NULL OR d.case_id <> m.case_id)
"""
_CUSTOMERS = """
    SELECT id, company_id, created_at, name, kana, address, memo, former_names,
        coalesce(joined_into_id, id), use_stopped_at
    FROM customers_customer
    WHERE id = ANY (%s::bigint[])
"""
_IDENTITIES = """
    SELECT customer_id, kind, value, written FROM customers_identity WHERE customer_id = ANY (%(ids)s::bigint[])
    UNION ALL
    SELECT customer_id, 'address', house, written FROM customers_postaladdress
    WHERE customer_id = ANY (%(ids)s::bigint[])
"""
_WRITTEN = {("note", "text"): _NOTES, ("file", "filename"): _FILES, ("file", "content"): _CONTENTS}
_FIELDS = ("name", "kana", "address", "memo", "former_names")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to be found: what it is of, whose it is, when it came, and its parts."""

    kind: str
    field: str
    source: int
    company: int
    case: int | None
    customer: int | None
    at: datetime
    parts: tuple[str, ...]

    @property
    def key(self) -> tuple[int, str, str]:
        """What tells entries apart."""
        return (self.source, self.kind, self.field)


def entries_of(cases: Sequence[int], customers: Iterable[int] = ()) -> list[Entry]:
    """What these cases and customers hold, the oldest first; of what was said only what no search finds yet. Customers
    whose data is used no more hold nothing here, nor do their cases that are at rest.
    """
    rows = fetch_all(_CASES, [list(cases)]) if cases else []
    rows = [row for row in rows if not row[9]]
    cases = [row[0] for row in rows]
    whom = _Whom([row[8] for row in rows] + list(customers))
    entries = [*whom.entries(), *(entry for row in rows for entry in _case(row))]
    if cases:
        entries += [entry for row in fetch_all(_MESSAGES, [list(cases)]) for entry in _message(row, whom)]
        entries += [
            Entry(kind, field, *_said(row), row[3], (row[4],))
            for (kind, field), statement in _WRITTEN.items()
            for row in fetch_all(statement, [list(cases)])
        ]
    return sorted(entries, key=lambda entry: entry.at)


def _case(row: tuple[Any, ...]) -> Iterator[Entry]:
    id_, company, prefix, number, former, subject, tags, opened_at, _customer, _withheld = row
    whose = (id_, company, id_, None, opened_at)
    yield Entry("case", "number", *whose, numbers_of(prefix, number, former))
    yield Entry("case", "subject", *whose, (subject,))
    if tags:
        yield Entry("case", "tags", *whose, tuple(tags))


def numbers_of(prefix: str, number: int, former: str) -> tuple[str, ...]:
    """By what a case is called: its number, and that of the system it came from, as it stands and without a mark."""
    bare = former.lstrip("#＃")
    return tuple(dict.fromkeys(filter(None, (str(CaseNumber(prefix, number)), former, bare))))


def _said(row: tuple[Any, ...]) -> tuple[int, int, int, None]:
    return (row[0], row[1], row[2], None)


def _message(row: tuple[Any, ...], whom: "_Whom") -> Iterator[Entry]:
    at, subject, text, inbound, name, address, parties, customer, point = row[3:]
    yield Entry("message", "text", *_said(row), at, (subject, text))
    if inbound and not whom.known(customer, name, address):
        yield Entry("message", "sender", *_said(row), at, (name, address))
    others = [
        f"{party.get('name', '')} {party.get('address', '')}"
        for party in json.loads(parties)
        if party.get("address") != point and not whom.known(customer, "", party.get("address", ""))
    ]
    if others:
        yield Entry("message", "recipients", *_said(row), at, tuple(others))


class _Whom:
    """The customers, and the addresses that reach them."""

    def __init__(self, customers: Iterable[int]) -> None:
        ids = sorted(set(customers))
        self.rows = {row[0]: row for row in fetch_all(_CUSTOMERS, [ids])} if ids else {}
        self.identities: dict[int, list[tuple[str, str, str]]] = {}
        for customer, *identity in fetch_all(_IDENTITIES, {"ids": ids}) if ids else ():
            self.identities.setdefault(customer, []).append(tuple(identity))

    def known(self, customer: int, name: str, address: str) -> bool:
        """Whether a name and an address say no more than what is known of the customer."""
        row = self.rows.get(customer)
        value = canonical(IdentityKind.EMAIL, address)
        theirs = any(value == known for _kind, known, _written in self.identities.get(customer, ()))
        return theirs and row is not None and (not name or name == row[3])

    def entries(self) -> Iterator[Entry]:
        """Each field of each customer by itself, for some are kept from some readers. What a record was called that was
        joined into another one finds that one.
        """
        for id_, company, created_at, *values, lasting, stopped in self.rows.values():
            if stopped:
                continue
            fields = {name: (value,) for name, value in zip(_FIELDS, values, strict=True)}
            former = tuple(fields.pop("former_names")[0].splitlines())
            if holds_address(fields["name"][0]):
                fields |= {"email": fields["name"], "name": ("",)}
            fields["name"] = (*fields["name"], *former)
            written = fields["address"][0]
            fields["address"] = tuple(dict.fromkeys((written, place_of(written), house_of(written))))
            for kind, value, written in self.identities.get(id_, ()):
                forms = [written, value, *([bare_member(value)] if kind == IdentityKind.MEMBER else ())]
                fields[kind] = (*fields.get(kind, ()), *filter(None, dict.fromkeys(forms)))
            for name, parts in fields.items():
                if any(parts):
                    yield Entry("customer", name, id_, company, None, lasting, created_at, parts)
