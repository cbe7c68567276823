"""Writing all of a company into one file, as one moment saw it, while everything runs."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.db import connection, transaction
from django.db.models import TextField

import madoguchi
from madoguchi.companies.events import CompanyExported
from madoguchi.companies.models import Company, Engagement, OperatorCompany
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record, verify
from madoguchi.infra.models import Seal
from madoguchi.infra.secrets import decrypt
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role
from madoguchi.kernel.errors import Refused
from madoguchi.people.models import OperatorMember, User
from madoguchi.project.backup.archive import Writer
from madoguchi.project.moving import form
from madoguchi.project.moving.ids import Leaving, range_of
from madoguchi.project.moving.left_out import NOTHING_BUT_SECRET
from madoguchi.project.moving.registry import OPERATOR, PERSON, row_rule
from madoguchi.project.moving.tables import (
    Model,
    Row,
    columns,
    contents,
    is_numbered,
    key,
    named_files,
    secrets,
    tables,
)

Progress = Callable[[int], None]
_REASON = "a company leaves with all that is its own; who answers for it answers for others too"
_PERSON = ("email", "name", "kana", "language", "is_active")
# Rows that the database sends at a time: of long texts fewer, of bytes without bound one.
_AT_ONCE, _LONG_AT_ONCE = 200, 20
_COUNT = "SELECT count(*) FROM {table} WHERE company_id = %s"
_ROWS = """
    SELECT (SELECT to_jsonb(r) FROM (SELECT {plain}) AS r){beside} FROM {table} AS t
    WHERE "{whose}" = %s ORDER BY {order}
"""
_NAMED_FILES = "SELECT {name} FROM {table} WHERE company_id = %s"


@dataclass(slots=True)
class Exported:
    """What went into the file; `missing` are files that rows name and the store does not have."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    missing: int = 0


@dataclass(slots=True)
class _Piece:
    """Rows of a table that are still to be written, with the bytes that they name."""

    rows: list[bytes] = field(default_factory=list)
    size: int = 0
    number: int = 0


def export(
    company: Company, stream: IO[bytes], *, with_secrets: bool, progress: Progress, by: Actor
) -> Exported:
    """Write a company into a stream. `progress` is told of every row and file.

    Secrets (passwords of mail servers, tokens, signing keys) stay here unless asked for; who asks encrypts the stream.
    Raises Refused when the audit chain is broken, for then nobody could say what the history is worth.
    """
    with _one_moment():
        made = _Export(company, stream, with_secrets, progress).write()
    with scope.acting_for([company.pk]):
        fact = CompanyExported(
            company=company.pk, rows=sum(made.rows.values()), files=made.files, secrets=with_secrets
        )
        record(fact, by=by)
    return made


def count(company: Company, *, with_secrets: bool) -> int:
    """How many rows and files an export will hold, about, for who shows its progress."""
    with scope.acting_for([company.pk]), connection.cursor() as cursor:
        total = 0
        for model in _going(with_secrets):
            cursor.execute(_COUNT.format(table=model._meta.db_table), [company.pk])
            total += cursor.fetchone()[0]
        return total


@contextmanager
def _one_moment() -> Iterator[None]:
    """One snapshot for everything that is read. It writes nothing, so no reader of the log waits for it."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with scope.everywhere(reason=_REASON):
            yield


def _going(with_secrets: bool) -> list[Model]:
    return [m for m in tables() if with_secrets or m._meta.label not in NOTHING_BUT_SECRET]


class _Export:
    """One export, from the head to the end."""

    def __init__(self, company: Company, stream: IO[bytes], with_secrets: bool, progress: Progress) -> None:
        self.company, self.with_secrets, self.progress = company, with_secrets, progress
        self.models = _going(with_secrets)
        self.writer = Writer(stream, progress=lambda _size: None)
        self.made = Exported()
        ranges = {m._meta.label: range_of(m, company.pk) for m in self.models if is_numbered(m)}
        self.ids = Leaving(ranges, dict(OperatorCompany.objects.values_list("pk", "name")))

    def write(self) -> Exported:
        self.writer.add(form.HEAD, json.dumps(self._head(), ensure_ascii=False, indent=1).encode())
        [company] = self._rows(Company, "id")
        itself = self._plain(Company, company)
        del itself["id"]
        self.writer.add(form.COMPANY, form.line(itself))
        for model in self.models:
            self.made.rows[model._meta.label] = self._table(model)
        self._files()
        self._operators_and_people()
        self.writer.finish()
        return self.made

    def _head(self) -> dict[str, Any]:
        faults = list(verify())
        if faults:
            raise Refused(f"The audit chain is broken, so the history proves nothing: {faults[0]}")
        newest = Seal.objects.order_by("-id").values_list("digest", flat=True).first()
        return {
            "format": form.FORMAT,
            "version": madoguchi.__version__,
            "made_at": clock.now().isoformat(),
            "company": {"name": self.company.name, "slug": self.company.slug, "prefix": self.company.prefix},
            "secrets": self.with_secrets,
            "newest_seal": bytes(newest).hex() if newest else "",
            "numbers": {label: last - first + 1 for label, (first, last) in self.ids.ranges.items()},
        }

    def _table(self, model: Model) -> int:
        turn, piece, rows = row_rule(model), _Piece(), 0
        for row in self._rows(model, "company_id"):
            line = form.line(turn(self._plain(model, row, piece), self.ids))
            piece.rows.append(line)
            piece.size += len(line)
            if piece.size >= form.PIECE:
                self._flush(model, piece)
            rows += 1
            self.progress(1)
        self._flush(model, piece)
        return rows

    def _flush(self, model: Model, piece: _Piece) -> None:
        if piece.rows:
            name = f"{form.TABLES}{model._meta.label}/{piece.number:06}.jsonl"
            self.writer.add(name, b"".join(piece.rows))
            piece.rows, piece.size, piece.number = [], 0, piece.number + 1

    def _rows(self, model: Model, whose: str) -> Iterator[tuple[Any, ...]]:
        """The rows of the company in the order of their ids: as JSON, and what stands beside."""
        beside = contents(model)
        plain = ", ".join(f'"{f.column}"' for f in columns(model) if f.column not in beside)
        kept = "".join(f', t."{name}"' for name in beside)
        where = {
            "table": model._meta.db_table,
            "whose": whose,
            "order": ", ".join(f't."{name}"' for name in key(model)),
        }
        statement = _ROWS.format(plain=plain, beside=kept, **where)
        with connection.connection.cursor(name="export") as cursor:
            cursor.itersize = 1 if beside else _LONG_AT_ONCE if _is_long(model) else _AT_ONCE
            cursor.execute(statement, [self.company.pk])
            yield from cursor

    def _plain(self, model: Model, found: tuple[Any, ...], piece: _Piece | None = None) -> Row:
        """A row with secrets taken out, or in the open, and its bytes written before it."""
        row: Row = json.loads(found[0])
        for name in secrets(model):
            row[name] = decrypt(row[name]) if self.with_secrets and row[name] else ""
        for name, content in zip(contents(model), found[1:], strict=True):
            row[name] = self._beside(bytes(content), piece)
        return row

    def _beside(self, content: bytes, piece: _Piece | None) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.writer.add(form.place(form.CONTENT, digest), content)
        if piece is not None:
            piece.size += len(content)
        return digest

    def _files(self) -> None:
        named = [(m._meta.db_table, name) for m in self.models for name in named_files(m)]
        each = " UNION ".join(_NAMED_FILES.format(name=name, table=table) for table, name in named)
        with connection.connection.cursor(name="files") as cursor:
            cursor.execute(f"{each} ORDER BY 1", [self.company.pk] * len(named))
            for (digest,) in cursor:
                self._file(digest)

    def _file(self, digest: str) -> None:
        try:
            content = files.read(digest, company=self.company.pk)
        except FileNotFoundError:
            self.made.missing += 1
            return
        self.writer.add(form.place(form.FILES, digest), content)
        self.made.files += 1
        self.progress(1)

    def _operators_and_people(self) -> None:
        """Those whom rows named, and managers, who need no seat."""
        engaged = Engagement.objects.filter(company=self.company).values("operator")
        managers = OperatorMember.objects.filter(operator__in=engaged, role=Role.MANAGER)
        members = OperatorMember.objects.filter(pk__in=self.ids.members) | managers
        places: dict[str, dict[str, str]] = {}
        for member in members.order_by("pk"):
            address, operator = self.ids(PERSON, member.user_id), self.ids(OPERATOR, member.operator_id)
            places.setdefault(address, {})[operator] = member.role
        self.writer.add(form.OPERATORS, b"".join(map(form.line, self._operators())))
        people = User.objects.filter(pk__in=self.ids.people).order_by("email")
        said = (dict(zip(_PERSON, row, strict=True)) for row in people.values_list(*_PERSON))
        self.writer.add(
            form.PEOPLE, b"".join(form.line(p | {"places": places.get(p["email"], {})}) for p in said)
        )

    def _operators(self) -> Iterator[Row]:
        own = OperatorCompany.objects.filter(own_of=self.company)
        named = OperatorCompany.objects.filter(pk__in=self.ids.named_operators) | own
        for operator in named.order_by("name"):
            yield {"name": operator.name, "own": operator.own_of_id == self.company.pk}


def _is_long(model: Model) -> bool:
    return any(isinstance(each, TextField) for each in columns(model))
