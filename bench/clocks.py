"""Reading the clocks of one long case: CPU microseconds an event, against the same calendar asked once an event.

A case is told of by so many events (the customer writes, somebody answers, it waits, it is solved and opened again),
and all its clocks are read under a policy with a target for each metric. The floor adds up the working time between
one event and the next, which no reading can do without. The ratio is to stay the same however long the case is.

Run: `.venv/bin/python bench/clocks.py [--events 10 100 1000 10000]`; no database.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from madoguchi.kernel.hours import Calendar, frames
from madoguchi.promises.clocks import read_clocks
from madoguchi.promises.policy import PRIORITIES, Metric, Policy, Target
from madoguchi.promises.story import CUSTOMER, SOLVED, Event, Kind, tell

START = datetime(2026, 1, 5, tzinfo=UTC)
APART = timedelta(minutes=7)
OFFICE = Calendar(week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2, holidays=True)
TURNS = (
    {"kind": Kind.RECEIVED},
    {"kind": Kind.ANSWERED, "by_staff": True},
    {"kind": Kind.STATUS, "status": CUSTOMER, "by_staff": True},
    {"kind": Kind.RECEIVED},
    {"kind": Kind.ANSWERED, "by_staff": True},
    {"kind": Kind.STATUS, "status": SOLVED, "by_staff": True},
)


def case_of(events: int) -> list[Event]:
    """What happened to one case."""
    later = (Event(START + APART * n, **TURNS[n % len(TURNS)]) for n in range(1, events))
    return [Event(START, Kind.OPENED), *later]


def policy() -> Policy:
    """A target in working hours for every metric and priority."""
    targets = {
        (metric, priority): Target(timedelta(hours=4), True, frozenset())
        for metric in Metric
        for priority in PRIORITIES
    }
    return Policy("標準", targets, OFFICE)


def cpu(work: Callable[[], object], *, events: int) -> float:
    """CPU microseconds an event, the best of some rounds."""
    rounds = max(3, 20_000 // events)
    took = []
    for _ in range(3):
        start = time.process_time()
        for _ in range(rounds):
            work()
        took.append((time.process_time() - start) / rounds / events * 1e6)
    return min(took)


def main() -> None:
    """Print a line for each length."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    for count in arguments.parse_args().events:
        report(case_of(count), until=START + APART * count)


def report(events: list[Event], *, until: datetime) -> None:
    """Measure one case."""
    count = len(events)
    clocks = cpu(lambda: read_clocks(tell(events), [policy()], at=until), events=count)
    floor = cpu(
        lambda: sum((OFFICE.passed(a.at, b.at) for a, b in pairwise(events)), timedelta()), events=count
    )
    against = f"{clocks / floor:6.1f} × the calendar alone ({floor:.1f} µs)"
    print(f"{count:>6,} events  {clocks:7.1f} CPU-µs an event, {against}", flush=True)


if __name__ == "__main__":
    main()
