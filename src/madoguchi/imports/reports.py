"""What came, counted, and a file of what did not and why: an object a line."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from madoguchi.imports.outcomes import Came, Outcome

MOST_SHOWN = 5


@dataclass(slots=True)
class Report:
    """How an import goes: how many of each kind and outcome, and what a person should know, the first of it at hand.

    The file is made with the first line and begins anew with each run.
    """

    path: Path | None
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    first: list[dict[str, str]] = field(default_factory=list)
    lines: int = 0
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
        for reason in came.reasons:
            self._tell(came, reason)

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
