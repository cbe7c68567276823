"""What people who answer marked as grave, learned: when else a person is wanted at once. Pure.

Texts are compared by pieces of two and three letters, folded, as naive Bayes weighs them: by how much more often one
stands in what was marked than in the rest. What it finds beyond the words of `limits` is measured on texts that it has
not learned from (five parts, each judged by what the others taught), and only a threshold that holds there is used.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from madoguchi.kernel.folding import fold

# With fewer of either it would learn names and chance.
LEAST_GRAVE, LEAST_OTHERS = 30, 100
# Beyond the words so many of what nobody marked may be taken for grave, and so much of what is found has to be.
MOST_FALSE, LEAST_RIGHT = 0.02, 0.5
_PARTS, _LEAST_TEXTS, _MOST_PIECES, _MOST_LETTERS = 5, 3, 3_000, 600
# No text is farther from what was marked than this counts for.
_FARTHEST = 100.0
_NO_LETTER = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a customer wrote, and whether people marked it as grave."""

    text: str
    grave: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """How much each piece speaks for a grave matter, and from which sum on a person is wanted."""

    weights: Mapping[str, float] = field(repr=False)
    threshold: float

    def says(self, text: str) -> bool:
        """Whether a person is wanted at once."""
        return _score(_pieces(text), self.weights) >= self.threshold


@dataclass(frozen=True, slots=True)
class Measured:
    """How many texts were marked and how many not; of each how many the words find, and both together."""

    grave: int = 0
    others: int = 0
    found_by_words: int = 0
    found: int = 0
    false_by_words: int = 0
    false: int = 0

    @property
    def few(self) -> bool:
        """Whether there are too few marks to learn from."""
        return self.grave < LEAST_GRAVE or self.others < LEAST_OTHERS


def examine(rows: Sequence[Labelled], by_words: Callable[[str], bool]) -> tuple[Learned | None, Measured]:
    """What can be learned of these, and how it does beside the words. None where there are too few, or where nothing is
    found beyond the words that holds.
    """
    worded = [by_words(one.text) for one in rows]
    plain = _measured(rows, worded, [False] * len(rows))
    if plain.few:
        return None, plain
    pieces = [_pieces(one.text) for one in rows]
    scores = _unseen(rows, pieces)
    threshold = _threshold(rows, worded, scores)
    if threshold is None:
        return None, plain
    learned = Learned(_weights(rows, pieces), threshold)
    return learned, _measured(rows, worded, [score >= threshold for score in scores])


def _measured(rows: Sequence[Labelled], worded: Sequence[bool], learned: Sequence[bool]) -> Measured:
    told = [(row.grave, words, words or more) for row, words, more in zip(rows, worded, learned, strict=True)]
    grave, others = ([one for one in told if one[0] is wanted] for wanted in (True, False))
    found, false = ([sum(one[at] for one in kind) for at in (1, 2)] for kind in (grave, others))
    return Measured(len(grave), len(others), *found, *false)


def _threshold(rows: Sequence[Labelled], worded: Sequence[bool], scores: Sequence[float]) -> float | None:
    """The lowest score from which on enough of what is found beyond the words is grave, half way to the next that is
    not found; None where none is.
    """
    others = sum(not row.grave for row in rows)
    beyond = sorted(
        ((score, row.grave) for row, words, score in zip(rows, worded, scores, strict=True) if not words),
        reverse=True,
    )
    right = wrong = 0
    best: tuple[int, float] | None = None
    for at, (score, grave) in enumerate(beyond):
        right, wrong = right + grave, wrong + (not grave)
        after = max(beyond[at + 1][0], -_FARTHEST) if at + 1 < len(beyond) else score - 1
        holds = wrong <= MOST_FALSE * others and right >= LEAST_RIGHT * (right + wrong)
        if after < score and holds and right > (best[0] if best else 0):
            best = (right, (score + after) / 2)
    return best[1] if best else None


def _unseen(rows: Sequence[Labelled], pieces: Sequence[frozenset[str]]) -> list[float]:
    """The score of each text by what the others taught. The same words are always in one part."""
    parts = [int(hashlib.sha256(row.text.encode()).hexdigest()[:8], 16) % _PARTS for row in rows]
    scores = [0.0] * len(rows)
    for part in range(_PARTS):
        taught = [at for at, one in enumerate(parts) if one != part]
        weights = _weights([rows[at] for at in taught], [pieces[at] for at in taught])
        for at, one in enumerate(parts):
            if one == part:
                scores[at] = _score(pieces[at], weights)
    return scores


def _weights(rows: Sequence[Labelled], pieces: Sequence[frozenset[str]]) -> dict[str, float]:
    grave, others = Counter[str](), Counter[str]()
    for row, found in zip(rows, pieces, strict=True):
        (grave if row.grave else others).update(found)
    many = sum(row.grave for row in rows)
    least = len(rows) - many

    def weight(piece: str) -> float:
        share = (grave[piece] + 0.5) / (many + 1)
        return math.log(share) - math.log((others[piece] + 0.5) / (least + 1))

    # What stands in one or two texts alone may be somebody's name.
    known = [piece for piece in grave | others if grave[piece] + others[piece] >= _LEAST_TEXTS]
    weighed = {piece: round(weight(piece), 3) for piece in known}
    telling = sorted(
        weighed, key=lambda piece: (-abs(weighed[piece]) * math.sqrt(grave[piece] + others[piece]), piece)
    )
    return {piece: weighed[piece] for piece in telling[:_MOST_PIECES]}


def _score(pieces: frozenset[str], weights: Mapping[str, float]) -> float:
    known = [weights[piece] for piece in pieces if piece in weights]
    return sum(sorted(known)) / math.sqrt(len(known)) if known else -math.inf


def _pieces(text: str) -> frozenset[str]:
    parts = _NO_LETTER.split(fold(text[:_MOST_LETTERS]))
    return frozenset(part[at : at + n] for part in parts for n in (2, 3) for at in range(len(part) - n + 1))
