"""A telephone for tests: SIP and RTP over UDP, written by hand, so that nothing of the gateway answers itself."""

import asyncio
import math
import re
import struct
import uuid
from contextlib import suppress
from typing import Any

from aiortp.codecs import get_codec

KEYS = "0123456789*#"
QUICK = 10.0


class _Socket(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[bytes] = asyncio.Queue()
        self.all: list[bytes] = []

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.all.append(data)
        self.came.put_nowait(data)


async def _socket() -> _Socket:
    made = _Socket()
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, local_addr=("127.0.0.1", 0))
    return made


class Phone:
    """One call from 127.0.0.1 to a gateway there. `caller` is the user of From; `payload_type` 0 is µ-law, 8 A-law.
    One that sends no keys beside the sound has tones in it.
    """

    sends_keys, payload_of_keys = True, 96
    # What is said of sound with the ACK, where nothing was offered before.
    answers = ""

    def __init__(
        self, port: int, *, caller: str = "09012345678", payload_type: int = 0, more: str = ""
    ) -> None:
        self.there, self.caller, self.payload_type, self.more = (
            ("127.0.0.1", port),
            caller,
            payload_type,
            more,
        )
        self.call_id, self.tag, self.to_tag = uuid.uuid4().hex, uuid.uuid4().hex[:8], ""
        self.branch, self.count, self.sent, self.stamp = "", 0, 0, 0
        self.sound_to: tuple[str, int] = ("127.0.0.1", 0)

    async def open(self) -> "Phone":
        self.sip, self.rtp = await _socket(), await _socket()
        return self

    @property
    def sip_port(self) -> int:
        return self.sip.transport.get_extra_info("sockname")[1]

    @property
    def rtp_port(self) -> int:
        return self.rtp.transport.get_extra_info("sockname")[1]

    def request(self, method: str, number: str, *, branch: str = "", sdp: str = "", count: int = 0) -> bytes:
        """A request as it goes over the wire."""
        tag = f";tag={self.to_tag}" if self.to_tag else ""
        lines = [
            f"{method} sip:{number}@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.sip_port};branch={branch or 'z9hG4bK' + uuid.uuid4().hex};rport",
            f"From: <sip:{self.caller}@127.0.0.1>;tag={self.tag}",
            f"To: <sip:{number}@127.0.0.1>{tag}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {count or self.count} {method}",
            f"Contact: <sip:phone@127.0.0.1:{self.sip_port}>",
            *filter(None, [self.more if method == "INVITE" else ""]),
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + sdp).encode()

    def offer(self) -> str:
        kind = {0: "PCMU", 8: "PCMA"}[self.payload_type]
        return (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {self.rtp_port} RTP/AVP {self.payload_type}{' 96' if self.sends_keys else ''}\r\n"
            f"a=rtpmap:{self.payload_type} {kind}/8000\r\n"
            f"{'a=rtpmap:96 telephone-event/8000' if self.sends_keys else 'a=sendrecv'}\r\n"
        )

    def send(self, raw: bytes) -> None:
        self.sip.transport.sendto(raw, self.there)

    async def answer(self, *wanted: int) -> str:
        """The next message whose status is one of these, or which is a BYE where that is what is awaited (0)."""
        while True:
            # A report on sound (RTCP) goes to the port after it, which may be this one of ours.
            text = (await asyncio.wait_for(self.sip.came.get(), QUICK)).decode(errors="replace")
            status = int(text.split()[1]) if text.startswith("SIP/2.0") else 0
            if status in wanted:
                return text

    async def ask(self, number: str, *wanted: int) -> str:
        """Call a number, and return the answer with one of these codes."""
        self.number, self.count, self.branch = number, 1, "z9hG4bK" + uuid.uuid4().hex
        self.invite = self.request("INVITE", number, branch=self.branch, sdp=self.offer())
        self.send(self.invite)
        return await self.answer(*wanted)

    async def call(self, number: str) -> str:
        """Call a number until it is taken."""
        taken = await self.ask(number, 200)
        self.confirm(taken)
        return taken

    def confirm(self, taken: str) -> None:
        self.to_tag = re.search(r"To: .*;tag=(\S+)", taken)[1]  # type: ignore[index]
        self.sound_to = ("127.0.0.1", int(re.search(r"m=audio (\d+)", taken)[1]))  # type: ignore[index]
        self.send(self.request("ACK", self.number, sdp=self.answers))

    def hang_up(self) -> None:
        self.send(self.request("BYE", self.number, count=self.count + 1))

    async def gone(self) -> None:
        """Hang up, and wait until the other side has heard it."""
        self.hang_up()
        await self.answer(200)

    def say(self, *frequencies: int, frames: int = 1) -> None:
        """Send so many pieces of 20 ms of a tone, or of several at once."""
        for _ in range(frames):
            samples = [
                int(sum(9000 * math.sin(2 * math.pi * one * (self.stamp + n) / 8000) for one in frequencies))
                for n in range(160)
            ]
            self._rtp(self.payload_type, get_codec(self.payload_type).encode(struct.pack("<160h", *samples)))
            self.stamp += 160

    async def next(self) -> bytes:
        """The next piece of sound that comes."""
        return await asyncio.wait_for(self.rtp.came.get(), QUICK)

    def press(self, key: str) -> None:
        """Press a key, as RFC 4733 says it."""
        for length, end in ((160, 0), (800, 128), (800, 128), (800, 128)):
            self._rtp(self.payload_of_keys, struct.pack("!BBH", KEYS.index(key), end | 10, length))
        self.stamp += 800

    async def hears(self, sound: str, *, since: int = 0) -> None:
        """Wait until this sound of the gateway has been heard from its beginning."""
        from madoguchi.channels.phone.sounds import frames

        begin = frames(sound, self.payload_type)[5:8]
        while True:
            heard = [packet[12:] for packet in self.rtp.all[since:] if packet[1] & 127 == self.payload_type]
            if any(tuple(heard[i : i + 3]) == begin for i in range(len(heard) - 2)):
                return
            await self.next()

    def close(self) -> None:
        for each in (self.sip, self.rtp):
            with suppress(AttributeError):
                each.transport.close()

    def _rtp(self, payload_type: int, payload: bytes) -> None:
        self.sent += 1
        head = struct.pack("!BBHII", 128, payload_type, self.sent & 0xFFFF, self.stamp, 77)
        self.rtp.transport.sendto(head + payload, self.sound_to)
