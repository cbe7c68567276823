"""Callers who are silent, hold the call, send longer pieces, or ask for what we have not: none is taken for gone."""

import struct

import pytest
from aiosipua.sdp import parse_sdp

from madoguchi.channels.phone import gateway, media
from madoguchi.channels.phone.media import Leg, Session
from madoguchi.channels.phone.offers import answer_anew, is_held
from madoguchi.channels.phone.sip import SipCall
from madoguchi.channels.phone.tests.test_gateway import calling, calls, number, run
from madoguchi.channels.phone.tests.test_sip import NUMBER, SDP, Desk, meet
from madoguchi.companies.models import EntryPoint
from madoguchi.voice import logic
from madoguchi.voice.flow import read
from madoguchi.voice.ready import USUAL

__all__ = ["number"]
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 {place}\r\nt=0 0\r\n{session}"
    "m=audio 4000 RTP/AVP 0\r\n{sound}"
)
SOUND, KEY, COMFORT = 0, 101, 13


class Silent(Session):
    """A session on which nothing is sent."""

    def send_audio_auto(self, payload: bytes) -> int:
        raise AssertionError("nothing is to be sent")


@pytest.fixture
def leg(monkeypatch: pytest.MonkeyPatch) -> Leg:
    """A leg that was opened at second 100 of the clock, with a caller at 192.0.2.1; now it is second 200."""
    monkeypatch.setattr(media, "monotonic", lambda: 100.0)
    session = Silent(0)
    session._remote_addr = ("192.0.2.1", 4000)
    opened = Leg(session, payload_type=0)
    monkeypatch.setattr(media, "monotonic", lambda: 200.0)
    return opened


def packet(kind: int, payload: bytes, *, version: int = 2) -> bytes:
    return struct.pack("!BBHII", version << 6, kind, 1, 160, 77) + payload


@pytest.mark.parametrize(
    "sent", [packet(SOUND, bytes(160)), packet(COMFORT, b"\x40"), packet(KEY, b"\x01\x0a\x00\xa0")]
)
def test_any_packet_of_the_caller_is_heard_comfort_noise_included(leg: Leg, sent: bytes) -> None:
    leg.session._handle_rtp(sent, ("192.0.2.1", 4002))
    assert leg.heard_at == 200.0


@pytest.mark.parametrize(
    ("sent", "source"),
    [
        (packet(SOUND, bytes(160)), "192.0.2.2"),
        (packet(SOUND, bytes(160), version=1), "192.0.2.1"),
        (packet(SOUND, b"")[:11], "192.0.2.1"),
    ],
)
def test_what_others_send_and_what_is_no_packet_is_not_heard(leg: Leg, sent: bytes, source: str) -> None:
    leg.session._handle_rtp(sent, (source, 4000))
    assert leg.heard_at == 100.0


def test_whoever_holds_the_call_is_sent_nothing_and_what_is_played_comes_to_its_end(leg: Leg) -> None:
    played: list[bool] = []
    leg.on_played = lambda: played.append(True)
    leg.play(("beep",), loop=False)
    leg.hold(True)
    for _tick in range(len(media.frames("beep", 0))):
        leg.tick()

    assert (played, leg.heard_at) == ([True], 200.0)


@pytest.mark.parametrize("length", [80, 160, 240, 480], ids=lambda length: f"{length // 8} ms")
def test_pieces_of_any_length_are_kept_as_they_were_said(leg: Leg, length: int) -> None:
    """The gap after the third piece is as long as a piece; the clock of the caller goes round within the first."""
    piece = b"\x00\x40" * length
    leg.record(most_seconds=10)
    for place in (0, 1, 2, 4):
        leg.session.on_audio(piece, (0xFFFFFFFF - 20 + place * length) & 0xFFFFFFFF)  # type: ignore[misc]

    assert leg.recorded() == piece * 3 + bytes(2 * length) + piece


@pytest.mark.parametrize(
    ("place", "session", "sound", "held"),
    [
        ("192.0.2.1", "", "", False),
        ("192.0.2.1", "", "a=sendrecv\r\n", False),
        ("192.0.2.1", "", "a=recvonly\r\n", False),
        ("192.0.2.1", "", "a=sendonly\r\n", True),
        ("192.0.2.1", "", "a=inactive\r\n", True),
        ("192.0.2.1", "a=inactive\r\n", "", True),
        ("192.0.2.1", "a=inactive\r\n", "a=sendrecv\r\n", False),
        ("0.0.0.0", "", "", True),
    ],
)
def test_a_call_is_held_when_its_caller_will_hear_nothing(
    place: str, session: str, sound: str, held: bool
) -> None:
    assert is_held(parse_sdp(OFFER.format(place=place, session=session, sound=sound))) is held


def test_a_hold_that_is_said_of_the_whole_session_is_answered_as_one(leg: Leg) -> None:
    offer = parse_sdp(OFFER.format(place="192.0.2.1", session="a=inactive\r\n", sound=""))
    answer = answer_anew(leg, offer, here=("192.0.2.9", 5000), there=("192.0.2.1", 4000))
    assert leg.held
    assert "a=inactive\r\n" in answer


def test_an_offer_that_was_refused_is_told_as_not_taken_and_not_as_the_caller_hanging_up() -> None:
    moment = gateway.clock.now()
    flow = read(USUAL, sounds=lambda _name: True)
    ringing, _verbs = logic.step(
        logic.Call(flow=flow, caller="+819012345678", at_work=True), logic.Offered(moment, True)
    )
    over, verbs = logic.step(ringing, logic.Refused(moment))

    assert (logic.outcome(over), over.ended_by) == (logic.Outcome.REJECTED, logic.By.US)
    assert logic.HangUp() not in verbs


@pytest.mark.django_db(transaction=True)
def test_a_held_call_is_not_lost_and_an_offer_without_a_codec_of_ours_is_refused(number: EntryPoint) -> None:
    async def scenario(at: gateway.Gateway) -> None:
        holding, strange = await calling(at), await calling(at)
        await holding.call("05000000001")
        usual = holding.offer()
        for count, offer in (
            (2, usual.replace("127.0.0.1\r\nt=", "0.0.0.0\r\nt=")),
            (3, usual + "a=inactive\r\n"),
        ):
            holding.send(holding.request("INVITE", "05000000001", sdp=offer, count=count))
            taken = await holding.answer(200)
            holding.count = count
            holding.send(holding.request("ACK", "05000000001"))
            [line] = [line for line in at.lines if line.leg]
            line.look(media.monotonic() + 3600)
            assert line.call.phase != logic.Phase.ENDED
        assert "a=inactive" in taken
        strange.offer = lambda: usual.replace("RTP/AVP 0 96", "RTP/AVP 9 96")  # type: ignore[method-assign]
        assert "488 Not Acceptable Here" in await strange.ask("05000000001", 488)
        await holding.gone()

    run(scenario)

    assert [(call.outcome, call.ended_by) for call in calls(number)] == [
        ("short", "caller"),
        ("rejected", "us"),
    ]


def test_an_extension_that_is_not_known_is_named_in_the_refusal() -> None:
    async def scenario(desk: Desk) -> None:
        refused = await desk.phone.ask(NUMBER, 420)
        assert refused.startswith("SIP/2.0 420 Bad Extension")
        assert "Unsupported: precondition\r\n" in refused
        assert desk.came == []

    meet(scenario, more="Require: precondition, 100rel, timer")


def test_whoever_wants_to_confirm_that_it_rings_is_answered_at_once() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].ring()
        desk.came[0].accept(SDP)
        assert "SIP/2.0 200 OK" in await desk.phone.answer(180, 200)
        assert not any(raw.startswith(b"SIP/2.0 180") for raw in desk.phone.sip.all)

    meet(scenario, more="Require: 100rel")


def test_a_call_that_requires_nothing_comes_in() -> None:
    came: list[SipCall] = []

    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        came.extend(desk.came)

    meet(scenario, more="Supported: 100rel")
    assert [isinstance(call, SipCall) for call in came] == [True]
