"""Calls that we make: by table, and whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice import logic
from madoguchi.voice.terms import (
    Answered,
    Bridge,
    Broken,
    By,
    Call,
    CallOut,
    Connected,
    Dial,
    Event,
    HangUp,
    Hold,
    HungUp,
    Key,
    LeftUs,
    Lost,
    Miss,
    Missed,
    NotAnswered,
    Outcome,
    Park,
    Phase,
    Play,
    RecordTalk,
    Release,
    Ring,
    Ringing,
    Secret,
    Spent,
    TimeUp,
    Transfer,
    Vanished,
    Verb,
    Wait,
)

NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
AOKI, MORI = 7, 8
ENDED = Phase.ENDED


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def then(call: Call, *events: Event) -> tuple[Call, list[Verb]]:
    verbs: list[Verb] = []
    for event in events:
        call, verbs = logic.step(call, event)
    return call, verbs


PLANNED = replace(logic.calling("+819012345678", at(0)), notified_at=at(0))
RINGING = then(PLANNED, Ringing(at(0), AOKI))[0]
CALLING = then(RINGING, Connected(at(5), AOKI))[0]
TALKING = then(CALLING, Answered(at(12)))[0]
LISTENS = Bridge(((AOKI, (0,)),))
BOTH = Bridge(((0, (AOKI,)), (AOKI, (0,))))


@pytest.mark.parametrize(
    ("call", "event", "done", "phase"),
    [
        (PLANNED, Ringing(at(0), AOKI), [], Phase.WAITING),
        (RINGING, Ringing(at(1), MORI), [Release(MORI)], Phase.WAITING),
        (RINGING, Connected(at(5), AOKI), [CallOut(), Wait(45), LISTENS], Phase.CALLING),
        (RINGING, Connected(at(5), MORI), [], Phase.WAITING),
        (RINGING, NotAnswered(at(20), AOKI), [Release(AOKI, away=True), HangUp()], ENDED),
        (RINGING, NotAnswered(at(20), MORI), [], Phase.WAITING),
        (RINGING, Broken(at(5)), [logic.Unpark(), Release(AOKI), HangUp()], ENDED),
        (CALLING, Answered(at(12)), [RecordTalk(), BOTH], Phase.TALKING),
        (CALLING, Missed(at(9), Miss.BUSY), [Release(AOKI), HangUp()], ENDED),
        (CALLING, TimeUp(at(50)), [Release(AOKI), HangUp()], ENDED),
        (CALLING, LeftUs(at(9), AOKI), [Release(AOKI), HangUp()], ENDED),
        (CALLING, LeftUs(at(9), MORI), [], Phase.CALLING),
        (CALLING, Vanished(at(9), AOKI), [Release(AOKI), HangUp()], ENDED),
        (CALLING, HungUp(at(9)), [Release(AOKI)], ENDED),
        (CALLING, Hold(at(9), AOKI), [], Phase.CALLING),
        (CALLING, Transfer(at(9), AOKI, to=MORI), [], Phase.CALLING),
        (CALLING, Secret(at(9), AOKI), [], Phase.CALLING),
        (CALLING, Key(at(9), "1"), [], Phase.CALLING),
        (TALKING, LeftUs(at(60), AOKI), [Release(AOKI), HangUp()], ENDED),
        (TALKING, TimeUp(at(50)), [], Phase.TALKING),
        (TALKING, Hold(at(20), AOKI), [Play(("music",), loop=True), Bridge(())], Phase.HOLDING),
    ],
)
def test_one_step_of_a_call_that_we_make(call: Call, event: Event, done: list[Verb], phase: Phase) -> None:
    after, verbs = logic.step(call, event)

    assert (verbs, after.phase) == (done, phase)


def test_a_customer_who_was_called_is_handed_on_like_one_who_calls() -> None:
    handed, verbs = then(TALKING, Transfer(at(30), AOKI, to=MORI))

    assert Dial(20, person=MORI) in verbs
    assert Park("desk", first=True) in verbs
    talks = then(handed, Ringing(at(31), MORI), Connected(at(35), MORI))[0]
    assert (talks.phase, talks.agent) == (Phase.TALKING, MORI)


@pytest.mark.parametrize(
    ("events", "ended", "by"),
    [
        ([Missed(at(9), Miss.BUSY)], Outcome.BUSY, By.US),
        ([Missed(at(9), Miss.UNREACHED)], Outcome.UNREACHED, By.US),
        ([TimeUp(at(50))], Outcome.NO_ANSWER, By.US),
        ([LeftUs(at(9), AOKI)], Outcome.STOPPED, By.AGENT),
        ([Broken(at(9))], Outcome.STOPPED, By.FAULT),
        ([Answered(at(9)), HungUp(at(12))], Outcome.TALKED, By.CALLER),
        ([Answered(at(9)), Lost(at(12))], Outcome.TALKED, By.LOST),
        ([Answered(at(9)), Broken(at(12))], Outcome.BROKEN, By.FAULT),
    ],
)
def test_how_it_ended(events: list[Event], ended: Outcome, by: By) -> None:
    call = then(CALLING, *events)[0]

    assert (logic.outcome(call), call.ended_by) == (ended, by)


def test_nobody_of_ours_took_it() -> None:
    call = then(RINGING, NotAnswered(at(20), AOKI))[0]

    assert logic.outcome(call) == Outcome.STOPPED
    assert call.rings == (Ring(AOKI, at(0), at(20)),)


def test_every_second_is_in_one_stretch() -> None:
    call = then(TALKING, LeftUs(at(60), AOKI))[0]

    assert [(one.spent, one.begin, one.end) for one in call.spans] == [
        (Spent.RING, at(0), at(12)),
        (Spent.TALK, at(12), at(60)),
    ]
    assert call.rings == (Ring(AOKI, at(0), at(5), answered=True),)


KINDS: tuple[type[Event], ...] = (
    *(Answered, Missed, TimeUp, HungUp, Lost, Broken, Key),
    *(Ringing, NotAnswered, Connected, Vanished, LeftUs, Hold, Transfer, Secret),
)
SEEN = st.lists(
    st.tuples(st.sampled_from((*KINDS, Ringing, Connected)), st.sampled_from((AOKI, MORI))), max_size=40
)


@given(seen=SEEN)
def test_whatever_happens_the_customer_is_called_once_and_only_for_somebody(seen: Any) -> None:
    call, taken, called = PLANNED, set[int](), 0
    for count, (kind, person) in enumerate(seen):
        event = kind(at(count), person) if issubclass(kind, logic.OfPerson) else kind(at(count))
        taken |= {person} if kind is Ringing else set()
        call, verbs = logic.step(call, event)
        taken -= {verb.person for verb in verbs if isinstance(verb, Release)}
        called += verbs.count(CallOut())
        if CallOut() in verbs:
            assert call.agent in taken
        busy = {one for one in (call.ringing, call.agent) if one}
        assert taken == (set() if call.phase == ENDED else busy)
    assert called <= 1
    assert called == 1 or call.answered_at is None
    assert call.phase != ENDED or all(span.end for span in call.spans)
