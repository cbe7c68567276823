"""Who calls and who answers in `phone.py`: pieces of sound that bear their number, so that each one lost is known."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from madoguchi.channels.phone.tests import phone as telephones
from madoguchi.channels.phone.tests.browser import FakeBrowser
from madoguchi.channels.phone.tests.phone import Phone

PIECE = 160
NUMBERS, SILENT = 100, 0xFF
HEAD = struct.Struct("!BBHII")
ROOM = 1 << 20  # of a socket, so that what gets lost is not lost by whoever measures


def numbered(count: int) -> bytes:
    """20 ms of G.711 that say which piece they are: each code is one, and µ-law goes through the gateway unchanged."""
    return bytes([1 + count % NUMBERS]) * PIECE


@dataclass
class Ears:
    """What came of what the other side said: pieces that are missing, and silence where one was not there in time."""

    heard: int = 0
    lost: int = 0
    silent: int = 0
    last: int = 0
    packets: int = 0
    gaps: int = 0
    number: int | None = None

    def hear(self, packet: bytes) -> None:
        """A packet of sound."""
        number, code = int.from_bytes(packet[2:4], "big"), packet[HEAD.size + PIECE // 2]
        if self.number is not None:
            self.gaps += (number - self.number - 1) & 0xFFFF
        self.packets, self.number = self.packets + 1, number
        if not 1 <= code <= NUMBERS:
            self.silent += 1
            return
        if self.last:
            self.lost += (code - self.last - 1) % NUMBERS
        self.heard, self.last = self.heard + 1, code

    def forget(self) -> None:
        """Begin to count."""
        self.heard = self.lost = self.silent = self.packets = self.gaps = 0


class Sound(asyncio.DatagramProtocol):
    """A caller's sound."""

    def __init__(self) -> None:
        self.ears = Ears()
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if len(data) == HEAD.size + PIECE and data[1] & 127 == 0:
            self.ears.hear(data)


@dataclass
class Caller:
    """One call from an address of this machine; every address may make so many a second."""

    port: int
    host: str = "127.0.0.1"
    count: int = 0
    sound: Sound = field(default_factory=Sound)

    async def open(self) -> "Caller":
        """Have a telephone."""
        loop, host = asyncio.get_running_loop(), self.host
        self.phone = Phone(self.port)
        made = telephones._Socket()
        await loop.create_datagram_endpoint(lambda: made, local_addr=(host, 0))
        await loop.create_datagram_endpoint(lambda: self.sound, local_addr=(host, 0))
        self.phone.sip, self.phone.rtp = made, self.sound  # type: ignore[assignment]
        say = self.phone.send
        self.phone.send = lambda raw: say(raw.replace(b"127.0.0.1", host.encode()))  # type: ignore[method-assign]
        return self

    def say(self) -> None:
        """The next 20 ms."""
        head = HEAD.pack(128, 0, self.count & 0xFFFF, self.count * PIECE & 0xFFFFFFFF, 77)
        self.sound.transport.sendto(head + numbered(self.count), self.phone.sound_to)
        self.count += 1

    def close(self) -> None:
        """Put it away."""
        self.phone.close()


class Browser(FakeBrowser):
    """Somebody of ours who answers."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.ears, self.count, self._in = Ears(), 0, None

    def connection_made(self, transport: Any) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not 128 <= data[0] <= 191:
            self.came.put_nowait(data)
        elif len(data) > HEAD.size + PIECE and self._in:
            self.ears.hear(self._in.unprotect(data))

    def say_next(self) -> None:
        """The next 20 ms."""
        head = HEAD.pack(128, 0, self.count & 0xFFFF, self.count * PIECE & 0xFFFFFFFF, 99)
        self.transport.sendto(self._out.protect(head + numbered(self.count)))
        self.count += 1
