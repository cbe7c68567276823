"""The world that most tests begin with, stored again as it was made: by its models it takes longer than many a test.

Its ids are those that it had when it was made first. Each test has it to itself, since all that is stored goes with
the test; and numbers of rows never come twice.
"""

import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from django.db import connection, models, transaction
from psycopg import sql

from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World, make_world

_REASON = "a fixture makes what a test asks for, whosever it is"
_NOW = "@now@"
_COLUMNS = """
    SELECT column_name, data_type = 'timestamp with time zone' FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


class Again:
    """Makes a world once, and gives a new one like it whenever it is asked for."""

    def __init__(self) -> None:
        self._statement = ""
        self._made = b""

    def world(self) -> World:
        """A world of two companies, stored in the transaction of the test."""
        if not self._made:
            self._make()
        now = clock.now()
        with scope.everywhere(reason=_REASON), connection.cursor():
            # One round trip for all tables; what is one of many statements cannot be prepared.
            connection.connection.execute(self._statement.replace(_NOW, now.isoformat()), prepare=False)
        return _made_at(now, pickle.loads(self._made))

    def _make(self) -> None:
        with scope.everywhere(reason=_REASON), _taken_back(), _stored_in() as tables:
            make_world()
        with scope.everywhere(reason=_REASON), _taken_back():
            before = {table: _last(table) for table in tables}
            world = make_world()
            self._statement = "; ".join(_inserting(table, before[table]) for table in tables)
        self._made = pickle.dumps(world)


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _stored_in() -> Iterator[list[str]]:
    """The tables into which something is inserted, in order."""
    tables: dict[str, None] = {}

    def noted(execute: Any, statement: str, *rest: Any) -> Any:
        if found := re.match(r'INSERT INTO "(\w+)"', statement):
            tables[found[1]] = None
        return execute(statement, *rest)

    told: list[str] = []
    with connection.execute_wrapper(noted):
        yield told
    told.extend(tables)


def _last(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')
        return int(cursor.fetchone()[0])


def _inserting(table: str, after: int) -> str:
    """The rows of a table with a higher id, as one statement with all their values in it."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [table])
        columns = cursor.fetchall()
        read = ", ".join(f'"{name}"::text' for name, _is_time in columns)
        cursor.execute(f'SELECT {read} FROM "{table}" WHERE id > %s ORDER BY id', [after])
        rows = [
            [_NOW if is_time and value else value for value, (_, is_time) in zip(row, columns, strict=True)]
            for row in cursor.fetchall()
        ]
    values = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows
    )
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _is_time in columns)
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {}").format(sql.Identifier(table), names, values)
    return statement.as_string(connection.connection)


def _made_at(now: Any, world: World) -> World:
    for thing in (world.administrator, *_of(world.ours), *_of(world.theirs)):
        for column in thing._meta.concrete_fields:
            if isinstance(column, models.DateTimeField) and column.auto_now_add:
                setattr(thing, column.attname, now)
    return world


def _of(side: Any) -> Iterator[Any]:
    return (getattr(side, one.name) for one in fields(side))
