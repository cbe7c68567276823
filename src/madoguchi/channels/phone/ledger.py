"""What the gateway writes down, of each call in the order in which it happened, by a thread of its own.

A call does not wait for the database: what cannot be written now is written when the database is there again.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError, connection

logger = structlog.get_logger()
LONGEST_PAUSE = 5.0
Entry = Callable[[], object]


class Ledger:
    """`put` returns at once; `close` writes what is left, for so many seconds at most.

    What is put into one lane, as all of one call, is written in its order. Lanes take turns, but those that somebody
    waits for come first: what hundreds of calls left behind keeps nobody from seeing who rings.
    """

    def __init__(self, *, first_pause: float = 0.2) -> None:
        # Those with something to be written, whose turn it is first; and of these those that are waited for.
        self._lanes: OrderedDict[str, deque[Entry]] = OrderedDict()
        self._first: dict[str, None] = {}
        self._news = threading.Condition()
        self._over = False
        self._thread = threading.Thread(target=self._run, name="phone-ledger", daemon=True)
        self._first_pause = first_pause
        self._closing = threading.Event()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, entry: Entry, lane: str = "", *, first: bool = False) -> None:
        """Have this written down after all that was put into its lane before; `first` before all other lanes."""
        with self._news:
            self._lanes.setdefault(lane, deque()).append(entry)
            if first:
                self._first[lane] = None
            self._news.notify()

    def close(self, *, seconds: float = 5.0) -> bool:
        """Write what is left; whether all of it is written."""
        with self._news:
            self._over = True
            self._news.notify()
        self._thread.join(seconds)
        self._closing.set()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (entry := self._next()) is not None:
            self._write(entry)
        connection.close()

    def _next(self) -> Entry | None:
        with self._news:
            self._news.wait_for(lambda: self._lanes or self._over)
            if not self._lanes:
                return None
            lane = next(iter(self._first or self._lanes))
            waiting = self._lanes[lane]
            entry = waiting.popleft()
            self._lanes.move_to_end(lane)
            if not waiting:
                del self._lanes[lane]
                self._first.pop(lane, None)
            return entry

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
