"""Which articles fit what a customer wrote, by the words they share. Pure: no database, no clock, no dictionary.

BM25 (Robertson and Zaragoza, 2009) as in `ranking/lexical`, over what can be had without one: words in Latin letters,
single kanji, and pairs of neighbouring kanji or katakana. A dictionary costs 90 MB in every process.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from madoguchi.kernel.text import fold

# The usual values: how soon a repeated term says nothing new, and how much long texts are held back.
K1, B = 1.2, 0.75
# A text is longer than a title, and says less with each word.
_BODIES_SHARE = 0.8
_RUNS = re.compile(r"[0-9a-z]+|[ァ-ヺー]+|[一-鿿々]+")
_KANJI = re.compile(r"[一-鿿]")
# What stands behind a kanji tells 返す from 返る.
_INFLECTED = re.compile(r"[一-鿿][ぁ-ゖ]")
# Of a long mail the beginning says what it is about.
MOST_LETTERS = 2_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article as it is compared: by which id it is known, and its words."""

    id: int
    title: str
    body: str


class Suggestions:
    """Articles, read once and asked many times. About 2 kB of memory for each hundred letters."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._ids = [one.id for one in candidates]
        self._titles = _weighed([Counter(terms_in(one.title)) for one in candidates])
        self._bodies = _weighed([Counter(terms_in(one.body)) for one in candidates])

    def best(self, text: str, *, most: int = 3) -> list[int]:
        """The ids of the articles that fit a text best, the best first; none where nothing fits."""
        scores: dict[int, float] = defaultdict(float)
        fits: set[int] = set()
        for term in set(terms_in(text[:MOST_LETTERS])):
            if len(term) > 1:
                fits.update(at for at, _much in (*self._titles.get(term, ()), *self._bodies.get(term, ())))
            for at, much in self._titles.get(term, ()):
                scores[at] += much
            for at, much in self._bodies.get(term, ()):
                scores[at] += _BODIES_SHARE * much
        # One kanji in common is none: 送信 is not 送料.
        ranked = sorted(fits, key=lambda at: (-scores[at], at))
        return [self._ids[at] for at in ranked[:most]]


def is_named_in(title: str, text: str) -> bool:
    """Whether a text speaks of what a title names: they share a term that is longer than one letter."""
    return any(len(term) > 1 for term in {*terms_in(title)} & {*terms_in(text[:MOST_LETTERS])})


def terms_in(text: str) -> Iterator[str]:
    """What of a text is compared; widths and case are the same."""
    folded = fold(text)
    for run in _RUNS.findall(folded):
        if run.isascii():
            yield run
        else:
            yield from (run[at : at + 2] for at in range(max(len(run) - 1, 1)))
    yield from _KANJI.findall(folded)
    yield from _INFLECTED.findall(folded)


def _weighed(texts: Sequence[Counter[str]]) -> dict[str, list[tuple[int, float]]]:
    """For each term what it says for each text that has it."""
    usual = sum(map(Counter.total, texts)) / max(len(texts), 1) or 1.0
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for at, terms in enumerate(texts):
        longer = K1 * (1 - B + B * terms.total() / usual)
        for term, times in terms.items():
            places[term].append((at, times * (K1 + 1) / (times + longer)))
    return {
        term: [(at, much * _rareness(len(found), len(texts))) for at, much in found]
        for term, found in places.items()
    }


def _rareness(places: int, texts: int) -> float:
    return math.log(1 + (texts - places + 0.5) / (places + 0.5))
