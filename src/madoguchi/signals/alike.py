"""Whether two signals are of the same thing. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from madoguchi.kernel.folding import fold

# Half of the pairs of letters of both are the same: 「電源が入らない」 and 「電源入らない」 are.
ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """What of a signal is compared."""

    words: str
    product: int | None
    tags: Collection[str]


def are_alike(one: Said, other: Said) -> bool:
    """Of the same product, with a tag in common, or in nearly the same words; signals of two products are not."""
    if one.product and other.product:
        return one.product == other.product
    return bool(set(one.tags) & set(other.tags)) or nearness(one.words, other.words) >= ENOUGH


def nearness(one: str, other: str) -> float:
    """The share of pairs of letters that two lines have in common, from 0 to 1 (Jaccard)."""
    mine, theirs = _pairs(one), _pairs(other)
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def _pairs(words: str) -> set[str]:
    letters = [letter for letter in fold(words) if letter.isalnum()]
    return {"".join(pair) for pair in pairwise(letters)} or set(letters)
