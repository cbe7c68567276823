"""Query sets of the busiest pages, put into SQL once and asked again and again with other values.

Django writes the SQL of a query set anew each time, which takes it longer than PostgreSQL takes to answer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Field, ForeignObject, Lookup, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_numbered

Row = TypeVar("Row", bound=Model)
_COMPANIES = "companies in scope"


class Slot(Expression):
    """Where a value will stand: `Case.objects.filter(number=Slot("number"))`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: object) -> tuple[str, list[Any]]:  # type: ignore[override]
        return "%s", [self]


class AmongThese(Lookup):  # type: ignore[type-arg]
    """`desk__among=Slot("desks")`: like `in`, but the SQL is the same for any number of values."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, before = self.process_lhs(compiler, connection)
        values, after = self.process_rhs(compiler, connection)
        return f"{column} = ANY ({values})", [*before, *after]


Field.register_lookup(AmongThese)
ForeignObject.register_lookup(AmongThese)


class PreparedQuery(Generic[Row]):
    """A query set with `Slot`s in it, planned by the server once per connection.

    `build` is called once for all scopes of some companies, and once for what needs them all or none. The managers'
    filters hold as they do anywhere: which companies is a value like the others. Its query set is not to be sliced:
    say `most` instead.
    """

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: dict[str | None, _Compiled[Row]] = {}

    def rows(self, values: Mapping[str, object], *, most: int | None = None) -> list[Row]:
        """The rows for these values, as Django would make them. One query."""
        companies = scope.known()
        if companies is None or companies == scope.EVERY_COMPANY:
            return self._compile(companies).rows(values, most)
        return self._compile("some").rows({**values, _COMPANIES: sorted(companies)}, most)

    def first(self, values: Mapping[str, object]) -> Row | None:
        """The first row; None when there is none."""
        return next(iter(self.rows(values, most=1)), None)

    def _compile(self, whose: str | None) -> "_Compiled[Row]":
        if whose not in self._compiled:
            with scope.left_open(Slot(_COMPANIES)):
                self._compiled[whose] = _Compiled(self._build())
        return self._compiled[whose]


class _Compiled(Generic[Row]):
    """The SQL of a query set and how its rows become models."""

    def __init__(self, query_set: QuerySet[Row]) -> None:
        compiler = query_set.query.get_compiler(DEFAULT_DB_ALIAS)
        statement, self.parameters = compiler.as_sql()
        self.statement = _numbered(statement)
        columns, kind = compiler.select, compiler.klass_info
        own = slice(kind["select_fields"][0], kind["select_fields"][-1] + 1)
        names = [column.target.attname for column, *_ in columns[own]]
        related = get_related_populators(kind, columns, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs' Django is newer
        added = dict(compiler.annotation_col_map or {})
        self.make = partial(_make, kind["model"], own, names, related, added)
        self.converters = compiler.get_converters([column for column, *_ in columns])

    def rows(self, values: Mapping[str, object], most: int | None) -> list[Row]:
        given = [values[p.name] if isinstance(p, Slot) else p for p in self.parameters]
        if most is None:
            found = fetch_numbered(self.statement, given)
        else:
            found = fetch_numbered(f"{self.statement} LIMIT ${len(given) + 1}", [*given, most])
        return [self.make(row) for row in self._converted(found)]

    def _converted(self, rows: list[tuple[Any, ...]]) -> Iterator[list[Any]]:
        for row in rows:
            values = list(row)
            for place, (converters, expression) in self.converters.items():
                for convert in converters:
                    values[place] = convert(values[place], expression, connection)
            yield values


def _numbered(statement: str) -> str:
    """A statement with its parameters numbered, so that nothing has to look for them each time it is asked."""
    number = count(1)
    return re.sub("%([s%])", lambda found: f"${next(number)}" if found[1] == "s" else "%", statement)


def _make(
    model: type[Row],
    own: slice,
    names: list[str],
    related: list[Any],
    added: Mapping[str, int],
    row: list[Any],
) -> Row:
    made = model.from_db(DEFAULT_DB_ALIAS, names, row[own])
    for name, place in added.items():
        setattr(made, name, row[place])
    for populator in related:
        populator.populate(row, made)
    return made
