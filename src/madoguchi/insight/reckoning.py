"""How figures are reckoned: a sum over a sum, or a place in a distribution, with the records that it rests on. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from madoguchi.insight.records import Record

R = TypeVar("R", bound=Record)
Weight = Callable[[R], float]


@dataclass(frozen=True, slots=True)
class Part:
    """What one record adds to a figure: so much above the line, so much below it."""

    record: Record
    over: float
    under: float


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure: its value (None where there is nothing to divide by), what stands above and below the line, and the
    parts that it is made of. A place in a distribution has nothing above a line (`over` None), and below it how many
    there are.
    """

    value: float | None
    over: float | None
    under: float
    parts: tuple[Part, ...]

    @property
    def sums(self) -> str:
        """What was divided by what, as it is written: 489 ÷ 550; of a place in a distribution, how many there are."""
        return f"{self.under:,.10g}" if self.over is None else f"{self.over:,.10g} ÷ {self.under:,.10g}"


Measure = Callable[[Sequence[R]], Reckoned]


def ratio(over: Weight[R], under: Weight[R], *, times: float = 1) -> Measure[R]:
    """The sum of one over the sum of the other. Records that add nothing to either are no part of it."""

    def reckon(records: Sequence[R]) -> Reckoned:
        parts = [Part(one, float(over(one)), float(under(one))) for one in records]
        return _made(tuple(part for part in parts if part.over or part.under), times)

    return reckon


def share(met: Weight[R], among: Weight[R]) -> Measure[R]:
    """How many of those that are counted met something: both are yes or no."""
    return ratio(lambda one: bool(among(one)) and bool(met(one)), lambda one: bool(among(one)))


def each(one: Record) -> bool:
    """Whatever is there: all of them are counted."""
    return True


def at_percentile(percent: float, of: Callable[[R], float | None]) -> Measure[R]:
    """The smallest value that so many percent do not exceed (nearest rank): one that really occurred."""

    def reckon(records: Sequence[R]) -> Reckoned:
        values = [(value, one) for one in records if (value := of(one)) is not None]
        values.sort(key=lambda pair: pair[0])
        parts = tuple(Part(one, value, 1) for value, one in values)
        if not values:
            return Reckoned(None, None, 0, ())
        rank = max(1, math.ceil(round(percent / 100 * len(values), 9)))
        return Reckoned(values[rank - 1][0], None, len(values), parts)

    return reckon


def _made(parts: tuple[Part, ...], times: float = 1) -> Reckoned:
    over, under = math.fsum(part.over for part in parts), math.fsum(part.under for part in parts)
    return Reckoned(over / under * times if under else None, over, under, parts)
