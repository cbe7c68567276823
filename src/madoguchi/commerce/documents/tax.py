"""What lines come to, and the consumption tax in it. Pure, in whole yen.

On a qualified invoice the tax of each rate is computed from the sum of all lines of that rate and rounded once;
rounding the tax of every line is not allowed (消費税法施行令70条の10, 消費税法基本通達1-8-15). The law leaves it to the
company by which of floor, half up and ceil; floor is the default, since by it nobody pays a part of a yen too much.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

RATES = (10, 8, 0)
REDUCED = 8


class Rounding(StrEnum):
    """How a part of a yen becomes a whole one."""

    FLOOR = "floor"
    HALF_UP = "half-up"
    CEIL = "ceil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a document; a discount has a negative price, what comes back a negative quantity."""

    name: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: int
    tax_included: bool = False

    @property
    def reduced(self) -> bool:
        """Whether the reduced rate holds for it (軽減税率), which the paper must say."""
        return self.tax_rate == REDUCED

    def amount(self, rounding: Rounding) -> int:
        """What the line comes to. Rounding 0.35 kg at 1,980 yen/kg makes a price, not a tax: the lines of a paper add
        up to its sums.
        """
        return whole_yen(Fraction(self.quantity) * Fraction(self.unit_price), rounding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What all lines of one rate come to."""

    rate: int
    net: int
    tax: int

    @property
    def total(self) -> int:
        """What is paid for them."""
        return self.net + self.tax

    @property
    def reduced(self) -> bool:
        """Whether this is the reduced rate."""
        return self.rate == REDUCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a document comes to, the highest rate first."""

    by_rate: tuple[Sum, ...]

    @property
    def net(self) -> int:
        """Without tax."""
        return sum(one.net for one in self.by_rate)

    @property
    def tax(self) -> int:
        """The tax of all rates."""
        return sum(one.tax for one in self.by_rate)

    @property
    def total(self) -> int:
        """With tax."""
        return self.net + self.tax


def whole_yen(exact: Fraction, rounding: Rounding) -> int:
    """Whole yen, by size: what is given back is rounded as what was paid, so that both cancel out."""
    size = abs(exact)
    rounded = {
        Rounding.FLOOR: lambda: size.__floor__(),
        Rounding.HALF_UP: lambda: (size + Fraction(1, 2)).__floor__(),
        Rounding.CEIL: lambda: size.__ceil__(),
    }[rounding]()
    return rounded if exact >= 0 else -rounded


def totals_of(lines: Iterable[Line], rounding: Rounding = Rounding.FLOOR) -> Totals:
    """What lines come to, whatever their order."""
    found = tuple(lines)
    rates = sorted({line.tax_rate for line in found}, reverse=True)
    return Totals(
        by_rate=tuple(_sum(rate, [x for x in found if x.tax_rate == rate], rounding) for rate in rates)
    )


def given_back(before: Iterable[Line], after: Iterable[Line], rounding: Rounding) -> Totals:
    """What is given back when of these lines those are left: by rate, the difference of what both come to.

    So all that is ever given back of an order comes to what was paid for it, to the yen, in however many parts.
    """
    was, left = totals_of(before, rounding), {one.rate: one for one in totals_of(after, rounding).by_rate}
    nothing = {one.rate: Sum(rate=one.rate, net=0, tax=0) for one in was.by_rate}
    rest = {**nothing, **left}
    sums = (
        Sum(rate=one.rate, net=one.net - rest[one.rate].net, tax=one.tax - rest[one.rate].tax)
        for one in was.by_rate
    )
    return Totals(by_rate=tuple(one for one in sums if one.total))


def _sum(rate: int, lines: list[Line], rounding: Rounding) -> Sum:
    """Where prices with and without tax meet at one rate, all are brought to prices with tax, from which the tax is
    taken once.
    """
    without = sum(line.amount(rounding) for line in lines if not line.tax_included)
    within = sum(line.amount(rounding) for line in lines if line.tax_included)
    if all(not line.tax_included for line in lines):
        return Sum(rate=rate, net=without, tax=whole_yen(Fraction(without * rate, 100), rounding))
    gross = within + without + whole_yen(Fraction(without * rate, 100), rounding)
    tax = whole_yen(Fraction(gross * rate, 100 + rate), rounding)
    return Sum(rate=rate, net=gross - tax, tax=tax)
