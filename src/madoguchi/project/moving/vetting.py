"""What a file may say at all: it may come from anybody, and what it says becomes rows of a database others share."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.people.models import CompanyMember, OperatorMember
from madoguchi.project.moving.form import NoCompany
from madoguchi.project.moving.registry import CASE
from madoguchi.project.moving.tables import Model, Row, column, columns, contents, is_numbered, key, secrets

PERSON_KEYS: Final = frozenset({"email", "name", "kana", "language", "is_active"})
OPERATOR_KEYS: Final = frozenset({"name", "own"})
HEAD_KEYS: Final = frozenset({"made_at", "newest_seal", "numbers"})
# Rows of all tables together, with those of others between them: each takes a number that is drawn before it is used.
MOST_NUMBERS: Final = 100_000_000


def check_head(head: Row) -> None:
    """Raises NoCompany unless it says how many ids of each table it needs, and these are no more than can be."""
    if not head.keys() >= HEAD_KEYS or not isinstance(head["numbers"], dict) or CASE not in head["numbers"]:
        raise NoCompany("It does not say what it holds.")
    numbers = head["numbers"].values()
    if not all(_is_number(one) and one >= 0 for one in numbers) or sum(numbers) > MOST_NUMBERS:
        raise NoCompany("It asks for more numbers than a company needs.")


def check_company(model: Model, company: Row) -> None:
    """Raises NoCompany unless the company is told by its columns, all but its id."""
    whole = {column(f) for f in columns(model) if not f.primary_key}
    _only(company.keys(), whole, of=model._meta.label)
    _all({"name", "slug", "prefix"}, company, of=model._meta.label)


def check_rows(model: Model, rows: list[Row]) -> None:
    """Raises NoCompany unless all rows name the same columns, and none but those that an export writes."""
    label, named = model._meta.label, rows[0].keys() if rows else set()
    _only(named, {column(f) for f in columns(model)}, of=label)
    for row in rows:
        if row.keys() != named:
            raise NoCompany(f"Rows of {label} do not all have the same columns.")
        _all([*key(model), *secrets(model), *contents(model)], row, of=label)
        if is_numbered(model) and not row[key(model)[0]]:
            raise NoCompany(f"A row of {label} has no number.")


def check_numbers(model: Model, rows: list[Row]) -> None:
    """Raises NoCompany where a column of whole numbers holds something else: the database would read a word as a
    number that nobody has turned into one of here."""
    single = [column(f) for f in columns(model) if isinstance(_told_by(f), models.IntegerField)]
    many = [column(f) for f in columns(model) if _holds_numbers(f)]
    for row in rows:
        lists = [row[name] for name in many if row.get(name) is not None]
        values = [row.get(name) for name in single]
        if not all(isinstance(one, list) for one in lists):
            raise NoCompany(f"A row of {model._meta.label} holds no list where one belongs.")
        for one in [*values, *(one for each in lists for one in each)]:
            if one is not None and not _is_number(one):
                raise NoCompany(f"A row of {model._meta.label} holds no number where one belongs.")


def check_people(people: list[Row], operators: list[Row]) -> None:
    """Raises NoCompany unless each operator and person is told as an export tells them, with a role that there is."""
    for operator in operators:
        _exactly(operator, OPERATOR_KEYS, of="An operator")
    known = {one["name"] for one in operators}
    for person in people:
        _exactly(person, PERSON_KEYS | {"places"}, of="A person")
        if not isinstance(person["places"], dict) or not person["places"].keys() <= known:
            raise NoCompany(f"{person['email']} works for an operator that it does not hold.")
        _roles(OperatorMember, person["places"].values())


def check_members(rows: Iterable[Row]) -> None:
    """Raises NoCompany unless people of the company have a role that a company gives."""
    _roles(CompanyMember, (row.get("role") for row in rows))


def _roles(model: Model, roles: Iterable[Any]) -> None:
    [field] = [f for f in columns(model) if f.name == "role"]
    there_are = [value for value, _words in field.flatchoices]
    for role in roles:
        if role not in there_are:
            raise NoCompany(f"{role!r} is no role of {model._meta.label}.")


def _only(named: Iterable[str], known: set[str], *, of: str) -> None:
    if strange := sorted(set(named) - known):
        raise NoCompany(f"{of} has no column {strange[0]!r} that a file could fill.")


def _all(needed: Iterable[str], row: Mapping[str, Any], *, of: str) -> None:
    if missing := [name for name in needed if name not in row]:
        raise NoCompany(f"A row of {of} does not say {missing[0]!r}.")


def _exactly(row: Row, keys: frozenset[str], *, of: str) -> None:
    name = row.get("email", row.get("name"))
    if row.keys() != keys or not isinstance(name, str):
        raise NoCompany(f"{of} is told in words that are not known here.")


def _told_by(field: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    """The field that says what a column holds: that of the row it refers to."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _holds_numbers(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, ArrayField) and isinstance(field.base_field, models.IntegerField)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
