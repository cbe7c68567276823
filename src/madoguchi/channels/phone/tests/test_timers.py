"""How long a call counts as there without a word: agreed with carriers, refreshed by either side, and what runs out."""

import asyncio

import pytest
from aiosipua.message import SipMessage, SipRequest

from madoguchi.channels.phone.sip import SipCall
from madoguchi.channels.phone.tests.wire import ANSWER, OFFER, Door, pass_time, request
from madoguchi.channels.phone.timers import Timer, agreed, is_too_brief

KNOWS, TAKES = "Supported: 100rel, timer", "Allow: INVITE, ACK, BYE, UPDATE"


def invite(*more: str) -> SipRequest:
    made = SipMessage.parse(request("INVITE", *more))
    assert isinstance(made, SipRequest)
    return made


@pytest.mark.parametrize(
    ("more", "timer"),
    [
        ([], None),
        ([KNOWS], None),
        (["Session-Expires: soon", KNOWS], None),
        (["Session-Expires: 1800", KNOWS], Timer(1800, ours=False, known=True)),
        (["Session-Expires: 1800;refresher=uac", KNOWS], Timer(1800, ours=False, known=True)),
        (["x: 300; Refresher=UAS", "k: timer", TAKES], Timer(300, ours=True, known=True)),
        (["Session-Expires: 1800;refresher=uas", KNOWS], None),  # they take no UPDATE
        (
            ["Session-Expires: 1800", TAKES],
            Timer(1800, ours=True, known=False),
        ),  # somebody on the way wants it
        (["Session-Expires: 999999999", "Require: timer"], Timer(86400, ours=False, known=True)),
    ],
)
def test_what_is_agreed(more: list[str], timer: Timer | None) -> None:
    assert agreed(invite(*more), may_refresh=True) == timer
    assert agreed(invite(*more), may_refresh=False) == (None if timer and timer.ours else timer)


@pytest.mark.parametrize(("seconds", "brief"), [("0", False), ("89", True), ("90", False), ("-5", False)])
def test_what_is_too_brief(seconds: str, brief: bool) -> None:
    assert is_too_brief(invite(f"Session-Expires: {seconds}")) is brief


def taken(door: Door, *more: str) -> SipCall:
    """A call that begins so, taken and confirmed."""
    door.hear(request("INVITE", *more, sdp=OFFER))
    call = door.came[-1]
    call.accept(ANSWER)
    door.hear(request("ACK", branch="ack", to_tag=call.dialog.local_tag))
    return call


def update(call: SipCall, count: int, *more: str, sdp: str = "") -> bytes:
    return request("UPDATE", *more, branch=f"u{count}", count=count, to_tag=call.dialog.local_tag, sdp=sdp)


def test_a_call_that_the_carrier_refreshes_goes_on_and_ends_when_it_does_so_no_more() -> None:
    async def scenario() -> None:
        door = Door()
        call = taken(door, "Session-Expires: 180;refresher=uac", KNOWS, "Require: timer")
        assert door.wire.last.headers.get("session-expires") == ["180;refresher=uac"]
        assert door.wire.last.headers.get("require") == ["timer"]
        for count in range(2, 5):
            await asyncio.sleep(140)
            assert door.hear(update(call, count, "Session-Expires: 180;refresher=uac", KNOWS)) == ["200"]
            assert door.wire.last.headers.get("session-expires") == ["180;refresher=uac"]
            assert door.wire.last.text == ""
        await asyncio.sleep(147)
        assert (call.over, door.ended) == (False, [])

        await asyncio.sleep(2)

        assert (call.over, door.ended, door.wire.said[-1]) == (True, ["lost"], "BYE")

    pass_time(scenario())


def test_a_carrier_that_wants_us_to_refresh_a_call_is_asked_at_half_time_and_whether_it_knows_it() -> None:
    async def scenario() -> None:
        door = Door()
        call = taken(door, "Session-Expires: 180;refresher=uas", KNOWS, TAKES)
        assert door.wire.last.headers.get("session-expires") == ["180;refresher=uas"]
        for _time in range(2):
            await asyncio.sleep(90)
            asked = door.wire.last
            assert (asked.method, asked.headers.get("session-expires")) == ("UPDATE", ["180;refresher=uac"])
            door.hear(answered(asked, 200))
        assert (call.over, door.wire.said.count("UPDATE")) == (False, 2)

        await asyncio.sleep(90)
        door.hear(answered(door.wire.last, 481))

        assert (call.over, door.ended, door.wire.said[-1]) == (True, ["lost"], "BYE")

    pass_time(scenario())


def answered(asked: SipRequest, code: int) -> bytes:
    """An answer to what we ask."""
    names = ("via", "from", "to", "call-id", "cseq")
    lines = [f"{name}: {asked.headers.get(name)[0]}" for name in names]
    return "\r\n".join([f"SIP/2.0 {code} Well", *lines, "Content-Length: 0", "", ""]).encode()


def test_an_offer_in_an_update_is_answered_and_one_too_brief_told_the_least() -> None:
    async def scenario() -> None:
        door = Door()
        call = taken(door)
        assert door.wire.last.headers.get("session-expires") == []
        offered: list[str] = []
        call.on_new_offer = lambda asked: offered.append(asked.text) or ANSWER  # type: ignore[func-returns-value]

        assert door.hear(update(call, 2, sdp=OFFER)) == ["200"]
        assert (offered, door.wire.last.text) == ([OFFER], ANSWER)
        call.on_new_offer = lambda _asked: None
        assert door.hear(update(call, 3, sdp=OFFER)) == ["488"]
        assert door.hear(update(call, 4, "Session-Expires: 30", KNOWS)) == ["422"]
        assert door.wire.last.headers.get("min-se") == ["90"]
        assert door.hear(update(call, 5, "Require: 100rel")) == ["420"]
        assert call.over is False

    pass_time(scenario())
