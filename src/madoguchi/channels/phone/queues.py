"""The queues of a gateway, and about how long a caller waits in one: by how fast it was answered lately."""

from collections.abc import Callable
from dataclasses import dataclass, field

from madoguchi.channels.phone.line import Line
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.waits import Flowing


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
        flowing.learn(self._known(line))
        flowing.begin(self.time())
        for one in waiting if first else [line]:
            self._tell(one, waiting.index(one), flowing)

    def _known(self, line: Line) -> list[tuple[float, float]]:
        """What the database knows of the queue, by the clock of here."""
        known = line.number.answers.get(line.call.step, ())
        ahead = self.time() - clock.now().timestamp()
        return [(at + ahead, took) for at, took in known]

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
