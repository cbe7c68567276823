"""Statements of the busiest paths, which the server plans once per connection instead of every time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Cursor, RawCursor

_PLANS = "SELECT set_config('plan_cache_mode', %s, true)"
Values = Sequence[Any] | Mapping[str, Any]


def fetch_all(statement: str, values: Values) -> list[tuple[Any, ...]]:
    """Run a prepared statement on Django's own connection and transaction, and return its rows.

    Parameters are bound by the server: give them a cast where their type does not follow from their place.
    Raises Django's database errors.
    """
    return _run(Cursor, statement, values)


def fetch_numbered(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """As `fetch_all`, of a statement that names its parameters $1, $2 …, which goes to the server as it is written."""
    return _run(RawCursor, statement, values)


def fetch_one(statement: str, values: Values) -> tuple[Any, ...] | None:
    """The first row of a prepared statement; None when there is none."""
    rows = fetch_all(statement, values)
    return rows[0] if rows else None


def _run(kind: type[Cursor[Any]], statement: str, values: Values) -> list[tuple[Any, ...]]:
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement, "time": "0"})  # tests count it like any other
    with connection.wrap_database_errors, kind(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)  # type: ignore[arg-type]
        answered = cursor.pgresult
        return cursor.fetchall() if answered and answered.nfields else []


@contextmanager
def plans_kept() -> Iterator[None]:
    """Within, in a transaction, the server plans no prepared statement anew for its values.

    Else it does so every time where it expects little of the values given and much of any: a question of many
    branches costs it more to plan than to answer. For statements that read by the same index whatever they are told.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    fetch_all(_PLANS, ["force_generic_plan"])
    yield
    if len(connection.atomic_blocks) > 1 and not connection.needs_rollback:
        fetch_all(_PLANS, ["auto"])
