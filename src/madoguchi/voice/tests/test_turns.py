"""Each turn that a call can take: every phase with every event, every queue, every end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.voice import logic
from madoguchi.voice.flow import read
from madoguchi.voice.logic import (
    Answer,
    Answered,
    Broken,
    By,
    Call,
    Dial,
    Event,
    Gather,
    HangUp,
    HungUp,
    Key,
    Lost,
    Offered,
    Outcome,
    Park,
    Parked,
    PauseRecording,
    Phase,
    Play,
    Played,
    Record,
    Span,
    Spent,
    StopRecording,
    TimeUp,
    Unpark,
    Verb,
)

NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALLER = "+819012345678"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def begun(document: dict[str, Any], *events: Event, caller: str = CALLER, at_work: bool = True) -> Call:
    """A call that was offered at 0 and taken at 1, after these events."""
    made = read(document, sounds=lambda _name: True)
    return then(Call(flow=made, caller=caller, at_work=at_work), Offered(at(0)), Answered(at(1)), *events)[0]


def then(call: Call, *events: Event) -> tuple[Call, list[Verb]]:
    """The call after all of these, and what the last one led to."""
    verbs: list[Verb] = []
    for event in events:
        call, verbs = logic.step(call, event)
    return call, verbs


def flow(**steps: dict[str, Any]) -> dict[str, Any]:
    return {"start": next(iter(steps)), "steps": steps}


SAY = {"kind": "say", "sounds": ["hello"], "next": "end"}
MENU = {
    "kind": "menu",
    "sounds": ["which"],
    "keys": {"1": "say", "#": "end"},
    "otherwise": "say",
    "seconds": 9,
    "tries": 3,
    "again": ["sorry"],
}
QUEUE = {"kind": "queue", "keys": {"2": "say"}, "otherwise": "say", "full": "end", "every": 20, "longest": 50}
MESSAGE = {"kind": "message", "sounds": ["speak"], "longest": 30, "next": "say"}
CALL_BACK = {"kind": "call_back", "withheld": "message", "next": "say"}

SAYING = begun(flow(say=SAY))
ASKING = begun(flow(menu=MENU, say=SAY))
PARKED = begun(flow(queue=QUEUE, say=SAY))
WAITING = then(PARKED, Parked(at(1), 2))[0]
INVITING = begun(flow(message=MESSAGE, say=SAY))
RECORDING = then(INVITING, Played(at(4)))[0]
PROMISING = begun(flow(call_back=CALL_BACK, message=MESSAGE, say=SAY))


@pytest.mark.parametrize(
    ("call", "event", "done", "phase"),
    [
        # An announcement goes on when it has been said, and by nothing else.
        (SAYING, Played(at(9)), [HangUp()], Phase.ENDED),
        (SAYING, Key(at(9), "1"), [], Phase.SAYING),
        (SAYING, TimeUp(at(9)), [], Phase.SAYING),
        (SAYING, Parked(at(9), 0), [], Phase.SAYING),
        (SAYING, Answered(at(9)), [], Phase.SAYING),
        (SAYING, Offered(at(9)), [], Phase.SAYING),
        # A menu waits for as long as it says, and a key leads where it says.
        (ASKING, Played(at(9)), [Gather(9)], Phase.ASKING),
        (ASKING, Key(at(9), "1"), [Play(("hello",))], Phase.SAYING),
        (ASKING, Key(at(9), "#"), [HangUp()], Phase.ENDED),
        (ASKING, Key(at(9), "5"), [Play(("sorry", "which"))], Phase.ASKING),
        (ASKING, TimeUp(at(9)), [Play(("sorry", "which"))], Phase.ASKING),
        (ASKING, Parked(at(9), 0), [], Phase.ASKING),
        (ASKING, Answered(at(9)), [], Phase.ASKING),
        # In a queue the place is said once, then music, then the place again.
        (PARKED, Parked(at(1), 2), [Dial(20), Play(("wait", "position-3"))], Phase.WAITING),
        (PARKED, Parked(at(1), 20), [Unpark(), HangUp()], Phase.ENDED),
        (WAITING, Parked(at(9), 1), [], Phase.WAITING),
        (WAITING, Parked(at(9), 20), [], Phase.WAITING),
        (WAITING, Played(at(9)), [Play(("music",), loop=True), Park("queue", 20)], Phase.WAITING),
        (WAITING, TimeUp(at(50)), [Play(("position-3",))], Phase.WAITING),
        (WAITING, TimeUp(at(51)), [Unpark(), Play(("hello",))], Phase.SAYING),
        (WAITING, Key(at(9), "2"), [Unpark(), Play(("hello",))], Phase.SAYING),
        (WAITING, Key(at(9), "7"), [], Phase.WAITING),
        (WAITING, Answered(at(9)), [], Phase.WAITING),
        # A message begins after its tone, and ends by #, by its length, or by hanging up.
        (INVITING, Played(at(9)), [Record(30)], Phase.RECORDING),
        (INVITING, Key(at(9), "#"), [], Phase.INVITING),
        (INVITING, TimeUp(at(9)), [], Phase.INVITING),
        (RECORDING, Key(at(9), "#"), [StopRecording(), Play(("hello",))], Phase.SAYING),
        (RECORDING, TimeUp(at(34)), [StopRecording(), Play(("hello",))], Phase.SAYING),
        (RECORDING, Key(at(9), "*"), [PauseRecording(0.4)], Phase.RECORDING),
        (RECORDING, Played(at(9)), [], Phase.RECORDING),
        (PROMISING, Played(at(9)), [Play(("hello",))], Phase.SAYING),
        (PROMISING, Key(at(9), "1"), [], Phase.SAYING),
        # What has to end with the call ends, whoever ends it.
        (SAYING, HungUp(at(9)), [], Phase.ENDED),
        (WAITING, HungUp(at(9)), [Unpark()], Phase.ENDED),
        (WAITING, Lost(at(9)), [Unpark(), HangUp()], Phase.ENDED),
        (WAITING, Broken(at(9)), [Unpark(), HangUp()], Phase.ENDED),
        (RECORDING, HungUp(at(9)), [StopRecording()], Phase.ENDED),
        (RECORDING, Lost(at(9)), [StopRecording(), HangUp()], Phase.ENDED),
        (RECORDING, Broken(at(9)), [StopRecording(), HangUp()], Phase.ENDED),
    ],
)
def test_what_is_done_in_each_phase(call: Call, event: Event, done: list[Verb], phase: Phase) -> None:
    after, verbs = logic.step(call, event)

    assert (verbs, after.phase) == (done, phase)
    if not done:
        assert after.spans == call.spans or phase == Phase.ENDED


@pytest.mark.parametrize(
    "event", [Offered(at(9)), Played(at(9)), TimeUp(at(9)), Key(at(9), "1"), Parked(at(9), 0)]
)
def test_a_call_that_rings_hears_nothing_before_it_is_answered(event: Event) -> None:
    made = read(flow(say=SAY), sounds=lambda _name: True)
    ringing, verbs = logic.step(Call(flow=made, caller=CALLER, at_work=True), Offered(at(0)))
    assert verbs == [Answer()]

    assert logic.step(ringing, event) == (ringing, [])


def test_nobody_is_answered_who_was_not_offered() -> None:
    call = Call(flow=read(flow(say=SAY), sounds=lambda _name: True), caller=CALLER, at_work=True)

    assert logic.step(call, Answered(at(1))) == (call, [])


def test_a_call_that_ends_before_it_was_offered_lasted_no_time() -> None:
    call = Call(flow=read(flow(say=SAY), sounds=lambda _name: True), caller=CALLER, at_work=True)

    ended, verbs = logic.step(call, HungUp(at(3)))

    assert (ended.offered_at, ended.ended_at, ended.spans, verbs) == (at(3), at(3), (), [])
    assert (logic.lasted(ended), logic.outcome(ended)) == (timedelta(), Outcome.SHORT)


@pytest.mark.parametrize(
    ("tries", "silences", "heard"),
    [
        (1, 1, [Play(("hello",))]),
        (2, 1, [Play(("sorry", "which"))]),
        (2, 2, [Play(("hello",))]),
        (5, 4, [Play(("sorry", "which"))]),
        (5, 5, [Play(("hello",))]),
    ],
)
def test_a_menu_is_said_so_many_times(tries: int, silences: int, heard: list[Verb]) -> None:
    call = begun(flow(menu=MENU | {"tries": tries}, say=SAY))

    assert then(call, *(TimeUp(at(9 * n)) for n in range(1, silences + 1)))[1] == heard


def test_the_tries_of_one_menu_are_not_those_of_the_next() -> None:
    second = MENU | {"sounds": ["second"], "tries": 2}
    call = begun(flow(menu=MENU | {"tries": 2, "otherwise": "next"}, next=second, say=SAY))

    assert then(call, TimeUp(at(9)), TimeUp(at(18)))[1] == [Play(("second",))]
    assert then(call, TimeUp(at(9)), TimeUp(at(18)), TimeUp(at(27)))[1] == [Play(("sorry", "second"))]


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "position-1"),
        (1, "position-2"),
        (4, "position-5"),
        (5, "many"),
        (500, "many"),
    ],
)
def test_the_place_in_a_queue_has_a_recording(ahead: int, said: str) -> None:
    assert logic.place(ahead) == said


@pytest.mark.parametrize(
    ("most", "ahead", "taken"),
    [
        (0, 0, False),
        (1, 0, True),
        (1, 1, False),
        (500, 499, True),
        (500, 500, False),
    ],
)
def test_a_queue_takes_no_more_than_it_may(most: int, ahead: int, taken: bool) -> None:
    call = begun(flow(queue=QUEUE | {"most": most, "full": "say"}, say=SAY))

    after, verbs = logic.step(call, Parked(at(1), ahead))

    assert (after.phase == Phase.WAITING) is taken
    assert (Unpark() in verbs) is not taken


@pytest.mark.parametrize(
    ("played_at", "pause"),
    [
        (2, 20),  # 49 seconds are left
        (31, 20),  # exactly 20
        (32, 19),
        (50, 1),
        (51, 1),  # none; a pause of nothing would never end
        (90, 1),
    ],
)
def test_the_last_pause_in_a_queue_ends_with_the_longest_wait(played_at: float, pause: int) -> None:
    assert then(WAITING, Played(at(played_at)))[1][-1] == Park("queue", pause)


def test_who_goes_from_one_queue_to_another_waits_there_as_long_as_that_one_says() -> None:
    second = QUEUE | {"longest": 40, "sounds": ["still"]}
    call = begun(flow(queue=QUEUE | {"otherwise": "second"}, second=second, say=SAY), Parked(at(1), 0))

    call, verbs = then(call, Played(at(3)), TimeUp(at(51)))
    assert verbs == [Unpark(), Park("second")]
    call, verbs = then(call, Parked(at(51), 3), Played(at(53)))
    assert verbs == [Play(("music",), loop=True), Park("second", 20)]
    assert then(call, TimeUp(at(90)))[1] == [Play(("position-4",))]
    call, verbs = then(call, TimeUp(at(91)))

    assert verbs == [Unpark(), Play(("hello",))]
    assert logic.spent(call.spans, Spent.WAIT) == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("at_work", "heard"), [(True, [Play(("hello",))]), (False, [Play(("speak", "beep"))])]
)
def test_hours_lead_on_at_once(at_work: bool, heard: list[Verb]) -> None:
    document = flow(hours={"kind": "hours", "open": "say", "closed": "message"}, say=SAY, message=MESSAGE)
    made = read(document, sounds=lambda _name: True)
    call = then(Call(flow=made, caller=CALLER, at_work=at_work), Offered(at(0)))[0]

    after, verbs = logic.step(call, Answered(at(1)))

    assert verbs == heard
    assert [span.spent for span in after.spans] == [Spent.RING, Spent.MENU]


@pytest.mark.parametrize("caller", [CALLER, ""], ids=["shown", "withheld"])
def test_a_call_back_is_promised_to_who_can_be_called(caller: str) -> None:
    call = begun(flow(call_back=CALL_BACK, message=MESSAGE, say=SAY), caller=caller)

    assert (call.call_back, call.phase) == ((True, Phase.SAYING) if caller else (False, Phase.INVITING))


def test_steps_that_lead_to_one_another_end_the_call_and_do_not_go_round() -> None:
    document = flow(
        a={"kind": "hours", "open": "b", "closed": "b"}, b={"kind": "hours", "open": "a", "closed": "a"}
    )

    call = begun(document)

    assert (call.phase, call.ended_by, call.left) == (Phase.ENDED, By.US, 0)
    assert logic.outcome(call) == Outcome.INFORMED


def test_announcements_that_lead_to_one_another_end_after_sixty() -> None:
    call = begun(flow(a=SAY | {"next": "a"}))
    played = 0
    while call.phase != Phase.ENDED:
        call, played = logic.step(call, Played(at(2 + played)))[0], played + 1

    assert played == logic.MOST_STEPS == 60


@pytest.mark.parametrize(
    ("pressed", "kept"),
    [
        (["1", "2", "3"], "123"),
        (["*", "#", "0"], "*#0"),
        (["12"], "1"),
        ([""], ""),
        (["5"] * 41, "5" * 40),
    ],
)
def test_keys_in_a_queue_are_kept_up_to_forty(pressed: list[str], kept: str) -> None:
    call = begun(flow(queue=QUEUE | {"keys": {}}, say=SAY), Parked(at(1), 0))

    assert then(call, *(Key(at(2), key) for key in pressed))[0].keys == kept


TALKED = (Span(Spent.RING, at(0), at(1)), Span(Spent.MENU, at(1), at(8)))
SPOKE = (*TALKED, Span(Spent.MESSAGE, at(8), at(9)))
MUMBLED = (*TALKED, Span(Spent.MESSAGE, at(8), at(8.999)))


@pytest.mark.parametrize(
    ("by", "answered", "lasted", "spans", "promised", "ended"),
    [
        (By.US, False, 0, (), False, Outcome.REJECTED),
        (By.CALLER, False, 3, (), False, Outcome.SHORT),
        (By.CALLER, False, 5, (), False, Outcome.ABANDONED),
        (By.FAULT, False, 1, (), False, Outcome.BROKEN),
        (By.LOST, False, 40, (), False, Outcome.ABANDONED),
        (By.CALLER, True, 4.999, TALKED, False, Outcome.SHORT),
        (By.CALLER, True, 5, TALKED, False, Outcome.ABANDONED),
        (By.US, True, 2, TALKED, False, Outcome.INFORMED),
        (By.US, True, 60, TALKED, False, Outcome.INFORMED),
        (By.LOST, True, 40, TALKED, False, Outcome.ABANDONED),
        (By.FAULT, True, 40, TALKED, False, Outcome.BROKEN),
        # A promise outlives whatever ends the call, and words outlive a promise.
        (By.FAULT, True, 2, TALKED, True, Outcome.CALL_BACK),
        (By.CALLER, True, 2, TALKED, True, Outcome.CALL_BACK),
        (By.US, True, 60, TALKED, True, Outcome.CALL_BACK),
        (By.CALLER, True, 9, SPOKE, True, Outcome.MESSAGE),
        (By.FAULT, True, 9, SPOKE, False, Outcome.MESSAGE),
        (By.LOST, True, 9, SPOKE, False, Outcome.MESSAGE),
        (By.CALLER, True, 9, MUMBLED, False, Outcome.ABANDONED),
        (By.US, True, 9, MUMBLED, True, Outcome.CALL_BACK),
    ],
)
def test_how_a_call_ended(
    by: By, answered: bool, lasted: float, spans: tuple[Span, ...], promised: bool, ended: Outcome
) -> None:
    call = Call(
        flow=read(flow(say=SAY), sounds=lambda _name: True),
        caller=CALLER,
        at_work=True,
        phase=Phase.ENDED,
        spans=spans,
        offered_at=at(0),
        answered_at=at(1) if answered else None,
        ended_at=at(lasted),
        ended_by=by,
        call_back=promised,
    )

    assert logic.outcome(call) == ended


@pytest.mark.parametrize(
    ("short", "seconds", "ended"),
    [
        (0, 0, Outcome.ABANDONED),
        (60, 59, Outcome.SHORT),
        (60, 60, Outcome.ABANDONED),
    ],
)
def test_what_counts_as_short_is_said_by_the_flow(short: int, seconds: float, ended: Outcome) -> None:
    call = begun(flow(queue=QUEUE, say=SAY) | {"short": short})

    assert logic.outcome(logic.step(call, HungUp(at(seconds)))[0]) == ended


def test_every_second_of_a_call_is_in_one_stretch() -> None:
    document = flow(
        menu=MENU | {"keys": {"1": "queue"}},
        queue=QUEUE | {"keys": {"2": "message"}},
        message=MESSAGE,
        say=SAY,
    )
    events = (
        Key(at(5), "1"),
        Parked(at(5), 0),
        Key(at(25), "2"),
        Played(at(29)),
        Key(at(40), "#"),
        HungUp(at(42)),
    )

    call = begun(document, *events)

    assert [(span.spent, span.begin, span.end) for span in call.spans] == [
        (Spent.RING, at(0), at(1)),
        (Spent.MENU, at(1), at(5)),
        (Spent.WAIT, at(5), at(25)),
        (Spent.MENU, at(25), at(29)),
        (Spent.MESSAGE, at(29), at(40)),
        (Spent.MENU, at(40), at(42)),
    ]
    assert sum((logic.spent(call.spans, spent) for spent in Spent), timedelta()) == logic.lasted(call)


def test_a_stretch_that_goes_on_counts_for_nothing_yet() -> None:
    going_on = (Span(Spent.WAIT, at(0), at(4)), Span(Spent.TALK, at(4), at(7)), Span(Spent.WAIT, at(7)))

    assert logic.spent(going_on, Spent.WAIT) == timedelta(seconds=4)
    assert logic.spent(going_on, Spent.HOLD) == timedelta()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "about-1"), (60, "about-1"), (61, "about-2"), (1800, "about-30"), (1801, "about-more")],
)
def test_a_wait_is_told_in_minutes_rather_too_long_than_too_short(seconds: int, told: str) -> None:
    assert logic.about(seconds) == told


@pytest.mark.parametrize(
    ("told", "known", "heard"),
    [(True, 100, "about-2"), (True, None, "position-3"), (False, 100, "position-3")],
)
def test_the_wait_is_told_in_place_of_the_place_where_it_is_wished_and_known(
    told: bool, known: int | None, heard: str
) -> None:
    queue = {"kind": "queue", "keys": {}, "wait_told": told}
    call = begun({"start": "q", "steps": {"q": queue}})
    call, verbs = then(call, Parked(at(1), 2, known))
    assert verbs[-1] == Play(("wait", heard))
    assert then(call, Played(at(9)), TimeUp(at(39)))[1] == [Play((heard,))]
