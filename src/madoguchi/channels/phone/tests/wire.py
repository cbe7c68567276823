"""A network and a clock for tests: what is sent is kept, and time passes as soon as nothing is left to be done."""

import asyncio
import selectors
from collections.abc import Coroutine
from ipaddress import ip_network
from typing import Any

from aiosipua.message import SipMessage, SipResponse

from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.sip import Address, SipCall, SipDoor

PHONE = ("192.0.2.7", 5062)
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n"
)
ANSWER = "v=0\r\nm=audio 4002 RTP/AVP 0\r\n"


class _NoWaiting(selectors.DefaultSelector):
    """Passes the time instead of waiting for it."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0 if timeout is not None else 10)  # a thread may have something to say
        assert ready or timeout is not None, "nothing would ever happen again"
        self.passed += 0.0 if ready else timeout or 0.0
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _NoWaiting()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.passed


def pass_time(work: Coroutine[Any, Any, None]) -> None:
    """Let something happen that takes long, at once."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(work)


class Wire:
    """A transport that keeps what is sent: when, what, and where to."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, bytes, Address]] = []

    def sendto(self, raw: bytes, to: Address) -> None:
        self.sent.append((asyncio.get_running_loop().time(), raw, to))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """There is nothing to close."""

    @property
    def times(self) -> list[float]:
        return [round(when, 3) for when, _raw, _to in self.sent]

    @property
    def said(self) -> list[str]:
        """The status of each answer, the method of each request."""
        messages = [SipMessage.parse(raw) for _when, raw, _to in self.sent]
        return [str(m.status_code) if isinstance(m, SipResponse) else m.method for m in messages]

    @property
    def last(self) -> Any:
        return SipMessage.parse(self.sent[-1][1])


class Door:
    """A door on a wire, and what came in by it."""

    def __init__(self, *, peers: tuple[str, ...] = ("192.0.2.0/24",), pace: Pace | None = None) -> None:
        self.came: list[SipCall] = []
        self.ended: list[str] = []
        self.wire = Wire()
        self.door = SipDoor(
            host="192.0.2.1",
            port=5060,
            peers=tuple(map(ip_network, peers)),
            on_call=self._on_call,
            pace=pace or Pace(calls=1000, requests=1000),
        )
        self.door.connection_made(self.wire)

    def hear(self, raw: bytes, source: Address = PHONE) -> list[str]:
        """What is said when this comes in."""
        before = len(self.wire.said)
        self.door.datagram_received(raw, source)
        return self.wire.said[before:]

    def taken(self) -> SipCall:
        """A call that was taken and confirmed."""
        self.hear(request("INVITE", sdp=OFFER))
        call = self.came[-1]
        call.accept(ANSWER)
        self.hear(request("ACK", branch="ack", to_tag=call.dialog.local_tag))
        return call

    def _on_call(self, call: SipCall) -> None:
        call.on_end = lambda by: self.ended.append(by.value)
        self.came.append(call)


def request(
    method: str,
    *more: str,
    branch: str = "one",
    count: int = 1,
    to_tag: str = "",
    sdp: str = "",
    **given: str,
) -> bytes:
    """A request as it goes over the wire; `given` puts other lines in the place of these, or none ("")."""
    tag = f";tag={to_tag}" if to_tag else ""
    lines = {
        "via": f"Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK{branch};rport",
        "sender": "From: <sip:09012345678@192.0.2.7>;tag=theirs",
        "to": f"To: <sip:05000000001@192.0.2.1>{tag}",
        "call_id": "Call-ID: call-1",
        "cseq": f"CSeq: {count} {method}",
        "contact": "Contact: <sip:phone@192.0.2.7:5062>",
    }
    head = [f"{method} sip:05000000001@192.0.2.1 SIP/2.0", *filter(None, (lines | given).values()), *more]
    if sdp:
        head.append("Content-Type: application/sdp")
    return "\r\n".join([*head, f"Content-Length: {len(sdp)}", "", sdp]).encode()
