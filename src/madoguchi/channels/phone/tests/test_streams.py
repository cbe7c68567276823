"""Calls whose SIP comes over TCP: real connections on this machine, in pieces as they may come."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_network

import pytest
from tests.servers.ground import free_ports

from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.sip import SipCall, SipDoor
from madoguchi.channels.phone.streams import by_tcp
from madoguchi.channels.phone.tests.wire import ANSWER, OFFER, request
from madoguchi.voice.logic import By

QUICK = 10.0
VIA = "Via: SIP/2.0/TCP 127.0.0.1:5062;branch=z9hG4bK"


class Caller:
    """Somebody with a connection, and what they were told on it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.came: list[SipCall] = []
        self.ended: list[By] = []

    async def connect(self) -> "Caller":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    def say(self, method: str, *, branch: str = "one", sdp: str = "", **given: str) -> None:
        self.writer.write(request(method, via=VIA + branch, branch=branch, sdp=sdp, **given))  # type: ignore[arg-type]

    async def told(self) -> str:
        """The next message."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), QUICK)).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length")
        )
        return head + (await self.reader.readexactly(length)).decode()


def meet(scenario: Callable[[Caller], Awaitable[None]], *, peers: str = "127.0.0.0/8") -> None:
    [port] = free_ports(1)

    async def all_of_it() -> None:
        caller = Caller(port)
        door = SipDoor(
            host="127.0.0.1", port=port, peers=(ip_network(peers),), on_call=caller.came.append, pace=Pace()
        )
        await door.open()
        try:
            await scenario(await caller.connect())
        finally:
            caller.writer.close()
            door.close()

    asyncio.run(all_of_it())


def test_a_call_comes_is_answered_and_ended_on_its_connection() -> None:
    async def scenario(caller: Caller) -> None:
        whole = request("INVITE", via=VIA + "one", sdp=OFFER)
        caller.writer.write(b"\r\n\r\n")  # which keeps a connection up
        for piece in (whole[:100], whole[100:-20], whole[-20:]):
            caller.writer.write(piece)
            await caller.writer.drain()
            await asyncio.sleep(0)
        assert (await caller.told()).startswith("SIP/2.0 100 ")
        [call] = caller.came
        call.on_end = caller.ended.append
        call.accept(ANSWER)
        taken = await caller.told()
        assert taken.startswith("SIP/2.0 200 ")
        assert f"Contact: <sip:127.0.0.1:{caller.port};transport=tcp>" in taken
        assert "Via: SIP/2.0/TCP 127.0.0.1:5062" in taken
        assert taken.endswith(ANSWER)
        caller.say("ACK", branch="ack", to_tag=call.dialog.local_tag)
        caller.say("OPTIONS", branch="there", call_id="Call-ID: another")
        assert (await caller.told()).startswith("SIP/2.0 200 ")  # by now the ACK was heard
        assert call.heard

        call.hang_up()

        bye = await caller.told()
        assert bye.startswith("BYE sip:")
        assert "Via: SIP/2.0/TCP" in bye
        assert caller.ended == []

    meet(scenario)


def test_two_messages_in_one_piece_are_two_and_the_caller_may_hang_up() -> None:
    async def scenario(caller: Caller) -> None:
        caller.say("INVITE", sdp=OFFER)
        await caller.told()
        [call] = caller.came
        call.on_end = caller.ended.append
        call.accept(ANSWER)
        await caller.told()
        tag = call.dialog.local_tag
        caller.writer.write(
            request("ACK", via=VIA + "a", to_tag=tag) + request("BYE", via=VIA + "b", count=2, to_tag=tag)
        )
        assert "CSeq: 2 BYE" in await caller.told()
        assert (call.heard, caller.ended) == (True, [By.CALLER])

    meet(scenario)


@pytest.mark.parametrize(
    "raw",
    [
        b"x" * 20_000,
        b"INVITE sip:a SIP/2.0\r\nContent-Length: 999999\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: -5\r\n\r\n",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_what_is_no_message_ends_the_connection_and_no_other(raw: bytes) -> None:
    async def scenario(caller: Caller) -> None:
        other = await Caller(caller.port).connect()
        caller.writer.write(raw)
        assert await asyncio.wait_for(caller.reader.read(), QUICK) == b""
        other.say("OPTIONS")
        assert (await other.told()).startswith("SIP/2.0 200 ")
        other.writer.close()
        assert caller.came == []

    meet(scenario)


def test_who_is_no_peer_is_not_heard() -> None:
    async def scenario(caller: Caller) -> None:
        assert await asyncio.wait_for(caller.reader.read(), QUICK) == b""
        assert caller.came == []

    meet(scenario, peers="192.0.2.0/24")


def test_only_what_is_ours_to_say_is_changed() -> None:
    bye = b"BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h:1\r\nVia: SIP/2.0/UDP b:2\r\nContact: <sip:h:1>\r\n\r\nVia: x"
    ok = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP theirs\r\n\r\n"
    assert by_tcp(bye) == bye.replace(b"/UDP h", b"/TCP h").replace(b"h:1>", b"h:1;transport=tcp>")
    assert by_tcp(ok) == ok
