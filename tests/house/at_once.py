"""Several at the same work in the same moment, each with a connection of its own, as in several processes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from madoguchi.infra import scope

# Nobody waits that long; only a test that has gone wrong does.
LONGEST = 20.0


@dataclass
class Somebody:
    """Works in a thread; `outcome` is what the work returned or raised."""

    work: Callable[[], Any]
    outcome: Any = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.outcome = self.work()
        except Exception as error:  # noqa: BLE001  for whoever asks for the outcome
            self.outcome = error
        finally:
            connection.close()

    @property
    def busy(self) -> bool:
        return self._thread.is_alive()

    def done(self) -> Any:
        """What came of it, once it is done."""
        self._thread.join(LONGEST)
        assert not self._thread.is_alive(), "still at work"
        return self.outcome


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """All of these begin together; returns what came of each."""
    ready = threading.Barrier(len(works))

    def together(work: Callable[[], Any]) -> Callable[[], Any]:
        def begin() -> Any:
            connection.ensure_connection()
            ready.wait(LONGEST)
            return work()

        return begin

    return [somebody.done() for somebody in [Somebody(together(work)) for work in works]]


@contextmanager
def unfinished(company: int, work: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """The work is done in a transaction that stays open; call what is given to commit it."""
    worked, finish = threading.Event(), threading.Event()

    def hold() -> Any:
        with scope.acting_for([company]):
            try:
                return work()
            finally:
                worked.set()
                finish.wait(LONGEST)

    somebody = Somebody(hold)
    assert worked.wait(LONGEST)

    def commit() -> Any:
        finish.set()
        return somebody.done()

    try:
        yield commit
    finally:
        commit()


def until_waiting(somebody: Somebody, *, together: int = 1) -> None:
    """Return when somebody in this database (or so many `together`) waits for a lock that another holds."""
    sql = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    while somebody.busy:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            if cursor.fetchone()[0] >= together:
                return
    raise AssertionError(f"it did not wait: {somebody.outcome!r}")
