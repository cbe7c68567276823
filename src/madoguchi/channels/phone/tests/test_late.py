"""Who calls without an offer of sound is made one, and what they say to it with their confirmation is what counts."""

import re

import pytest

from madoguchi.channels.phone.late import LateLine
from madoguchi.channels.phone.line import Line
from madoguchi.channels.phone.offers import KEYS, NOWHERE
from madoguchi.channels.phone.tests.test_lines import Desk, gateway_test, offer, queued
from madoguchi.channels.phone.tests.wire import request
from madoguchi.voice import logic

HERE = "127.0.0.1"


async def asked(desk: Desk) -> Line:
    """A call that was answered with an offer of ours."""
    assert await desk.hear(request("INVITE")) == ["100", "180", "200"]
    [line] = desk.gateway.lines
    return line


async def confirm(desk: Desk, sdp: str, *, branch: str = "ack") -> list[str]:
    """What is said when their confirmation comes."""
    tag = desk.wire.last.to_addr.tag
    return await desk.hear(request("ACK", branch=branch, to_tag=tag, sdp=sdp))


@gateway_test
async def test_our_offer_is_of_a_port_of_ours_and_nothing_is_sent_before_theirs_is_known() -> None:
    desk = Desk()
    line = await asked(desk)
    told = desk.wire.last.text

    assert isinstance(line, LateLine)
    assert re.findall(r"m=audio (\d+) RTP/AVP (\d+ \d+)", told) == [(str(line.port), f"0 {KEYS}")]
    assert line.leg is not None
    assert (line.leg.session._remote_addr, line.sip.heard) == ((HERE, NOWHERE), False)


@gateway_test
async def test_sound_goes_where_their_answer_says_from_then_on() -> None:
    desk = Desk()
    line = await asked(desk)

    assert await confirm(desk, offer("m=audio 4100 RTP/AVP 0")) == []

    assert line.leg is not None
    assert (line.leg.session._remote_addr, line.sip.heard) == ((HERE, 4100), True)
    assert (line.leg.held, line.keying.by_tones) == (False, True)
    assert line.call.phase != logic.Phase.ENDED


@gateway_test
async def test_an_answer_counts_once() -> None:
    desk = Desk()
    line = await asked(desk)
    await confirm(desk, offer("m=audio 4100 RTP/AVP 0"))
    await confirm(desk, offer("m=audio 4200 RTP/AVP 0"), branch="again")

    assert line.leg is not None
    assert line.leg.session._remote_addr == (HERE, 4100)


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        offer("m=audio 4100 RTP/AVP 8"),  # not what was offered
        offer("m=audio 0 RTP/AVP 0"),
        offer("m=audio 4100 RTP/SAVP 0"),
        offer(place="c=IN IP4 192.0.2.9"),  # to somebody who does not call
    ],
)
@gateway_test
async def test_an_answer_of_no_sound_that_reaches_them_ends_the_call(sdp: str) -> None:
    desk = Desk()
    before = set(desk.gateway.ports)
    await asked(desk)

    assert await confirm(desk, sdp) == ["BYE"]

    assert desk.gateway.lines == set()
    await desk.close()
    assert set(desk.gateway.ports) == before
    [over] = desk.notes.overs
    assert (over.outcome, over.ended_by) == (logic.Outcome.SHORT, logic.By.LOST)


@gateway_test
async def test_without_a_port_such_a_call_is_refused() -> None:
    desk = Desk(queued())
    desk.gateway.ports.clear()

    assert (await desk.hear(request("INVITE")))[-1] == "486"

    assert desk.gateway.lines == set()
