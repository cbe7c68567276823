"""Whom somebody asks beside a call, and supervisors on it: by table, and whatever happens."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice import logic
from madoguchi.voice.logic import calling
from madoguchi.voice.terms import (
    CALLER,
    Answered,
    Back,
    Bridge,
    Call,
    Connected,
    Consult,
    Dial,
    Event,
    HangUp,
    Hold,
    How,
    HungUp,
    Lead,
    LeftUs,
    Lost,
    NotAnswered,
    Park,
    Phase,
    Play,
    PutThrough,
    RecordTalk,
    Release,
    Ring,
    Ringing,
    Secret,
    TimeUp,
    Transfer,
    Vanished,
    Verb,
    Wait,
    Watch,
)
from madoguchi.voice.tests.test_talks import AOKI, MORI, MUSIC, NOBODY, TALKING, at, both, then

SATO = 9
NUMBER = "+81312345678"


def hear(**hears: tuple[int, ...]) -> Bridge:
    """Who hears whom, by name."""
    names = {"caller": CALLER, "aoki": AOKI, "mori": MORI, "sato": SATO}
    return Bridge(tuple((names[name], heard) for name, heard in hears.items()))


ASIDE = hear(aoki=(MORI,), mori=(AOKI,))
ALL = hear(caller=(AOKI, MORI), aoki=(CALLER, MORI), mori=(CALLER, AOKI))
LISTENED = hear(caller=(AOKI,), aoki=(CALLER,), sato=(CALLER, AOKI))
WHISPERED = hear(caller=(AOKI,), aoki=(CALLER, SATO), sato=(CALLER, AOKI))
JOINED = hear(caller=(AOKI, SATO), aoki=(CALLER, SATO), sato=(CALLER, AOKI))

SOUGHT = then(TALKING, Consult(at(30), AOKI, to=MORI))[0]
RUNG = then(SOUGHT, Ringing(at(31), MORI))[0]
ASKED = then(RUNG, Connected(at(35), MORI))[0]
THREE = then(ASKED, Hold(at(40), AOKI, on=False))[0]
ALONE = then(ASKED, Vanished(at(40), AOKI))[0]
TWO_LEFT = then(THREE, Vanished(at(45), AOKI))[0]
HEARD = then(TALKING, Watch(at(30), SATO))[0]
SECRET = then(ASKED, Secret(at(36), AOKI))[0]
OUTGOING = then(
    calling(NUMBER, at(0)), Ringing(at(1), AOKI), Connected(at(2), AOKI), Answered(at(5)), Watch(at(6), SATO)
)[0]


@pytest.mark.parametrize(
    ("call", "event", "done", "phase"),
    [
        # The caller is on hold while a colleague is asked.
        (TALKING, Consult(at(30), AOKI, to=MORI), [MUSIC, Dial(15, person=MORI, aside=True), NOBODY], Phase.HOLDING),
        (TALKING, Consult(at(30), MORI, to=AOKI), [], Phase.TALKING),
        (TALKING, Consult(at(30), AOKI, to=AOKI), [], Phase.TALKING),
        (TALKING, Consult(at(30), AOKI), [], Phase.TALKING),
        (HEARD, Consult(at(30), AOKI, to=SATO), [], Phase.TALKING),
        (SOUGHT, Consult(at(30), AOKI, to=SATO), [], Phase.HOLDING),
        (SOUGHT, Ringing(at(31), SATO), [Release(SATO)], Phase.HOLDING),
        (SOUGHT, NotAnswered(at(31), MORI), [Release(MORI)], Phase.HOLDING),
        (RUNG, NotAnswered(at(46), MORI), [Release(MORI, away=True)], Phase.HOLDING),
        (RUNG, Vanished(at(46), MORI), [Release(MORI, away=True)], Phase.HOLDING),
        (RUNG, Connected(at(35), MORI), [ASIDE], Phase.HOLDING),
        (RUNG, PutThrough(at(35), AOKI), [], Phase.HOLDING),  # never to one who has not answered
        (RUNG, Back(at(35), AOKI), [Release(MORI), both(AOKI)], Phase.TALKING),
        (RUNG, Hold(at(35), AOKI, on=False), [Release(MORI), both(AOKI)], Phase.TALKING),
        (RUNG, LeftUs(at(35), AOKI), [Release(MORI), Release(AOKI), HangUp()], Phase.ENDED),
        # They talk, all three if they like, and one of them goes on with the caller.
        (ASKED, Back(at(40), AOKI), [Release(MORI), both(AOKI)], Phase.TALKING),
        (ASKED, Hold(at(40), AOKI, on=False), [ALL], Phase.TALKING),
        (THREE, Hold(at(41), AOKI), [MUSIC, ASIDE], Phase.HOLDING),
        (THREE, Back(at(41), AOKI), [Release(MORI), both(AOKI)], Phase.TALKING),
        (ASKED, LeftUs(at(40), MORI), [Release(MORI), NOBODY], Phase.HOLDING),
        (THREE, LeftUs(at(41), MORI), [Release(MORI), both(AOKI)], Phase.TALKING),
        (THREE, Vanished(at(41), MORI), [Release(MORI, away=True), both(AOKI)], Phase.TALKING),
        (ASKED, Connected(at(40), MORI), [], Phase.HOLDING),  # back with a new page
        (ASKED, Back(at(40), MORI), [], Phase.HOLDING),
        (ASKED, PutThrough(at(40), AOKI), [Release(AOKI), Lead(MORI, AOKI), RecordTalk(), both(MORI)], Phase.TALKING),
        # Who hangs up leaves the caller to whom they asked, not to nobody.
        (ASKED, LeftUs(at(40), AOKI), [Release(AOKI), Lead(MORI, AOKI), RecordTalk(), both(MORI)], Phase.TALKING),
        (THREE, LeftUs(at(41), AOKI), [Release(AOKI), Lead(MORI, AOKI), RecordTalk(), both(MORI)], Phase.TALKING),
        (SECRET, PutThrough(at(40), AOKI), [Release(AOKI), Lead(MORI, AOKI), RecordTalk(), both(MORI)], Phase.TALKING),
        (ASKED, HungUp(at(40)), [Release(AOKI), Release(MORI)], Phase.ENDED),
        (ASKED, Lost(at(40)), [Release(AOKI), Release(MORI), HangUp()], Phase.ENDED),
        # Whose page is loaded anew comes back to all of it.
        (ASKED, Vanished(at(40), AOKI), [MUSIC, Wait(20), NOBODY], Phase.PARTED),
        (ALONE, Connected(at(42), AOKI), [ASIDE], Phase.HOLDING),
        (THREE, Vanished(at(45), AOKI), [Wait(20), hear(caller=(MORI,), mori=(CALLER,))], Phase.PARTED),
        (TWO_LEFT, Connected(at(47), AOKI), [ALL], Phase.TALKING),
        (TWO_LEFT, TimeUp(at(65)), [Release(AOKI, away=True), Lead(MORI, AOKI), RecordTalk()], Phase.TALKING),
    ],
)  # fmt: skip
def test_what_is_done_of_who_is_asked(call: Call, event: Event, done: list[Verb], phase: Phase) -> None:
    after, verbs = logic.step(call, event)

    assert (verbs, after.phase) == (done, phase)


@pytest.mark.parametrize(
    ("call", "event", "done"),
    [
        (TALKING, Watch(at(30), SATO), [LISTENED]),
        (HEARD, Watch(at(31), SATO, How.WHISPER), [WHISPERED]),
        (HEARD, Watch(at(31), SATO, How.JOIN), [JOINED]),
        (HEARD, Watch(at(31), MORI), [Release(MORI, away=True)]),
        (TALKING, Watch(at(31), AOKI), []),
        (HEARD, LeftUs(at(31), SATO), [Release(SATO, away=True), both(AOKI)]),
        (HEARD, Vanished(at(31), SATO), [Release(SATO, away=True), both(AOKI)]),
        (HEARD, Hold(at(31), SATO), []),
        (HEARD, HungUp(at(31)), [Release(AOKI), Release(SATO, away=True)]),
        (then(HEARD, HungUp(at(31)))[0], Watch(at(32), MORI), [Release(MORI, away=True)]),
        (OUTGOING, Watch(at(7), SATO, How.WHISPER), [WHISPERED]),
        # A supervisor may whisper while the caller is on hold, and hears a talk aside.
        (then(HEARD, Watch(at(31), SATO, How.WHISPER))[0], Hold(at(32), AOKI), [
            MUSIC, hear(aoki=(SATO,), sato=(AOKI,)),
        ]),
        (ASKED, Watch(at(41), SATO), [hear(aoki=(MORI,), mori=(AOKI,), sato=(AOKI, MORI))]),
        # Who takes the caller is watched on, and whoever waits in a queue is not.
        (then(ASKED, Watch(at(41), SATO))[0], PutThrough(at(42), AOKI), [
            Release(AOKI), Lead(MORI, AOKI), RecordTalk(),
            hear(caller=(MORI,), mori=(CALLER,), sato=(CALLER, MORI)),
        ]),
        (HEARD, Transfer(at(50), AOKI, to=MORI), [
            Release(AOKI), Release(SATO, away=True), Park("queue", first=True), Dial(15, person=MORI),
            Play(("position-1",)), NOBODY,
        ]),
    ],
)  # fmt: skip
def test_who_hears_a_supervisor(call: Call, event: Event, done: list[Verb]) -> None:
    assert logic.step(call, event)[1] == done


def test_while_the_recording_is_paused_the_caller_is_heard_by_nobody_beside() -> None:
    for call, again in (
        (HEARD, LISTENED),
        (then(HEARD, Watch(at(35), SATO, how=How.JOIN))[0], JOINED),
        (THREE, ALL),
    ):
        secret, verbs = then(call, Secret(at(50), AOKI))
        assert verbs == [RecordTalk(on=False), both(AOKI)]
        assert then(secret, Secret(at(60), AOKI, on=False))[1] == [RecordTalk(), again]
        parted = then(secret, Vanished(at(55), AOKI))[1]
        assert [verb for verb in parted if isinstance(verb, Bridge | Play)] == [MUSIC, NOBODY]


def test_a_colleague_is_asked_at_the_desk_that_has_the_call() -> None:
    given = then(TALKING, Transfer(at(30), AOKI, desk=8), Ringing(at(31), MORI), Connected(at(32), MORI))[0]

    assert Dial(15, person=SATO, desk=8, aside=True) in then(given, Consult(at(40), MORI, to=SATO))[1]


def test_nobody_comes_to_a_call_on_which_nobody_talks() -> None:
    waits = then(TALKING, Transfer(at(30), AOKI))[0]
    rings = then(calling(NUMBER, at(0)), Ringing(at(1), AOKI), Connected(at(2), AOKI))[0]

    for call in (waits, rings):
        assert logic.step(call, Watch(at(40), SATO)) == (call, [Release(SATO, away=True)])


def test_it_is_known_who_was_asked_and_who_took_the_caller() -> None:
    asked = then(ASKED, Back(at(40), AOKI), HungUp(at(50)))[0]
    taken = then(ASKED, PutThrough(at(40), AOKI), HungUp(at(50)))[0]

    assert asked.rings[1:] == (Ring(MORI, at(31), at(35), answered=True, aside=True),)
    assert taken.rings[1:] == (Ring(MORI, at(31), at(35), answered=True),)
    assert (asked.agent, taken.agent) == (AOKI, MORI)


def test_what_was_not_to_be_recorded_is_again_by_who_takes_the_caller() -> None:
    given = then(SECRET, PutThrough(at(40), AOKI))[0]

    assert (given.secret, [pause.end for pause in given.pauses]) == (0, [at(40)])


KINDS: tuple[type[Event], ...] = (
    *(TimeUp, HungUp, Ringing, Ringing, NotAnswered, Connected, Connected, Vanished, LeftUs),
    *(Hold, Transfer, Secret, Consult, Consult, Back, PutThrough, Watch, Watch),
)
SEEN = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from((AOKI, MORI, SATO)), st.sampled_from(list(How))),
    max_size=60,
)


def made(kind: type[Event], person: int, how: How, when: Any) -> Event:
    given: dict[str, Any] = {"person": person} if issubclass(kind, logic.OfPerson) else {}
    if kind in (Hold, Secret):
        given["on"] = how == How.LISTEN
    if kind in (Transfer, Consult):
        given["to"] = {How.LISTEN: MORI, How.WHISPER: SATO, How.JOIN: 0}[how]
    if kind is Watch:
        given["how"] = how
    return kind(when, **given)


@given(seen=SEEN)
def test_all_are_let_go_and_no_caller_ever_hears_a_whisper(seen: Any) -> None:
    call, taken = TALKING, {AOKI}
    for count, (kind, person, how) in enumerate(seen):
        event = made(kind, person, how, at(40 + count))
        taken |= {person} if kind in (Ringing, Watch) else set()
        call, verbs = logic.step(call, event)
        taken -= {verb.person for verb in verbs if isinstance(verb, Release)}
        over = call.phase == Phase.ENDED
        assert taken == (set() if over else set(logic.present(call)))
        assert over or len(logic.present(call)) == len(set(logic.present(call)))
        hears = dict(logic.hears(call))
        beside = [one for one, heard in hears.items() if CALLER in heard and one != call.agent]
        assert not (call.secret < 0 and beside)  # a card is being spoken
        assert over or call.how == How.JOIN or call.watcher == 0 or call.watcher not in hears.get(CALLER, ())
        assert all(one not in heard for one, heard in hears.items())
    assert all(ring.end for ring in call.rings if ring.person != call.ringing)
