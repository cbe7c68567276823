"""A day at a desk, replayed: contacts come, are given out by the very logic that gives them out in earnest, and end or
give up. Discrete events, seeded, pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from statistics import fmean

from madoguchi.routing.figures import P95, Figures, quantile
from madoguchi.routing.logic import Floor, Need, Order, Person, Policy, Waiting

DESK = 1
# Who lacks what it takes has found out by then, and hands the contact on.
FOUND_OUT_AFTER = 0.5
ARRIVES, GIVES_UP, ENDS, COMES, GOES = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Something that came, at a second of the day. `handle` is how long it takes, `patience` after what wait it gives
    up (None: drawn by chance, of the means of the day); `target` within how many seconds it is to be answered; `last`
    the person who answered last.
    """

    at: float
    channel: str = "call"
    handle: float | None = None
    patience: float | None = None
    needs: frozenset[Need] = frozenset()
    language: str = ""
    priority: int = 2
    target: float | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Somebody who answers, from a second of the day until another."""

    id: int
    begins: float
    ends: float
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What came and who was there.

    `handle` and `patience` are means in seconds, by which what is not said of a contact is drawn (exponential); without
    a patience nobody gives up. `rate` contacts a second are drawn in the place of `contacts` (Poisson) until `until`.
    Only what comes from second `counted_from` on is counted: a day that begins empty is no usual one yet.
    """

    contacts: Sequence[Contact] = ()
    shifts: Sequence[Shift] = ()
    handle: float = 300.0
    patience: float | None = None
    target: float = 20.0
    rate: float = 0.0
    until: float = 0.0
    counted_from: float = 0.0

    def drawn(self, random: Random) -> list[Contact]:
        """The contacts of one replication, with all that is left to chance."""
        come = self.contacts or self._by_chance(random)
        return [
            replace(
                one,
                handle=random.expovariate(1 / self.handle) if one.handle is None else one.handle,
                patience=self._patience(random) if one.patience is None else one.patience,
                target=self.target if one.target is None else one.target,
            )
            for one in come
        ]

    def _by_chance(self, random: Random) -> list[Contact]:
        come, at = [], random.expovariate(self.rate) if self.rate else inf
        while at < self.until:
            come.append(Contact(at=at))
            at += random.expovariate(self.rate)
        return come

    def _patience(self, random: Random) -> float:
        return inf if self.patience is None else random.expovariate(1 / self.patience)


# What is compared where nobody says otherwise. With `anyone` people are given what they lack the skill for.
POLICIES: Mapping[str, Policy] = {
    "urgency": Policy(order=Order.URGENCY),
    "priority": Policy(order=Order.PRIORITY),
    "fifo": Policy(order=Order.FIFO),
    "anyone": Policy(order=Order.FIFO, prefers_last=False, minds_skills=False),
}


def replicated(day: Day, policy: Policy, *, replications: int, seed: int) -> list[Figures]:
    """The figures of so many replications of a day. The same seed gives the same days to every policy, so what differs
    is the policy's.
    """
    chances = [Random(f"{seed}:{n}") for n in range(replications)]  # noqa: S311  no secret: to be had again by its seed
    return [Run(day, policy, chance).figures() for chance in chances]


@dataclass(slots=True)
class _Story:
    """How one contact fared."""

    contact: Contact
    waits_since: float
    case: Waiting
    answered_after: float | None = None
    gave_up: bool = False
    handed_on: bool = False
    by: int = 0


class Run:
    """One replication."""

    def __init__(self, day: Day, policy: Policy, random: Random) -> None:
        self.day, self.policy = day, policy
        people = [
            Person(id=one.id, desks=frozenset({DESK}), skills=one.skills, languages=one.languages, here=False)
            for one in day.shifts
        ]
        self.floor = Floor({DESK: policy}, people)
        self.worked = dict.fromkeys(self.floor.people, 0.0)
        self.stories: dict[int, _Story] = {}
        self._events: list[tuple[float, int, int, int]] = []
        self._numbers = count()
        self._ids = count(1)
        for shift in day.shifts:
            self._later(shift.begins, COMES, shift.id)
            self._later(shift.ends, GOES, shift.id)
        self._come = day.drawn(random)
        for n, contact in enumerate(self._come):
            self._later(contact.at, ARRIVES, n)

    def figures(self) -> Figures:
        """Let the day pass, and say what came of it."""
        acts = {
            ARRIVES: self._arrives,
            GIVES_UP: self._gives_up,
            ENDS: self._ends,
            COMES: self._comes,
            GOES: self._goes,
        }
        while self._events:
            now, _number, what, whom = heappop(self._events)
            acts[what](whom, now)
        return self._told()

    def _later(self, at: float, what: int, whom: int) -> None:
        heappush(self._events, (at, next(self._numbers), what, whom))

    def _arrives(self, n: int, now: float) -> None:
        contact = self._come[n]
        story = _Story(contact, now, self._case(contact, now))
        self._offer(story, now)
        if story.answered_after is None and contact.patience is not None and contact.patience < inf:
            self._later(now + contact.patience, GIVES_UP, story.case.id)

    def _case(self, contact: Contact, now: float) -> Waiting:
        due = None if contact.target is None else now + contact.target
        return Waiting(
            id=next(self._ids),
            desk=DESK,
            since=now,
            channel=contact.channel,
            due=due,
            priority=contact.priority,
            needs=contact.needs,
            language=contact.language,
            last=contact.last,
        )

    def _offer(self, story: _Story, now: float) -> None:
        self.stories[story.case.id] = story
        person = self.floor.person_for(story.case)
        if person is None:
            self.floor.wait(story.case)
        else:
            self._answer(story, person, now)

    def _answer(self, story: _Story, person: Person, now: float) -> None:
        self.floor.give(story.case, person)
        if story.answered_after is None:
            story.answered_after = now - story.waits_since
        story.by = person.id
        takes = story.contact.handle or 0.0
        if not person.knows(story.case.needs, ""):
            takes *= FOUND_OUT_AFTER
        share = self.policy.share(story.case.channel)
        self.worked[person.id] += takes * share / 1000
        self._later(now + takes, ENDS, story.case.id)

    def _ends(self, number: int, now: float) -> None:
        story = self.stories[number]
        person = self.floor.people[story.by]
        self.floor.take_off(story.case, person, now=now)
        if not person.knows(story.case.needs, ""):
            self._hand_on(story, now)
        self._take_next(person, now)

    def _hand_on(self, story: _Story, now: float) -> None:
        """To who knows what it takes; the customer stays, however long that takes."""
        story.handed_on = True
        story.case = replace(story.case, id=next(self._ids), since=now, handed_on=True)
        self._offer(story, now)

    def _gives_up(self, number: int, _now: float) -> None:
        story = self.stories[number]
        if story.answered_after is None:
            story.gave_up = True
            self.floor.leave(story.case)

    def _comes(self, person: int, now: float) -> None:
        one = self.floor.people[person]
        one.here, one.free_since = True, now
        self._take_next(one, now)

    def _goes(self, person: int, _now: float) -> None:
        self.floor.people[person].here = False

    def _take_next(self, person: Person, now: float) -> None:
        while case := self.floor.next_for(person, now):
            self._answer(self.stories[case.id], person, now)

    def _told(self) -> Figures:
        every = {id(one): one for one in self.stories.values()}.values()
        told = [one for one in every if one.waits_since >= self.day.counted_from]
        answered = [one for one in told if one.answered_after is not None]
        soon = [one for one in answered if (one.answered_after or 0.0) <= (one.contact.target or 0.0)]
        moved = [one for one in answered if one.handed_on or one.contact.last not in (None, one.by)]
        gone, everything = sum(one.gave_up for one in told), max(1, len(told))
        busy = [self.worked[one.id] / max(1.0, one.ends - one.begins) for one in self.day.shifts]
        return Figures(
            contacts=len(told),
            service_level=len(soon) / everything,
            abandonment=gone / everything,
            unanswered=(len(told) - len(answered) - gone) / everything,
            p95_wait=quantile([one.answered_after or 0.0 for one in answered], P95),
            transfers=100 * len(moved) / max(1, len(answered)),
            occupancy=fmean(busy) if busy else 0.0,
            spread=max(busy) - min(busy) if busy else 0.0,
        )
