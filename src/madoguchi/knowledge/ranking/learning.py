"""How much each reader counts, and how far the best answer can be trusted: set by hand, and moved from there as far as
a company's own resolved questions show.

Both are logistic models with a normal prior around the values set by hand: few questions move them a little, many
move them to where they belong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Numbers = NDArray[np.float64]
# Fewer resolved questions than these say nothing.
LEAST = 30
_ROUNDS, _CLOSE = 25, 1e-6
# How sharply scores tell entries apart, to begin with.
_SCALES = (0.2, 0.3, 0.45, 0.65, 1.0)
# How firmly the values set by hand hold: the precision of the prior.
_HOLD = 1.0


def standard(judged: Scores) -> Numbers:
    """What each reader says, in its own deviations from its mean over all entries; shape as it came."""
    values = judged.astype(np.float64)
    spread = values.std(axis=1, keepdims=True)
    return np.asarray((values - values.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-6))


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each reader counts."""

    values: tuple[float, ...]

    def of(self, judged: Scores) -> Scores:
        """The score of each entry."""
        return np.asarray(np.array(self.values) @ standard(judged), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Trust:
    """How much each sign counts, and what is left where there is none."""

    values: tuple[float, ...]
    none: float

    def of(self, signs: Scores) -> float:
        """How probable it is that the best entry is the right one."""
        return float(1 / (1 + np.exp(-(float(np.dot(self.values, signs)) + self.none))))


# Meaning counts more than shared words, for people ask in words of their own. To be trusted, an entry has to be near,
# clearly ahead of the next, and to have the words that were said.
BY_HAND = Weights((0.4, 1.0, 1.0)), Trust((2.0, 4.0, 1.0), -2.0)


def fit_weights(judged: Sequence[Scores], meant: Sequence[Sequence[int]]) -> Weights:
    """Weights under which the right entries stand before the others: those of a choice among all (McFadden, 1974).

    `judged` is what the readers said of all entries for each question, `meant` the places of those that are right. Only
    the proportions count; their sum stays as it is by hand.
    """
    by_hand = np.array(BY_HAND[0].values)
    tables = [standard(one).T for one in judged]
    start = max((by_hand * scale for scale in _SCALES), key=lambda values: _likelihood(values, tables, meant))
    found = start.copy()
    for _round in range(_ROUNDS):
        slope, bend = -_HOLD * (found - start), _HOLD * np.eye(len(start))
        for table, places in zip(tables, meant, strict=True):
            shares = _shares(table @ found)
            mean = shares @ table
            slope += table[places].mean(axis=0) - mean
            bend += (table * shares[:, None]).T @ table - np.outer(mean, mean)
        step = np.linalg.solve(bend, slope)
        found = np.maximum(found + step, 0.0)
        if float(np.abs(step).max()) < _CLOSE:
            break
    return Weights(tuple(float(value) for value in found / found.sum() * by_hand.sum()))


def _likelihood(values: Numbers, tables: Sequence[Numbers], meant: Sequence[Sequence[int]]) -> float:
    pairs = zip(tables, meant, strict=True)
    return sum(float(np.log(_shares(table @ values)[places] + 1e-12).mean()) for table, places in pairs)


def _shares(scores: Numbers) -> Numbers:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum())


def fit_trust(signs: Scores, right: NDArray[np.bool_]) -> Trust:
    """Trust that is right as often as it says: of questions with 0.8, four in five."""
    start = np.array([*BY_HAND[1].values, BY_HAND[1].none])
    rows = np.column_stack([signs.astype(np.float64), np.ones(len(signs))])
    found = start.copy()
    for _round in range(_ROUNDS):
        sure = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (right - sure) - _HOLD * (found - start)
        bend = (rows * (sure * (1 - sure))[:, None]).T @ rows + _HOLD * np.eye(len(start))
        step = np.linalg.solve(bend, slope)
        found = found + step
        if float(np.abs(step).max()) < _CLOSE:
            break
    return Trust(tuple(float(value) for value in found[:-1]), float(found[-1]))
