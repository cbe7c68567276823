"""The hub: each notice made once, told to those who may see it, and nobody waited for."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import pytest

from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.people.sight import Sight
from madoguchi.project.live import hub as module
from madoguchi.project.live.hub import MOST_WAITING, TOO_SLOW, Client, Hub, notice_of, place_of, written
from madoguchi.project.live.sight import Viewer

NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run the test as a coroutine."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def event(number: int = 1, *, company: int = 1, desk: int | None = 10, data: str = "{}") -> Recorded:
    """Something that happened at a desk."""
    return Recorded(Cursor(100, number), "case.opened", NOON, "person", 7, "花子", company, 5, desk, data)


def viewer(*, companies: tuple[int, ...] = (), desks: tuple[int, ...] = ()) -> Viewer:
    return Viewer(session="s", user=1, sight=Sight(*[frozenset(companies), frozenset(desks)] * 2))


async def told(client: Client) -> list[str]:
    """The ids of what waits for the client."""
    return [json.loads(n.for_socket["text"])["id"] for n in client._waiting]


class TestNotice:
    def test_it_says_that_it_happened_and_where_but_not_what_was_said(self) -> None:
        notice = notice_of(event(data='{"number": 1234, "customer": 9, "text": "内緒の話"}'))
        assert json.loads(notice.for_socket["text"]) == {
            "id": "100-1",
            "kind": "case.opened",
            "case": 5,
            "company": 1,
            "desk": 10,
            "actor": 7,
            "at": "2026-04-01T03:00:00+00:00",
            "number": 1234,
            "customer": 9,
        }
        assert "内緒".encode() not in notice.for_stream

    def test_a_stream_gets_the_place_as_the_id_to_come_back_with(self) -> None:
        lines = notice_of(event(3)).for_stream.decode().split("\n")
        assert lines[0] == "id: 100-3"
        assert json.loads(lines[1].removeprefix("data: "))["id"] == "100-3"
        assert lines[2:] == ["", ""]

    def test_one_without_a_place_leaves_the_last_id_alone(self) -> None:
        assert module.PING.for_stream == b'data: {"kind":"ping"}\n\n'


class TestPlaces:
    def test_a_place_is_written_and_read(self) -> None:
        assert place_of(written(Cursor(12, 34))) == Cursor(12, 34)

    @pytest.mark.parametrize(
        "text", ["", "-", "1", "1-", "-1", "a-b", "1-2-3", "１-２", "1 -2", "9" * 60 + "-1"]
    )
    def test_nonsense_is_no_place(self, text: str) -> None:
        assert place_of(text) is None


class TestPublishing:
    @in_a_loop
    async def test_who_sees_the_company_and_who_sees_the_desk_are_told(self) -> None:
        hub = Hub()
        of_company = hub.connect(viewer(companies=(1,)))
        of_desk = hub.connect(viewer(desks=(10,)))
        of_both = hub.connect(viewer(companies=(1,), desks=(10,)))
        strangers = [
            hub.connect(viewer(companies=(2,))),
            hub.connect(viewer(desks=(11,))),
            hub.connect(viewer()),
        ]
        hub.publish([event(1)])
        for client in (of_company, of_desk, of_both):
            assert await told(client) == ["100-1"]
        for client in strangers:
            assert await told(client) == []

    @in_a_loop
    async def test_what_concerns_no_desk_is_for_those_who_see_the_company(self) -> None:
        hub = Hub()
        of_company, of_desk = hub.connect(viewer(companies=(1,))), hub.connect(viewer(desks=(10,)))
        hub.publish([event(1, desk=None)])
        assert await told(of_company) == ["100-1"]
        assert await told(of_desk) == []

    @in_a_loop
    async def test_everybody_gets_the_very_same_notice(self) -> None:
        hub = Hub()
        first, second = hub.connect(viewer(companies=(1,))), hub.connect(viewer(desks=(10,)))
        hub.publish([event(1)])
        assert (await first.next())[0] is (await second.next())[0]

    @in_a_loop
    async def test_events_keep_their_order_and_move_the_place(self) -> None:
        hub = Hub()
        client = hub.connect(viewer(companies=(1,)))
        hub.publish([event(1), event(2)])
        hub.publish([event(3)])
        assert await told(client) == ["100-1", "100-2", "100-3"]
        assert hub.place == Cursor(100, 3)

    @in_a_loop
    async def test_the_place_moves_though_nobody_is_told(self) -> None:
        hub = Hub()
        hub.publish([event(9)])
        assert hub.place == Cursor(100, 9)

    @in_a_loop
    async def test_who_left_is_told_nothing_and_nothing_is_kept_of_them(self) -> None:
        hub = Hub()
        client = hub.connect(viewer(companies=(1,), desks=(10,)))
        hub.disconnect(client)
        hub.publish([event(1)])
        assert await told(client) == []
        assert (hub.clients, hub._of_company, hub._of_desk) == (set(), {}, {})

    @in_a_loop
    async def test_sight_can_change_while_connected(self) -> None:
        hub = Hub()
        client = hub.connect(viewer(desks=(10,)))
        hub.see(client, Sight(frozenset(), frozenset({11})))
        hub.publish([event(1, desk=10), event(2, desk=11)])
        assert await told(client) == ["100-2"]


class TestFleetingNews:
    @in_a_loop
    async def test_it_is_told_once_to_those_who_may_see_the_desk_and_is_no_place_to_come_back_to(
        self,
    ) -> None:
        hub = Hub()
        near, wide = hub.connect(viewer(desks=(10,))), hub.connect(viewer(companies=(1,)))
        far, foreign = hub.connect(viewer(desks=(11,))), hub.connect(viewer(companies=(2,)))
        words = '{"kind":"case.together","company":1,"desk":10,"case":5}'

        hub.pass_on(["", "0f3a", words, words])

        for client in (near, wide):
            [notice] = client._waiting
            assert json.loads(notice.for_socket["text"]) == json.loads(words)
            assert notice.for_stream.startswith(b"data: ")
        assert (len(far._waiting), len(foreign._waiting), hub.place) == (0, 0, None)

    @in_a_loop
    async def test_who_only_reads_there_is_told_nothing_of_colleagues(self) -> None:
        hub = Hub()
        reads = Viewer(session="s", user=1, sight=Sight(frozenset({1}), frozenset({10})))
        reader, colleague = hub.connect(reads), hub.connect(viewer(desks=(10,)))

        hub.pass_on(['{"kind":"case.together","company":1,"desk":10,"case":5}'])

        assert (len(reader._waiting), len(colleague._waiting)) == (0, 1)

    @in_a_loop
    async def test_nor_of_what_they_do_with_one_anothers_answers(self) -> None:
        hub = Hub()
        reads = Sight(frozenset({1}), frozenset({10}))
        reader = hub.connect(Viewer(session="s", user=1, sight=reads))
        colleague = hub.connect(viewer(desks=(10,)))

        hub.publish([replace(event(1), kind="answer.returned"), event(2)])

        assert (await told(reader), await told(colleague)) == (["100-2"], ["100-1", "100-2"])
        where = {"company": 1, "desk": 10}
        assert [reads.includes(kind=kind, **where) for kind in ("answer.returned", "case.opened")] == [
            False,
            True,
        ]


class TestWaiting:
    @in_a_loop
    async def test_a_client_that_waits_is_woken(self) -> None:
        client = Hub().connect(viewer())
        waiting = asyncio.create_task(client.next())
        await asyncio.sleep(0)
        client.offer(module.PING)
        client.offer(module.RELOAD)
        assert await waiting == [module.PING, module.RELOAD]

    @in_a_loop
    async def test_a_client_that_takes_nothing_is_let_go_and_others_are_not_kept_waiting(self) -> None:
        hub = Hub()
        slow, quick = hub.connect(viewer(companies=(1,))), hub.connect(viewer(companies=(1,)))
        for number in range(MOST_WAITING + 1):
            hub.publish([event(number)])
            assert [n.for_socket for n in await quick.next()]
        assert slow.ended.result() == TOO_SLOW
        assert len(slow._waiting) == MOST_WAITING
        assert not quick.ended.done()

    @in_a_loop
    async def test_the_first_reason_to_end_stands(self) -> None:
        client = Hub().connect(viewer())
        client.end(4401)
        client.end(1001)
        assert client.ended.result() == 4401
