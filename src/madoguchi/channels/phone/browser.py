"""The sound of somebody of ours: their browser, by WebRTC, with G.711 as phones have it, so that nothing is recoded.

Our side is ICE-lite and the server of the handshake. Where the sound goes is told by who knows the password, not by
what the offer says.
"""

import asyncio
import re
import secrets
import struct
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from aiortp.codecs import get_codec

from madoguchi.channels.phone import stun
from madoguchi.channels.phone.secured import NotSecured, Secured, fingerprint
from madoguchi.channels.phone.sounds import FRAME, WIDTH

logger = structlog.get_logger()
Address = tuple[str, int]
PIECE = FRAME * WIDTH
SILENCE = bytes(PIECE)
# Pieces that wait before the first is passed on, and at most: what is older than that is too late for a talk.
FIRST_PIECES, MOST_PIECES = 3, 10
LONGEST_OFFER = 20_000
# A browser sends all the time, also when its owner is silent.
SILENT_SECONDS = 4.0
CODECS = {0: "PCMU/8000", 8: "PCMA/8000"}
HEAD = struct.Struct("!BBHII")
REPORTS = range(192, 224)
LONGEST_LINE, MOST_LINES = 300, 400
# Each of one line as a whole, so that no hostile one takes longer to refuse than to read.
FINGERPRINT = re.compile(r"a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", re.I)
AUDIO = re.compile(r"m=audio \d{1,5} UDP/TLS/RTP/SAVPF (\d{1,3}(?: \d{1,3}){0,60})", re.A)
MID = re.compile(r"a=mid:([\w.+-]{1,32})", re.A)
USER = re.compile(r"a=ice-ufrag:([\w+/]{4,256})", re.A)


class Unusable(ValueError):
    """An offer of sound that we cannot take."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a browser offers: by which name it asks, its certificate, the name of its sound, and the codec taken."""

    user: str
    certificate: str
    mid: str
    codec: int


def read_offer(sdp: str) -> Offer:
    """The offer of one line of sound. Raises Unusable."""
    lines = [line.rstrip() for line in sdp[:LONGEST_OFFER].splitlines()[:MOST_LINES]]
    lines = [line for line in lines if len(line) <= LONGEST_LINE]
    user, certificate, codecs = (_said(pattern, lines) for pattern in (USER, FINGERPRINT, AUDIO))
    if not (user and certificate and codecs) or sum(line.startswith("m=") for line in lines) != 1:
        raise Unusable("no single offer of sound by WebRTC")
    codec = next((int(name) for name in codecs.split() if int(name) in CODECS), None)
    if codec is None:
        raise Unusable("neither PCMU nor PCMA")
    return Offer(user, certificate, _said(MID, lines) or "0", codec)


def _said(pattern: re.Pattern[str], lines: Iterable[str]) -> str:
    return next((match[1] for line in lines if (match := pattern.fullmatch(line))), "")


class BrowserLeg(asyncio.DatagramProtocol):
    """Sound with one browser. `on_connected` is told once, when it can be heard. `heard_at` is of the last packet (by
    `monotonic`).
    """

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.on_connected: Callable[[], None] = lambda: None
        self.heard_at = monotonic()
        self.port = 0
        self.user, self.password = secrets.token_hex(4), secrets.token_hex(16)
        self._secured = Secured(offer.certificate)
        self._codec = get_codec(offer.codec)
        self._transport: asyncio.DatagramTransport | None = None
        self._there: Address | None = None
        self._pieces: deque[bytes] = deque(maxlen=MOST_PIECES)
        self._filled = False
        self._number, self._stamp = secrets.randbelow(1 << 15), secrets.randbelow(1 << 31)
        self._source = secrets.randbits(32)
        self._last: int | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen at this place. Raises OSError."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        self.port = port

    def answer(self, host: str) -> str:
        """What is answered to the offer: where we are, as the browser reaches us."""
        family = "IP6" if ":" in host else "IP4"
        lines = [
            *("v=0", f"o=- {self._source} 1 IN {family} {host}", "s=-", "t=0 0", "a=ice-lite"),
            f"a=group:BUNDLE {self.offer.mid}",
            f"m=audio {self.port} UDP/TLS/RTP/SAVPF {self.offer.codec}",
            f"c=IN {family} {host}",
            f"a=rtpmap:{self.offer.codec} {CODECS[self.offer.codec]}",
            *("a=ptime:20", f"a=mid:{self.offer.mid}", "a=sendrecv", "a=rtcp-mux"),
            *(f"a=ice-ufrag:{self.user}", f"a=ice-pwd:{self.password}"),
            *(f"a=fingerprint:sha-256 {fingerprint()}", "a=setup:passive"),
            *(f"a=ssrc:{self._source} cname:madoguchi", f"a=msid:madoguchi {self._source}"),
            f"a=candidate:1 1 udp 2130706431 {host} {self.port} typ host",
            "a=end-of-candidates",
        ]
        return "\r\n".join(lines) + "\r\n"

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        source = (str(addr[0]), int(addr[1]))
        if stun.is_stun(data):
            self._asked(data, source)
        elif source != self._there or not data:
            return
        elif 20 <= data[0] <= 63:
            self._shake_hands(data)
        elif 128 <= data[0] <= 191 and len(data) > HEAD.size and data[1] not in REPORTS:
            self._heard(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there any more: who is not heard is looked after by whoever owns this."""

    def is_silent(self, now: float) -> bool:
        """Whether nothing was heard of it for so long (by `monotonic`) that it is gone."""
        return now - self.heard_at > SILENT_SECONDS

    def take(self) -> bytes:
        """The next 20 ms of what is said, or silence."""
        self._filled = bool(self._pieces) and (self._filled or len(self._pieces) >= FIRST_PIECES)
        return self._pieces.popleft() if self._filled else SILENCE

    def send(self, piece: bytes) -> None:
        """Say 20 ms."""
        for packet in self._secured.again():
            self._send(packet)
        if not self._secured.done:
            return
        self._number, self._stamp = (self._number + 1) & 0xFFFF, (self._stamp + FRAME) & 0xFFFFFFFF
        head = HEAD.pack(128, self.offer.codec, self._number, self._stamp, self._source)
        self._send(self._secured.protect(head + self._codec.encode(piece)))

    def close(self) -> None:
        """End it."""
        if self._transport:
            self._transport.close()

    def _asked(self, data: bytes, source: Address) -> None:
        asked = stun.read(data, password=self.password)
        if asked is None or asked.user != f"{self.user}:{self.offer.user}":
            return
        if asked.chosen or self._there is None:
            self._there = source
        self._send(stun.answer(asked, source, password=self.password), source)

    def _shake_hands(self, data: bytes) -> None:
        was_done = self._secured.done
        try:
            for packet in self._secured.hear(data):
                self._send(packet)
        except NotSecured as error:
            logger.warning("phone_browser_not_secured", error=str(error)[:200])
            self.close()
            return
        if self._secured.done and not was_done:
            self.heard_at = monotonic()
            self.on_connected()

    def _heard(self, data: bytes) -> None:
        packet = self._secured.unprotect(data)
        if packet is None:
            return
        first, kind, number, _stamp, _source = HEAD.unpack_from(packet)
        begin = HEAD.size + 4 * (first & 15)
        if first & 16:  # an extension of the head, with its length in words
            begin += 4 + 4 * int.from_bytes(packet[begin + 2 : begin + 4], "big")
        late = self._last is not None and 0 < (self._last - number) & 0xFFFF < 1000
        if kind & 127 != self.offer.codec or late or number == self._last:
            return
        self._last, self.heard_at = number, monotonic()
        sound = self._codec.decode(packet[begin:])
        self._pieces.extend(sound[i : i + PIECE] for i in range(0, len(sound) - PIECE + 1, PIECE))

    def _send(self, packet: bytes, to: Address | None = None) -> None:
        there = to or self._there
        if self._transport and there and not self._transport.is_closing():
            with suppress(OSError):
                self._transport.sendto(packet, there)
