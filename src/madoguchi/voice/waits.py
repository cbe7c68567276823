"""About how long a caller waits in a queue: by how fast that was answered lately, whoever held its calls."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from madoguchi.companies.models import EntryPoint
from madoguchi.kernel import clock
from madoguchi.voice.flow import LIMITS, Flow, Queue
from madoguchi.voice.models import Call

# So many answers are remembered, for so many seconds, and fewer than the least say nothing.
REMEMBERED, LATELY, LEAST = 10, 1800.0, 3
# Of a busy number so many of the last calls are read, none of which can have come before those that count.
MOST_READ = 300
_COUNTS = timedelta(seconds=LATELY + LIMITS["longest"][1])
# What is known twice, from here and from the database, is not quite of the same moment.
SAME = 0.5

Answer = tuple[float, float]


@dataclass(slots=True)
class Flowing:
    """One queue: since when the next answer is waited for, and how long that took for the last ones. Times are those of
    one clock, in seconds.
    """

    since: float | None = None
    took: deque[Answer] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def begin(self, now: float) -> None:
        """Somebody waits where nobody did before."""
        if self.since is None:
            self.since = now

    def answered(self, now: float) -> None:
        """Somebody was answered out of the queue."""
        if self.since is not None:
            self.took.append((now, now - self.since))
            self.since = now

    def empty(self) -> None:
        """Nobody waits any more."""
        self.since = None

    def learn(self, known: Sequence[Answer]) -> None:
        """What is known from elsewhere stands in the place of what was seen here, but for what came after it."""
        if known:
            later = [one for one in self.took if one[0] > known[-1][0] + SAME]
            self.took = deque([*known, *later], maxlen=REMEMBERED)

    def about(self, ahead: int, now: float) -> int | None:
        """In how many seconds somebody is answered before whom so many wait; None where too little is known."""
        lately = [took for at, took in self.took if at > now - LATELY]
        if len(lately) < LEAST:
            return None
        return round((ahead + 1) * sum(lately) / len(lately))


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a call stood in a queue (`end` is None while it does), and whether it was answered out of it."""

    queue: str
    begin: datetime
    end: datetime | None = None
    answered: bool = False


def answers_of(point: EntryPoint, flow: Flow) -> Mapping[str, Sequence[Answer]]:
    """When each queue of a number was answered lately, in seconds of the epoch, and how long that took, the last ones
    in order. Only where somebody is told. One query, or none.
    """
    told = {name for name, step in flow.steps.items() if isinstance(step, Queue) and step.wait_told}
    if not told:
        return {}
    calls = Call.objects.filter(entry_point=point, direction=Call.Direction.INBOUND)
    lately = calls.filter(offered_at__gt=clock.now() - _COUNTS).order_by("-offered_at", "-id")
    rows = lately.values_list("stays", "ended_at")[:MOST_READ]
    stays = [_read(one, ended) for kept, ended in rows for one in kept]
    return {name: _answers([stay for stay in stays if stay.queue == name]) for name in told}


def about(point: EntryPoint, flow: Flow, queue: str, *, ahead: int) -> int | None:
    """In how many seconds somebody is answered in a queue before whom so many wait; None where too little is known, or
    nobody is told. One query, or none.
    """
    known = Flowing()
    known.learn(answers_of(point, flow).get(queue, ()))
    return known.about(ahead, clock.now().timestamp())


def entered(stays: Sequence[Any], queue: str, at: datetime) -> list[Any]:
    """What is kept of the stays of a call, when it stands in a queue from then on."""
    return [*left(stays, at), {"queue": queue, "begin": at.isoformat()}]


def left(stays: Sequence[Any], at: datetime, *, answered: bool = False) -> list[Any]:
    """The same, when it stands in none any more."""
    if not stays or "end" in stays[-1]:
        return list(stays)
    return [*stays[:-1], stays[-1] | {"end": at.isoformat(), "answered": answered}]


def _read(kept: Mapping[str, Any], ended: datetime | None) -> Stay:
    end = datetime.fromisoformat(kept["end"]) if "end" in kept else ended
    return Stay(kept["queue"], datetime.fromisoformat(kept["begin"]), end, kept.get("answered", False))


def _answers(stays: Iterable[Stay]) -> list[Answer]:
    """As if the queue were seen again from its first call on."""
    seen = [(stay.begin.timestamp(), False, False) for stay in stays]
    seen += [(stay.end.timestamp(), True, stay.answered) for stay in stays if stay.end]
    flowing, waiting = Flowing(), 0
    for at, over, answered in sorted(seen):
        if not over:
            flowing.begin(at)
        elif answered:
            flowing.answered(at)
        waiting += -1 if over else 1
        if waiting == 0:
            flowing.empty()
    return list(flowing.took)
