"""Calls, by their events alone: what is to be done, and what is remembered."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice import logic
from madoguchi.voice.flow import KEYS, Flow, read
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
    Refused,
    Reject,
    Spent,
    StopRecording,
    TimeUp,
    Unpark,
    Verb,
)
from madoguchi.voice.ready import USUAL, WITH_QUEUE

NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALLER = "+819012345678"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def flow(document: dict[str, Any] = USUAL) -> Flow:
    return read(document, sounds=lambda _name: True)


def run(
    *events: Event, document: dict[str, Any] = USUAL, caller: str = CALLER, at_work: bool = True
) -> tuple[Call, list[Verb]]:
    """The call after all of these, and what the last one led to."""
    call, verbs = Call(flow=flow(document), caller=caller, at_work=at_work), []
    for event in events:
        call, verbs = logic.step(call, event)
    return call, verbs


BEGUN = (Offered(at(0)), Answered(at(1)))
IN_MENU = (*BEGUN, Played(at(3)))
IN_QUEUE = (*IN_MENU, Key(at(4), "1"), Parked(at(4), 0))


class TestTheUsualFlow:
    def test_a_call_is_taken_and_greeted(self) -> None:
        assert run(Offered(at(0)))[1] == [Answer()]
        assert run(*BEGUN)[1] == [Play(("greeting",))]

    def test_a_call_too_many_is_refused(self) -> None:
        call, verbs = run(Offered(at(0), free=False))

        assert verbs == [Reject()]
        assert logic.outcome(call) == Outcome.REJECTED

    def test_a_key_may_be_pressed_while_the_menu_is_said(self) -> None:
        call, verbs = run(*IN_MENU, Key(at(4), "1"))

        assert verbs == [Play(("call-back-taken",))]
        assert (call.keys, call.call_back) == ("1", True)

    def test_after_the_menu_a_key_is_waited_for(self) -> None:
        assert run(*IN_MENU, Played(at(9)))[1] == [Gather(6)]

    def test_who_presses_nothing_hears_the_menu_again_and_leaves_a_message(self) -> None:
        silent = (*IN_MENU, Played(at(9)), TimeUp(at(15)))

        assert run(*silent)[1] == [Play(("again", "menu"))]
        assert run(*silent, Played(at(20)), TimeUp(at(26)))[1] == [Play(("leave", "beep"))]

    def test_a_key_that_is_none_counts_as_a_try(self) -> None:
        call, verbs = run(*IN_MENU, Key(at(4), "9"))

        assert verbs == [Play(("again", "menu"))]
        assert call.keys == "9"

    def test_after_hours_a_message_is_left(self) -> None:
        closed = (*BEGUN, Played(at(3)))
        call, verbs = run(*closed, at_work=False)
        assert verbs == [Play(("closed",))]

        call, verbs = run(*closed, Played(at(5)), Played(at(9)), Key(at(19), "#"), at_work=False)

        assert verbs == [StopRecording(), Play(("message-taken",))]
        assert logic.spoken(call) == timedelta(seconds=10)

        call, verbs = run(
            *closed, Played(at(5)), Played(at(9)), Key(at(19), "#"), Played(at(21)), at_work=False
        )
        assert verbs == [HangUp()]
        assert (logic.outcome(call), call.ended_by) == (Outcome.MESSAGE, By.US)

    def test_hanging_up_ends_a_message_and_keeps_it(self) -> None:
        call, verbs = run(*BEGUN, Played(at(3)), Played(at(5)), Played(at(9)), HungUp(at(12)), at_work=False)

        assert verbs == [StopRecording()]
        assert (logic.outcome(call), call.ended_by) == (Outcome.MESSAGE, By.CALLER)
        assert [(span.spent, span.begin, span.end) for span in call.spans] == [
            (Spent.RING, at(0), at(1)),
            (Spent.MENU, at(1), at(9)),
            (Spent.MESSAGE, at(9), at(12)),
        ]

    def test_a_message_of_no_words_is_none(self) -> None:
        call, _verbs = run(
            *BEGUN, Played(at(3)), Played(at(5)), Played(at(9)), HungUp(at(9.5)), at_work=False
        )

        assert logic.outcome(call) == Outcome.ABANDONED

    def test_a_key_pressed_while_recording_is_not_heard_later(self) -> None:
        recording = (*BEGUN, Played(at(3)), Played(at(5)), Played(at(9)))

        call, verbs = run(*recording, Key(at(10), "4"), at_work=False)

        assert run(*recording, at_work=False)[1] == [Record(120)]
        assert verbs == [PauseRecording(0.4)]
        assert call.keys == ""

    def test_who_withholds_the_number_is_asked_for_a_message_instead(self) -> None:
        call, verbs = run(*IN_MENU, Key(at(4), "1"), caller="")

        assert verbs == [Play(("withheld",))]
        assert call.call_back is False

    def test_a_promise_stands_though_the_caller_hangs_up_at_once(self) -> None:
        assert logic.outcome(run(*IN_MENU, Key(at(4), "1"), HungUp(at(4.5)))[0]) == Outcome.CALL_BACK

    def test_short_and_abandoned_are_told_apart(self) -> None:
        assert logic.outcome(run(*BEGUN, HungUp(at(4.9)))[0]) == Outcome.SHORT
        assert logic.outcome(run(*BEGUN, HungUp(at(5)))[0]) == Outcome.ABANDONED
        assert logic.outcome(run(Offered(at(0)), HungUp(at(2)))[0]) == Outcome.SHORT

    def test_a_caller_who_is_not_heard_any_more_is_hung_up_on(self) -> None:
        call, verbs = run(*IN_MENU, Lost(at(40)))

        assert verbs == [HangUp()]
        assert (logic.outcome(call), call.ended_by) == (Outcome.ABANDONED, By.LOST)

    def test_a_call_that_we_cannot_go_on_with_broke_off(self) -> None:
        call, verbs = run(*IN_MENU, Broken(at(9)))

        assert verbs == [HangUp()]
        assert (logic.outcome(call), call.ended_by) == (Outcome.BROKEN, By.FAULT)


class TestTheQueue:
    def test_who_waits_hears_the_place_and_music(self) -> None:
        assert run(*IN_MENU, Key(at(4), "1"), document=WITH_QUEUE)[1] == [Park("queue")]
        assert run(*IN_QUEUE, document=WITH_QUEUE)[1] == [Dial(20), Play(("wait", "position-1"))]
        music = [Play(("music",), loop=True), Park("queue", 20)]
        assert run(*IN_QUEUE, Played(at(10)), document=WITH_QUEUE)[1] == music

    def test_the_place_is_said_again_as_it_is_then(self) -> None:
        waiting = (*IN_QUEUE, Played(at(10)), Parked(at(12), 7))

        assert run(*waiting, document=WITH_QUEUE)[1] == []
        assert run(*waiting, TimeUp(at(30)), document=WITH_QUEUE)[1] == [Play(("many",))]

    def test_nobody_waits_longer_than_the_longest(self) -> None:
        waiting = (*IN_QUEUE, Played(at(10)), TimeUp(at(30)), Played(at(32)), TimeUp(at(52)), Played(at(54)))

        assert run(*waiting, document=WITH_QUEUE)[1] == [Play(("music",), loop=True), Park("queue", 10)]
        call, verbs = run(*waiting, TimeUp(at(64)), document=WITH_QUEUE)

        assert verbs == [Unpark(), Play(("busy",))]
        assert logic.spent(call.spans, Spent.WAIT) == timedelta(seconds=60)

    def test_a_full_queue_takes_nobody(self) -> None:
        assert run(*IN_QUEUE[:-1], Parked(at(4), 20), document=WITH_QUEUE)[1] == [Unpark(), Play(("busy",))]

    def test_a_key_leads_out(self) -> None:
        call, verbs = run(*IN_QUEUE, Key(at(9), "2"), document=WITH_QUEUE)

        assert verbs == [Unpark(), Play(("call-back-taken",))]
        assert call.keys == "12"

    def test_who_gives_up_is_taken_out(self) -> None:
        call, verbs = run(*IN_QUEUE, HungUp(at(20)), document=WITH_QUEUE)

        assert verbs == [Unpark()]
        assert logic.outcome(call) == Outcome.ABANDONED


NAMES = st.sampled_from(["a", "b", "c", "end"])
SOUNDS = st.lists(st.just("greeting"), max_size=2)
ON = st.dictionaries(st.sampled_from(sorted(KEYS)), NAMES, max_size=3)
STEPS = st.one_of(
    st.fixed_dictionaries({"kind": st.just("say"), "sounds": SOUNDS, "next": NAMES}),
    st.fixed_dictionaries({"kind": st.just("hours"), "open": NAMES, "closed": NAMES}),
    st.fixed_dictionaries({"kind": st.just("menu"), "sounds": SOUNDS, "keys": ON, "otherwise": NAMES}),
    st.fixed_dictionaries({"kind": st.just("queue"), "keys": ON, "otherwise": NAMES, "full": NAMES}),
    st.fixed_dictionaries({"kind": st.just("call_back"), "withheld": NAMES, "next": NAMES}),
    st.fixed_dictionaries({"kind": st.just("message"), "next": NAMES}),
)
FLOWS = st.fixed_dictionaries(
    {"start": st.just("a"), "steps": st.fixed_dictionaries(dict.fromkeys("abc", STEPS))}
)
MADE = (Offered, Answered, Played, TimeUp, Parked, Key, HungUp, Refused, Lost, Broken)
SEEN = st.lists(
    st.tuples(st.sampled_from(MADE), st.sampled_from(sorted(KEYS)), st.integers(0, 30)), max_size=40
)


def event_of(kind: type[Event], key: str, number: int, when: datetime) -> Event:
    given = {Key: {"key": key}, Parked: {"ahead": number}}.get(kind, {})
    return kind(when, **given)


@given(document=FLOWS, seen=SEEN, caller=st.sampled_from(["", CALLER]))
def test_whatever_happens_nothing_is_done_after_the_end(document: Any, seen: Any, caller: str) -> None:
    call, over = Call(flow=flow(document), caller=caller, at_work=True), False
    for count, (kind, key, number) in enumerate(seen):
        call, verbs = logic.step(call, event_of(kind, key, number, at(count)))
        assert not (over and verbs)
        assert HangUp() not in verbs[:-1]
        over = call.phase == Phase.ENDED
        assert all(span.end is not None for span in call.spans) or not over


def expected(verbs: list[Verb]) -> type[Event]:
    """What a caller who does nothing lets happen next."""
    last = verbs[-1]
    if isinstance(last, Park):
        return TimeUp if last.seconds else Parked
    if isinstance(last, Play):
        return Played
    return Answered if isinstance(last, Answer) else TimeUp


@given(document=FLOWS, caller=st.sampled_from(["", CALLER]), at_work=st.booleans())
def test_every_flow_ends_though_the_caller_does_nothing(document: Any, caller: str, at_work: bool) -> None:
    call = Call(flow=flow(document), caller=caller, at_work=at_work)
    call, verbs = logic.step(call, Offered(at(0)))
    for count in range(1, 3000):
        call, verbs = logic.step(call, expected(verbs)(at(count * 30)))
        if call.phase == Phase.ENDED:
            break

    assert verbs[-1] == HangUp()
    assert call.ended_by == By.US
