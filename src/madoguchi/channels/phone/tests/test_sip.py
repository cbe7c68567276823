"""SIP over UDP as it comes: twice, lost, by way of others, broken, and too much of it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from ipaddress import ip_network

import pytest
from tests.servers.ground import free_ports

from madoguchi.channels.phone import numbers
from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.sip import SipCall, SipDoor, next_hop
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.voice.logic import By

NUMBER = "05000000001"
SDP = "v=0\r\nm=audio 4000 RTP/AVP 0\r\n"
HERE = ("127.0.0.0/8",)


class Desk:
    """A door, what came in by it, and a phone in front of it."""

    def __init__(self, door: SipDoor, phone: Phone, came: list[SipCall]) -> None:
        self.door, self.phone, self.came = door, phone, came
        self.ended: list[By] = []


def meet(
    scenario: Callable[[Desk], Awaitable[None]], *, peers: tuple[str, ...] = HERE, **more: object
) -> None:
    """Let a phone and a door meet; each call rings, and no more is done by itself."""

    async def meeting() -> None:
        [port] = free_ports(1)
        came: list[SipCall] = []
        networks = tuple(map(ip_network, peers))
        pace = more.pop("pace", Pace())
        door = SipDoor(host="127.0.0.1", port=port, peers=networks, on_call=came.append, pace=pace, t1=0.02)  # type: ignore[arg-type]
        await door.open()
        phone = await Phone(port, **more).open()  # type: ignore[arg-type]
        try:
            await scenario(Desk(door, phone, came))
        finally:
            phone.close()
            door.close()

    asyncio.run(meeting())


def test_a_call_that_is_taken_is_confirmed_and_hung_up_by_the_caller() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        [call] = desk.came
        call.on_end = desk.ended.append
        call.accept(SDP)
        taken = await desk.phone.answer(200)
        assert f"Contact: <sip:127.0.0.1:{desk.door.port}>" in taken
        assert "received=127.0.0.1" in taken
        assert f"rport={desk.phone.sip_port}" in taken
        desk.phone.confirm(taken)
        await desk.phone.gone()
        assert desk.ended == [By.CALLER]

    meet(scenario)


def test_what_comes_twice_is_heard_once_and_answered_twice() -> None:
    async def scenario(desk: Desk) -> None:
        first = await desk.phone.ask(NUMBER, 100)
        desk.phone.send(desk.phone.invite)
        assert await desk.phone.answer(100) == first
        assert len(desk.came) == 1
        desk.came[0].accept(SDP)
        desk.phone.confirm(await desk.phone.answer(200))
        bye = desk.phone.request("BYE", NUMBER, count=2)
        for _time in range(2):
            desk.phone.send(bye)
            assert "CSeq: 2 BYE" in await desk.phone.answer(200)

    meet(scenario)


def test_an_answer_is_said_again_until_it_is_heard() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].accept(SDP)
        first = await desk.phone.answer(200)
        assert await desk.phone.answer(200) == first
        desk.phone.confirm(first)
        desk.came[0].hang_up()
        bye = await desk.phone.answer(0)
        assert bye.startswith("BYE sip:phone@127.0.0.1")
        assert await desk.phone.answer(0) == bye

    meet(scenario)


def test_an_answer_that_is_never_heard_loses_the_call() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        lost = asyncio.Event()
        desk.came[0].on_end = lambda by: (desk.ended.append(by), lost.set())  # type: ignore[func-returns-value]
        desk.came[0].accept(SDP)
        await asyncio.wait_for(lost.wait(), 10)
        assert desk.ended == [By.LOST]

    meet(scenario)


def test_a_refusal_is_said_again_until_it_is_heard() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].refuse(486)
        first = await desk.phone.answer(486)
        assert await desk.phone.answer(486) == first
        desk.phone.send(desk.phone.request("ACK", NUMBER, branch=desk.phone.branch))

    meet(scenario)


def test_who_hangs_up_while_it_rings_is_told_so() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].on_end = desk.ended.append
        desk.phone.send(desk.phone.request("CANCEL", NUMBER, branch=desk.phone.branch))
        assert "CSeq: 1 CANCEL" in await desk.phone.answer(200)
        assert "CSeq: 1 INVITE" in await desk.phone.answer(487)
        assert desk.ended == [By.CALLER]

    meet(scenario)


def test_a_call_by_way_of_proxies_goes_back_the_same_way() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].accept(SDP)
        taken = await desk.phone.answer(200)
        assert taken.index("<sip:127.0.0.9:5070;lr>") < taken.index("<sip:127.0.0.8;lr>")
        dialog = desk.came[0].dialog
        assert dialog.route_set == ["<sip:127.0.0.8;lr>", "<sip:127.0.0.9:5070;lr>"]
        assert next_hop(dialog, ("127.0.0.1", 1)) == ("127.0.0.8", 5060)
        desk.phone.confirm(taken)

    meet(scenario, more="Record-Route: <sip:127.0.0.9:5070;lr>\r\nRecord-Route: <sip:127.0.0.8;lr>")


def test_strangers_within_a_call_are_told_there_is_none() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        desk.came[0].accept(SDP)
        desk.phone.confirm(await desk.phone.answer(200))
        desk.phone.to_tag = "guessed"
        desk.phone.hang_up()
        assert "481" in await desk.phone.answer(481)
        assert not desk.came[0].over

    meet(scenario)


def test_who_is_no_peer_gets_no_answer() -> None:
    async def scenario(desk: Desk) -> None:
        desk.phone.number, desk.phone.count = NUMBER, 1
        desk.door.datagram_received(
            desk.phone.request("INVITE", NUMBER, sdp=desk.phone.offer()), ("127.0.0.1", 9)
        )
        assert (desk.came, desk.door.strange) == ([], 0)

    meet(scenario, peers=("192.0.2.0/24",))


def test_a_flood_of_calls_is_refused_and_others_are_let_in() -> None:
    pace = Pace(calls=1, requests=100, clock=lambda: 0.0)

    async def scenario(desk: Desk) -> None:
        for _call in range(2):
            desk.phone.call_id += "x"
            await desk.phone.ask(NUMBER, 100)
        desk.phone.call_id += "x"
        refused = await desk.phone.ask(NUMBER, 503)
        assert "Retry-After: 5" in refused
        assert len(desk.came) == 2
        assert pace.allows("192.0.2.1", call=True)

    meet(scenario, pace=pace)


def test_a_pace_recovers_with_time() -> None:
    at = [0.0]
    pace = Pace(calls=2, requests=10, clock=lambda: at[0])

    assert [pace.allows("a", call=True) for _ in range(5)] == [True] * 4 + [False]
    at[0] = 0.5
    assert [pace.allows("a", call=True) for _ in range(2)] == [True, False]


def test_nothing_that_comes_in_raises() -> None:
    chance = random.Random(20261129)

    async def scenario(desk: Desk) -> None:
        desk.phone.number, desk.phone.count = NUMBER, 1
        good = desk.phone.request("INVITE", NUMBER, sdp=desk.phone.offer())
        for _time in range(400):
            bad = bytearray(good)
            for _change in range(chance.randint(1, 12)):
                place = chance.randrange(len(bad))
                bad[place : place + chance.randint(0, 6)] = chance.randbytes(chance.randint(0, 4))
            desk.door.datagram_received(bytes(bad), ("127.0.0.1", 9))
        for bad in (b"", b"\r\n\r\n", b"\0" * 100, b"x" * 70_000, b"SIP/2.0 200 OK\r\n\r\n", good[:80]):
            desk.door.datagram_received(bad, ("127.0.0.1", 9))
        assert desk.door.strange > 10

    meet(scenario, pace=Pace(calls=1e9, requests=1e9))


@pytest.mark.parametrize(
    ("caller", "more", "known"),
    [
        ("09012345678", "", "+819012345678"),
        ("+819012345678", "", "+819012345678"),
        ("anonymous", "", ""),
        ("alice", "", ""),
        ("09012345678", "Privacy: id", ""),
        ("anonymous", "P-Asserted-Identity: <sip:+81312345678@carrier.example>", "+81312345678"),
        ("anonymous", "P-Asserted-Identity: <tel:+81312345678>", "+81312345678"),
    ],
)
def test_who_calls(caller: str, more: str, known: str) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.phone.ask(NUMBER, 100)
        invite = desk.came[0].invite
        assert (numbers.called(invite), numbers.caller(invite)) == ("+815000000001", known)

    meet(scenario, caller=caller, more=more)
