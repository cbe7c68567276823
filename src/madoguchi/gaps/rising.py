"""Which words customers use more than they did, that no article knows. Pure.

A word counts once for each customer, however often they write it. Whether it rises is said by the log-likelihood ratio
G² of its customers this week against those of the weeks before (Dunning, "Accurate Methods for the Statistics of
Surprise and Coincidence", Computational Linguistics 19, 1993): unlike a share or a χ² it stays right for rare words. At
10.83 a word that in truth does not rise is found once in a thousand.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 10.83
# A word of fewer customers says little, and might lead to one of them.
LEAST_CUSTOMERS: Final = 4


@dataclass(frozen=True, slots=True)
class Rise:
    """A word: how many customers wrote it of all who wrote, this week and in the weeks before, and how strongly that
    speaks for more than chance.
    """

    word: str
    now: int
    now_of: int
    before: int
    before_of: int
    strength: float


def rising(
    now: Collection[frozenset[str]], before: Collection[frozenset[str]], known: Collection[str]
) -> list[Rise]:
    """The words that rise and are not known, the strongest first. Each set holds the words of one customer."""
    here, there = _counted(now), _counted(before)
    found = [
        Rise(
            word,
            times,
            len(now),
            there[word],
            len(before),
            _strength(times, len(now), there[word], len(before)),
        )
        for word, times in here.items()
        if times >= LEAST_CUSTOMERS and word not in known and _says_something(word)
    ]
    grown = [
        one
        for one in found
        if one.strength >= ENOUGH and _share(one.now, one.now_of) > _share(one.before, one.before_of)
    ]
    return sorted(grown, key=lambda one: (-one.strength, one.word))


def _strength(now: int, now_of: int, before: int, before_of: int) -> float:
    """G² over the two cells; nothing before that anybody could have written it in is no measure of a rise."""
    if not now_of or not before_of:
        return 0.0
    share = (now + before) / (now_of + before_of)
    expected = ((now, share * now_of), (before, share * before_of))
    return round(2 * sum(seen * math.log(seen / due) for seen, due in expected if seen), 2)


def _counted(texts: Iterable[frozenset[str]]) -> Counter[str]:
    return Counter(word for words in texts for word in words)


def _share(times: int, of: int) -> float:
    return times / of if of else 0.0


def _says_something(word: str) -> bool:
    """Numbers and single letters name nothing that an article could be about."""
    return (len(word) > 1 and not word.isascii()) or (word.isascii() and len(word) > 2 and word.isalpha())
