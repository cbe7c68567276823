"""Whether an entry speaks of what was asked, or only of something like it.

Among few entries one is always the nearest, and near enough in meaning: who asks about washing a coat is told of
knitwear. What gives it away are the words of the question that the entry does not have.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable

# They ask, and say nothing of what is asked about.
_ASKING = {
    *("いつ", "何時", "何方", "どちら", "何れ", "どれ", "どの", "どう", "如何", "幾ら", "何処", "誰", "何故"),
    *("欲しい", "仕舞う", "来る", "分かる"),
}
# 届く and 届ける, 変える and 変わる are one matter: what follows the last Chinese character is not looked at.
_ENDING = re.compile(r"(?<=[一-鿿])[ぁ-ん]+$")
# Of these shares of its words an entry has to have, the more the fewer entries there are: this were it the only one,
# half of it among `_FEW`. Among many, who is ahead of the next is so for a reason.
_LEAST, _FEW = 0.85, 20


class Coverage:
    """How rare words are among entries, each given as the words of its question, answer and phrasings."""

    def __init__(self, entries: Iterable[Collection[str]]) -> None:
        self._found: Counter[str] = Counter()
        self.size = 0
        for words in entries:
            self._found.update(_stems(words))
            self.size += 1

    @property
    def least(self) -> float:
        """The share of the words of a question that an entry has to have."""
        return _LEAST * _FEW / (self.size + _FEW)

    def share(self, asked: Iterable[str], has: Collection[str]) -> float:
        """Which share of the words of a question an entry has, by their rareness: 0 to 1; 1 where it only asks."""
        weights = {word: self._rareness(word) for word in _stems(set(asked) - _ASKING)}
        total, stems = sum(weights.values()), _stems(has)
        return sum(weight for word, weight in weights.items() if word in stems) / total if total else 1.0

    def covers(self, asked: Iterable[str], has: Collection[str]) -> bool:
        """Whether an entry that has these words may answer what was asked."""
        return self.share(asked, has) >= self.least

    def _rareness(self, word: str) -> float:
        places = self._found[word]
        return math.log(1 + (self.size - places + 0.5) / (places + 0.5))


def _stems(words: Iterable[str]) -> set[str]:
    return {_ENDING.sub("", word) for word in words}
