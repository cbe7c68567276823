"""Sound goes to nobody who has not confirmed the call: an offer may name anybody's address."""

from madoguchi.channels.phone.tests.test_lines import Desk, gateway_test, offer
from madoguchi.channels.phone.tests.wire import request


@gateway_test
async def test_sound_waits_until_the_caller_has_confirmed_the_call() -> None:
    # given a call that was answered
    desk, name = Desk(), "Call-ID: call-1"
    await desk.hear(request("INVITE", branch="call-1", sdp=offer(), call_id=name))
    [line] = desk.gateway.lines
    sent: list[bytes] = []
    assert line.leg is not None
    line.leg.session.send_audio_auto = sent.append

    # when nobody confirms it
    desk.gateway.send_next()

    # then
    assert sent == []

    # and when they do
    tag = desk.wire.last.to_addr.tag
    await desk.hear(request("ACK", branch="call-1-ack", to_tag=tag, call_id=name))
    desk.gateway.send_next()

    # then
    assert len(sent) == 1
