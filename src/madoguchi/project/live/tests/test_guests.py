"""Visitors of chats at the live door: so many from one address, whoever stands between; who leaves makes room."""

import asyncio
import itertools
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.project.live.app import Live
from madoguchi.project.live.guests import Doorway
from madoguchi.project.live.tests.conftest import Socket

ACCEPTED, TURNED_AWAY = {"type": "websocket.accept"}, {"type": "websocket.close", "code": 4429}


class Guest(Socket):
    """A visitor's page that has said nothing yet."""

    def __init__(self, app: Any, *, peer: str, **more: str) -> None:
        super().__init__(app, origin="https://shop.example", **more)
        self.scope |= {"path": "/live/chat", "client": (peer, 40_000)}


@pytest.fixture
def two_each(settings: Any) -> None:
    settings.CHAT_CONNECTIONS = 2
    settings.TRUSTED_PROXIES = ("10.0.0.0/8",)


def meet(*guests: tuple[str, str]) -> list[dict[str, Any]]:
    """What each is told who comes, one after the other, from a peer that names whom it speaks for; all of them stay."""

    async def come() -> list[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            live, told = Live(), []
            for peer, named in guests:
                headers = {"x_forwarded_for": named} if named else {}
                guest = await stack.enter_async_context(Guest(live, peer=peer, **headers))
                told.append(await guest.message())
            return told

    return asyncio.run(come())


@pytest.mark.parametrize(
    ("guests", "told"),
    [
        ([("192.0.2.7", "")] * 3, [ACCEPTED, ACCEPTED, TURNED_AWAY]),
        ([("192.0.2.7", ""), ("192.0.2.7", ""), ("192.0.2.8", "")], [ACCEPTED] * 3),
        ([("2001:db8::1", ""), ("2001:db8::2", ""), ("2001:db8::3", "")], [ACCEPTED] * 2 + [TURNED_AWAY]),
        # Whoever is not our proxy names whom it likes.
        (
            [("192.0.2.7", "1.1.1.1"), ("192.0.2.7", "1.1.1.2"), ("192.0.2.7", "1.1.1.3")],
            [ACCEPTED] * 2 + [TURNED_AWAY],
        ),
        ([("10.0.0.1", "1.1.1.1"), ("10.0.0.1", "1.1.1.2"), ("10.0.0.1", "1.1.1.3")], [ACCEPTED] * 3),
        (
            [("10.0.0.1", "9.9.9.9, 1.1.1.1"), ("10.0.0.1", "1.1.1.1"), ("10.0.0.2", "1.1.1.1")],
            [ACCEPTED] * 2 + [TURNED_AWAY],
        ),
    ],
    ids=[
        "third of one address",
        "of two addresses",
        "of one network",
        "who pretends",
        "behind our proxy",
        "one behind two proxies",
    ],
)
def test_so_many_may_listen_from_one_address(
    two_each: None, guests: list[tuple[str, str]], told: list[dict[str, Any]]
) -> None:
    assert meet(*guests) == told


def test_whoever_leaves_makes_room(two_each: None) -> None:
    assert come_and_go(5) == [ACCEPTED] * 5


def test_whoever_comes_again_and_again_waits_for_the_next_minute(two_each: None) -> None:
    assert come_and_go(8) == [ACCEPTED] * 6 + [TURNED_AWAY] * 2

    moments = iter([0.0] * 7 + [59.9, 60.0])
    doorway, told = Doorway(2, clock=lambda: next(moments)), []
    for _again in range(9):
        with doorway.through("192.0.2.7") as comes_in:
            told.append(comes_in)
    assert told == [True] * 6 + [False] * 2 + [True]


def come_and_go(times: int) -> list[dict[str, Any]]:
    """What one is told who comes so often, and leaves each time."""

    async def visit() -> list[dict[str, Any]]:
        live, told = Live(), []
        for _again in range(times):
            async with Guest(live, peer="192.0.2.7") as guest:
                told.append(await guest.message())
        return told

    return asyncio.run(visit())


@given(st.lists(st.tuples(st.sampled_from(["192.0.2.1", "192.0.2.2"]), st.booleans()), max_size=40))
def test_whoever_comes_and_goes_never_more_than_so_many_are_inside(steps: list[tuple[str, bool]]) -> None:
    doorway = Doorway(3, clock=itertools.count(0, 60).__next__)
    inside: dict[str, list[ExitStack]] = {"192.0.2.1": [], "192.0.2.2": []}
    for address, comes in steps:
        if comes:
            visit = ExitStack()
            comes_in = visit.enter_context(doorway.through(address))
            assert comes_in == (len(inside[address]) < 3)
            (inside[address].append if comes_in else ExitStack.close)(visit)
        elif inside[address]:
            inside[address].pop().close()
    for visits in inside.values():
        while visits:
            visits.pop().close()
    with doorway.through("192.0.2.1") as first, doorway.through("192.0.2.2") as other:
        assert (first, other) == (True, True)
