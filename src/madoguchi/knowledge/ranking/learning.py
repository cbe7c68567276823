"""How much each reader counts, and how far the best answer can be trusted: set by hand, and moved from there as far as
a company's own resolved questions show.

Both are logistic models with a normal prior around the values set by hand, as wide as half of each: few questions move
them a little, many move them to where they belong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Numbers = NDArray[np.float64]
# Fewer resolved questions than these say nothing.
LEAST = 30
# Among so many entries that came near by hand the right one is chosen.
RIVALS = 50
_ROUNDS, _CLOSE = 50, 1e-6
# How sharply scores tell entries apart, to begin with.
_SCALES = (0.2, 0.3, 0.45, 0.65, 1.0)
# No reader is silenced, whatever few questions say.
_LEAST_SHARE = 0.1


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


class Choice(NamedTuple):
    """What the readers say of the entries that came near to one question, a row each; and which rows are right."""

    table: Numbers
    right: list[int]


def choice_of(judged: Scores, meant: Sequence[int]) -> Choice:
    """The choice that one question was: among the entries that come near by hand, and those that are meant."""
    values = standard(judged)
    near = np.argsort(-(np.array(BY_HAND[0].values) @ values), kind="stable")[:RIVALS]
    rows = [*meant, *(int(at) for at in near if at not in meant)]
    return Choice(values[:, rows].T, list(range(len(meant))))


def fit_weights(choices: Sequence[Choice]) -> Weights:
    """Weights under which the right entries stand before the others: those of a choice (McFadden, 1974).

    Only the proportions count; their sum stays as it is by hand.
    """
    by_hand, stack = np.array(BY_HAND[0].values), _stacked(choices)
    start = max((by_hand * scale for scale in _SCALES), key=lambda values: _of_choices(values, stack).height)
    found = _highest(start, lambda values: _of_choices(values, stack), least=start * _LEAST_SHARE)
    return Weights(tuple(float(value) for value in found / found.sum() * by_hand.sum()))


def fit_trust(signs: Scores, right: NDArray[np.bool_]) -> Trust:
    """Trust that is right as often as it says: of questions with 0.8, four in five."""
    start = np.array([*BY_HAND[1].values, BY_HAND[1].none])
    rows = np.column_stack([signs.astype(np.float64), np.ones(len(signs))])
    found = _highest(
        start, lambda values: _of_answers(values, rows, right), least=np.full(len(start), -np.inf)
    )
    return Trust(tuple(float(value) for value in found[:-1]), float(found[-1]))


class _Hill(NamedTuple):
    """How probable values make what was seen (its logarithm), the way up, and how it bends."""

    height: float
    slope: Numbers
    bend: Numbers


class _Stack(NamedTuple):
    """The rows of all choices, one choice after the other, for they are looked at together hundreds of times."""

    rows: Numbers
    # Where each choice begins, and which choice each row is of.
    begins: NDArray[np.int64]
    of: NDArray[np.int64]
    # What each row counts among the right ones of its choice: all together 1, and the others nothing.
    right: Numbers


def _stacked(choices: Sequence[Choice]) -> _Stack:
    sizes = np.array([len(table) for table, _right in choices])
    begins = np.cumsum(sizes) - sizes
    counts = np.zeros(sizes.sum())
    for begin, (_table, right) in zip(begins, choices, strict=True):
        counts[begin + np.array(right)] = 1 / len(right)
    rows = np.concatenate([table for table, _right in choices])
    return _Stack(rows, begins, np.repeat(np.arange(len(sizes)), sizes), counts)


def _of_choices(values: Numbers, stack: _Stack) -> _Hill:
    rows, begins, of, right = stack
    scores = rows @ values
    raised = np.exp(scores - np.maximum.reduceat(scores, begins)[of])
    shares = raised / np.add.reduceat(raised, begins)[of]
    means = np.add.reduceat(rows * shares[:, None], begins)
    height = float(right @ np.log(shares + 1e-300))
    bend = (rows * shares[:, None]).T @ rows - means.T @ means
    return _Hill(height, right @ rows - means.sum(axis=0), bend)


def _of_answers(values: Numbers, rows: Numbers, right: NDArray[np.bool_]) -> _Hill:
    said = rows @ values
    sure = 1 / (1 + np.exp(-np.clip(said, -500, 500)))
    height = -float(np.logaddexp(0, np.where(right, -said, said)).sum())
    return _Hill(height, rows.T @ (right - sure), (rows * (sure * (1 - sure))[:, None]).T @ rows)


def _highest(start: Numbers, look: Callable[[Numbers], _Hill], *, least: Numbers) -> Numbers:
    """The most probable values under the prior around `start`: Newton's method, each step halved until it leads up."""
    hold = np.diag(4 / start**2)

    def with_prior(values: Numbers) -> _Hill:
        height, slope, bend = look(values)
        away = values - start
        return _Hill(height - float(away @ hold @ away) / 2, slope - hold @ away, bend + hold)

    found, here = start.copy(), with_prior(start)
    for _round in range(_ROUNDS):
        step = np.linalg.solve(here.bend, here.slope)
        there = with_prior(np.maximum(found + step, least))
        while there.height < here.height and float(np.abs(step).max()) > _CLOSE:
            step = step / 2
            there = with_prior(np.maximum(found + step, least))
        if float(np.abs(step).max()) <= _CLOSE:
            break
        found, here = np.maximum(found + step, least), there
    return np.asarray(found)
