"""What happened to a case, and which clocks it wound: when each began and what ended it. Pure.

A merge that was undone never was, for the clocks: the customer waited all the while. Messages that a merge brought
count from when they were written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from madoguchi.promises.located import N_, Wrong
from madoguchi.promises.policy import Facts, Hold, Metric

NEW, OPEN, CUSTOMER, THIRD, SOLVED, CLOSED = (
    *("new", "open", "waiting_customer", "waiting_third"),
    *("solved", "closed"),
)
STATUSES = (NEW, OPEN, CUSTOMER, THIRD, SOLVED, CLOSED)
AT_REST = (SOLVED, CLOSED)


class Kind(StrEnum):
    """What can happen to a case that matters to its clocks."""

    OPENED = "opened"
    RECEIVED = "received"
    ANSWERED = "answered"
    STATUS = "status"
    CHANGED = "changed"
    ASSIGNED = "assigned"
    MERGED = "merged"
    TOOK_IN = "took_in"
    UNMERGED = "unmerged"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `merge` names the merge that it tells of, or by which a message came; `message` the
    answer that it is, or that was taken back before it left.
    """

    at: datetime
    kind: Kind
    status: str = ""
    facts: Facts = field(default_factory=dict)
    automatic: bool = False
    by_staff: bool = False
    assigned: bool = False
    merge: str = ""
    message: str = ""
    line: int = 0

    def wrong(self, words: str, **values: object) -> Wrong:
        """An error about this event."""
        return Wrong(words, line=self.line, field="type", **values)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: its status, whether somebody is responsible, and what policies ask for."""

    status: str
    assigned: bool
    facts: Facts

    @property
    def priority(self) -> str:
        """How urgent it is."""
        return next(iter(self.facts.get("priority", ())), "normal")

    @property
    def rests(self) -> bool:
        """Whether it is solved or closed."""
        return self.status in AT_REST

    def holds(self) -> frozenset[Hold]:
        """All for which a clock might stand still now."""
        found = {hold for hold in Hold if hold.value == self.status}
        return frozenset(found | (set() if self.assigned else {Hold.UNASSIGNED}))


@dataclass(slots=True)
class Cycle:
    """One run of a metric: a case has several of those that an answer ends."""

    metric: Metric
    number: int
    began_at: datetime
    answered_at: datetime | None = None


@dataclass(slots=True)
class Story:
    """How the case stood from when on, in order, and the runs of its metrics."""

    opened_at: datetime
    standings: list[tuple[datetime, Standing]]
    cycles: list[Cycle] = field(default_factory=list)
    merged_at: datetime | None = None
    last_at: datetime | None = None
    _latest: dict[Metric, Cycle] = field(default_factory=dict, repr=False)

    def begin(self, metric: Metric, at: datetime) -> None:
        """Another run begins; the one before has ended."""
        before = self._latest.get(metric)
        self._latest[metric] = Cycle(metric, before.number + 1 if before else 1, at)
        self.cycles.append(self._latest[metric])

    def running(self, *metrics: Metric) -> Cycle | None:
        """The run of one of these that no answer has ended."""
        latest = (self._latest.get(metric) for metric in metrics)
        return next((cycle for cycle in latest if cycle and cycle.answered_at is None), None)

    def has_begun(self, metric: Metric) -> bool:
        """Whether there was a run of this."""
        return metric in self._latest


def tell(events: Sequence[Event]) -> Story:
    """Go through what happened to one case. Raises Wrong for what cannot have happened so."""
    opening = _opening(events)
    order = _without_undone(sorted(events, key=lambda event: event.at))
    start = Standing(
        opening.status or (CUSTOMER if opening.by_staff else NEW), opening.assigned, opening.facts
    )
    story = Story(opening.at, [(opening.at, start)], last_at=max(event.at for event in events))
    for metric in (Metric.REQUESTER_WAIT, Metric.AGENT_WORK, Metric.RESOLUTION):
        story.begin(metric, opening.at)
    for event in order:
        _require_alive(story, event)
        _spoken(story, event)
        _moved(story, event)
    return story


def _opening(events: Sequence[Event]) -> Event:
    opened = [event for event in events if event.kind == Kind.OPENED]
    if not opened:
        line = events[0].line if events else 1
        raise Wrong(N_("No event says when the case was opened (type “opened”)."), line=line, field="type")
    if len(opened) > 1:
        raise opened[1].wrong(N_("The case was opened on line %(first)s already."), first=opened[0].line)
    early = next((e for e in events if e.at < opened[0].at and not e.merge), None)
    if early:
        raise _before(early, opened[0])
    return opened[0]


def _before(early: Event, opened: Event) -> Wrong:
    words = N_("This happened before the case was opened, at %(opened)s.")
    return Wrong(words, line=early.line, field="at", opened=opened.at.isoformat())


def _without_undone(events: Sequence[Event]) -> list[Event]:
    """The events, in order of time, but for merges that were undone with what came by them, and answers taken back.

    Raises Wrong for an undoing of nothing.
    """
    gone: set[int] = set()
    for place, event in enumerate(events):
        if event.kind == Kind.UNMERGED:
            gone |= _unmerged(events, place, gone)
        elif event.kind == Kind.TAKEN_BACK:
            gone |= _taken_back(events, place, gone)
    return [event for place, event in enumerate(events) if place not in gone]


def _unmerged(events: Sequence[Event], place: int, gone: set[int]) -> set[int]:
    undoing = events[place]
    merges = [n for n in range(place) if _is_undone_by(events[n], undoing) and n not in gone]
    if not merges:
        raise undoing.wrong(N_("No merge stands before this that could be undone."))
    name = undoing.merge or events[merges[-1]].merge
    spoken = (Kind.RECEIVED, Kind.ANSWERED)
    brought = {n for n, one in enumerate(events) if name and one.merge == name and one.kind in spoken}
    return {merges[-1]} | brought


def _taken_back(events: Sequence[Event], place: int, gone: set[int]) -> set[int]:
    name = events[place].message
    answers = [
        n
        for n in range(place)
        if events[n].kind == Kind.ANSWERED and name in ("", events[n].message) and n not in gone
    ]
    if not answers:
        raise events[place].wrong(N_("No answer stands before this that could be taken back."))
    return {answers[-1]}


def _is_undone_by(event: Event, undoing: Event) -> bool:
    return event.kind in (Kind.MERGED, Kind.TOOK_IN) and undoing.merge in ("", event.merge)


def _require_alive(story: Story, event: Event) -> None:
    spoken = event.kind in (Kind.RECEIVED, Kind.ANSWERED)
    if spoken and story.merged_at is not None and event.at > story.merged_at:
        raise event.wrong(
            N_("The case went on in another one at %(at)s; nothing is said in it after that."),
            at=story.merged_at.isoformat(),
        )
    if event.kind == Kind.MERGED:
        story.merged_at = event.at


def _spoken(story: Story, event: Event) -> None:
    """A person's words wind and end the clocks of replies; a machine's do not."""
    if event.automatic:
        return
    ours = event.kind == Kind.ANSWERED or (event.kind == Kind.OPENED and event.by_staff)
    if ours:
        for cycle in filter(None, (_waiting(story), story.running(Metric.PERIODIC_UPDATE))):
            cycle.answered_at = event.at
        story.begin(Metric.PERIODIC_UPDATE, event.at)
    elif event.kind in (Kind.RECEIVED, Kind.OPENED) and _waiting(story) is None:
        replied = story.has_begun(Metric.FIRST_REPLY)
        story.begin(Metric.NEXT_REPLY if replied else Metric.FIRST_REPLY, event.at)


def _waiting(story: Story) -> Cycle | None:
    return story.running(Metric.FIRST_REPLY, Metric.NEXT_REPLY)


def _moved(story: Story, event: Event) -> None:
    """How the case stands after an event. What a merge brought had moved another case."""
    before = story.standings[-1][1]
    if event.kind == Kind.OPENED or (event.merge and event.kind in (Kind.RECEIVED, Kind.ANSWERED)):
        return
    after = replace(
        before,
        status=_status_after(before, event),
        assigned=event.assigned
        if event.kind == Kind.ASSIGNED
        else before.assigned or event.kind == Kind.ANSWERED,
        facts={**before.facts, **event.facts},
    )
    if after != before:
        story.standings.append((event.at, after))


def _status_after(before: Standing, event: Event) -> str:
    if event.status:
        return event.status
    if event.automatic or event.kind not in (Kind.RECEIVED, Kind.ANSWERED):
        return before.status
    if event.kind == Kind.RECEIVED:
        return before.status if before.status == NEW else OPEN
    return OPEN if before.status == NEW else before.status


def facts_of(values: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Facts:
    """What policies ask for, from plain values; what is empty is left out."""
    found = dict(values)
    many = {
        name: value if isinstance(value, list | tuple | set | frozenset) else [value]
        for name, value in found.items()
    }
    return {name: frozenset(map(str, value)) for name, value in many.items() if value not in ([None], [""])}
