"""Many rows at once, through COPY.

PostgreSQL refuses COPY into a table under row-level security, and the product acts as a role that it binds. So
the rows of a batch are copied into a temporary table beside it and inserted from there: every policy, foreign key
and index sees each row, and it works on any server the product works on.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A table and the columns that are given; the others take their defaults."""

    table: str
    columns: str

    @property
    def stage(self) -> str:
        """The temporary table."""
        return f"seed_{self.table}"


def target(model: type[models.Model], columns: str) -> Target:
    """Some columns of a model's table, named in the order that rows give them."""
    return Target(model._meta.db_table, ", ".join(f'"{column}"' for column in columns.split()))


@contextmanager
def staged(targets: Iterable[Target]) -> Iterator[None]:
    """Have the temporary tables."""
    targets = tuple(targets)
    with connection.cursor() as cursor:
        for each in targets:
            columns = f"SELECT {each.columns} FROM {each.table}"  # noqa: S608  names of ours
            cursor.execute(f"CREATE TEMPORARY TABLE {each.stage} ON COMMIT DROP AS {columns} WITH NO DATA")
        # Without this every row of the whole seed would be remembered until the end to be checked then.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        cursor.execute("DROP TABLE " + ", ".join(each.stage for each in targets))


def write(each: Target, rows: Iterable[Row]) -> None:
    """Write rows into a staged table's original."""
    columns = each.columns
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {each.stage} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {each.table} ({columns}) SELECT {columns} FROM {each.stage}")  # noqa: S608
        cursor.execute(f"TRUNCATE {each.stage}")


def reserve(model: type[models.Model], count: int) -> Sequence[int]:
    """Ids that nobody else will take."""
    if not count:
        return ()
    sequence = "pg_get_serial_sequence(%s, 'id')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT nextval({sequence}) FROM generate_series(1, %s)",  # noqa: S608  a constant
            [model._meta.db_table, count],
        )
        return [id_ for (id_,) in cursor.fetchall()]
