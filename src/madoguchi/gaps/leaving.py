"""Whether a company could do without those who answer for it now: what its articles alone would answer. Pure.

A rehearsal asks the articles what customers asked first, as a team that knows nothing else would look it up. Where an
answer rested on an article it is known which one is right; else it counts how sure the ranking is. No way in which
customers asked before is told to it, for that comes of the very answers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Self

from django.db import models
from django.utils.translation import pgettext_lazy

# Which share of the cases articles have to answer before one could leave, and over how long it is looked at how fast
# that grows.
WANTED, PACE_DAYS = 80, 90
# Of whatever is looked up so many are read; from so sure on (percent) the first is an answer, below the other none is.
FIRST, SURE, NEAR = 3, 75, 35


class Outcome(models.TextChoices):
    """What a team that has the articles alone would find for a case."""

    FOUND = "found", pgettext_lazy("leaving", "Found: the article that was told")
    SURE = "sure", pgettext_lazy("leaving", "Probably answered by an article")
    NEAR = "near", pgettext_lazy("leaving", "Only near: a guess")
    NONE = "none", pgettext_lazy("leaving", "Not found")


SOLVED = (Outcome.FOUND, Outcome.SURE)


@dataclass(frozen=True, slots=True)
class Tried:
    """A case that was tried: what would be found of it, by which article (the first that was told among those that are
    read, else the first of all; None: by none) and how sure (percent). `right` is whether the first of all is what was
    told, None where nobody told of an article; `alone` whether all that was in fact answered rests on articles.
    """

    case: int
    outcome: Outcome
    article: int | None
    confidence: int
    right: bool | None
    alone: bool

    def as_json(self) -> list[int | str | bool | None]:
        """As it is kept."""
        return [self.case, self.outcome.value, self.article, self.confidence, self.right, self.alone]

    @classmethod
    def read(cls, kept: Sequence[Any]) -> Self:
        """What `as_json` made."""
        case, outcome, *rest = kept
        return cls(case, Outcome(outcome), *rest)


def tried(
    case: int, ranked: Sequence[int], confidence: float, *, fits: bool, told: Collection[int], alone: bool
) -> Tried:
    """What a team would find: `ranked` are articles, the best first, `told` those on which an answer rested."""
    sure, first = int(100 * confidence), ranked[0] if ranked else None
    right = None if not told else first in told
    found = next((one for one in ranked[:FIRST] if one in told), None)
    if told:
        outcome = Outcome.NONE if found is None else Outcome.FOUND
    elif first is not None and fits and sure >= SURE:
        outcome = Outcome.SURE
    else:
        outcome = Outcome.NEAR if first is not None and sure >= NEAR else Outcome.NONE
    return Tried(case, outcome, first if found is None else found, sure, right, alone)


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock of knowledge by one rehearsal: of `all` cases so many are `solved` by articles alone, `gained` of them
    by articles that came into force within `PACE_DAYS`; `alone` were in fact answered from articles and nothing else.
    Of those where the ranking was sure and it is known what was right (`known`), it was `right` so often.
    """

    all: int = 0
    solved: int = 0
    gained: int = 0
    alone: int = 0
    known: int = 0
    right: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """The share that articles alone solve, in whole percent, rounded down; None of nothing."""
        return 100 * self.solved // self.all if self.all else None

    @property
    def percent_alone(self) -> int | None:
        """The share that was in fact answered so."""
        return 100 * self.alone // self.all if self.all else None

    @property
    def percent_right(self) -> int | None:
        """How often the ranking is right where it is sure."""
        return 100 * self.right // self.known if self.known else None

    @property
    def lacking(self) -> int:
        """How many cases more would have to be solved before one could leave."""
        return max(0, ceil(WANTED * self.all / 100) - self.solved)

    @property
    def days(self) -> int | None:
        """How many days until one could leave, if articles go on growing as they did; None where they do not, or of
        nothing.
        """
        if not self.all or (self.lacking and not self.gained):
            return None
        return ceil(self.lacking * PACE_DAYS / self.gained) if self.lacking else 0


def stock_of(rows: Sequence[Tried], *, fresh: Collection[int]) -> Stock:
    """What a rehearsal found; `fresh` are the articles that first came into force within `PACE_DAYS`."""
    solved = [one for one in rows if one.outcome in SOLVED]
    sure = [one for one in rows if one.right is not None and one.confidence >= SURE]
    return Stock(
        all=len(rows),
        solved=len(solved),
        gained=sum(one.article in fresh for one in solved),
        alone=sum(one.alone for one in rows),
        known=len(sure),
        right=sum(bool(one.right) for one in sure),
        outcomes={outcome.value: sum(one.outcome == outcome for one in rows) for outcome in Outcome},
    )
