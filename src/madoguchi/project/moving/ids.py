"""The two translations of ids: away from the installation a company leaves, into those of the one it comes to.

On the way rows of each table are numbered from 1 in the order of their ids, so what the numbers say does not depend on
where it was: a company that moved and moves on is written with the same bytes.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from madoguchi.people.models import OperatorMember, User
from madoguchi.project.moving.form import NoCompany
from madoguchi.project.moving.registry import MEMBER, NAMED, OPERATOR, PERSON
from madoguchi.project.moving.tables import Model

_RANGE = "SELECT coalesce(min({pk}), 1), coalesce(max({pk}), 0) FROM {table} WHERE company_id = %s"
# Others draw numbers at the same time: what is drawn is said in runs.
_DRAW = """
    SELECT min(id), count(*) FROM (
        SELECT id, id - row_number() OVER (ORDER BY id) AS run FROM (
            SELECT nextval(pg_get_serial_sequence(%s, %s)) AS id FROM generate_series(1, %s)
        ) AS drawn
    ) AS numbered GROUP BY run ORDER BY 1
"""
GONE = 0


@dataclass(slots=True)
class Leaving:
    """From here to the numbers of an archive; remembers who was named."""

    ranges: Mapping[str, tuple[int, int]]
    operators: Mapping[int, str]
    people: dict[int, str] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    named_operators: set[int] = field(default_factory=set)

    def __call__(self, label: str, value: Any) -> Any:
        if not isinstance(value, int) or not label:
            return value
        if label in NAMED:
            return self._name(label, value)
        first, last = self.ranges.get(label, (1, 0))
        return value - first + 1 if first <= value <= last else GONE

    def _name(self, label: str, value: int) -> str | int:
        if label == PERSON:
            return self._kept(self.people, value, _address_of)
        if label == OPERATOR:
            self.named_operators.add(value)
            return self.operators.get(value, GONE)
        return self._kept(self.members, value, self._member) or GONE

    def _member(self, pk: int) -> str:
        member = OperatorMember.objects.filter(pk=pk).first()
        if member is None:
            return ""
        return f"{self(PERSON, member.user_id)} {self(OPERATOR, member.operator_id)}"

    @staticmethod
    def _kept(known: dict[int, str], pk: int, ask: Callable[[int], str]) -> str | int:
        if pk not in known:
            known[pk] = ask(pk)
        return known[pk] or GONE


def _address_of(pk: int) -> str:
    return User.objects.filter(pk=pk).values_list("email", flat=True).first() or ""


def range_of(model: Model, company: int) -> tuple[int, int]:
    """The first and the last id of a company's rows; (1, 0) for none."""
    with connection.cursor() as cursor:
        cursor.execute(_RANGE.format(pk=model._meta.pk.column, table=model._meta.db_table), [company])
        first, last = cursor.fetchone()
    return int(first), int(last)


@dataclass(slots=True)
class Runs:
    """Ids that were drawn, in order: the first of each run, and how many came before it."""

    firsts: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    total: int = 0

    def at(self, number: int) -> int:
        """The id with this number, from 1."""
        run = bisect_right(self.before, number - 1) - 1
        return self.firsts[run] + number - 1 - self.before[run]


def draw(model: Model, count: int) -> Runs:
    """So many new ids of a table, in rising order."""
    runs = Runs()
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, [model._meta.db_table, model._meta.pk.column, count])
        for first, length in cursor.fetchall():
            runs.firsts.append(first)
            runs.before.append(runs.total)
            runs.total += length
    return runs


@dataclass(slots=True)
class Arriving:
    """From the numbers of an archive to ids here. Raises NoCompany for a number that is none of the archive's: it
    would be the id of something that was here already, of whatever company."""

    runs: Mapping[str, Runs]
    names: Mapping[str, Mapping[str, int]]

    def __call__(self, label: str, value: Any) -> Any:
        if not isinstance(value, int):
            return self.names[label].get(value, value) if label in NAMED and isinstance(value, str) else value
        if value == GONE:
            return value
        runs = self.runs.get(label)
        if label in NAMED or runs is None or not 0 < value <= runs.total:
            raise NoCompany(f"It names {label or 'something'} number {value}, which is not in it.")
        return runs.at(value)


__all__ = ["MEMBER", "Arriving", "Leaving", "Runs", "draw", "range_of"]
