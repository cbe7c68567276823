"""The feed hears soon of what happens, and a process whose feed does not is not ready."""

import asyncio
import threading
from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from madoguchi.infra import event_log
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.tests.happenings import LampLit
from madoguchi.kernel.actor import system
from madoguchi.people.factories import Side, World
from madoguchi.project.asgi import Router
from madoguchi.project.live import feed
from madoguchi.project.live.app import Live
from madoguchi.project.live.tests.conftest import PATIENCE, Socket, happens
from madoguchi.project.live.tests.test_app import SignIn, in_thread, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def our_addresses(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.BASE_URL = "https://help.example.jp"


class TestTheFeed:
    """It looks every other second as well; here once an hour, so that what is told was not found that way."""

    @pytest.fixture(autouse=True)
    def seldom(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(feed, "LOOK_SECONDS", 3600)

    def test_it_reads_on_as_soon_as_what_held_it_back_has_happened(
        self, world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(feed, "_SOON", 3600)
        monkeypatch.setattr(feed, "_LATER", 3600)
        session = sign_in(world.ours.agent)
        looked = threading.Event()
        held_back = event_log.has_unsettled

        def look() -> bool:
            held = held_back()
            if held:
                looked.set()
            return held

        monkeypatch.setattr(event_log, "has_unsettled", look)

        async def scenario() -> str:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.opened()
                await in_thread(lambda: light_unsettled(world.ours))
                assert await in_thread(lambda: looked.wait(PATIENCE)), "the feed rests"
                await in_thread(finish)
                return str((await socket.notice())["id"])

        with psycopg.connect(**connection_parameters()) as older:

            def finish() -> None:
                older.execute("SELECT pg_notify(%s, '')", [event_log.CHANNEL])
                older.commit()

            older.execute("SELECT pg_current_xact_id()")
            assert asyncio.run(scenario())

    def test_after_a_failure_it_reads_again_without_being_woken(
        self, world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session, failures = sign_in(world.ours.agent), [OperationalError("gone"), OperationalError("gone")]
        read = feed._read

        def fail_first(place: event_log.Cursor) -> Any:
            if failures:
                raise failures.pop()
            return read(place)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.opened()
                monkeypatch.setattr(feed, "_read", fail_first)
                place = await happens(world.ours)
                assert (await socket.notice())["id"] == place
                assert failures == []

        asyncio.run(scenario())


class TestReadiness:
    """What those who watch over a process are told (/readyz)."""

    def test_a_feed_that_stands_still_is_told_until_it_looks_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        go_on = threading.Event()
        monkeypatch.setattr(feed, "LOOK_SECONDS", 0.01)

        async def scenario() -> None:
            async with running() as live:
                assert await readiness(live) == (200, b"ok")
                live._feed._thread.submit(go_on.wait, PATIENCE * 2)
                monkeypatch.setattr(feed, "STILL_SECONDS", 0.5)
                await until_ready_is(live, 503)
                assert (await readiness(live))[1] == STANDS_STILL
                go_on.set()
                await until_ready_is(live, 200)

        asyncio.run(scenario())

    def test_a_feed_that_has_ended_is_told(self, world: World) -> None:
        async def scenario() -> None:
            async with running() as live:
                assert live._feed._task
                live._feed._task.cancel()
                await until_ready_is(live, 503)
                assert await readiness(live) == (503, STANDS_STILL)

        asyncio.run(scenario())

    def test_an_old_transaction_makes_no_process_unready(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each process is held back by it: were all taken out, nothing would be left."""
        reads: list[bool] = []
        held_back = event_log.has_unsettled
        monkeypatch.setattr(event_log, "has_unsettled", lambda: reads.append(held_back()) or reads[-1])

        async def scenario() -> None:
            async with running() as live:
                place = live.hub.place
                await in_thread(lambda: light_unsettled(world.ours))
                async with asyncio.timeout(30):
                    while reads.count(True) < 3:
                        await asyncio.sleep(0.01)
                assert (live.hub.place, await readiness(live)) == (place, (200, b"ok"))

        with psycopg.connect(**connection_parameters()) as older:
            older.execute("SELECT pg_current_xact_id()")
            asyncio.run(scenario())


STANDS_STILL = b"The live screens are told nothing any more; start this process again"


def light_unsettled(side: Side) -> None:
    """Something happens while an older transaction still runs."""
    with side.scope():
        fact = LampLit(company=side.company.pk, desk=side.desk.pk, case=1, where="玄関")
        event_log.record(fact, by=system("test"))


async def readiness(live: Live) -> tuple[int, bytes]:
    """What /readyz says."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/readyz", "headers": []}
    await Router(live=live, pages=None)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def until_ready_is(live: Live, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await readiness(live))[0] != status:
            await asyncio.sleep(0.01)
