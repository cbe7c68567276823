"""Who answers what next: pure, without database or clock. Live pulls, pushes and the simulator all decide by it.

Times are seconds since one beginning, the same for all. A person is whole at `WHOLE` thousandths; each case in hand
takes its share of them.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heapify, heappop, heapreplace

WHOLE = 1000
# Nobody holds more at once than so many percent of what is usual.
MOST_PERCENT = 300
FULL = WHOLE * MOST_PERCENT // 100
# What was due before it came has waited no endless part of its time.
SHORTEST_TARGET = 1.0
# What is hard is kept from who is spared until so great a part of its time is over: the customer counts more.
SPARED_UNTIL = 0.8
Rank = tuple[float, ...]
Need = tuple[str, int]


class Order(StrEnum):
    """By what a desk's queue goes."""

    URGENCY = "urgency"
    PRIORITY = "priority"
    FIFO = "fifo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a desk shares its work out.

    `target` seconds are what a case has that nothing was promised; a case waits `kept` seconds for the person who
    answered last, while they are here and have room for it. `calls`, `chats` and `mails` are how many of each fill
    a person. Without `minds_skills` everybody is given everything.
    """

    order: Order = Order.URGENCY
    target: float = 14_400.0
    prefers_last: bool = True
    kept: float = 900.0
    calls: int = 1
    chats: int = 3
    mails: int = 20
    minds_skills: bool = True

    def share(self, channel: str) -> int:
        """Which part of a person one case of a channel takes, in thousandths."""
        return WHOLE // {"call": self.calls, "chat": self.chats}.get(channel, self.mails)

    @property
    def smallest(self) -> int:
        """The least that anything takes of a person, in thousandths."""
        return WHOLE // max(self.calls, self.chats, self.mails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case that waits for somebody: since when, what until when was promised, what it takes, who answered last.

    `needs` are names of skills with the least level of each. What was `handed_on` goes to somebody who has them,
    however its desk shares out. What is `hard` on whoever answers goes to others than those who are spared.
    """

    id: int
    desk: int
    since: float
    channel: str = "email"
    due: float | None = None
    priority: int = 2
    needs: frozenset[Need] = frozenset()
    language: str = ""
    last: int | None = None
    handed_on: bool = False
    hard: bool = False

    def target(self, policy: Policy) -> float:
        """The seconds in which it is to be answered."""
        return policy.target if self.due is None else max(SHORTEST_TARGET, self.due - self.since)


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody who answers: where, what they know and speak (nothing said: everything), and how full their hands are.

    `free_since` is when they last had something taken off their hands, or came. Who is `spared` has had enough of
    what is hard for now. `whole` is how much they hold at once; empty hands hold one of anything.
    """

    id: int
    desks: frozenset[int]
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    busy: int = 0
    free_since: float = 0.0
    here: bool = True
    spared: bool = False
    whole: int = WHOLE

    def has_room(self, share: int) -> bool:
        """Whether they are here and can take so much more."""
        return self.here and (not self.busy or self.busy + share <= self.whole)

    def knows(self, needs: Iterable[Need], language: str) -> bool:
        """Whether they know what it takes and speak the language."""
        if self.languages and language and language not in self.languages:
            return False
        return all(self.skills.get(name, 0) >= level for name, level in needs)


def urgency(case: Waiting, policy: Policy, now: float) -> float:
    """The part of its time that a case has waited: 1 is when it is due."""
    return (now - case.since) / case.target(policy)


def rank(case: Waiting, policy: Policy, now: float) -> Rank:
    """The place of a case in its desk's queue; the least comes first."""
    if policy.order == Order.URGENCY:
        return (-urgency(case, policy, now), case.since, case.id)
    if policy.order == Order.PRIORITY:
        return (-case.priority, case.since, case.id)
    return (case.since, case.id)


def needed(case: Waiting, policy: Policy) -> frozenset[Need]:
    """What somebody must know to be given a case."""
    return case.needs if policy.minds_skills or case.handed_on else frozenset()


def turn(person: Person) -> Rank:
    """Whose turn it is among those who can: fewest skills first, so that who knows more stays free for what needs it;
    then who has least in hand, and who has been so for longest.
    """
    return (len(person.skills), person.busy, person.free_since, person.id)


# Cases alike in all that decides but their age: only the oldest of a lane can be next.
LaneKey = tuple[int, str, frozenset[Need], str, int, float, int | None, bool, bool]


@dataclass(slots=True)
class Lane:
    """Cases of one kind, the oldest first."""

    kind: Waiting
    policy: Policy
    share: int
    cases: deque[Waiting] = field(default_factory=deque)

    def add(self, case: Waiting) -> None:
        if self.cases and case.since < self.cases[-1].since:
            later = list(self.cases)
            insort(later, case, key=lambda one: (one.since, one.id))
            self.cases = deque(later)
        else:
            self.cases.append(case)


def spares(lane: Lane, now: float) -> bool:
    """Whether the first of a lane is for nobody who is spared what is hard."""
    return lane.kind.hard and urgency(lane.cases[0], lane.policy, now) < SPARED_UNTIL


def _place(lane: Lane, person: Person, now: float) -> Rank:
    """Where the first of a lane stands for somebody: what they answered last first."""
    own = lane.policy.prefers_last and lane.kind.last == person.id
    return (not own, *rank(lane.cases[0], lane.policy, now))


class Floor:
    """The people of some desks and what waits for them. Mutable: `give` and `take_off` keep it as things are."""

    def __init__(self, policies: Mapping[int, Policy], people: Iterable[Person]) -> None:
        self.policies = policies
        self.people = {person.id: person for person in people}
        self._lanes: dict[LaneKey, Lane] = {}
        self._gone: set[int] = set()

    def wait(self, case: Waiting) -> None:
        """A case begins to wait."""
        policy = self.policies[case.desk]
        kind = (case.desk, case.channel, case.needs, case.language)
        key = (*kind, case.priority, case.target(policy), case.last, case.handed_on, case.hard)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(case, policy, policy.share(case.channel))
        lane.add(case)

    def leave(self, case: Waiting) -> None:
        """A case waits no more, though nobody took it."""
        self._gone.add(case.id)

    def give(self, case: Waiting, person: Person) -> None:
        """Somebody has a case in hand from now on."""
        person.busy += self.policies[case.desk].share(case.channel)

    def not_given(self, case: Waiting, person: Person) -> None:
        """What `match` gave somebody went to another meanwhile: their hands are as free as before."""
        person.busy -= self.policies[case.desk].share(case.channel)

    def take_off(self, case: Waiting, person: Person, *, now: float) -> None:
        """Somebody has a case off their hands."""
        person.busy -= self.policies[case.desk].share(case.channel)
        person.free_since = now

    def next_for(self, person: Person, now: float) -> Waiting | None:
        """The case that somebody who asks is given, taken out of the queue; None where nothing waits for them."""
        return next(self.in_order(person, now), None)

    def in_order(self, person: Person, now: float) -> Iterator[Waiting]:
        """All that somebody could be given, one after the other; each is taken out of the queue as it comes.

        Within a desk its order decides, between desks the part of their time that the first of each have waited. What
        somebody answered last comes to them before the rest of its desk, and is kept from others for a while.
        """
        heaps: dict[int, list[tuple[Rank, int, Lane]]] = {}
        for n, lane in enumerate(self._for(person, now)):
            heaps.setdefault(lane.kind.desk, []).append((_place(lane, person, now), n, lane))
        for heap in heaps.values():
            heapify(heap)
        while heaps:
            desk = max(heaps, key=lambda one: urgency(heaps[one][0][2].cases[0], self.policies[one], now))
            heap = heaps[desk]
            _first, n, lane = heap[0]
            case = lane.cases.popleft()
            if self._head(lane) and not self._is_kept_from(person, lane, now):
                heapreplace(heap, (_place(lane, person, now), n, lane))
            else:
                heappop(heap)
            if not heap:
                del heaps[desk]
            yield case

    def _for(self, person: Person, now: float) -> Iterator[Lane]:
        """The lanes of which somebody could be given the first."""
        able: dict[tuple[object, ...], bool] = {}
        for lane in self._standing():
            kind = lane.kind
            if kind.desk not in person.desks:
                continue
            needs = needed(kind, lane.policy)
            key = (lane.share, needs, kind.language)
            if key not in able:
                able[key] = person.has_room(lane.share) and person.knows(needs, kind.language)
            if able[key] and not self._is_kept_from(person, lane, now):
                yield lane

    def _is_kept_from(self, person: Person, lane: Lane, now: float) -> bool:
        """Whether the first of a lane is kept for somebody else, or from who is spared."""
        if person.spared and spares(lane, now):
            return True
        kept_for = self._waits_for(lane, now)
        return kept_for is not None and kept_for.id != person.id

    def person_for(self, case: Waiting) -> Person | None:
        """Who is given a case that comes: who answered last, else whose `turn` it is among those who can."""
        policy = self.policies[case.desk]
        share = policy.share(case.channel)
        able = self._can(case, policy, share)
        can = [one for one in self.people.values() if able(one) and not (case.hard and one.spared)]
        if policy.prefers_last and case.last is not None:
            last = self.people.get(case.last)
            if last in can:
                return last
        return min(can, key=turn, default=None)

    def match(self, desk: int, now: float) -> list[tuple[Waiting, Person]]:
        """Give out all of a desk that can be given now, in its order; the people's hands are filled by it."""
        given: list[tuple[Waiting, Person]] = []
        hands: dict[tuple[object, ...], list[tuple[Rank, Person]]] = {}
        first = [
            (rank(lane.cases[0], lane.policy, now), n, lane)
            for n, lane in enumerate(self._standing())
            if lane.kind.desk == desk
        ]
        heapify(first)
        while first:
            _rank, n, lane = first[0]
            person = self._free_hand(hands, lane, now)
            if person is None:
                heappop(first)
                continue
            case = lane.cases.popleft()
            person.busy += lane.share
            given.append((case, person))
            if self._head(lane):
                heapreplace(first, (rank(lane.cases[0], lane.policy, now), n, lane))
            else:
                heappop(first)
        return given

    def _free_hand(
        self, hands: dict[tuple[object, ...], list[tuple[Rank, Person]]], lane: Lane, now: float
    ) -> Person | None:
        """Who is given the first of a lane. Whose turn it is only moves back as hands fill, so what a heap says of
        somebody is put right when they come to its top.
        """
        kind = lane.kind
        last = self._waits_for(lane, now)
        if last is not None:
            return last
        mild = spares(lane, now)
        key = (lane.share, needed(kind, lane.policy), kind.language, mild)
        heap = hands.get(key)
        if heap is None:
            can = self._can(kind, lane.policy, lane.share)
            people = (one for one in self.people.values() if not (mild and one.spared))
            heap = hands[key] = [(turn(one), one) for one in people if can(one)]
            heapify(heap)
        while heap:
            said, person = heap[0]
            if not person.has_room(lane.share):
                heappop(heap)
            elif (now_turn := turn(person)) != said:
                heapreplace(heap, (now_turn, person))
            else:
                return person
        return None

    def _can(self, case: Waiting, policy: Policy, share: int) -> Callable[[Person], bool]:
        needs = needed(case, policy)

        def can(person: Person) -> bool:
            return person.has_room(share) and case.desk in person.desks and person.knows(needs, case.language)

        return can

    def _waits_for(self, lane: Lane, now: float) -> Person | None:
        """The person for whom the first of a lane is kept: who answered last, as long as they could take it."""
        policy, last = lane.policy, lane.kind.last
        if not policy.prefers_last or last is None or now - lane.cases[0].since >= policy.kept:
            return None
        person = self.people.get(last)
        if person is None or (person.spared and spares(lane, now)):
            return None
        return person if self._can(lane.kind, policy, lane.share)(person) else None

    def _standing(self) -> Iterator[Lane]:
        for key in [key for key, lane in self._lanes.items() if not self._head(lane)]:
            del self._lanes[key]
        return iter(self._lanes.values())

    def _head(self, lane: Lane) -> bool:
        """Whether anything of a lane waits yet; those who left are dropped from its front."""
        while lane.cases and lane.cases[0].id in self._gone:
            self._gone.discard(lane.cases.popleft().id)
        return bool(lane.cases)
