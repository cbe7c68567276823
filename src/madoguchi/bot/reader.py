"""The process that reads articles for the bot: started by the worker that first asks, and held while it is asked.

Only it loads dictionary and model (`knowledge/ranking/apart.py`), so that no process that serves pages ever does. It
is asked line by line; one that is slow or gone is ended, and the next question starts another.
"""

import json
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from madoguchi.kernel import clock

logger = structlog.get_logger()

# A thousand articles and phrasings are read in about five seconds.
PATIENCE = 60.0
# Of a company whose articles could not be read nothing is read for a while, so that others' are: longer where that took
# all the time there is.
PAUSE, PAUSE_AFTER_PATIENCE = timedelta(minutes=1), timedelta(minutes=10)
# More of a question says no more, and takes longer to read.
MOST_ASKED = 4_000
_COMMAND = (sys.executable, "-P", "-m", "madoguchi.knowledge.ranking.apart")


class Unreadable(Exception):
    """The articles could not be read just now."""


@dataclass(frozen=True, slots=True)
class Faq:
    """What is asked: articles as [id, title, words], and how customers asked before as [id of the article, words]."""

    entries: list[list[str]]
    phrasings: list[list[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The versions that fit best, the best first, and how probable it is that the first is right (0 to 1).

    Where the first does not speak of what was asked (`fits`), it is no answer, however sure it looks.
    """

    ranked: tuple[int, ...]
    confidence: float
    fits: bool = True


class Reader:
    """One such process; threads of a worker ask it in turn."""

    def __init__(self, command: tuple[str, ...] = _COMMAND, *, patience: float = PATIENCE) -> None:
        self._command, self._patience = command, patience
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._rest: dict[int, datetime] = {}

    def ask(self, key: str, text: str, faq: Callable[[], Faq], *, of: int = 0) -> Reading:
        """What of the articles known as `key` a text means; `faq` brings them where they are not held. `of` is whose
        they are.

        Raises Unreadable, also shortly after it could not read those of the same company.
        """
        text = text[:MOST_ASKED]
        with self._turn:
            if self._rests(of):
                raise Unreadable("they could not be read a moment ago")
            try:
                found = self._said({"key": key, "text": text})
                if "need" in found:
                    brought = faq()
                    self._said({"key": key, "entries": brought.entries, "phrasings": brought.phrasings})
                    found = self._said({"key": key, "text": text})
                ranked = tuple(int(one) for one, _score in found["ranked"])
                return Reading(ranked, float(found["confidence"]), bool(found["fits"]))
            except (OSError, ValueError, KeyError) as error:
                self.close()
                late = isinstance(error, TimeoutError)
                self._rest[of] = clock.now() + (PAUSE_AFTER_PATIENCE if late else PAUSE)
                logger.exception("bot_reader_failed", company=of)
                raise Unreadable(str(error)) from error

    def _rests(self, of: int) -> bool:
        """Whether nothing of a company is read just now; what is nobody's in particular always is."""
        until = self._rest.get(of)
        return bool(of) and until is not None and clock.now() < until

    def words(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """The words of each text, as those of articles are compared. Raises Unreadable."""
        with self._turn:
            try:
                return [frozenset(one) for one in self._said({"texts": list(texts)})["words"]]
            except (OSError, ValueError, KeyError) as error:
                self.close()
                logger.exception("bot_reader_failed")
                raise Unreadable(str(error)) from error

    def aloud(self, texts: Sequence[tuple[str, str]]) -> list[str]:
        """How each title and text sounds (`sound_of`). Raises Unreadable."""
        with self._turn:
            try:
                return [str(one) for one in self._said({"aloud": [list(one) for one in texts]})["aloud"]]
            except (OSError, ValueError, KeyError) as error:
                self.close()
                logger.exception("bot_reader_failed")
                raise Unreadable(str(error)) from error

    def close(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    @property
    def pid(self) -> int | None:
        """Which process it is, while there is one."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def _said(self, asked: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], self._patience)[0]:
            raise TimeoutError("no answer in time")
        line = process.stdout.readline()
        if not line:
            raise OSError("the process has ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        """One that ended while nobody asked is replaced."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=False
            )
        return self._process


READER = Reader()
