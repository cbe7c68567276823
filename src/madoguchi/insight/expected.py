"""What a queue does by itself: callers at random, talks of random length (M/M/n, Erlang C), and with callers who give
up (M/M/n+M, Erlang A). Pure; what figures that were measured are held against.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

MOST_SEATS = 10_000
_STEPS = 2_000
Density = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Load:
    """How many calls come in a stretch of time, and how long each is handled, in seconds."""

    calls: float
    within: float
    handling: float

    @property
    def erlangs(self) -> float:
        """How many people would be busy if nobody ever waited."""
        return self.calls / self.within * self.handling


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected: the share that waits, is answered within the target, gives up; the average wait in
    seconds (of all, where nobody gives up); how busy people are.
    """

    waits: float
    in_time: float
    wait: float
    gives_up: float
    occupancy: float


def erlang_c(load: Load, seats: int, *, target: float) -> Expected:
    """Where nobody gives up. Raises ValueError where the seats do not suffice, and the queue would grow for ever."""
    offered = load.erlangs
    if seats <= offered:
        raise ValueError("the queue would grow for ever")
    blocked = _erlang_b(offered, seats)
    waits = blocked / (1 - offered / seats * (1 - blocked))
    spare = (seats - offered) / load.handling
    in_time = 1 - waits * math.exp(-spare * target)
    return Expected(waits, in_time, waits / spare, 0.0, offered / seats)


def erlang_a(load: Load, seats: int, *, target: float, patience: float) -> Expected:
    """Where callers give up after `patience` seconds on average (exponential). `in_time` is over all that came."""
    rate, served, leaves = load.calls / load.within, seats / load.handling, 1 / patience
    blocked = _erlang_b(load.erlangs, seats)

    def density(wait: float) -> float:
        """Of the wait that is offered, in parts of the chance that all seats but the last are taken."""
        return rate * math.exp(rate * (1 - math.exp(-leaves * wait)) / leaves - served * wait)

    def stays(wait: float) -> float:
        """The same of those who wait until they are answered."""
        return density(wait) * math.exp(-leaves * wait)

    end = _far(density)
    waiting = _area(density, end)
    # Erlang B tells the states below; `last` is the chance of all seats but one being taken.
    below = (1 - blocked) / blocked * load.erlangs / seats
    last = 1 / (below + waiting)
    waits = waiting * last
    in_time = 1 - waits + _area(stays, target) * last
    gives_up = waits - _area(stays, end) * last
    busy = load.erlangs * (1 - gives_up) / seats
    return Expected(waits, in_time, gives_up / leaves, gives_up, busy)


def seats_for(load: Load, *, target: float, share: float) -> int:
    """The fewest seats by which so large a share is answered within the target (Erlang C). Raises ValueError where
    more would be needed than anybody has.
    """
    first = math.floor(load.erlangs) + 1
    for seats in range(first, MOST_SEATS):
        if erlang_c(load, seats, target=target).in_time >= share:
            return seats
    raise ValueError("no number of seats suffices")


def _erlang_b(offered: float, seats: int) -> float:
    """The share that finds all seats taken where nobody waits."""
    inverse = 1.0
    for seat in range(1, seats + 1):
        inverse = 1 + inverse * seat / offered
    return 1 / inverse


def _area(of: Density, end: float) -> float:
    """Simpson's rule from 0."""
    step = end / _STEPS
    inner = math.fsum((4 if at % 2 else 2) * of(at * step) for at in range(1, _STEPS))
    return (of(0) + inner + of(end)) * step / 3


def _far(of: Density) -> float:
    """A wait beyond which nothing counts."""
    end, most = 1.0, of(0)
    while of(end) > 1e-12 * most:
        most, end = max(most, of(end)), end * 1.5
    return end
