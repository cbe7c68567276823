"""How well texts share the words of a question: BM25 (Robertson and Zaragoza, 2009), each word of it counted once."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
# The usual values: how soon a repeated word says nothing new, and how much long texts are held back.
K1, B = 1.2, 0.75


class Lexicon:
    """The words of texts, by which text has how much of each."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.size = len(texts)
        usual = sum(map(len, texts)) / max(self.size, 1) or 1.0
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, words in enumerate(texts):
            longer = K1 * (1 - B + B * len(words) / usual)
            for word, times in Counter(words).items():
                found[word].append((at, times * (K1 + 1) / (times + longer)))
        self._idf = {word: self._rareness(len(places)) for word, places in found.items()}
        self._places = {
            word: (
                np.fromiter((at for at, _ in places), dtype=np.intp),
                np.fromiter((much * self._idf[word] for _, much in places), dtype=np.float32),
            )
            for word, places in found.items()
        }

    def scores(self, words: Iterable[str]) -> Scores:
        """How well each text shares these words; shape (number of texts,), none shared is 0."""
        total = np.zeros(self.size, dtype=np.float32)
        for word in set(words):
            if word in self._places:
                at, much = self._places[word]
                total[at] += much
        return total

    def rareness(self, word: str) -> float:
        """What a word weighs (idf): the fewer texts have it, the more; one that none has weighs most."""
        return self._idf.get(word, self._rareness(0))

    def _rareness(self, places: int) -> float:
        return math.log(1 + (self.size - places + 0.5) / (places + 0.5))
