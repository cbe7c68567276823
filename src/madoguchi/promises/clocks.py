"""What the clocks of a case show at a moment: when each is due, what ran, what stood still, and what was broken. Pure.

Time that ran stays counted over every pause, and over a change of priority or policy; what a clock may run in all is
what the target says that holds now. What was broken stays broken.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from madoguchi.kernel.hours import Calendar
from madoguchi.promises.policy import REPLIES, Hold, Metric, Policy, Target, first_fitting
from madoguchi.promises.story import Cycle, Standing, Story

_NOTHING = timedelta()


class State(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    STOPPED = "stopped"
    MERGED = "merged"


@dataclass(slots=True)
class Span:
    """A stretch in which a clock ran, or stood still and `why`; `counted` is how much of it passed by the calendar."""

    begin: datetime
    end: datetime
    why: str
    counted: timedelta = _NOTHING

    @property
    def runs(self) -> bool:
        """Whether the clock ran."""
        return not self.why


@dataclass(slots=True)
class Clock:
    """One clock of a case. `due_at` is None while it stands still, unless it was broken by then; so is `warn_at`, at
    which so much of its time has passed that somebody is warned.

    `reached` are the moments for acts of its policy that have come, by their distance from being due, each with when it
    came and whose acts they are; `coming` are when the others will come, unless something happens before.
    """

    metric: Metric
    cycle: int
    began_at: datetime
    ended_at: datetime | None = None
    state: State = State.RUNNING
    why: str = ""
    policy: Policy | None = None
    target: Target | None = None
    spans: list[Span] = field(default_factory=list)
    counted: timedelta = _NOTHING
    due_at: datetime | None = None
    warn_at: datetime | None = None
    breached_at: datetime | None = None
    reached: dict[timedelta, tuple[datetime, Policy]] = field(default_factory=dict)
    coming: dict[timedelta, datetime] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether it will not run any more, unless the case is opened again."""
        return self.state in (State.MET, State.STOPPED, State.MERGED)


def read_clocks(story: Story, policies: Sequence[Policy], *, at: datetime) -> list[Clock]:
    """All clocks for which a policy had a target, as they stand at this moment, in the order in which they began."""
    line = TimeLine.of(story)
    clocks = [_read(cycle, story, line, policies, at) for cycle in story.cycles if cycle.began_at <= at]
    order = list(Metric)
    measured = [clock for clock in clocks if clock.target]
    return sorted(measured, key=lambda clock: (clock.began_at, order.index(clock.metric), clock.cycle))


@dataclass(frozen=True, slots=True)
class _Stretch:
    begin: datetime
    end: datetime
    standing: Standing


@dataclass(frozen=True, slots=True)
class TimeLine:
    """How a case stood, to be asked of any moment without going through all of it: from when on, how, and since when
    it has been at rest by then.
    """

    moments: list[datetime]
    standings: list[Standing]
    resting: list[datetime | None]

    @classmethod
    def of(cls, story: Story) -> "TimeLine":
        """The standings of a story in order of time."""
        ordered = sorted(story.standings, key=lambda one: one[0])
        resting: list[datetime | None] = []
        for moment, standing in ordered:
            since = resting[-1] if resting else None
            resting.append((since or moment) if standing.rests else None)
        return cls(
            [moment for moment, _standing in ordered], [standing for _moment, standing in ordered], resting
        )

    def standing_at(self, at: datetime) -> Standing:
        """How the case stood at this moment."""
        return self.standings[max(bisect_right(self.moments, at) - 1, 0)]

    def rests_since(self, at: datetime) -> datetime | None:
        """Since when the case has been at rest, if it is at this moment."""
        place = bisect_right(self.moments, at)
        return self.resting[place - 1] if place else None

    def between(self, begin: datetime, end: datetime) -> list[datetime]:
        """The moments between two at which it changed how the case stood."""
        return self.moments[bisect_right(self.moments, begin) : bisect_left(self.moments, end)]

    def changes_at(self, at: datetime) -> bool:
        """Whether it changed just then."""
        place = bisect_left(self.moments, at)
        return place < len(self.moments) and self.moments[place] == at


def _read(cycle: Cycle, story: Story, line: TimeLine, policies: Sequence[Policy], at: datetime) -> Clock:
    clock = Clock(cycle.metric, cycle.number, cycle.began_at)
    end = _end(clock, cycle, story, line, at)
    for stretch in _stretches(line, cycle.began_at, end, over=clock.is_over):
        _pass(clock, stretch, policies)
    if clock.breached_at is not None:
        clock.due_at = clock.breached_at
    return clock


def _end(clock: Clock, cycle: Cycle, story: Story, line: TimeLine, at: datetime) -> datetime:
    """Until when it is read; says of a clock that is over how it ended."""
    ends = [(cycle.answered_at, State.MET), (story.merged_at, State.MERGED)]
    over = [(moment, state) for moment, state in ends if moment is not None and moment <= at]
    moment, state = min(over, default=(None, State.RUNNING), key=lambda one: one[0])
    rests_since = line.rests_since(max(moment or at, cycle.began_at))
    was_over = moment is not None and rests_since is not None and moment <= rests_since
    if rests_since is not None and not was_over:
        state = State.STOPPED if clock.metric in REPLIES else State.MET
        moment = max(rests_since, cycle.began_at)
    clock.state, clock.ended_at = state, moment
    return moment or at


def _stretches(line: TimeLine, begin: datetime, end: datetime, *, over: bool) -> Iterator[_Stretch]:
    """How the case stood between two moments. What changes in the last one counts, unless the clock is over by then."""
    bounds = [begin, *line.between(begin, end), end]
    if not over and end > begin and line.changes_at(end):
        bounds.append(end)
    for first, last in pairwise(bounds):
        yield _Stretch(first, last, line.standing_at(first))


def _pass(clock: Clock, stretch: _Stretch, policies: Sequence[Policy]) -> None:
    policy = first_fitting(policies, stretch.standing.facts)
    target = policy.target(clock.metric, stretch.standing.priority) if policy else None
    if policy is None or target is None:
        _stand(clock, stretch, Hold.UNMEASURED)
        return
    clock.policy, clock.target = policy, target
    why = _why_still(stretch.standing, target)
    if why:
        _stand(clock, stretch, why)
    else:
        _run(clock, stretch, policy, target)


def _why_still(standing: Standing, target: Target) -> Hold | None:
    if standing.rests:
        return Hold.REST
    return next((hold for hold in Hold if hold in standing.holds() & target.holds), None)


def _stand(clock: Clock, stretch: _Stretch, why: Hold) -> None:
    if not clock.is_over:
        clock.state, clock.why = State.PAUSED, why.value
    clock.due_at = clock.warn_at = None
    clock.coming = {}
    _add(clock, Span(stretch.begin, stretch.end, why.value))


def _run(clock: Clock, stretch: _Stretch, policy: Policy, target: Target) -> None:
    if not clock.is_over:
        clock.state, clock.why = State.RUNNING, ""
    calendar = policy.calendar_of(target)
    left = target.length - clock.counted
    due = stretch.begin if left < _NOTHING else calendar.after(stretch.begin, left)
    clock.due_at, clock.warn_at = (
        due,
        calendar.after(stretch.begin, left - target.length * (1 - policy.warn_share)),
    )
    _reach(clock, stretch, policy, calendar, left)
    over = left < _NOTHING or (due is not None and due < stretch.end)
    counted = calendar.passed(stretch.begin, stretch.end)
    if counted > left and due is None:
        # Closed for longer than anybody looks ahead, it has opened since.
        over, due = True, calendar.after_by(stretch.begin, left, until=stretch.end)
        clock.due_at = due
    if over and clock.breached_at is None:
        clock.breached_at = due
    clock.counted += counted
    _add(clock, Span(stretch.begin, stretch.end, "", counted))


def _reach(clock: Clock, stretch: _Stretch, policy: Policy, calendar: Calendar, left: timedelta) -> None:
    """Which moments for acts come in a stretch, at whose beginning so much time was left, and which come after it."""
    clock.coming = {}
    for offset in policy.moments_of(clock.metric):
        if offset in clock.reached:
            continue
        at = calendar.after(stretch.begin, max(left + offset, _NOTHING))
        if at is not None and at < stretch.end:
            clock.reached[offset] = (at, policy)
        elif at is not None:
            clock.coming[offset] = at


def _add(clock: Clock, span: Span) -> None:
    last = clock.spans[-1] if clock.spans else None
    if last and last.why == span.why:
        last.end, last.counted = span.end, last.counted + span.counted
    elif span.begin < span.end:
        clock.spans.append(span)
