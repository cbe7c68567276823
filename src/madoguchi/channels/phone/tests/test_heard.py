"""What a carrier tells becomes what the logic of calls hears, and what is to be done how the line stands. Pure."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contracts.calls import NOON

from madoguchi.channels.phone.hooks.heard import caller, events_of, is_over, name_of
from madoguchi.channels.phone.kept import Standing
from madoguchi.voice import logic
from madoguchi.voice.flow import read
from madoguchi.voice.logic import Phase
from madoguchi.voice.ready import USUAL

CALL = logic.Call(flow=read(USUAL, sounds=lambda _name: True), caller="", at_work=True, phase=Phase.ASKING)
RECORDING = replace(CALL, phase=Phase.RECORDING)
RINGS, TALKS = replace(CALL, ringing=7), replace(CALL, agent=8)
QUIET, PLAYS = Standing(), Standing(("menu",))


def later(seconds: float) -> Standing:
    return Standing(("music",), loop=True, until=NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("what", "said", "call", "standing", "events"),
    [
        ("played", {}, CALL, PLAYS, [logic.Played(NOON)]),
        ("key", {"Digits": "1"}, CALL, PLAYS, [logic.Key(NOON, "1")]),
        ("key", {"Digits": "12"}, CALL, PLAYS, [logic.Key(NOON, "1")]),
        ("key", {"Digits": "#"}, CALL, QUIET, [logic.Key(NOON, "#")]),
        ("key", {}, CALL, QUIET, [logic.TimeUp(NOON)]),
        ("time", {}, CALL, QUIET, [logic.TimeUp(NOON)]),
        ("time", {}, CALL, PLAYS, [logic.Played(NOON), logic.TimeUp(NOON)]),
        ("recorded", {"Digits": "#"}, RECORDING, QUIET, [logic.Key(NOON, "#")]),
        ("recorded", {"Digits": "5"}, RECORDING, QUIET, [logic.Key(NOON, "5")]),
        ("recorded", {}, RECORDING, QUIET, [logic.TimeUp(NOON)]),
        ("recorded", {}, CALL, QUIET, []),
        ("look", {}, CALL, later(0), [logic.TimeUp(NOON)]),
        ("look", {}, CALL, later(0.4), [logic.TimeUp(NOON)]),
        ("look", {}, CALL, later(5), []),
        ("look", {}, CALL, QUIET, []),
        ("dialled", {"DialCallStatus": "busy"}, RINGS, QUIET, [logic.NotAnswered(NOON, 7)]),
        ("dialled", {"DialCallStatus": "completed"}, TALKS, QUIET, [logic.LeftUs(NOON, 8)]),
        ("dialled", {}, CALL, QUIET, []),
        ("something else", {}, CALL, QUIET, []),
    ],
)
def test_what_is_told_is_heard(
    what: str, said: dict[str, str], call: logic.Call, standing: Standing, events: list[logic.Event]
) -> None:
    assert events_of(what, said, call, standing, NOON) == events


@pytest.mark.parametrize("what", ["played", "key", "time", "recorded", "look", "dialled"])
@pytest.mark.parametrize(
    "said",
    [
        {"CallStatus": "completed"},
        {"CallStatus": "busy"},
        {"CallStatus": "failed"},
        {"CallStatus": "no-answer"},
        {"CallStatus": "canceled"},
        {"Digits": "hangup"},
    ],
)
def test_who_is_gone_is_gone_whatever_else_is_told(what: str, said: dict[str, str]) -> None:
    assert is_over(said)
    assert events_of(what, said, RINGS, PLAYS, NOON) == [logic.HungUp(NOON)]


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress", "", "COMPLETED"])
def test_a_call_that_goes_on_is_not_over(status: str) -> None:
    assert not is_over({"CallStatus": status})


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+819012345678", "+819012345678"),
        ("09012345678", "+819012345678"),
        ("sip:+819012345678@carrier.example", "+819012345678"),
        ("sip:+819012345678@evilcarrier.example", ""),
        ("+12025550123", "+12025550123"),
        ("+266696687", ""),
        ("+7378742833", ""),
        ("client:hanako", ""),
        ("", ""),
    ],
)
def test_the_number_that_calls(written: str, number: str) -> None:
    assert caller({"From": written}, carrier="https://api.carrier.example") == number


def test_without_a_carrier_no_sip_address_is_believed() -> None:
    assert caller({"From": "sip:+819012345678@carrier.example"}) == ""


@pytest.mark.parametrize("name", ["", "a b", "a/../b", "x" * 65, "窓口", "CA1\n"])
def test_what_can_be_no_name_is_none(name: str) -> None:
    assert name_of({"CallSid": name}) == ""
    assert name_of({"RecordingSid": "RE_1-2"}, "RecordingSid") == "RE_1-2"


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        (PLAYS, logic.Reject(), Standing(ended="reject")),
        (later(9), logic.HangUp(), Standing(ended="hang_up")),
        (later(9), logic.Play(("wait",)), Standing(("wait",))),
        (QUIET, logic.Play(("music",), loop=True), Standing(("music",), loop=True)),
        (PLAYS, logic.Gather(6), Standing(until=NOON + timedelta(seconds=6))),
        (PLAYS, logic.Wait(20), Standing(("menu",), until=NOON + timedelta(seconds=20))),
        (later(9), logic.Park("queue"), Standing(("music",), loop=True)),
        (QUIET, logic.Park("queue", 30), Standing(until=NOON + timedelta(seconds=30))),
        (QUIET, logic.Dial(25, desk=3), Standing(seeks=25, desk=3)),
        (Standing(seeks=25, desk=3), logic.Unpark(), QUIET),
        (PLAYS, logic.Record(90), Standing(records=True, until=NOON + timedelta(seconds=90))),
        (Standing(records=True, until=NOON), logic.StopRecording(), QUIET),
        (PLAYS, logic.RecordTalk(), PLAYS),
        (PLAYS, logic.Release(7), PLAYS),
        (PLAYS, logic.PauseRecording(0.4), PLAYS),
    ],
)
def test_how_a_line_stands_when_something_was_done(
    before: Standing, verb: logic.Verb, after: Standing
) -> None:
    assert before.carry_out(verb, NOON) == after
