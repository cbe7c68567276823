"""Being the only one who sends something: a database lock that ends with its process."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def sole_sender(space: int, key: int) -> Iterator[bool]:
    """Whether nobody else holds the lock; it is held until the block ends. Ids beyond 31 bits may share one."""
    place = [space, key % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", place)
        sole = bool(cursor.fetchone()[0])
    try:
        yield sole
    finally:
        if sole:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", place)
