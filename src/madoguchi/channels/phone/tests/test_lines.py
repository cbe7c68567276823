"""A gateway without a network and without a database: what it says to callers, and what it hands to be written down."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from functools import partial, wraps
from ipaddress import ip_network
from typing import Any

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.actions import finish
from madoguchi.channels.phone.gateway import Gateway, Line, Number, Settings
from madoguchi.channels.phone.tests.wire import Wire, pass_time, request
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.actions import Over
from madoguchi.voice.flow import read
from madoguchi.voice.ready import USUAL

PHONE = ("127.0.0.1", 5062)
NUMBER = "+815000000001"
QUEUE = {"kind": "queue", "keys": {"2": "end"}, "every": 20, "longest": 60}


class Notes:
    """What was handed to be written down, in place of the thread that does."""

    def __init__(self) -> None:
        self.entries: list[Callable[[], object]] = []

    def put(self, entry: Callable[[], object]) -> None:
        self.entries.append(entry)

    def close(self) -> bool:
        return True

    @property
    def overs(self) -> list[Over]:
        """How calls went that are over."""
        return [e.args[1] for e in self.entries if isinstance(e, partial) and e.func is finish]


class Desk:
    """A gateway with one number, and what it says."""

    def __init__(self, document: dict[str, Any] = USUAL, *, at_work: bool = True, **more: Any) -> None:
        networks = (ip_network("127.0.0.0/8"),)
        ports = more.pop("ports", (21600, 21640))
        self.gateway = Gateway(Settings("127.0.0.1", 5060, networks, ports, **more))
        self.gateway.ledger = self.notes = Notes()  # type: ignore[assignment]
        self.wire = Wire()
        self.gateway._door.connection_made(self.wire)
        point = EntryPoint(pk=7, company_id=1, desk_id=2, kind=Channel.PHONE, address=NUMBER)
        number = Number(point, read(document, sounds=lambda _name: True), 3, at_work)
        self.gateway._directory._known = {
            NUMBER: (math.inf, number),
            "+815000000009": (math.inf, None),
        }

    async def hear(self, raw: bytes) -> list[str]:
        """What is said when this comes in, and all that it leads to has happened."""
        before = len(self.wire.said)
        self.gateway._door.datagram_received(raw, PHONE)
        for _turn in range(20):
            await asyncio.sleep(0)
        return self.wire.said[before:]

    async def call(self, call_id: str = "call-1", *, sdp: str = "", **given: str) -> Line:
        """A call that was taken and confirmed."""
        name = f"Call-ID: {call_id}"
        await self.hear(request("INVITE", branch=call_id, sdp=sdp or offer(), call_id=name, **given))
        tag = self.wire.last.to_addr.tag
        await self.hear(request("ACK", branch=f"{call_id}-ack", to_tag=tag, call_id=name))
        return next(line for line in self.gateway.lines if line.sip.dialog.call_id == call_id)


def offer(sound: str = "m=audio 4000 RTP/AVP 0 96", *more: str, place: str = "c=IN IP4 127.0.0.1") -> str:
    lines = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", place, "t=0 0", sound, *more)
    return "\r\n".join(filter(None, lines)) + "\r\na=rtpmap:96 telephone-event/8000\r\n"


def gateway_test(scenario: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(scenario)
    def test(**given: Any) -> None:
        pass_time(scenario(**given))

    return test


def queued(**more: Any) -> dict[str, Any]:
    return {"start": "queue", "steps": {"queue": QUEUE | more}}


def played(line: Line) -> None:
    """What is being played to the caller comes to its end."""
    assert line.leg is not None
    line.leg.be_quiet()
    line.leg.on_played()


@gateway_test
async def test_a_queue_without_music_waits_in_silence() -> None:
    desk = Desk(queued(music=[]))
    line = await desk.call()

    played(line)

    assert (line.call.phase, line.leg and line.leg._playing) == (logic.Phase.WAITING, [])
    await asyncio.sleep(20)  # it is told its place again
    assert line.leg is not None
    assert line.leg._playing == list(sounds.frames("position-1", 0))
