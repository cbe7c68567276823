"""The live door: who is let in, what they are told, and what becomes of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import psycopg
import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection

from madoguchi.companies.factories import make_engagement
from madoguchi.infra import event_log, fleeting
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.scope import everywhere
from madoguchi.infra.tests.happenings import LampLit
from madoguchi.kernel.actor import Actor, system
from madoguchi.people.actions import deactivate, set_password, set_seats
from madoguchi.people.factories import World, make_operator_person, make_person
from madoguchi.people.models import OperatorMember, Seat, User
from madoguchi.people.queries import actor_of
from madoguchi.people.sessions import SessionStore
from madoguchi.project.live import app as module
from madoguchi.project.live.app import Live, from_our_pages
from madoguchi.project.live.hub import MOST_WAITING
from madoguchi.project.live.tests.conftest import Socket, Stream, happens, light

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], str]


@pytest.fixture(autouse=True)
def our_addresses(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.BASE_URL = "https://help.example.jp"


@asynccontextmanager
async def running() -> AsyncIterator[Live]:
    """The application, following the log."""
    live = Live()
    await live.start()
    while live.hub.place is None:
        await asyncio.sleep(0.01)
    try:
        yield live
    finally:
        await live.stop()


async def in_thread(call: Callable[[], Any]) -> Any:
    """Something with the database, from within a loop."""

    def run() -> Any:
        try:
            return call()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


def lock_out(person: User, *, by: Actor) -> None:
    """As the page would."""
    with everywhere(reason="a test acts as the page would"):
        deactivate(person, by=by)


async def told_until(socket: Socket, place: str) -> list[dict[str, Any]]:
    """What this connection is told, up to one place in the log."""
    told = [await socket.notice()]
    while told[-1].get("id") != place:
        told.append(await socket.notice())
    return told


class TestTheDoor:
    def test_nobody_gets_in_without_a_session(self, world: World) -> None:
        async def scenario() -> None:
            async with running() as live:
                for session in ("", "made-up-session"):
                    async with Socket(live, session=session) as socket:
                        assert await socket.message() == {"type": "websocket.accept"}
                        assert await socket.message() == {"type": "websocket.close", "code": 4401}
                    async with Stream(live, session=session) as stream:
                        assert (await stream.message())["status"] == 401
                assert live.hub.clients == set()

        asyncio.run(scenario())

    def test_who_may_not_sign_in_any_more_does_not_get_in(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)
        User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.message()
                assert await socket.message() == {"type": "websocket.close", "code": 4401}

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "", "null", "https://testserver.evil.example"]
    )
    def test_a_foreign_page_cannot_use_a_session(self, world: World, sign_in: SignIn, origin: str) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session, origin=origin) as socket:
                assert await socket.message() == {"type": "websocket.close", "code": 4403}

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        ("origin", "host", "ours"),
        [
            ("https://help.example.jp", "10.0.0.5:8000", True),
            ("http://testserver", "testserver", True),
            ("http://testserver:8000", "testserver:8000", True),
            ("http://testserver:8001", "testserver:8000", False),
            ("http://help.example.jp", "10.0.0.5:8000", False),
            ("http://unknown.example", "unknown.example", False),
            ("file://testserver", "testserver", False),
            ("http://", "", False),
        ],
    )
    def test_our_pages_are_known_by_their_origin(self, origin: str, host: str, ours: bool) -> None:
        headers = [(b"origin", origin.encode()), (b"host", host.encode())]
        assert from_our_pages({"headers": headers}) is ours

    def test_other_addresses_are_not_found(self) -> None:
        async def scenario() -> None:
            async with running() as live:
                stream = Stream(live)
                stream.scope["path"] = "/live/other"
                async with stream:
                    assert (await stream.message())["status"] == 404

        asyncio.run(scenario())


class TestTelling:
    def test_an_event_reaches_those_of_its_desk_and_nobody_else(self, world: World, sign_in: SignIn) -> None:
        ours, theirs = sign_in(world.ours.agent), sign_in(world.theirs.company_manager)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=ours) as a, Socket(live, session=theirs) as b:
                assert (await a.opened())["kind"] == (await b.opened())["kind"] == "hello"
                first = await happens(world.ours)
                second = await happens(world.theirs)
                told = await a.notice()
                assert (told["id"], told["kind"], told["desk"]) == (
                    first,
                    "test.lamp_lit",
                    world.ours.desk.pk,
                )
                assert (await b.notice())["id"] == second
                assert a.from_app.empty()

        asyncio.run(scenario())

    def test_what_concerns_no_desk_is_told_to_the_companys_people_only(
        self, world: World, sign_in: SignIn
    ) -> None:
        agent, staff = sign_in(world.ours.agent), sign_in(world.ours.company_staff)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=agent) as a, Socket(live, session=staff) as b:
                await a.opened(), await b.opened()
                wide = await happens(world.ours, at_desk=False)
                narrow = await happens(world.ours)
                assert (await b.notice())["id"] == wide
                assert (await b.notice())["id"] == narrow
                assert (await a.notice())["id"] == narrow

        asyncio.run(scenario())

    def test_an_administrator_reads_no_cases_and_is_told_of_none(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.administrator)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.opened()
                await happens(world.ours)
                live.hub.tell_all(module.PING)
                assert await socket.notice() == {"kind": "ping"}

        asyncio.run(scenario())

    def test_a_stream_tells_the_same(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live, Stream(live, session=session) as stream:
                start = await stream.message()
                assert start["status"] == 200
                assert dict(start["headers"])[b"content-type"] == b"text/event-stream; charset=utf-8"
                assert b'"kind":"hello"' in (await stream.message())["body"]
                place = await happens(world.ours)
                body = (await stream.message())["body"].decode()
                assert body.startswith(f"id: {place}\ndata: ")
                assert json.loads(body.split("data: ")[1])["kind"] == "test.lamp_lit"

        asyncio.run(scenario())

    def test_it_goes_on_after_the_database_has_thrown_everybody_out(
        self, world: World, sign_in: SignIn, as_owner: Callable[[], Any]
    ) -> None:
        session = sign_in(world.ours.agent)

        def throw_out() -> int:
            with as_owner(), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                return int(cursor.fetchone()[0])

        connection.close()

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.opened()
                assert await in_thread(throw_out) >= 2, "the one that listens and the one that reads"
                place = await happens(world.ours)
                assert (await socket.notice())["id"] == place

        asyncio.run(scenario())


class TestComingBack:
    def test_what_was_missed_comes_first_and_only_what_they_may_see(
        self, world: World, sign_in: SignIn
    ) -> None:
        session = sign_in(world.ours.agent)
        seen = light(world.ours, "見た")
        light(world.theirs, "他社")
        missed = [light(world.ours, "一"), light(world.ours, "二")]

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session, query=f"after={seen}") as socket:
                assert await socket.message() == {"type": "websocket.accept"}
                assert [(await socket.notice())["id"] for _ in missed] == missed
                assert (await socket.notice())["kind"] == "hello"
                later = await happens(world.ours, "後")
                assert (await socket.notice())["id"] == later

        asyncio.run(scenario())

    def test_a_stream_comes_back_by_its_last_id(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)
        seen, missed = light(world.ours, "見た"), light(world.ours, "逃した")

        async def scenario() -> None:
            async with running() as live, Stream(live, session=session, last_event_id=seen) as stream:
                await stream.message()
                body = (await stream.message())["body"].decode()
                assert body.startswith(f"id: {missed}\n")

        asyncio.run(scenario())

    def test_from_the_greeting_on_nothing_is_lost(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live:
                async with Socket(live, session=session) as socket:
                    place = (await socket.opened())["id"]
                missed = await happens(world.ours)
                async with Socket(live, session=session, query=f"after={place}") as socket:
                    await socket.message()
                    assert (await socket.notice())["id"] == missed

        asyncio.run(scenario())

    def test_who_missed_too_much_is_told_to_load_anew(
        self, world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_MISSED", 2)
        session, seen = sign_in(world.ours.agent), light(world.ours, "見た")
        for n in range(3):
            light(world.ours, str(n))

        async def scenario() -> None:
            async with running() as live:
                for after in (seen, "nonsense"):
                    async with Socket(live, session=session, query=f"after={after}") as socket:
                        assert await socket.opened() == {"kind": "reload"}

        asyncio.run(scenario())


class TestLeaving:
    def test_who_signs_out_is_sent_away(self, world: World, sign_in: SignIn) -> None:
        leaving, staying = sign_in(world.ours.agent), sign_in(world.ours.supervisor)

        async def scenario() -> None:
            async with (
                running() as live,
                Socket(live, session=leaving) as a,
                Socket(live, session=staying) as b,
            ):
                await a.opened(), await b.opened()
                await in_thread(lambda: Session.objects.filter(session_key=leaving).delete())
                await live.recheck()
                assert await a.message() == {"type": "websocket.close", "code": 4401}
                place = await happens(world.ours)
                assert (await b.notice())["id"] == place

        asyncio.run(scenario())

    def test_a_stream_says_so_before_it_ends(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live, Stream(live, session=session) as stream:
                await stream.message(), await stream.message()
                await in_thread(lambda: Session.objects.all().delete())
                await live.recheck()
                last = await stream.message()
                assert last == {"type": "http.response.body", "body": b'data: {"kind":"signed_out"}\n\n'}

        asyncio.run(scenario())

    def test_who_loses_their_seat_is_told_no_more_and_who_gets_one_is(
        self, world: World, sign_in: SignIn
    ) -> None:
        moved = make_operator_person(world.ours.operator, seats=(world.ours.engagement,))
        there = make_engagement(world.ours.operator, world.theirs.desk)
        session = sign_in(moved)

        def move() -> None:
            with everywhere(reason="a test moves somebody to another desk"):
                Seat.objects.filter(member__user=moved).update(engagement=there, company=world.theirs.company)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=session) as socket:
                await socket.opened()
                await in_thread(move)
                await live.recheck()
                await happens(world.ours)
                place = await happens(world.theirs)
                assert (await socket.notice())["id"] == place

        asyncio.run(scenario())

    def test_who_is_locked_out_is_sent_away_at_once(self, world: World, sign_in: SignIn) -> None:
        out, other = sign_in(world.ours.agent), sign_in(world.ours.supervisor)
        by = actor_of(world.administrator)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=out) as a, Socket(live, session=other) as b:
                await a.opened(), await b.opened()
                await in_thread(lambda: lock_out(world.ours.agent, by=by))
                assert await a.message() == {"type": "websocket.close", "code": 4401}
                place = await happens(world.ours)
                assert (await told_until(b, place))[-1]["kind"] == "test.lamp_lit"
                assert len(live.hub.clients) == 1

        asyncio.run(scenario())

    @pytest.mark.parametrize("how", ["signs out", "signs out elsewhere", "gets a new password"])
    def test_an_ended_session_is_sent_away_at_once(self, world: World, sign_in: SignIn, how: str) -> None:
        agent = world.ours.agent
        here, there = sign_in(agent), sign_in(agent)
        by = actor_of(world.administrator)
        UserSession.objects.create(user=agent, session_key=there, ip="192.0.2.7", user_agent="Safari")

        def end() -> None:
            if how == "signs out":
                SessionStore(there).flush()
            elif how == "signs out elsewhere":
                UserSession.objects.get(session_key=there).end()
            else:
                with everywhere(reason="a test acts as the page would"):
                    set_password(agent, password="natsu-no-umi-wa-aoi", by=by)

        async def scenario() -> None:
            async with running() as live, Socket(live, session=here) as a, Socket(live, session=there) as b:
                await a.opened(), await b.opened()
                await in_thread(end)
                assert await b.message() == {"type": "websocket.close", "code": 4401}
                assert [client.session for client in live.hub.clients if not client.ended.done()] == [here]

        asyncio.run(scenario())

    def test_a_seat_that_is_taken_counts_from_the_next_event_on(self, world: World, sign_in: SignIn) -> None:
        agent = world.ours.agent
        by = actor_of(world.administrator)
        session, other = sign_in(agent), sign_in(world.ours.supervisor)
        with everywhere(reason="a test looks up a member"):
            member = OperatorMember.objects.get(user=agent)

        def take_seat() -> None:
            with everywhere(reason="a test takes a seat"):
                set_seats(member, engagements=[], by=by)
            light(world.ours)

        async def scenario() -> None:
            async with (
                running() as live,
                Socket(live, session=session) as a,
                Socket(live, session=other) as b,
            ):
                await a.opened(), await b.opened()
                place = await happens(world.ours)
                assert (await a.notice())["id"] == place
                await in_thread(take_seat)
                last = await happens(world.ours)
                await told_until(b, last)
                assert a.from_app.empty()
                assert {client.sight.desks for client in live.hub.clients if client.user == agent.pk} == {
                    frozenset()
                }

        asyncio.run(scenario())

    def test_who_cannot_keep_up_is_let_go(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live:
                socket = Socket(live, session=session)
                stuck = asyncio.Event()

                async def send(message: dict[str, Any]) -> None:
                    await socket.from_app.put(message)
                    if message.get("text"):
                        stuck.set()
                        await asyncio.Event().wait()

                await socket.to_app.put({"type": "websocket.connect"})
                visit = asyncio.create_task(live(socket.scope, socket.to_app.get, send))
                await stuck.wait()
                for _ in range(MOST_WAITING + 1):
                    live.hub.tell_all(module.PING)
                await asyncio.wait_for(visit, 20)
                assert live.hub.clients == set()

        asyncio.run(scenario())

    def test_at_the_end_everybody_is_sent_elsewhere(self, world: World, sign_in: SignIn) -> None:
        session = sign_in(world.ours.agent)

        async def scenario() -> None:
            async with running() as live:
                socket = await Socket(live, session=session).__aenter__()
                await socket.opened()
            assert await socket.message() == {"type": "websocket.close", "code": 1001}
            await socket.__aexit__(None, None, None)

        asyncio.run(scenario())

    def test_no_database_connection_stays_behind(self, world: World, sign_in: SignIn) -> None:
        sessions = [sign_in(make_person()) for _ in range(6)]

        def open_connections() -> int:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND backend_type = 'client backend'"
                )
                return int(cursor.fetchone()[0])

        async def scenario() -> tuple[int, int]:
            async with running() as live:
                first, *others = sessions
                async with Socket(live, session=first) as socket:
                    await socket.opened()
                    await happens(world.ours)  # the feed's own connections are open from here on
                    before = await in_thread(open_connections)
                for session in others:
                    async with Socket(live, session=session) as socket:
                        await socket.opened()
                return before, await in_thread(open_connections)

        before, after = asyncio.run(scenario())
        assert after == before


def test_what_is_fleeting_is_told_while_an_old_transaction_holds_the_log_back(
    world: World, sign_in: SignIn
) -> None:
    """Also after news that a newer or older process tells in another form."""
    session, side = sign_in(world.ours.agent), world.ours
    news = fleeting.News("case.typing", company=side.company.pk, desk=side.desk.pk, case=7)
    of_another_form = ['{"kind":"case.typing"}', "{", json.dumps({**asdict(news), "case": 8, "since": "now"})]

    def tell() -> None:
        with side.scope():
            event_log.record(
                LampLit(company=side.company.pk, desk=side.desk.pk, case=1, where="玄関"), by=system("test")
            )
        for word in of_another_form:
            fetch_all("SELECT pg_notify(%s, %s)", [event_log.CHANNEL, word])
        fleeting.tell(news)

    async def scenario() -> list[int]:
        async with running() as live, Socket(live, session=session) as socket:
            await socket.opened()
            await in_thread(tell)
            told = [(await socket.notice())["case"], (await socket.notice())["case"]]
            assert live.follows
        assert not live.follows
        return told

    with psycopg.connect(**connection_parameters()) as older:
        older.execute("SELECT pg_current_xact_id()")
        assert asyncio.run(asyncio.wait_for(scenario(), 60)) == [8, 7]
