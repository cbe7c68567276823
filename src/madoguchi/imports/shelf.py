"""A place on disk for what stands in other files than the tickets that it belongs to, gone when it is closed."""

import json
import sqlite3
from types import TracebackType
from typing import Any

from madoguchi.kernel.text import clean

Found = dict[str, Any]


class Shelf:
    """Objects by kind and key, in the order in which they were put. Memory does not grow with them."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect(
            "", isolation_level=None
        )  # without a name: on disk, and deleted when closed
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA synchronous = OFF")
        self._rows.execute("PRAGMA cache_size = -4000")
        self._rows.execute("CREATE TABLE kept (kind TEXT, key TEXT, object TEXT)")
        self._rows.execute("CREATE INDEX by_key ON kept (kind, key)")
        self._rows.execute("BEGIN")

    def __enter__(self) -> "Shelf":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.close()

    def put(self, kind: str, key: object, found: Found) -> None:
        """Keep an object."""
        self._rows.execute("INSERT INTO kept VALUES (?, ?, ?)", (kind, clean(str(key)), json.dumps(found)))

    def all(self, kind: str, key: object) -> list[Found]:
        """All objects under a key."""
        rows = self._rows.execute(
            "SELECT object FROM kept WHERE kind = ? AND key = ? ORDER BY rowid", (kind, clean(str(key)))
        )
        return [json.loads(text) for (text,) in rows]

    def first(self, kind: str, key: object) -> Found:
        """The object under a key; an empty one where there is none."""
        return next(iter(self.all(kind, key)), {}) if key not in (None, "") else {}
