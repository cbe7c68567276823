"""What came of simulated days: the figures of each, and over many of them a mean with its interval. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import ceil, inf, pi, sqrt, tan
from statistics import NormalDist, fmean, stdev

CONFIDENCE = 0.95
P95 = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One day.

    `service_level` is the part of all contacts answered within their target, `abandonment` the part that gave up,
    `unanswered` the part that nobody had answered when all had gone home; `p95_wait` is in seconds, of those that were
    answered. `transfers` are the contacts that came to somebody else than who had answered last, or were handed on, to
    100 answered. `occupancy` is the part of their time for which people were busy, `spread` that of the busiest person
    less that of the least busy.
    """

    contacts: float
    service_level: float
    abandonment: float
    unanswered: float
    p95_wait: float
    transfers: float
    occupancy: float
    spread: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over days and half the width of its interval; `inf` where one day alone says nothing of others."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half


NAMES = tuple(field.name for field in fields(Figures))


def estimates(days: Sequence[Figures], *, confidence: float = CONFIDENCE) -> dict[str, Estimate]:
    """Each figure over these days, by Student's t: days are independent, what happens within one is not."""
    return {name: estimate([getattr(day, name) for day in days], confidence=confidence) for name in NAMES}


def estimate(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Estimate:
    """The mean of values and half the width of its interval."""
    if len(values) < 2:
        return Estimate(fmean(values), inf)
    half = student(confidence, len(values) - 1) * stdev(values) / sqrt(len(values))
    return Estimate(fmean(values), half)


def student(confidence: float, freedom: int) -> float:
    """The two-sided quantile of Student's t. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5;
    right to a thousandth from five degrees of freedom on, and exact for one and two.
    """
    p = (1 + confidence) / 2
    z = NormalDist().inv_cdf(p)
    if freedom == 2:
        return (2 * p - 1) * sqrt(2 / (4 * p * (1 - p)))
    if freedom == 1:
        return _of_one(p)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, start=1))


def _of_one(p: float) -> float:
    """Cauchy's distribution."""
    return tan(pi * (p - 0.5))


def quantile(values: Sequence[float], part: float) -> float:
    """The least value that at least this part of them do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(part * len(ordered)) - 1)] if ordered else 0.0
