"""A customer who is called, for tests: a trunk and a telephone in one, by UDP."""

import asyncio
import re
import uuid
from typing import Any

from madoguchi.channels.phone.tests.phone import QUICK, Phone, _socket

ANSWER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class Customer(Phone):
    """Waits to be called, and answers, or says why not."""

    def __init__(self) -> None:
        super().__init__(0)
        self.asked = ""

    async def open(self) -> "Customer":
        self.sip, self.rtp = await _socket(), await _socket()
        return self

    async def rings(self) -> str:
        """Until somebody calls; the whole of what they say."""
        while True:
            raw = (await asyncio.wait_for(self.sip.came.get(), QUICK)).decode()
            if raw.startswith("INVITE") and raw != self.asked:
                self.asked, self.to_tag = raw, ""
                gate = re.search(r"Contact: <sip:(?:[^@>]*@)?([\d.]+):(\d+)>", raw)
                assert gate is not None
                self.there = (gate[1], int(gate[2]))
                self.reply(180, "Ringing")
                return raw

    def reply(self, code: int, words: str, *, sdp: str = "", to: str = "") -> None:
        """Answer what was asked last, or this."""
        heads = _heads(to or self.asked)
        lines = [f"SIP/2.0 {code} {words}", f"To: {heads['To'].split(';')[0]};tag={self.tag}"]
        lines += [f"{name}: {heads[name]}" for name in ("Via", "From", "Call-ID", "CSeq")]
        lines += [f"Contact: <sip:customer@127.0.0.1:{self.sip_port}>"]
        lines += ["Content-Type: application/sdp"] if sdp else []
        self.send("\r\n".join([*lines, f"Content-Length: {len(sdp)}", "", sdp]).encode())

    async def take(self) -> None:
        """Answer the call."""
        found: Any = re.search(r"m=audio (\d+)", self.asked)
        self.sound_to = ("127.0.0.1", int(found[1]))
        self.reply(200, "OK", sdp=ANSWER.format(port=self.rtp_port))
        await self.comes("ACK")

    async def comes(self, method: str) -> str:
        """Until this is said to us."""
        while True:
            raw = (await asyncio.wait_for(self.sip.came.get(), QUICK)).decode()
            if raw.startswith(f"{method} "):
                return raw

    def says_bye(self) -> None:
        """Hang up."""
        self.send(self.within("BYE"))

    def within(self, method: str, *, sdp: str = "") -> bytes:
        """A request within the call to which we were called."""
        self.count += 1
        heads = _heads(self.asked)
        lines = [
            f"{method} sip:us@127.0.0.1:{self.there[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.sip_port};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: {heads['To']};tag={self.tag}",
            f"To: {heads['From']}",
            f"Call-ID: {heads['Call-ID']}",
            f"CSeq: {self.count} {method}",
            f"Contact: <sip:customer@127.0.0.1:{self.sip_port}>",
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
        ]
        return "\r\n".join([*lines, "", sdp]).encode()


def _heads(said: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([\w-]+): (.*?)\r?$", said))
