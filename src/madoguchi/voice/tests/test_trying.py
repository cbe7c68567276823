"""A flow tried out: what is heard by whom, and where keys, waiting and answering lead."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.voice.flow import Flow, read
from madoguchi.voice.logic import Outcome, Phase, outcome
from madoguchi.voice.ready import USUAL, WITH_QUEUE
from madoguchi.voice.trying import MOST_ACTS, Trial, tried


def flow(document: dict[str, Any] = WITH_QUEUE) -> Flow:
    return read(document, sounds=lambda _name: True)


def went(trial: Trial) -> list[tuple[str, list[str]]]:
    return [(turn.act, [one.sound for one in turn.heard]) for turn in trial.turns]


def test_within_hours_the_menu_is_heard_and_its_keys_can_be_pressed() -> None:
    trial = tried(flow(), "", at_work=True, withheld=False)
    assert went(trial) == [("", ["greeting", "recorded", "menu-wait"])]
    assert (trial.keys, trial.acts, trial.seconds) == (("1", "2", "3"), "wh", 9)


def test_after_hours_a_message_is_taken_and_ends_by_hanging_up() -> None:
    trial = tried(flow(), "h", at_work=False, withheld=False)
    assert went(trial) == [("", ["greeting", "recorded", "closed", "leave", "beep"]), ("h", [])]
    assert (trial.keys, trial.acts, outcome(trial.call)) == ((), "", Outcome.MESSAGE)


def test_in_the_queue_the_place_is_told_and_whoever_waits_too_long_goes_on() -> None:
    trial = tried(flow(), "1w", at_work=True, withheld=False, ahead=2)
    assert went(trial)[1:] == [("1", ["wait", "position-3", "music"]), ("w", ["position-3", "music"])]
    assert [one.music for one in trial.turns[1].heard] == [False, False, True]
    assert (trial.keys, trial.acts, trial.call.step) == (("2", "3"), "wah", "queue")

    late = tried(flow(), "1www", at_work=True, withheld=False, ahead=2)
    assert went(late)[-1] == ("w", ["busy", "call-back-taken"])
    assert outcome(late.call) == Outcome.CALL_BACK


def test_where_too_many_wait_nobody_is_kept_waiting() -> None:
    trial = tried(flow(), "1", at_work=True, withheld=True, ahead=20)
    assert went(trial)[1] == ("1", ["busy", "withheld", "leave", "beep"])
    assert trial.call.phase == Phase.RECORDING


def test_whoever_is_answered_talks_until_they_hang_up() -> None:
    talks = tried(flow(), "1a", at_work=True, withheld=False)
    assert (talks.call.phase, talks.keys, talks.acts) == (Phase.TALKING, (), "h")
    assert outcome(tried(flow(), "1ah", at_work=True, withheld=False).call) == Outcome.TALKED


def test_a_key_that_leads_nowhere_and_silence_are_asked_again_and_then_go_on() -> None:
    trial = tried(flow(USUAL), "9w", at_work=True, withheld=False)
    assert went(trial)[1:] == [("9", ["again", "menu"]), ("w", ["leave", "beep"])]


@pytest.mark.parametrize(
    "part",
    [
        {"kind": "say", "sounds": ["x"], "next": "round"},
        {"kind": "hours", "open": "round", "closed": "round"},
    ],
)
def test_a_flow_that_goes_round_comes_to_an_end(part: dict[str, Any]) -> None:
    document = {"start": "round", "steps": {"round": part}}
    assert tried(flow(document), "", at_work=True, withheld=False).call.phase == Phase.ENDED


@settings(max_examples=60, deadline=None)
@given(
    st.text("0123456789*#wah.", max_size=MOST_ACTS + 5),
    st.booleans(),
    st.booleans(),
    st.integers(0, 25),
    st.sampled_from([USUAL, WITH_QUEUE]),
)
def test_whatever_is_done_has_its_turn_and_nothing_follows_the_end(
    acts: str, at_work: bool, withheld: bool, ahead: int, document: dict[str, Any]
) -> None:
    trial = tried(flow(document), acts, at_work=at_work, withheld=withheld, ahead=ahead)
    assert "".join(turn.act for turn in trial.turns) == acts[:MOST_ACTS]
    if trial.call.phase == Phase.ENDED:
        assert (trial.keys, trial.acts) == ((), "")
    after = tried(flow(document), acts[:20] + "hh1wa", at_work=at_work, withheld=withheld, ahead=ahead)
    assert after.call.phase == Phase.ENDED
    assert [turn.heard for turn in after.turns[-4:]] == [()] * 4
