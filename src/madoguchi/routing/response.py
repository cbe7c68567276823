"""How calls come after something appeared in a medium: many at once, then ever fewer. Pure.

    calls until t   = N·(1 − e^(−t/τ)),   N calls in all, τ on average until one comes
    N, of before    = copies × Σ calls ÷ Σ copies of what appeared before
    τ, of before    = how long after its appearing a call came, on average

Time counts while the desk is open: who reads a newspaper at five calls when somebody is there. With such a curve the
mean is the likeliest τ (maximum likelihood of the exponential distribution).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp

# Where nothing appeared before: so many open seconds pass until a call comes, on average.
USUAL_DELAY = 4 * 3_600.0
LEAST_DELAY = 60.0


@dataclass(frozen=True, slots=True)
class Appeared:
    """What appeared before: to how many, how many calls came of it, and their open seconds since, summed."""

    copies: int
    calls: int
    delays: float


@dataclass(frozen=True, slots=True)
class Curve:
    """So many calls in all, which come after so many open seconds on average."""

    calls: float
    delay: float

    def between(self, begin: float, end: float) -> float:
        """How many come between two moments, in open seconds since it appeared."""
        return self.calls * (exp(-begin / self.delay) - exp(-end / self.delay))

    def along(self, lengths: Iterable[float]) -> Sequence[float]:
        """How many come in each of several stretches of open time, one after the other."""
        at, found = 0.0, []
        for length in lengths:
            found.append(self.between(at, at + length))
            at += length
        return found


def curve_of(copies: int, before: Sequence[Appeared], *, expected: int | None = None) -> Curve | None:
    """The curve of something that appears to so many, by what appeared before; `expected` calls where somebody says how
    many. None where neither tells.
    """
    told, came = sum(one.copies for one in before), sum(one.calls for one in before)
    delay = sum(one.delays for one in before) / came if came else USUAL_DELAY
    if expected is None and not told:
        return None
    calls = copies * came / told if expected is None else expected
    return Curve(float(calls), max(delay, LEAST_DELAY))
