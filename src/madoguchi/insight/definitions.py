"""Figures as they are defined: name, version, formula, denominator, unit, where the definition comes from. Pure.

A definition that is in use is never changed: another way to reckon is another version, and both stay. The symbols of
formulas are told in `docs/kpi.md`, which a test holds to what stands here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, Required, TypedDict, TypeVar, Unpack

from madoguchi.insight.reckoning import Measure, Reckoned, Weight, at_percentile, ratio, share
from madoguchi.insight.records import Record

R = TypeVar("R", bound=Record)
# Where a definition comes from that nobody else has.
OURS = "Madoguchi"


class Unit(StrEnum):
    """In what a figure is told."""

    SHARE = "share"
    SECONDS = "seconds"
    NUMBER = "number"
    YEN = "yen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Generic[R]):
    """One way to reckon one figure, from records of one kind. `goal` is what is usually aimed at, empty where there is
    none; `title` and `denominator` are msgids. `kept` is false where its records lack what this one needs. `within`
    reckons it for another target in seconds, where it has one.
    """

    name: str
    version: str
    title: str
    formula: str
    denominator: str
    of: type[R]
    measure: Measure[R]
    unit: Unit = Unit.SHARE
    source: str = "usual practice"
    goal: str = ""
    kept: bool = True
    within: Callable[[float], Measure[R]] | None = None

    @property
    def key(self) -> str:
        """Name and version, as figures are told by them."""
        return f"{self.name} v{self.version}"

    def reckon(self, records: Iterable[R]) -> Reckoned:
        """The figure of these records."""
        return self.measure(list(records))

    def at_target(self, seconds: float) -> "Definition[R]":
        """The same for another target; itself where it has none."""
        if self.within is None:
            return self
        formula = f"{self.formula.rpartition('T = ')[0]}T = {seconds:g} s"
        return replace(self, formula=formula, measure=self.within(seconds))


Anything = Definition[Any]


class About(TypedDict, total=False):
    """What a definition says of itself beside its name, version and measure; the first three are always said."""

    title: Required[str]
    formula: Required[str]
    denominator: Required[str]
    unit: Unit
    source: str
    goal: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Family(Generic[R]):
    """Writes definitions over records of one kind."""

    of: type[R]

    def by(self, name: str, version: str, measure: Measure[R], **about: Unpack[About]) -> Definition[R]:
        """One that is reckoned in a way of its own."""
        return Definition(name=name, version=version, of=self.of, measure=measure, **about)

    def within(
        self, name: str, version: str, usual: float, of: Callable[[float], Measure[R]], **about: Unpack[About]
    ) -> Definition[R]:
        """One that is reckoned against a target in seconds."""
        return Definition(name=name, version=version, of=self.of, measure=of(usual), within=of, **about)

    def share(
        self, name: str, version: str, met: Weight[R], among: Weight[R], **about: Unpack[About]
    ) -> Definition[R]:
        """How many of those that are counted (`among`) met something."""
        return self.by(name, version, share(met, among), **about)

    def ratio(
        self,
        name: str,
        version: str,
        over: Weight[R],
        under: Weight[R],
        *,
        times: float = 1,
        **about: Unpack[About],
    ) -> Definition[R]:
        """The sum of one over the sum of the other."""
        return self.by(name, version, ratio(over, under, times=times), **about)

    def percentile(
        self,
        name: str,
        version: str,
        percent: float,
        of: Callable[[R], float | None],
        **about: Unpack[About],
    ) -> Definition[R]:
        """What so many percent do not exceed."""
        return self.by(name, version, at_percentile(percent, of), **about)


def by_name(definitions: Iterable[Anything]) -> Mapping[str, Sequence[Anything]]:
    """Definitions by name, each in its versions as they are listed. Raises ValueError for one that is there twice."""
    found: dict[str, list[Anything]] = {}
    for one in definitions:
        same = found.setdefault(one.name, [])
        if any(other.version == one.version for other in same):
            raise ValueError(f"{one.key} is defined twice")
        same.append(one)
    return found


def told(value: float | None, unit: Unit) -> str:
    """A figure as it is written: 88.9%, 12.3 s, 1.25, ¥1,234; a dash where there is none."""
    if value is None:
        return "–"
    written: Mapping[Unit, Callable[[float], str]] = {
        Unit.SHARE: lambda v: f"{v * 100:.1f}%",
        Unit.SECONDS: lambda v: f"{v:,.1f} s",
        Unit.NUMBER: lambda v: f"{v:.2f}",
        Unit.YEN: lambda v: f"¥{v:,.0f}",
    }
    return written[unit](value)
