"""What a queue does by itself: calls that come by chance, n people, and callers who never give up (Erlang C, M/M/n) or
do so after a while (Erlang A, M/M/n+M).

Erlang C is A. K. Erlang's second formula (1917). With a = λ/μ people busy, B from the recursion of his first:

    B(0) = 1,   1/B(n) = 1 + n/(a B(n−1))
    waits       C = B / (1 − (a/n)(1 − B))
    answered within T    1 − C e^(−(nμ − λ)T)

Erlang A: the exact formulas for M/M/n+G of F. Baccelli and G. Hebuterne, "On queues with impatient customers" (1981),
as S. Zeltyn and A. Mandelbaum give them in "Call centers with impatient customers: many-server asymptotics of the
M/M/n+G queue" (Queueing Systems 51, 2005), for a patience that is exponential. With arrivals at rate λ, service at μ a
person, and giving up at θ:

    J = ∫₀^∞ g(x) dx,   g(x) = exp((λ/θ)(1 − e^(−θx)) − nμx)
    E = Σ_{j<n} (n−1)!/j! · (μ/λ)^(n−1−j)
    gives up    (1 + (λ − nμ) J) / (E + λJ)
    waits not   E / (E + λJ)
    answered within T    (E + λ ∫₀^T e^(−θx) g(x) dx) / (E + λJ)
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf, log

MOST_PEOPLE = 10_000
PANELS = 4_000
# Beyond so many times e the rest of an integral does not change a tenth digit.
NOTHING = 35.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangC:
    """A queue where nobody gives up; `rate` calls a second, `handle` in seconds on average. Raises ValueError where the
    people do not suffice, and the queue would grow for ever.
    """

    rate: float
    handle: float
    agents: int

    def __post_init__(self) -> None:
        _require(self.rate, self.handle, self.agents)
        if self.agents <= self.rate * self.handle:
            raise ValueError("the queue would grow for ever")

    def waits(self) -> float:
        """The part of all calls that wait at all."""
        inverse = 1.0
        for n in range(1, self.agents + 1):
            inverse = 1 + inverse * n / (self.rate * self.handle)
        return 1 / inverse / (1 - self.occupancy() * (1 - 1 / inverse))

    def service_level(self, seconds: float) -> float:
        """The part of all calls that are answered within so many seconds."""
        return 1 - self.waits() * exp(-self._spare() * seconds)

    def wait(self) -> float:
        """How long a call waits on average, in seconds."""
        return self.waits() / self._spare()

    def occupancy(self) -> float:
        """The part of their time for which people are at a call."""
        return self.rate * self.handle / self.agents

    def _spare(self) -> float:
        """How many more calls a second could be handled than come."""
        return self.agents / self.handle - self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ErlangA:
    """A queue of this kind; `rate` calls a second, `handle` and `patience` in seconds on average."""

    rate: float
    handle: float
    patience: float
    agents: int

    def __post_init__(self) -> None:
        _require(self.rate, self.handle, self.patience, self.agents)

    def abandonment(self) -> float:
        """The part of all calls that give up."""
        people = self.agents / self.handle
        top, never, within, _end = self._parts()
        return (exp(-top) + (self.rate - people) * within) / (never + self.rate * within)

    def service_level(self, seconds: float) -> float:
        """The part of all calls that are answered within so many seconds."""
        top, never, within, end = self._parts()
        giving_up = 1 / self.patience
        soon = integral(lambda x: exp(self._weight(x) - giving_up * x - top), 0.0, min(seconds, end))
        return (never + self.rate * soon) / (never + self.rate * within)

    def wait(self) -> float:
        """How long a call waits on average, in seconds, whether it is answered or gives up: by Little, what gives up is
        θ times what waits.
        """
        return self.abandonment() * self.patience

    def occupancy(self) -> float:
        """The part of their time for which people are at a call."""
        return self.rate * (1 - self.abandonment()) * self.handle / self.agents

    def _weight(self, x: float) -> float:
        """The exponent of g."""
        giving_up = 1 / self.patience
        return self.rate / giving_up * (1 - exp(-giving_up * x)) - self.agents / self.handle * x

    def _parts(self) -> tuple[float, float, float, float]:
        """The greatest exponent of g; E and J with that taken out of both, so that nothing runs over; and from where on
        g is nothing.
        """
        people = self.agents / self.handle
        peak = self.patience * log(self.rate / people) if self.rate > people else 0.0
        top = self._weight(peak)
        end = peak + 1.0
        while self._weight(end) > top - NOTHING:
            end = peak + 2 * (end - peak)
        within = integral(lambda x: exp(self._weight(x) - top), 0.0, end)
        never, term = 0.0, 1.0
        for j in range(self.agents - 1, -1, -1):
            never += term
            term *= j / (self.rate * self.handle)
        return top, never * exp(-top), within, end


def people_for(share: float, seconds: float, queue: Callable[[int], ErlangA | ErlangC]) -> int:
    """The fewest people by whom so large a part of all calls is answered within so many seconds. Raises ValueError
    where more would be needed than anybody has.
    """

    def reached(agents: int) -> float:
        try:
            return queue(agents).service_level(seconds)
        except ValueError:  # so few would never catch up
            return 0.0

    people = range(1, MOST_PEOPLE + 1)
    found = bisect_left(people, share, key=reached)
    if found == len(people):
        raise ValueError("no number of people suffices")
    return people[found]


def _require(*given: float) -> None:
    if not all(0 < one < inf for one in given):
        raise ValueError("rates, times and people are more than nothing")


def integral(of: Callable[[float], float], start: float, end: float) -> float:
    """By Simpson's rule; both functions here are smooth."""
    step = (end - start) / PANELS
    odd = sum(of(start + n * step) for n in range(1, PANELS, 2))
    even = sum(of(start + n * step) for n in range(2, PANELS, 2))
    return step / 3 * (of(start) + 4 * odd + 2 * even + of(end))
