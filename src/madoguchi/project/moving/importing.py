"""Bringing a company in from a file, whole or not at all, without anything leaving because of it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import NOT_PROVIDED
from django.utils.translation import gettext as _

from madoguchi.companies.events import CompanyImported
from madoguchi.companies.models import Company, EntryPoint, OperatorCompany
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.secrets import encrypt
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.models import CompanyMember, OperatorMember, User
from madoguchi.project.backup.archive import Member, members
from madoguchi.project.moving import form, vetting
from madoguchi.project.moving.ids import Arriving, draw
from madoguchi.project.moving.registry import CASE, EVENT, MEMBER, OPERATOR, PERSON, row_rule
from madoguchi.project.moving.standstill import stand_still
from madoguchi.project.moving.tables import Model, Row, column, columns, contents, secrets, tables
from madoguchi.search.actions import leave_to_worker

Open = Callable[[], Any]
Progress = Callable[[int], None]
_REASON = "a company comes into being with all that is its own; who answers for it may be here already"
_FILL = """
    INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)
"""


@dataclass(slots=True)
class Found:
    """What a file says of itself, after it was read to its end."""

    head: Row = field(default_factory=dict)
    company: Row = field(default_factory=dict)
    operators: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    digest: str = ""

    @property
    def size(self) -> int:
        """Rows and files together."""
        return sum(self.rows.values()) + self.files


@dataclass(slots=True)
class Foreseen:
    """What importing would come to: why it cannot be done, who of those it names is here already, and as what whoever
    would belong to the company or to an operator that is new here."""

    problems: list[str]
    known_people: list[str]
    known_operators: list[str]
    roles: list[str]


@dataclass(slots=True)
class Imported:
    """What came in; `stopped` is what would have left and waits now for a person, `seats_left` places of people who
    do not belong to an operator that is here already."""

    company: int
    rows: int = 0
    files: int = 0
    stopped: int = 0
    seats_left: int = 0


def look_through(opened: Open) -> Found:
    """Read a file to its end and say what is in it. Raises BackupDamaged, NoCompany among it,
    or SealError; changes nothing."""
    found, total = Found(), hashlib.sha256()
    with opened() as stream:
        for member in members(stream, shape=form.SHAPE):
            total.update(f"{member.name}\0".encode() + bytes.fromhex(member.digest))
            _note(member, found)
    found.digest = total.hexdigest()
    if not (found.head and found.company):
        raise form.NoCompany("It names no company.")
    vetting.check_head(found.head)
    vetting.check_company(Company, found.company)
    vetting.check_people(found.people, found.operators)
    vetting.check_members(found.members)
    return found


def _note(member: Member, found: Found) -> None:
    if member.name == form.HEAD:
        found.head = json.loads(member.content)
    elif member.name == form.COMPANY:
        [found.company] = form.lines(member.content)
    elif member.name == form.OPERATORS:
        found.operators = form.lines(member.content)
    elif member.name == form.PEOPLE:
        found.people = form.lines(member.content)
    elif member.name.startswith(form.FILES):
        found.files += 1
    elif member.name.startswith(form.TABLES):
        label = form.table_in(member.name)
        found.rows[label] = found.rows.get(label, 0) + member.content.count(b"\n")
        if label == EntryPoint._meta.label:
            found.addresses += [(row["kind"], row["address"]) for row in form.lines(member.content)]
        if label == CompanyMember._meta.label:
            found.members += form.lines(member.content)


def foresee(found: Found) -> Foreseen:
    """What importing this would come to here; needs a scope over every company. Changes nothing."""
    company = found.company
    problems = []
    if Company.objects.filter(slug=company["slug"]).exists():
        problems.append(
            _("There is a company with the short name “%(slug)s” here.") % {"slug": company["slug"]}
        )
    if Company.objects.filter(prefix=company["prefix"]).exists():
        letters = {"letters": company["prefix"]}
        problems.append(_("The letters %(letters)s begin the case numbers of a company here.") % letters)
    taken = {(p.kind, p.address) for p in EntryPoint.objects.only("kind", "address", "company_id")}
    for kind_and_address in found.addresses:
        if kind_and_address in taken:
            problems.append(_("The address %(address)s is in use here.") % {"address": kind_and_address[1]})
    known = {m._meta.label for m in tables()}
    for label in sorted(set(found.rows) - known):
        problems.append(_("It has rows that are not known here: %(table)s.") % {"table": label})
    people = User.objects.filter(email__in=[p["email"] for p in found.people])
    operators = OperatorCompany.objects.filter(name__in=[o["name"] for o in found.operators])
    known_operators = list(operators.values_list("name", flat=True))
    return Foreseen(
        problems,
        list(people.order_by("email").values_list("email", flat=True)),
        known_operators,
        _roles(found, known_operators),
    )


def _roles(found: Found, known_operators: list[str]) -> list[str]:
    """Who would be what, and where: an operator that is here already knows itself whom it employs."""
    places = [(one["email"], *place) for one in found.people for place in one["places"].items()]
    roles = [
        f"{email}: {role}, {operator}" for email, operator, role in places if operator not in known_operators
    ]
    return roles + [f"{one.get('user_id')}: {one['role']}, {found.company['name']}" for one in found.members]


def bring_in(opened: Open, *, found: Found, progress: Progress, by: Actor) -> Imported:
    """Bring a company in that `look_through` has read; all of it or, should anything fail, nothing.

    Nothing reacts to what happened elsewhere: nobody is written to, and what waited to leave waits for a person.
    While it runs, other reactions wait. Raises Refused where `foresee` names a problem.
    """
    with transaction.atomic(durable=True), scope.everywhere(reason=_REASON):
        problems = foresee(found).problems
        if problems:
            raise Refused("\n".join(problems))
        return _Import(opened, found, progress).run(by)


@contextmanager
def _gone_if_it_fails(folder: Path) -> Iterator[None]:
    """Files of a company that did not come in after all go again; its number is given to no other."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


class _Import:
    """One import, in its transaction."""

    def __init__(self, opened: Open, found: Found, progress: Progress) -> None:
        self.opened, self.found, self.progress = opened, found, progress
        self.models = {m._meta.label: m for m in tables()}
        self.turns = {label: row_rule(model) for label, model in self.models.items()}
        self.company = draw(Company, 1).at(1)
        self.done = Imported(self.company)
        self.content: dict[str, bytes] = {}

    def run(self, by: Actor) -> Imported:
        with _gone_if_it_fails(Path(settings.FILES_ROOT) / str(self.company)):
            self._fill(Company, [self.found.company | {"id": self.company}])
            self._number()
            with self.opened() as stream:
                for member in members(stream, shape=form.SHAPE):
                    self._take(member)
            self.done.stopped = stand_still(self.company)
            self._tell(by)
            return self.done

    def _number(self) -> None:
        """Ids for all rows, and who of those who are named is who here."""
        numbers: dict[str, int] = self.found.head["numbers"]
        runs = {
            label: draw(self.models[label], count) for label, count in numbers.items() if label in self.models
        }
        self.known_operators = self._names(OperatorCompany, "name")
        operators = [o for o in self.found.operators if o["name"] not in self.known_operators]
        own = [
            {"id": draw(OperatorCompany, 1).at(1), "name": o["name"], "own_of_id": self._own(o)}
            for o in operators
        ]
        self._fill(OperatorCompany, own)
        self._fill(User, self._strangers())
        people, by_name = self._names(User, "email"), self._names(OperatorCompany, "name")
        self._fill(OperatorMember, self._new_members(people, by_name))
        self.ids = Arriving(runs, {PERSON: people, OPERATOR: by_name, MEMBER: self._members()})
        leave_to_worker(after=runs[CASE].at(1) - 1) if runs[CASE].total else None

    def _own(self, operator: Row) -> int | None:
        return self.company if operator["own"] else None

    def _names(self, model: Any, name: str) -> dict[str, int]:
        said = self.found.people if name == "email" else self.found.operators
        rows = model.objects.filter(**{f"{name}__in": [one[name] for one in said]})
        return dict(rows.values_list(name, "pk"))

    def _strangers(self) -> list[Row]:
        """People who are not here yet; they set a password of their own before they can sign in."""
        known = self._names(User, "email")
        made = {"password": User().password or "!", "is_administrator": False, "date_joined": self._made_at}
        return [
            {"id": draw(User, 1).at(1), **{k: v for k, v in one.items() if k != "places"}, **made}
            for one in self.found.people
            if one["email"] not in known
        ]

    @property
    def _made_at(self) -> str:
        return str(self.found.head["made_at"])

    def _new_members(self, people: dict[str, int], operators: dict[str, int]) -> list[Row]:
        """Members of operators that are new here. Whom an operator employs that was here, it knows itself: nobody comes
        to see the other companies it works for because a file says so."""
        return [
            {
                "id": draw(OperatorMember, 1).at(1),
                "user_id": people[one["email"]],
                "operator_id": operators[operator],
                "role": role,
            }
            for one in self.found.people
            for operator, role in one["places"].items()
            if operator not in self.known_operators
        ]

    def _members(self) -> dict[str, int]:
        rows = OperatorMember.objects.values_list("pk", "user__email", "operator__name")
        return {f"{email} {operator}": pk for pk, email, operator in rows}

    def _take(self, member: Member) -> None:
        if member.name.startswith(form.CONTENT):
            self._gather(form.digest_in(member.name), member.content)
        elif member.name.startswith(form.FILES):
            files.put_known(form.digest_in(member.name), member.pieces(), company=self.company)
            self.done.files += 1
            self.progress(1)
        elif member.name.startswith(form.TABLES):
            self._rows(form.table_in(member.name), form.lines(member.content))
            self.content.clear()

    def _gather(self, digest: str, content: bytes) -> None:
        if sum(map(len, self.content.values())) >= form.PIECE:
            raise form.NoCompany("It holds more bytes before their rows than belong together.")
        self.content[digest] = content

    def _rows(self, label: str, rows: list[Row]) -> None:
        model, turn = self.models[label], self.turns[label]
        vetting.check_rows(model, rows)
        turned = [self._here(model, turn(row, self.ids)) for row in rows]
        placed = [row for row in turned if not isinstance(row.get("member_id"), str)]
        vetting.check_numbers(model, placed)
        self.done.seats_left += len(turned) - len(placed)
        self._fill(model, placed)
        self.done.rows += len(placed)
        self.progress(len(rows))

    def _here(self, model: Model, row: Row) -> Row:
        """A row with what belongs to this installation: the company, secrets under its key, bytes in their place."""
        row["company_id"] = self.company
        if model._meta.label == EVENT:
            row["carried"] = True
        for name in secrets(model):
            row[name] = encrypt(row[name]) if row[name] else ""
        for name in contents(model):
            if row[name] not in self.content:
                raise form.NoCompany(f"Bytes that a row of {model._meta.label} names are not in it.")
            row[name] = "\\x" + self.content[row[name]].hex()
        return row

    def _fill(self, model: Any, rows: list[Row]) -> None:
        if not rows:
            return
        missing = _missing(model, rows[0])
        whole = [missing | row for row in rows]
        quoted = connection.ops.quote_name
        names = ", ".join(quoted(name) for name in whole[0])
        statement = _FILL.format(table=quoted(model._meta.db_table), names=names)
        with connection.cursor() as cursor:
            cursor.execute(statement, [json.dumps(whole, ensure_ascii=False)])

    def _tell(self, by: Actor) -> None:
        head = self.found.head
        fact = CompanyImported(
            company=self.company,
            archive=self.found.digest,
            made_at=head["made_at"],
            newest_seal=head["newest_seal"],
            rows=self.done.rows,
            files=self.done.files,
        )
        record(fact, by=by)


def _missing(model: Model, row: Row) -> Row:
    """Columns that came into being after the file was made, as they are where nobody has said anything."""
    new = [f for f in columns(model) if f.column not in row and f.db_default is NOT_PROVIDED]
    return {column(f): f.get_default() for f in new if not f.primary_key}
