"""A browser for tests: STUN, DTLS and SRTP over UDP from the other side, so that nothing of ours answers itself."""

import asyncio
import hmac
import math
import re
import struct
from contextlib import suppress
from hashlib import sha1
from typing import Any

from aiortp.codecs import get_codec
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from madoguchi.channels.phone.secured import LABEL, PROFILES, fingerprint
from madoguchi.channels.phone.secured import _certificate as certificate

USER, COOKIE = "them", 0x2112A442
QUICK = 10.0


def offer(
    *, user: str = USER, codecs: str = "111 63 9 0 8 13 110 126", mid: str = "0", mark: str = ""
) -> str:
    """What Chromium offers, as far as it matters."""
    return (
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        f"m=audio 9 UDP/TLS/RTP/SAVPF {codecs}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
        f"a=ice-ufrag:{user}\r\na=ice-pwd:theirpassword0123456789\r\na=ice-options:trickle\r\n"
        f"a=fingerprint:sha-256 {mark or fingerprint()}\r\na=setup:actpass\r\n"
        f"a=mid:{mid}\r\na=sendrecv\r\na=rtcp-mux\r\n"
    )


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def question(user: str, password: str, *, use: bool = True, transaction: bytes = b"twelve bytes") -> bytes:
    """A binding request of ICE."""
    body = attribute(0x0006, user.encode()) + (attribute(0x0025, b"") if use else b"")
    head = struct.pack("!HHI12s", 1, len(body) + 24, COOKIE, transaction)
    proof = hmac.new(password.encode(), head + body, sha1).digest()
    return head + body + attribute(0x0008, proof)


class FakeBrowser(asyncio.DatagramProtocol):
    """Connects to what an answer names, and keeps what it hears."""

    def __init__(self, answer: str) -> None:
        self.user = re.search(r"a=ice-ufrag:(\S+)", answer)[1]  # type: ignore[index]
        self.password = re.search(r"a=ice-pwd:(\S+)", answer)[1]  # type: ignore[index]
        self.port = int(re.search(r"m=audio (\d+)", answer)[1])  # type: ignore[index]
        self.heard: list[bytes] = []
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self.number = self.stamp = 0

    async def connect(self, *, host: str = "127.0.0.1") -> "FakeBrowser":
        """Until sound can pass both ways."""
        loop = asyncio.get_running_loop()
        self.transport, _protocol = await loop.create_datagram_endpoint(
            lambda: self, remote_addr=(host, self.port)
        )
        self.transport.sendto(question(f"{self.user}:{USER}", self.password))
        assert (await self.next())[:2] == b"\x01\x01"
        await self._shake_hands()
        return self

    def connection_made(self, transport: Any) -> None:
        """It is kept by who made it."""

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if 128 <= data[0] <= 191:
            packet = self._in.unprotect(data)
            self.heard.append(get_codec(packet[1] & 127).decode(packet[12:]))
        self.came.put_nowait(data)

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.came.get(), QUICK)

    async def _shake_hands(self) -> None:
        shown, key = certificate()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.use_certificate(shown)
        context.use_privatekey(key)
        context.set_tlsext_use_srtp(PROFILES[1].openssl)
        tls = SSL.Connection(context)
        tls.set_connect_state()
        tls.set_ciphertext_mtu(1200)
        while True:
            with suppress(SSL.WantReadError):
                tls.do_handshake()
                break
            self._flush(tls)
            tls.bio_write(await self.next())
        both = tls.export_keying_material(LABEL, 60)
        policies = [
            Policy(both[at : at + 16] + both[32 + salt : 46 + salt], way)
            for at, salt, way in ((0, 0, Policy.SSRC_ANY_OUTBOUND), (16, 14, Policy.SSRC_ANY_INBOUND))
        ]
        self._out, self._in = Session(policies[0]), Session(policies[1])
        self._flush(tls)

    def _flush(self, tls: SSL.Connection) -> None:
        with suppress(SSL.WantReadError):
            while True:
                self.transport.sendto(tls.bio_read(1500))

    def say(self, frequency: int, *, frames: int = 1) -> None:
        """Send so many pieces of 20 ms of a tone."""
        for _ in range(frames):
            samples = [
                int(9000 * math.sin(2 * math.pi * frequency * (self.stamp + n) / 8000)) for n in range(160)
            ]
            self.number, self.stamp = self.number + 1, self.stamp + 160
            head = struct.pack("!BBHII", 128, 0, self.number & 0xFFFF, self.stamp, 99)
            sound = get_codec(0).encode(struct.pack("<160h", *samples))
            self.transport.sendto(self._out.protect(head + sound))

    def close(self) -> None:
        self.transport.close()
