"""What came, counted, and a file of what did not and why: an object a line."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from madoguchi.imports.outcomes import Came, Outcome
from madoguchi.imports.records import Meant

MOST_SHOWN = 5
# Of words that people wrote there may be as many as there are tickets.
MOST_WORDS = 1000


@dataclass(slots=True)
class Report:
    """How an import goes: how many of each kind and outcome, what became of which statuses and priorities, and what a
    person should know, the first of it at hand.

    The file is made with the first line and begins anew with each run.
    """

    path: Path | None
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    first: list[dict[str, str]] = field(default_factory=list)
    lines: int = 0
    words: Counter[Meant] = field(default_factory=Counter)
    _file: IO[str] | None = None

    def __enter__(self) -> "Report":
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def note(self, came: Came) -> None:
        """What became of one record."""
        self.counts.setdefault(came.kind, Counter())[came.outcome.value] += 1
        self.words.update(w for w in came.words if w in self.words or len(self.words) < MOST_WORDS)
        for reason in came.reasons:
            self._tell(came, reason)

    def meanings(self) -> list[tuple[Meant, int]]:
        """Which words became what, and how many of each: those that nobody knows first, then the most frequent."""
        return sorted(self.words.items(), key=lambda one: (bool(one[0].became), one[0].what, -one[1]))

    @property
    def failed(self) -> int:
        """How many records could not come in."""
        return sum(count[Outcome.FAILED] for count in self.counts.values())

    def _tell(self, came: Came, reason: str) -> None:
        line = {"place": came.place, "record": came.id, "outcome": came.outcome.value, "reason": reason}
        self.lines += 1
        if len(self.first) < MOST_SHOWN:
            self.first.append(line)
        if self.path is not None:
            self._file = self._file or self.path.open("w", encoding="utf-8", errors="backslashreplace")
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
