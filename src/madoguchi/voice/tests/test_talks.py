"""Calls that somebody of ours takes: by table, and whatever happens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice import logic
from madoguchi.voice.flow import read
from madoguchi.voice.terms import (
    Answered,
    Bridge,
    Broken,
    By,
    Call,
    Connected,
    Dial,
    Event,
    HangUp,
    Hold,
    HungUp,
    Key,
    LeftUs,
    Lost,
    NotAnswered,
    Offered,
    Outcome,
    Park,
    Parked,
    Pause,
    Phase,
    Play,
    Played,
    RecordTalk,
    Release,
    Ring,
    Ringing,
    Secret,
    Spent,
    TimeUp,
    Transfer,
    Unpark,
    Vanished,
    Verb,
    Wait,
)

NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
AOKI, MORI, DESK = 7, 8, 30
SAY = {"kind": "say", "sounds": ["hello"], "next": "end"}
QUEUE = {
    "kind": "queue",
    "keys": {"2": "say"},
    "otherwise": "say",
    "full": "end",
    "every": 20,
    "longest": 50,
    "ring": 15,
}
FLOW = {"start": "queue", "steps": {"queue": QUEUE, "say": SAY}}
MUSIC = Play(("music",), loop=True)
NOBODY = Bridge(())


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def both(person: int) -> Bridge:
    """The caller and somebody hear one another."""
    return Bridge(((0, (person,)), (person, (0,))))


def then(call: Call, *events: Event) -> tuple[Call, list[Verb]]:
    verbs: list[Verb] = []
    for event in events:
        call, verbs = logic.step(call, event)
    return call, verbs


def begun(*events: Event) -> Call:
    made = read(FLOW, sounds=lambda _name: True)
    new = Call(flow=made, caller="+819012345678", at_work=True, notified_at=at(0))
    return then(new, Offered(at(0)), Answered(at(1)), *events)[0]


PARKED = begun()
WAITING = begun(Parked(at(1), 0))
RINGING = then(WAITING, Ringing(at(5), AOKI))[0]
TALKING = then(RINGING, Connected(at(9), AOKI))[0]
HOLDING = then(TALKING, Hold(at(20), AOKI))[0]
PARTED = then(TALKING, Vanished(at(20), AOKI))[0]
HELD_APART = then(HOLDING, Vanished(at(21), AOKI))[0]
TYPING = then(TALKING, Key(at(20), "4"))[0]
SECRET = then(TALKING, Secret(at(20), AOKI))[0]


@pytest.mark.parametrize(
    ("call", "event", "done", "phase"),
    [
        # Somebody is looked for as soon as a call stands in its queue.
        (PARKED, Parked(at(1), 0), [Dial(15), Play(("wait", "position-1"))], Phase.WAITING),
        (WAITING, Ringing(at(5), AOKI), [], Phase.WAITING),
        (WAITING, Connected(at(5), AOKI), [], Phase.WAITING),
        (PARKED, HungUp(at(5)), [Unpark()], Phase.ENDED),
        # Who rings answers, or somebody else is looked for.
        (RINGING, Connected(at(9), AOKI), [Unpark(), RecordTalk(), both(AOKI)], Phase.TALKING),
        (RINGING, NotAnswered(at(20), AOKI), [Release(AOKI, away=True), Dial(15)], Phase.WAITING),
        (RINGING, Vanished(at(20), AOKI), [Release(AOKI, away=True), Dial(15)], Phase.WAITING),
        (RINGING, NotAnswered(at(20), MORI), [], Phase.WAITING),
        (RINGING, Connected(at(9), MORI), [], Phase.WAITING),
        (RINGING, Ringing(at(9), MORI), [Release(MORI)], Phase.WAITING),
        # The longest wait does not end while it rings; a key leads out all the same.
        (RINGING, TimeUp(at(60)), [Play(("position-1",))], Phase.WAITING),
        (RINGING, Key(at(9), "2"), [Unpark(), Release(AOKI), Play(("hello",))], Phase.SAYING),
        (RINGING, HungUp(at(9)), [Unpark(), Release(AOKI)], Phase.ENDED),
        (RINGING, Broken(at(9)), [Unpark(), Release(AOKI), HangUp()], Phase.ENDED),
        # In a talk.
        (TALKING, Ringing(at(20), MORI), [Release(MORI)], Phase.TALKING),
        (TALKING, Hold(at(20), AOKI), [MUSIC, NOBODY], Phase.HOLDING),
        (TALKING, Hold(at(20), MORI), [], Phase.TALKING),
        (TALKING, Hold(at(20), AOKI, on=False), [], Phase.TALKING),
        (HOLDING, Hold(at(30), AOKI, on=False), [both(AOKI)], Phase.TALKING),
        (HOLDING, Hold(at(30), AOKI), [], Phase.HOLDING),
        (TALKING, LeftUs(at(20), AOKI), [Release(AOKI), HangUp()], Phase.ENDED),
        (TALKING, LeftUs(at(20), MORI), [], Phase.TALKING),
        (HOLDING, LeftUs(at(20), AOKI), [Release(AOKI), HangUp()], Phase.ENDED),
        (TALKING, HungUp(at(20)), [Release(AOKI)], Phase.ENDED),
        (TALKING, Lost(at(20)), [Release(AOKI), HangUp()], Phase.ENDED),
        (TALKING, Connected(at(20), AOKI), [], Phase.TALKING),
        (TALKING, TimeUp(at(20)), [], Phase.TALKING),
        (TALKING, Played(at(20)), [], Phase.TALKING),
        # Whose page is loaded anew may come back; who does not, leaves the caller to others.
        (TALKING, Vanished(at(20), AOKI), [MUSIC, Wait(20), NOBODY], Phase.PARTED),
        (HOLDING, Vanished(at(20), AOKI), [MUSIC, Wait(20)], Phase.PARTED),
        (PARTED, Vanished(at(21), AOKI), [], Phase.PARTED),
        (PARTED, Connected(at(22), AOKI), [both(AOKI)], Phase.TALKING),
        (PARTED, Connected(at(22), MORI), [], Phase.PARTED),
        (HELD_APART, Connected(at(22), AOKI), [], Phase.HOLDING),  # what was on hold still is
        (
            PARTED,
            TimeUp(at(40)),
            [Release(AOKI, away=True), Park("queue", first=True), Dial(15), Play(("position-1",))],
            Phase.WAITING,
        ),
        (PARTED, HungUp(at(30)), [Release(AOKI)], Phase.ENDED),
        # Keys in a talk may be of a card: what is said beside them is not recorded.
        (TALKING, Key(at(20), "4"), [RecordTalk(on=False), Wait(2)], Phase.TALKING),
        (TYPING, TimeUp(at(22)), [RecordTalk()], Phase.TALKING),
        (TALKING, Secret(at(20), AOKI), [RecordTalk(on=False)], Phase.TALKING),
        (SECRET, Key(at(21), "4"), [], Phase.TALKING),
        (SECRET, TimeUp(at(22)), [], Phase.TALKING),
        (SECRET, Secret(at(30), AOKI, on=False), [RecordTalk(on=True)], Phase.TALKING),
    ],
)
def test_what_is_done_of_people(call: Call, event: Event, done: list[Verb], phase: Phase) -> None:
    after, verbs = logic.step(call, event)

    assert (verbs, after.phase) == (done, phase)


@pytest.mark.parametrize(
    ("to", "desk", "dial"),
    [(MORI, 0, Dial(15, person=MORI)), (0, DESK, Dial(15, desk=DESK)), (0, 0, Dial(15))],
    ids=["a colleague", "another desk", "anybody"],
)
@pytest.mark.parametrize("call", [TALKING, HOLDING], ids=["talking", "holding"])
def test_a_caller_is_handed_on_before_all_who_wait(call: Call, to: int, desk: int, dial: Dial) -> None:
    after, verbs = logic.step(call, Transfer(at(30), AOKI, to=to, desk=desk))

    more = [NOBODY] if call is TALKING else []
    assert verbs == [Release(AOKI), Park("queue", first=True), dial, Play(("position-1",)), *more]
    assert (after.phase, after.agent, after.desk) == (Phase.WAITING, 0, desk)


def test_who_is_not_free_is_not_waited_for_but_anybody_of_the_desk() -> None:
    handed = then(TALKING, Transfer(at(30), AOKI, to=MORI))[0]

    assert then(handed, NotAnswered(at(31), MORI))[1] == [Dial(15)]
    rang = then(handed, Ringing(at(31), MORI), NotAnswered(at(46), MORI))
    assert rang[1] == [Release(MORI, away=True), Dial(15)]


def test_nobody_hands_a_caller_to_themselves() -> None:
    assert then(TALKING, Transfer(at(30), AOKI, to=AOKI)) == (TALKING, [])


def test_four_keys_are_a_card_and_pause_the_recording_for_longer() -> None:
    keys = [Key(at(20 + n), str(n)) for n in range(4)]
    call, verbs = then(TALKING, *keys)

    assert verbs == [RecordTalk(on=False), Wait(20)]
    assert call.keys == ""  # kept nowhere


def test_what_keys_paused_is_recorded_again_after_a_hold() -> None:
    held = then(TYPING, Hold(at(21), AOKI))[0]

    assert then(held, TimeUp(at(22)))[1] == []
    assert then(held, Hold(at(30), AOKI, on=False))[1] == [Wait(2), both(AOKI)]


@pytest.mark.parametrize(
    ("events", "pauses"),
    [
        ([Secret(at(20), AOKI), Secret(at(50), AOKI, on=False)], [Pause(AOKI, at(20), at(50))]),
        ([Secret(at(20), AOKI), Secret(at(30), AOKI), Key(at(31), "1")], [Pause(AOKI, at(20))]),
        ([Secret(at(20), AOKI), HungUp(at(40))], [Pause(AOKI, at(20), at(40))]),
        ([Secret(at(20), AOKI), Transfer(at(40), AOKI, to=MORI)], [Pause(AOKI, at(20), at(40))]),
        ([Key(at(20), "1"), Key(at(21), "2"), TimeUp(at(23))], [Pause(0, at(20), at(23))]),
        ([Key(at(20), "1"), Secret(at(21), AOKI)], [Pause(0, at(20), at(21)), Pause(AOKI, at(21))]),
        ([Secret(at(20), AOKI, on=False)], []),
        ([Secret(at(20), MORI)], []),  # not on the call
    ],
)
def test_it_is_known_who_paused_the_recording_and_for_how_long(
    events: list[Event], pauses: list[Pause]
) -> None:
    assert then(TALKING, *events)[0].pauses == tuple(pauses)


def test_every_second_of_a_talk_is_in_one_stretch_and_each_ring_is_known() -> None:
    call = begun(
        Parked(at(1), 0),
        Ringing(at(5), MORI),
        NotAnswered(at(20), MORI),
        Ringing(at(21), AOKI),
        Connected(at(25), AOKI),
        Hold(at(40), AOKI),
        Hold(at(50), AOKI, on=False),
        LeftUs(at(70), AOKI),
    )

    told = [
        (span.spent, (span.begin - NOON).seconds, (span.end - NOON).seconds)
        for span in call.spans
        if span.end
    ]
    assert told == [
        (Spent.RING, 0, 1),
        (Spent.WAIT, 1, 25),
        (Spent.TALK, 25, 40),
        (Spent.HOLD, 40, 50),
        (Spent.TALK, 50, 70),
    ]
    assert call.rings == (Ring(MORI, at(5), at(20)), Ring(AOKI, at(21), at(25), answered=True))
    assert (logic.outcome(call), call.ended_by) == (Outcome.TALKED, By.AGENT)


@pytest.mark.parametrize(
    ("call", "event", "ended"),
    [
        (RINGING, HungUp(at(30)), Outcome.ABANDONED),
        (TALKING, HungUp(at(30)), Outcome.TALKED),
        (HOLDING, HungUp(at(30)), Outcome.TALKED),
        (TALKING, Lost(at(30)), Outcome.TALKED),
        (TALKING, Broken(at(30)), Outcome.BROKEN),  # somebody calls them back
    ],
)
def test_how_a_talk_ended(call: Call, event: Event, ended: Outcome) -> None:
    assert logic.outcome(logic.step(call, event)[0]) == ended


def test_who_is_taken_for_a_call_that_is_over_is_let_go() -> None:
    over = then(RINGING, HungUp(at(6)))[0]

    assert logic.step(over, Ringing(at(7), MORI)) == (over, [Release(MORI)])


MADE: tuple[type[Event], ...] = (
    *(Parked, Played, TimeUp, HungUp, Lost, Broken),
    *(Ringing, NotAnswered, Connected, Vanished, LeftUs, Hold, Transfer, Secret),
)
SEEN = st.lists(
    st.tuples(
        st.sampled_from((*MADE, Ringing, Connected)),
        st.sampled_from((AOKI, MORI)),
        st.booleans(),
    ),
    max_size=60,
)


def made(kind: type[Event], person: int, on: bool, when: datetime) -> Event:
    given: dict[str, Any] = {"person": person} if issubclass(kind, logic.OfPerson) else {}
    if kind in (Hold, Secret):
        given["on"] = on
    if kind is Transfer:
        given["to"] = MORI if on else 0
    return kind(when, **given)


@given(seen=SEEN)
def test_whatever_happens_one_person_at_most_has_a_call_and_all_are_let_go(seen: Any) -> None:
    call, taken, hears = WAITING, set[int](), ((0, (0,)),)[:0]
    for count, (kind, person, on) in enumerate(seen):
        event = made(kind, person, on, at(10 + count))
        taken |= {person} if kind is Ringing else set()
        call, verbs = logic.step(call, event)
        for verb in verbs:
            if isinstance(verb, Release):
                taken.discard(verb.person)
            if isinstance(verb, Bridge):
                hears = verb.hears
        busy = {one for one in (call.ringing, call.agent) if one}
        assert len(busy) <= 1
        assert taken == (set() if call.phase == Phase.ENDED else busy)
        assert hears == logic.hears(call) or call.phase == Phase.ENDED
    assert all(ring.end for ring in call.rings if ring.person != call.ringing)
    assert all(pause.end for pause in call.pauses if call.secret == 0 or call.phase == Phase.ENDED)
