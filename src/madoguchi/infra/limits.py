"""How often somebody may do something, counted in the database so that all processes count together."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from madoguchi.kernel import clock
from madoguchi.kernel.errors import MadoguchiError

_COUNT = """
    INSERT INTO infra_ratecount (key, "window", count) VALUES (%s, %s, 1)
    ON CONFLICT (key, "window") DO UPDATE SET count = infra_ratecount.count + 1
    RETURNING count
"""
_GIVE_BACK = """
    UPDATE infra_ratecount SET count = count - 1 WHERE key = %s AND "window" = %s AND count > 0 RETURNING count
"""
_USED = 'SELECT count FROM infra_ratecount WHERE key = %s AND "window" = %s'


class TooOften(MadoguchiError):
    """The limit for this is reached; it is open again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too often: try again in {seconds} seconds")
        self.seconds = seconds


def count(key: str, *, most: int, seconds: int) -> None:
    """Count one use of `key` in the present window of `seconds`; raises `TooOften` beyond `most`."""
    window, into = divmod(int(clock.now().timestamp()), seconds)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, window * seconds])
        used = cursor.fetchone()[0]
    if used > most:
        raise TooOften(seconds - into)


def require_room(key: str, *, most: int, seconds: int) -> None:
    """Raises `TooOften` when all uses of the present window are counted already; writes nothing, so it may stand
    before long work.
    """
    window, into = divmod(int(clock.now().timestamp()), seconds)
    with connection.cursor() as cursor:
        cursor.execute(_USED, [key, window * seconds])
        row = cursor.fetchone()
    if row and row[0] >= most:
        raise TooOften(seconds - into)


@contextmanager
def tried(keys: Sequence[tuple[str, int]], *, seconds: int, failing: type[Exception]) -> Iterator[None]:
    """Count a try at each of these keys (with the most of it) before it is made, and give it back unless it fails by
    such an error. Raises `TooOften` before it is made.

    It is counted in transactions of its own: what the try undoes does not undo it, and of several at once each counts.
    """
    window, into = divmod(int(clock.now().timestamp()), seconds)
    at = window * seconds
    named = [key for key, _most in keys]
    counts = _apart(_COUNT, named, at)
    try:
        if any(count > most for (_key, most), count in zip(keys, counts, strict=True)):
            raise TooOften(seconds - into)
        yield
    except failing:
        raise
    except BaseException:
        _apart(_GIVE_BACK, named, at)
        raise
    _apart(_GIVE_BACK, named, at)


def _apart(statement: str, keys: Sequence[str], window: int) -> list[int]:
    """The counts of these keys after a statement, each in a transaction of its own beside the one at hand."""
    other = connection.copy()
    try:
        found = []
        with other.cursor() as cursor:
            for key in keys:
                cursor.execute(statement, [key, window])
                row = cursor.fetchone()
                found.append(int(row[0]) if row else 0)
        return found
    finally:
        other.close()


def forget_before(moment: int) -> int:
    """Delete windows that began before a Unix time; a periodic job keeps the table small."""
    with connection.cursor() as cursor:
        cursor.execute('DELETE FROM infra_ratecount WHERE "window" < %s', [moment])
        return int(cursor.rowcount)


def forget_naming(word: str) -> int:
    """Delete counts whose key names somebody who is to be forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM infra_ratecount WHERE position(%s IN key) > 0", [word])
        return int(cursor.rowcount)
