"""Sound with a browser: what is offered and answered, who is heard, and what is passed on."""

import asyncio
import struct
from binascii import crc32
from collections.abc import Awaitable, Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.ground import free_ports

from madoguchi.channels.phone import stun
from madoguchi.channels.phone.browser import PIECE, SILENCE, BrowserLeg, Offer, Unusable, read_offer
from madoguchi.channels.phone.secured import NotSecured, Secured, fingerprint
from madoguchi.channels.phone.tests.browser import USER, FakeBrowser, attribute, offer, question

HERE = "127.0.0.1"


def meet(scenario: Callable[[BrowserLeg], Awaitable[None]], sdp: str = "") -> None:
    """Let something happen at a leg that listens."""

    async def all_of_it() -> None:
        leg = BrowserLeg(read_offer(sdp or offer()))
        [port] = free_ports(1)
        await leg.open(HERE, port)
        try:
            await scenario(leg)
        finally:
            leg.close()

    asyncio.run(all_of_it())


def test_an_offer_is_read() -> None:
    assert read_offer(offer(mid="audio1")) == Offer(USER, fingerprint(), "audio1", 0)
    assert read_offer(offer(codecs="111 8 0")).codec == 8  # the first of ours in their order
    assert read_offer(offer().replace("a=mid:0\r\n", "")).mid == "0"


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "nonsense",
        offer(codecs="111 63"),
        offer().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        offer().replace("a=ice-ufrag", "a=ice-user"),
        offer().replace("sha-256", "sha-1"),
        offer(mark="AB:CD"),
        offer() + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        offer(codecs="9" * 5_000),
        offer(codecs=" " * 19_000 + "x"),
        offer().replace("\r\n", "\r\n" * 500),
    ],
)
def test_what_is_no_offer_of_sound_by_webrtc_is_refused(sdp: str) -> None:
    with pytest.raises(Unusable):
        read_offer(sdp)


@given(sdp=st.text(max_size=400))
def test_no_text_breaks_the_reader_of_offers(sdp: str) -> None:
    with pytest.raises(Unusable):
        read_offer(sdp)


def test_the_answer_says_where_and_by_which_certificate() -> None:
    leg = BrowserLeg(read_offer(offer(mid="x")))
    leg.port = 20_004

    said = leg.answer("192.0.2.1").split("\r\n")

    for line in (
        "a=ice-lite",
        "m=audio 20004 UDP/TLS/RTP/SAVPF 0",
        "a=mid:x",
        "a=setup:passive",
        f"a=fingerprint:sha-256 {fingerprint()}",
        "a=candidate:1 1 udp 2130706431 192.0.2.1 20004 typ host",
    ):
        assert line in said


def test_both_hear_one_another() -> None:
    async def scenario(leg: BrowserLeg) -> None:
        connected = asyncio.Event()
        leg.on_connected = connected.set
        browser = await FakeBrowser(leg.answer(HERE)).connect()
        await asyncio.wait_for(connected.wait(), 10)

        browser.say(440, frames=8)
        said = np.sin(np.arange(160) * 2 * np.pi * 1000 / 8000) * 9000
        while len(browser.heard) < 3:
            leg.send(said.astype("<i2").tobytes())
            await asyncio.sleep(0)
        while len(leg._pieces) < 8:
            await asyncio.sleep(0)

        heard = np.frombuffer(b"".join(browser.heard[:3]), "<i2").astype(float)
        assert abs(heard - np.tile(said, 3)).max() < 300  # what G.711 leaves of it
        taken = np.frombuffer(b"".join(leg.take() for _ in range(8)), "<i2").astype(float)
        assert np.fft.rfftfreq(1280, 1 / 8000)[np.abs(np.fft.rfft(taken)).argmax()] == pytest.approx(
            440, abs=7
        )
        assert leg.take() == SILENCE
        browser.close()

    meet(scenario)


def test_the_first_pieces_wait_for_one_another_and_the_oldest_are_forgotten() -> None:
    leg = BrowserLeg(read_offer(offer()))
    leg._pieces.extend(bytes([n]) * PIECE for n in (1, 2))
    assert leg.take() == SILENCE

    leg._pieces.extend(bytes([n]) * PIECE for n in range(3, 15))

    assert [leg.take()[0] for _ in range(11)] == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0]


def test_nothing_is_said_before_the_handshake_and_nothing_to_who_does_not_know_the_password() -> None:
    async def scenario(leg: BrowserLeg) -> None:
        sent: list[bytes] = []
        leg._send = lambda packet, to=None: sent.append(packet)  # type: ignore[method-assign,assignment,misc]
        there = ("192.0.2.9", 4000)
        for data in (
            question(f"{leg.user}:{USER}", "guessed"),
            question(f"{leg.user}:other", leg.password),
            question(f"other:{USER}", leg.password),
            question(f"{leg.user}:{USER}", leg.password)[:-1],
            b"\x16" * 40,
            b"\x80" * 40,
            b"",
        ):
            leg.datagram_received(data, there)
        leg.send(SILENCE)
        assert (sent, leg._there) == ([], None)

        leg.datagram_received(question(f"{leg.user}:{USER}", leg.password), there)
        assert (len(sent), leg._there) == (1, there)
        leg.send(SILENCE)
        assert len(sent) == 1

    meet(scenario)


def test_who_shows_another_certificate_than_the_offer_named_is_not_heard() -> None:
    async def scenario(leg: BrowserLeg) -> None:
        connected: list[bool] = []
        leg.on_connected = lambda: connected.append(True)
        browser = FakeBrowser(leg.answer(HERE))
        task = asyncio.get_running_loop().create_task(browser.connect())
        while not leg._transport or not leg._transport.is_closing():
            await asyncio.sleep(0)
        task.cancel()
        assert connected == []

    meet(scenario, offer(mark=":".join(["AB"] * 32)))


@given(data=st.binary(max_size=200))
def test_nothing_that_comes_in_can_break_a_leg(data: bytes) -> None:
    leg = BrowserLeg(read_offer(offer()))
    leg._there = (HERE, 4000)

    leg.datagram_received(data, (HERE, 4000))

    assert leg.take() == SILENCE


@given(data=st.binary(min_size=1, max_size=200))
def test_no_datagram_breaks_a_handshake_but_by_saying_so(data: bytes) -> None:
    secured = Secured(fingerprint())
    with suppress(NotSecured):
        secured.hear(data)

    assert not secured.done
    assert secured.unprotect(b"\x80" * 40) is None


class TestStun:
    def test_an_answer_tells_the_address_that_was_seen(self) -> None:
        asked = stun.read(question("us:them", "secret"), password="secret")
        assert asked == stun.Asked(b"twelve bytes", "us:them", chosen=True)

        said = stun.answer(asked, ("192.0.2.7", 4000), password="secret")

        kind, length, cookie, transaction = struct.unpack_from("!HHI12s", said)
        assert (kind, length, cookie, transaction) == (0x0101, len(said) - 20, stun.COOKIE, b"twelve bytes")
        hidden = struct.pack("!BBH", 0, 1, 4000 ^ 0x2112) + bytes(
            a ^ b for a, b in zip((192, 0, 2, 7), (0x21, 0x12, 0xA4, 0x42), strict=True)
        )
        assert said[20:32] == attribute(0x0020, hidden)
        assert said[-4:] == struct.pack("!I", crc32(said[:-8]) ^ 0x5354554E)

    def test_an_address_of_the_sixth_version_is_told_whole(self) -> None:
        asked = stun.Asked(b"twelve bytes", "us:them", chosen=False)

        said = stun.answer(asked, ("2001:db8::7", 4000), password="secret")

        assert said[20:26] == struct.pack("!HHBB", 0x0020, 20, 0, 2)
        assert len(said) == 20 + 24 + 24 + 8

    def test_who_does_not_choose_is_told_apart(self) -> None:
        asked = stun.read(question("us:them", "secret", use=False), password="secret")
        assert asked is not None
        assert not asked.chosen

    @given(data=st.binary(max_size=120))
    def test_no_bytes_break_the_reader(self, data: bytes) -> None:
        whole = struct.pack("!HHI12s", 1, len(data), stun.COOKIE, b"twelve bytes") + data
        assert stun.is_stun(whole)
        assert stun.read(whole, password="secret") is None
