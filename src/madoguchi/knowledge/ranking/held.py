"""An FAQ as it is held to be asked: read by the model elsewhere while that is there, else by the built-in one."""

import sys
from collections.abc import Callable, Sequence
from time import monotonic

from madoguchi.infra.web import NoAnswer
from madoguchi.knowledge.ranking.elsewhere import SECONDS, Elsewhere
from madoguchi.knowledge.ranking.index import Entry, Index, Phrasing, Ranking

# One that was away is not asked for so long; one that could not read all articles for longer: a question waits for it.
REST, REST_AFTER_ALL = 60.0, 600.0


class Away:
    """When the model elsewhere may be asked again: one for all FAQs of a process."""

    def __init__(self, model: Elsewhere | None, *, now: Callable[[], float] = monotonic) -> None:
        self.model, self._now, self._until = model, now, 0.0

    @property
    def there(self) -> Elsewhere | None:
        """The model, unless there is none or it was away a moment ago."""
        return self.model if self._now() >= self._until else None

    def note(self, why: Exception, *, rest: float = REST) -> None:
        """It was away. Said once in a while on standard error, for standard output may be an answer."""
        self._until = self._now() + rest
        sys.stderr.write(f"embeddings: {why}; the built-in model goes on\n")


class HeldFaq:
    """Entries and phrasings, and what was read of them by either model, read when it is first needed."""

    def __init__(
        self, entries: Sequence[Entry], phrasings: Sequence[Phrasing] = (), *, away: Away | None = None
    ) -> None:
        self._entries, self._phrasings = list(entries), list(phrasings)
        self._away = away or Away(None)
        self._built_in: Index | None = None
        self._elsewhere: Index | None = None

    def read(self) -> None:
        """Read it now, so that the first question need not wait."""
        if self._by_elsewhere() is None:
            self._by_built_in()

    def rank(self, text: str) -> Ranking:
        """The entries that a question means."""
        model, index = self._away.there, self._by_elsewhere()
        if model is not None and index is not None:
            try:
                vector = model.vectors_of([text], seconds=SECONDS)[0]
                if model.mark != index.mark:
                    self._elsewhere = None
                    index = self._by_elsewhere()
                    if index is None:
                        return self._by_built_in().rank(text)
                    vector = model.vectors_of([text], seconds=SECONDS)[0]
                if model.mark == index.mark:
                    return index.rank(text, vector)
            except NoAnswer as error:
                self._away.note(error)
        return self._by_built_in().rank(text)

    def _by_elsewhere(self) -> Index | None:
        model = self._away.there
        if model is None:
            return None
        if self._elsewhere is None:
            try:
                self._elsewhere = Index(self._entries, self._phrasings, model=model)
            except NoAnswer as error:
                self._away.note(error, rest=REST_AFTER_ALL)
        return self._elsewhere

    def _by_built_in(self) -> Index:
        if self._built_in is None:
            self._built_in = Index(self._entries, self._phrasings)
        return self._built_in
