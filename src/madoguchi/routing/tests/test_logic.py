"""Who is given what: orders, skills, room, who answered last; and what holds for every queue and all people."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.logic import (
    SPARED_UNTIL,
    WHOLE,
    Floor,
    Order,
    Person,
    Policy,
    Waiting,
    rank,
    turn,
    urgency,
)

NOW = 10_000.0
DESK = 1
SKILLS = ("returns", "english")
policies = st.builds(
    Policy,
    order=st.sampled_from(Order),
    target=st.sampled_from([60.0, 3600.0]),
    prefers_last=st.booleans(),
    kept=st.sampled_from([0.0, 500.0]),
    chats=st.integers(1, 4),
    mails=st.integers(1, 4),
    minds_skills=st.booleans(),
)
needs = st.frozensets(st.tuples(st.sampled_from(SKILLS), st.integers(1, 3)), max_size=2)


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    count = draw(st.integers(0, 12))
    since = st.floats(0, NOW - 1)
    return [
        Waiting(
            id=n,
            desk=DESK,
            since=draw(since),
            channel=draw(st.sampled_from(["call", "chat", "email"])),
            due=draw(st.none() | st.floats(0, 2 * NOW)),
            priority=draw(st.integers(1, 4)),
            needs=draw(needs),
            language=draw(st.sampled_from(["", "ja", "en"])),
            last=draw(st.none() | st.integers(1, 4)),
            hard=draw(st.booleans()),
        )
        for n in range(count)
    ]


@st.composite
def people(draw: st.DrawFn) -> list[Person]:
    return [
        Person(
            id=n,
            desks=frozenset({DESK}),
            skills=draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3))),
            languages=draw(st.frozensets(st.sampled_from(["ja", "en"]))),
            busy=draw(st.integers(0, WHOLE)),
            here=draw(st.booleans()),
            spared=draw(st.booleans()),
            whole=draw(st.sampled_from([WHOLE // 2, WHOLE, WHOLE * 3])),
        )
        for n in range(1, draw(st.integers(1, 5)))
    ]


def floor(policy: Policy, staff: list[Person], queue: list[Waiting]) -> Floor:
    made = Floor({DESK: policy}, staff)
    for case in queue:
        made.wait(case)
    return made


def may_take(person: Person, case: Waiting, policy: Policy) -> bool:
    known = case.needs if policy.minds_skills else frozenset()
    enough = case.hard and person.spared and urgency(case, policy, NOW) < SPARED_UNTIL
    return person.here and not enough and person.knows(known, case.language)


@given(policies, people(), queues())
def test_what_is_given_out_is_given_once_to_who_is_here_can_and_has_room(
    policy: Policy, staff: list[Person], queue: list[Waiting]
) -> None:
    before = {person.id: person.busy for person in staff}

    given_out = floor(policy, staff, queue).match(DESK, NOW)

    assert max(Counter(case.id for case, _person in given_out).values(), default=1) == 1
    assert all(may_take(person, case, policy) for case, person in given_out)
    for person in staff:
        taken = sum(policy.share(case.channel) for case, who in given_out if who is person)
        assert person.busy == before[person.id] + taken
        alone = not before[person.id] and sum(who is person for _case, who in given_out) == 1
        assert not taken or person.busy <= person.whole or alone


@given(policies, people(), queues())
def test_nothing_is_left_that_somebody_who_is_free_could_take(
    policy: Policy, staff: list[Person], queue: list[Waiting]
) -> None:
    given_out = {case.id for case, _person in floor(policy, staff, queue).match(DESK, NOW)}

    for case in queue:
        free = [p for p in staff if may_take(p, case, policy) and p.has_room(policy.share(case.channel))]
        assert case.id in given_out or free == []


@given(policies, people(), queues())
def test_who_asks_gets_the_first_in_order_that_is_not_kept_for_another(
    policy: Policy, staff: list[Person], queue: list[Waiting]
) -> None:
    policy = replace(policy, prefers_last=False)
    for person in staff:
        could = [c for c in queue if may_take(person, c, policy) and person.has_room(policy.share(c.channel))]
        wanted = min(could, key=lambda case: rank(case, policy, NOW), default=None)
        assert floor(policy, staff, queue).next_for(person, NOW) == wanted


@given(policies, people(), queues())
def test_who_comes_is_given_to_whose_turn_it_is(
    policy: Policy, staff: list[Person], queue: list[Waiting]
) -> None:
    policy = replace(policy, prefers_last=False)
    for case in (replace(one, hard=False) for one in queue):
        could = [p for p in staff if may_take(p, case, policy) and p.has_room(policy.share(case.channel))]
        assert floor(policy, staff, []).person_for(case) == min(could, key=turn, default=None)


@given(policies, people(), queues())
def test_one_after_the_other_in_order(policy: Policy, staff: list[Person], queue: list[Waiting]) -> None:
    policy = replace(policy, prefers_last=False)
    for person in staff:
        taken = list(floor(policy, staff, queue).in_order(person, NOW))
        assert taken == sorted(taken, key=lambda case: rank(case, policy, NOW))


def agent(number: int = 1, **more: object) -> Person:
    return Person(id=number, desks=frozenset({DESK, 2}), **more)  # type: ignore[arg-type]


def case(number: int = 1, **more: object) -> Waiting:
    return Waiting(id=number, **({"desk": DESK, "since": 0.0} | more))  # type: ignore[arg-type]


class TestUrgency:
    def test_is_the_part_of_its_time_that_a_case_has_waited(self) -> None:
        assert urgency(case(since=0.0), Policy(target=200.0), 100.0) == 0.5
        assert urgency(case(since=0.0, due=400.0), Policy(target=200.0), 100.0) == 0.25

    def test_of_what_was_due_before_it_came_is_counted_by_the_second(self) -> None:
        assert urgency(case(since=50.0, due=20.0), Policy(), 60.0) == 10.0

    def test_decides_between_desks_that_order_in_other_ways(self) -> None:
        policies = {
            DESK: Policy(order=Order.FIFO, target=1000.0),
            2: Policy(order=Order.PRIORITY, target=100.0),
        }
        both = Floor(policies, [agent()])
        both.wait(case(1, since=0.0))
        both.wait(case(2, desk=2, since=50.0))
        assert [one.id for one in both.in_order(agent(), 100.0)] == [2, 1]


class TestWhoseTurn:
    def test_fewest_skills_first_so_that_who_knows_more_stays_free(self) -> None:
        knowing, plain = agent(1, skills={"returns": 3}), agent(2)
        assert floor(Policy(), [knowing, plain], []).person_for(case()) is plain
        needed = case(needs=frozenset({("returns", 2)}))
        assert floor(Policy(), [knowing, plain], []).person_for(needed) is knowing

    def test_then_who_has_least_in_hand_then_who_has_been_so_for_longest(self) -> None:
        full, late, early = agent(1, busy=500), agent(2, free_since=9.0), agent(3, free_since=8.0)
        assert floor(Policy(), [full, late, early], []).person_for(case()) is early


class TestWhoAnsweredLast:
    def test_is_given_it_though_others_know_less(self) -> None:
        last, plain = agent(1, skills={"returns": 1}), agent(2)
        assert floor(Policy(), [last, plain], []).person_for(case(last=1)) is last

    @pytest.mark.parametrize("gone", [{"here": False}, {"busy": WHOLE}, {"languages": frozenset({"en"})}])
    def test_not_when_they_cannot_take_it(self, gone: dict[str, object]) -> None:
        last, other = agent(1, **gone), agent(2)
        asked = case(last=1, language="ja")
        assert floor(Policy(), [last, other], []).person_for(asked) is other
        assert floor(Policy(), [last, other], [asked]).next_for(other, 1.0) == asked

    def test_it_is_kept_for_them_for_a_while(self) -> None:
        staff = [agent(1), agent(2)]
        policy = Policy(kept=900.0)
        assert floor(policy, staff, [case(last=1)]).next_for(staff[1], 899.0) is None
        assert floor(policy, staff, [case(last=1)]).next_for(staff[1], 900.0) is not None


class TestSparing:
    def test_what_is_hard_goes_to_others_than_who_has_had_enough(self) -> None:
        spared, other = agent(1, spared=True), agent(2, skills={"returns": 3})
        queue = [case(1, hard=True), case(2, since=1.0)]
        assert [one.id for one in floor(Policy(), [spared], queue).in_order(spared, 60.0)] == [2]
        assert floor(Policy(), [spared, other], []).person_for(queue[0]) is other
        given_out = floor(Policy(mails=1), [spared, other], queue).match(DESK, 60.0)
        assert [(one.id, who.id) for one, who in given_out] == [(1, 2), (2, 1)]

    def test_nobody_waits_in_vain_for_somebody_else(self) -> None:
        spared, policy = agent(spared=True), Policy(target=100.0)
        queue = [case(1, hard=True)]
        assert floor(policy, [spared], queue).match(DESK, 79.0) == []
        assert floor(policy, [spared], queue).next_for(spared, 79.0) is None
        assert floor(policy, [spared], queue).next_for(spared, 80.0) == queue[0]
        assert floor(policy, [spared], queue).match(DESK, 80.0) == [(queue[0], spared)]

    def test_who_answered_last_is_spared_too(self) -> None:
        last, other = agent(1, spared=True), agent(2)
        waits = case(hard=True, last=1)
        assert floor(Policy(kept=900.0), [last, other], [waits]).next_for(other, 1.0) == waits
        assert floor(Policy(kept=900.0), [last, other], [waits]).match(DESK, 1.0) == [(waits, other)]


def test_hands_hold_what_adds_up_to_a_whole_person() -> None:
    policy = Policy(chats=3, mails=20)
    person = agent()
    shared = floor(policy, [person], [case(n, channel="chat") for n in range(5)])
    assert [one.id for one, _who in shared.match(DESK, 1.0)] == [0, 1, 2]
    assert not person.has_room(policy.share("email"))
    assert policy.share("call") == WHOLE
    shared.take_off(case(0, channel="chat"), person, now=5.0)
    assert (person.has_room(policy.share("email")), person.free_since) == (True, 5.0)


def test_who_holds_less_or_more_is_given_as_much_and_empty_hands_one_of_anything() -> None:
    policy, queue = Policy(chats=2, mails=20), [case(n, channel="chat") for n in range(8)]
    for whole, given_out in ((100, 1), (500, 1), (1000, 2), (1500, 3), (3000, 6)):
        shared = floor(policy, [agent(whole=whole)], queue)
        assert len(shared.match(DESK, 1.0)) == given_out, whole
    assert not agent(busy=50, whole=100).has_room(policy.share("chat"))


def test_who_left_is_not_given_out() -> None:
    queue = [case(1), case(2, since=1.0)]
    shared = floor(Policy(), [agent()], queue)
    shared.leave(queue[0])
    assert [one.id for one in shared.in_order(agent(), 5.0)] == [2]


def test_what_comes_late_takes_its_place_by_age() -> None:
    shared = floor(
        Policy(order=Order.FIFO), [agent()], [case(1, since=5.0), case(2, since=3.0), case(3, since=4.0)]
    )
    assert [one.id for one in shared.in_order(agent(), 9.0)] == [2, 3, 1]
