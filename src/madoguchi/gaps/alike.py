"""Which questions are about the same. Pure.

Each question is the set of its words that others use, too, a rare word counting more (inverse document frequency).
Going through them, one joins the group to whose middle it lies nearest, if that is near enough (cosine); else it begins
one: the leader algorithm (Hartigan, "Clustering Algorithms", 1975). Simple, and the same whenever it is done.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

NEAR_ENOUGH: Final = 0.5
# Two may be chance, or one person in two windows.
LEAST_QUESTIONS, LEAST_CUSTOMERS = 3, 2
MOST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What one message asks: its id, whose it is, and its words."""

    id: int
    customer: int
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike, the first asked first, with the words that most of them share, the strongest first."""

    words: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def customers(self) -> int:
        """How many people ask."""
        return len({one.customer for one in self.questions})


@dataclass(slots=True)
class _Heap:
    middle: Counter[str] = field(default_factory=Counter)
    questions: list[Question] = field(default_factory=list)


def groups_of(questions: Sequence[Question]) -> list[Group]:
    """The groups in which enough people ask often enough, the largest first."""
    weights = _weights(questions)
    heaps: list[_Heap] = []
    for question in questions:
        mine = {word: weights[word] for word in question.words if word in weights}
        if not mine:
            continue
        near, heap = max(
            ((_cosine(mine, one.middle), one) for one in heaps), key=_first, default=(0.0, _Heap())
        )
        if near < NEAR_ENOUGH:
            heap = _Heap()
            heaps.append(heap)
        heap.questions.append(question)
        for word, weight in mine.items():
            heap.middle[word] += weight  # type: ignore[assignment]  # a Counter counts in any numbers
    found = [_group(heap) for heap in heaps]
    enough = [
        one
        for one in found
        if one and len(one.questions) >= LEAST_QUESTIONS and one.customers >= LEAST_CUSTOMERS
    ]
    return sorted(enough, key=lambda one: (-len(one.questions), one.words))


def _first(pair: tuple[float, _Heap]) -> float:
    return pair[0]


def _group(heap: _Heap) -> Group:
    strongest = sorted(heap.middle, key=lambda word: (-heap.middle[word], word))[:MOST_WORDS]
    return Group(tuple(strongest), tuple(heap.questions))


def _weights(questions: Sequence[Question]) -> dict[str, float]:
    """A word of one person alone ties nothing together, and might lead to them."""
    users: dict[str, set[int]] = {}
    places: Counter[str] = Counter()
    for question in questions:
        for word in question.words:
            users.setdefault(word, set()).add(question.customer)
            places[word] += 1
    shared = (word for word, people in users.items() if len(people) >= LEAST_CUSTOMERS)
    return {word: math.log(1 + len(questions) / places[word]) for word in shared}


def _cosine(one: dict[str, float], other: Counter[str]) -> float:
    shared = sum(weight * other[word] for word, weight in one.items() if word in other)
    if not shared:
        return 0.0
    lengths = math.sqrt(sum(w * w for w in one.values())) * math.sqrt(sum(w * w for w in other.values()))
    return shared / lengths
