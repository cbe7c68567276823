"""The queues of a gateway, and about how long a caller waits in one: by how fast it was answered lately."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from madoguchi.channels.phone.line import Line
from madoguchi.kernel import clock
from madoguchi.voice import logic

# So many answers are remembered, for so many seconds, and fewer than the least say nothing.
REMEMBERED, LATELY, LEAST = 10, 1800.0, 3


@dataclass(slots=True)
class Flowing:
    """One queue: since when the next answer is waited for, and how long that took for the last ones. Times are those of
    one clock, in seconds.
    """

    since: float | None = None
    took: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

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

    def about(self, ahead: int, now: float) -> int | None:
        """In how many seconds somebody is answered before whom so many wait; None where too little is known."""
        lately = [took for at, took in self.took if at > now - LATELY]
        if len(lately) < LEAST:
            return None
        return round((ahead + 1) * sum(lately) / len(lately))


@dataclass(slots=True)
class Queues:
    """Who waits where, in order; `time` is a clock in seconds. Each is told their place, and when it changes."""

    time: Callable[[], float]
    _waiting: dict[tuple[int, str], list[Line]] = field(default_factory=dict)
    _flowing: dict[tuple[int, str], Flowing] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._waiting)

    def park(self, line: Line, *, first: bool) -> None:
        """Put a call at the end of its queue, or before all others."""
        waiting = self._waiting.setdefault(line.queue, [])
        waiting.insert(0 if first else len(waiting), line)
        flowing = self._flowing.setdefault(line.queue, Flowing())
        flowing.begin(self.time())
        for one in waiting if first else [line]:
            self._tell(one, waiting.index(one), flowing)

    def unpark(self, line: Line) -> None:
        """Take a call out of its queue, and tell those behind it."""
        for name, waiting in list(self._waiting.items()):
            if line not in waiting:
                continue
            waiting.remove(line)
            flowing = self._flowing[name]
            if line.call.phase == logic.Phase.TALKING:
                flowing.answered(self.time())
            for ahead, other in enumerate(waiting):
                self._tell(other, ahead, flowing)
            if not waiting:
                flowing.empty()
                del self._waiting[name]

    def _tell(self, line: Line, ahead: int, flowing: Flowing) -> None:
        line.hear(logic.Parked(clock.now(), ahead, flowing.about(ahead, self.time())))
