"""Who may dial the gateway as its Asterisk: over a real socket on this machine."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from ipaddress import ip_network

import pytest
from structlog.testing import capture_logs
from tests.servers.ground import free_ports
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from madoguchi.channels.phone.asterisk import door as door_module
from madoguchi.channels.phone.asterisk.door import Asterisk, AsteriskDoor
from madoguchi.channels.phone.asterisk.link import Link
from madoguchi.channels.phone.pace import Pace

PASSWORD = "パスワード long and secret"
Scenario = Callable[[AsteriskDoor], Awaitable[None]]


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "WRONG_SECONDS", 0)


def at_a_door(scenario: Scenario, *, peers: str = "127.0.0.0/8") -> None:
    [port] = free_ports(1)

    async def all_of_it() -> None:
        link = Link(on_call=lambda _call: None, spawn=asyncio.get_running_loop().create_task, pace=Pace())
        door = AsteriskDoor(link, Asterisk(port, PASSWORD), host="127.0.0.1", peers=(ip_network(peers),))
        await door.open()
        try:
            await scenario(door)
        finally:
            await door.close()

    asyncio.run(all_of_it())


async def dial(
    door: AsteriskDoor, *, who: str = f"madoguchi:{PASSWORD}", how: str = "Basic"
) -> ClientConnection:
    proof = base64.b64encode(who.encode()).decode()
    headers = {"Authorization": f"{how} {proof}"} if who else {}
    url = f"ws://127.0.0.1:{door.told.port}/"
    socket = await connect(url, subprotocols=["ari"], additional_headers=headers)  # type: ignore[list-item]
    await socket.send('{"type": "ApplicationRegistered"}')
    return socket


def test_who_knows_the_password_is_asked_what_is_there() -> None:
    async def scenario(door: AsteriskDoor) -> None:
        socket = await dial(door)
        asked = await socket.recv()
        assert '"uri": "applications/madoguchi/eventFilter"' in str(asked)
        assert (door.link.there, door.link.source, socket.subprotocol) == (True, "127.0.0.1", "ari")
        await socket.close()
        while door.link.there:
            await asyncio.sleep(0.01)

    at_a_door(scenario)


@pytest.mark.parametrize(
    ("who", "how"),
    [
        ("", "Basic"),
        ("madoguchi:", "Basic"),
        (f"madoguchi:{PASSWORD}x", "Basic"),
        (f"madoguchi:{PASSWORD[:-1]}", "Basic"),
        (f"asterisk:{PASSWORD}", "Basic"),
        (f"madoguchi:{PASSWORD}", "Bearer"),
    ],
)
def test_who_does_not_is_told_nothing_else(who: str, how: str) -> None:
    async def scenario(door: AsteriskDoor) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await dial(door, who=who, how=how)
        assert (refused.value.response.status_code, refused.value.response.body) == (401, b"")
        assert not door.link.there

    at_a_door(scenario)


def test_one_that_is_refused_for_ever_is_told_of_less_and_less() -> None:
    async def scenario(door: AsteriskDoor) -> None:
        for _time in range(5):
            with pytest.raises(InvalidStatus):
                await dial(door, who="madoguchi:wrong")

    with capture_logs() as logged:
        at_a_door(scenario)

    refused = {"event": "phone_asterisk_refused", "log_level": "warning"}
    known = {"source": "127.0.0.1", "why": "password"}
    assert logged == [refused | known | {"so_many": count} for count in (1, 2, 4)]


def test_who_is_none_of_the_peers_is_not_asked_for_a_password() -> None:
    async def scenario(door: AsteriskDoor) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await dial(door)
        assert refused.value.response.status_code == 403
        assert not door.link.there

    at_a_door(scenario, peers="192.0.2.0/24")


def test_a_second_one_is_refused_while_the_first_is_alive() -> None:
    async def scenario(door: AsteriskDoor) -> None:
        first = await dial(door)
        await first.recv()
        with pytest.raises(InvalidStatus) as refused:
            await dial(door)
        assert refused.value.response.status_code == 503
        door.link.tell("DELETE", "channels", "one")
        assert '"uri": "channels/one"' in str(await first.recv())
        await first.close()

    at_a_door(scenario)


def test_one_that_is_dead_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "ALIVE_SECONDS", 0)

    async def scenario(door: AsteriskDoor) -> None:
        before = await dial(door)
        await before.recv()
        after = await dial(door)
        assert "eventFilter" in str(await after.recv())
        with pytest.raises(ConnectionClosed):
            while True:
                await before.recv()
        assert door.link.there
        await after.close()

    at_a_door(scenario)


def test_what_is_too_long_ends_the_connection_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "MOST_BYTES", 1000)

    async def scenario(door: AsteriskDoor) -> None:
        socket = await dial(door)
        await socket.send("x" * 1001)
        with pytest.raises(ConnectionClosed):
            while True:
                await socket.recv()
        again = await dial(door)
        assert "eventFilter" in str(await again.recv())
        await again.close()

    at_a_door(scenario)


def test_what_was_said_leaves_before_the_door_closes() -> None:
    async def scenario(door: AsteriskDoor) -> None:
        socket = await dial(door)
        await socket.recv()
        door.link.tell("DELETE", "channels", "1796009638.0", reason="normal")
        closing = asyncio.create_task(door.close())
        assert '"uri": "channels/1796009638.0"' in str(await socket.recv())
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        await closing

    at_a_door(scenario)


def test_nobody_reads_the_password_in_what_is_logged() -> None:
    assert PASSWORD not in repr(Asterisk(8096, PASSWORD, "PJSIP/{number}@carrier"))
