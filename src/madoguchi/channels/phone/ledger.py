"""What the gateway writes down, in the order in which it happened, by a thread of its own.

A call does not wait for the database: what cannot be written now is written when the database is there again.
"""

import queue
import threading
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError, connection

logger = structlog.get_logger()
LONGEST_PAUSE = 5.0
Entry = Callable[[], object]


class Ledger:
    """`put` returns at once; `close` writes what is left, for so many seconds at most."""

    def __init__(self, *, first_pause: float = 0.2) -> None:
        self._entries: queue.SimpleQueue[Entry | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="phone-ledger", daemon=True)
        self._first_pause = first_pause
        self._closing = threading.Event()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Have this written down after all that was put before."""
        self._entries.put(entry)

    def close(self, *, seconds: float = 5.0) -> bool:
        """Write what is left; whether all of it is written."""
        self._entries.put(None)
        self._thread.join(seconds)
        self._closing.set()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (entry := self._entries.get()) is not None:
            self._write(entry)
        connection.close()

    def _write(self, entry: Entry) -> None:
        pause = self._first_pause
        while True:
            try:
                entry()
                return
            except (OperationalError, InterfaceError) as error:
                logger.warning("phone_database_away", error=str(error).strip()[:200])
                connection.close()
                if self._closing.wait(pause):
                    return
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                # The call then counts as one whose gateway fell silent, and comes up as broken off.
                logger.exception("phone_not_written")
                connection.close()
                return
