"""The door of the live screens: a WebSocket at /live/socket, server-sent events at /live/stream. Visitors of chats have
a WebSocket of their own at /live/chat, by their signed pass instead of a session.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from madoguchi.project.live import feed
from madoguchi.project.live.guests import Doorway, case_behind
from madoguchi.project.live.hub import (
    GOING_AWAY,
    NEWS,
    PING,
    RELOAD,
    SIGNED_OUT,
    Client,
    Connection,
    Hub,
    Notice,
    notice_of,
    place_of,
    written,
)
from madoguchi.project.live.sight import Viewer, viewer_of
from madoguchi.project.proxies import Proxies
from madoguchi.project.serving import SEND_AWAY

logger = structlog.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Result = TypeVar("Result")

MOST_MISSED = 500
PING_SECONDS = 25
RECHECK_SECONDS = 60
# So many sessions are asked for on one connection, which is made anew each time.
RECHECK_TOGETHER = 50
_GOODBYE_SECONDS = 1
_INTRODUCTION_SECONDS = 10

_STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class Live:
    """A plain ASGI application. One of it in a process has one feed, one hub and two threads for look-ups."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._proxies = Proxies(settings.TRUSTED_PROXIES)
        self._doorway = Doorway(settings.CHAT_CONNECTIONS)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="live look-up")
        # Strangers, however often they come, keep nobody of ours waiting.
        self._guest_thread = ThreadPoolExecutor(1, thread_name_prefix="live guests")
        self._feed = feed.Feed(self.hub, self.recheck)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to follow the log."""
        self._feed.start()
        every = [(PING_SECONDS, self._ping), (RECHECK_SECONDS, self.recheck)]
        self._tasks = [asyncio.create_task(_regularly(seconds, call)) for seconds, call in every]
        if threading.current_thread() is threading.main_thread():  # no other is sent signals
            asyncio.get_running_loop().add_signal_handler(SEND_AWAY, self.hub.end_all, GOING_AWAY)

    async def stop(self) -> None:
        """Send everybody away; they come back to another process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.hub.end_all(GOING_AWAY)
        await self._feed.stop()
        self._threads.shutdown(wait=False)
        self._guest_thread.shutdown(wait=False)

    @property
    def follows(self) -> bool:
        """Whether the screens are told of what happens."""
        return self._feed.follows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == "/live/socket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/live/chat":
            with self._doorway.through(self._address(scope)) as comes_in:
                await (self._guest if comes_in else _turn_away)(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["path"] == "/live/stream" and scope["method"] == "GET":
            await self._stream(scope, receive, send)
        else:
            await answer(send, 404, b"Not found")

    async def recheck(self, user: int | None = None) -> None:
        """Look at sessions again, one person's or all: who is out is sent away, who may see other things sees those."""
        concerned = {client.session for client in self.hub.clients if user is None or client.user == user}
        left = sorted(concerned)
        while left:
            some, left = left[:RECHECK_TOGETHER], left[RECHECK_TOGETHER:]
            self._show(await self.in_thread(partial(_viewers, some)))

    def _show(self, viewers: dict[str, Viewer | None]) -> None:
        """Give clients the sight that their sessions have now."""
        for client in [c for c in self.hub.clients if c.session in viewers]:
            viewer = viewers[client.session]
            if viewer is None:
                client.end(SIGNED_OUT)
            else:
                self.hub.see(client, viewer.sight)

    async def in_thread(self, call: Callable[[], Result]) -> Result:
        """Ask the database something, without leaving a connection behind."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_connection, call)

    async def _ping(self) -> None:
        self.hub.tell_all(PING)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if not from_our_pages(scope):
            await send({"type": "websocket.close", "code": 4403})
            return
        viewer = await self._viewer(scope)
        await send({"type": "websocket.accept"})
        code = SIGNED_OUT
        if viewer is not None:
            code = await self._serve(viewer, scope, receive, partial(_to_socket, send))
        if code:
            await _in_time(send({"type": "websocket.close", "code": code}))

    async def _guest(self, receive: Receive, send: Send) -> None:
        """A visitor of a chat. The pass is the first thing said, so that it stands in no address and no log."""
        await receive()
        await send({"type": "websocket.accept"})
        case = await self._case_of_guest(receive)
        if case is None:
            await _in_time(send({"type": "websocket.close", "code": SIGNED_OUT}))
            return
        guest = self.hub.guests.connect(case)
        guest.offer(NEWS)
        try:
            code = await _until_either_ends(guest, self._tell(guest, partial(_to_socket, send)), receive)
        finally:
            self.hub.guests.disconnect(guest, case)
        if code:
            await _in_time(send({"type": "websocket.close", "code": code}))

    def _address(self, scope: Scope) -> str:
        return self._proxies.origin(
            str((scope.get("client") or ("",))[0]), _header(scope, b"x-forwarded-for", ",")
        )

    async def _case_of_guest(self, receive: Receive) -> int | None:
        try:
            said = await asyncio.wait_for(receive(), _INTRODUCTION_SECONDS)
        except TimeoutError:
            return None
        look = partial(case_behind, said.get("text") or "")
        return await asyncio.get_running_loop().run_in_executor(self._guest_thread, _with_connection, look)

    async def _tell(self, guest: Connection, write: Callable[[list[Notice]], Awaitable[None]]) -> None:
        while True:
            await write(await guest.next())

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = await self._viewer(scope)
        if viewer is None:
            await answer(send, 401, b"Sign in first")
            return
        await send({"type": "http.response.start", "status": 200, "headers": _STREAM_HEADERS})
        code = await self._serve(viewer, scope, receive, partial(_to_stream, send))
        if code:
            last = b'data: {"kind":"signed_out"}\n\n' if code == SIGNED_OUT else b""
            await _in_time(send({"type": "http.response.body", "body": last}))

    async def _viewer(self, scope: Scope) -> Viewer | None:
        cookies = parse_cookie(_header(scope, b"cookie"))
        session = cookies.get(settings.SESSION_COOKIE_NAME)
        return await self.in_thread(partial(viewer_of, session)) if session else None

    async def _serve(
        self, viewer: Viewer, scope: Scope, receive: Receive, write: Callable[[list[Notice]], Awaitable[None]]
    ) -> int:
        """Tell the client what happens until either side ends it; the code to close with, 0 when it is gone."""
        client = self.hub.connect(viewer)
        try:
            return await _until_either_ends(client, self._deliver(client, _after(scope), write), receive)
        finally:
            self.hub.disconnect(client)

    async def _deliver(
        self, client: Client, after: str, write: Callable[[list[Notice]], Awaitable[None]]
    ) -> None:
        place = self.hub.place
        hello = {"kind": "hello", "id": written(place)} if place else {"kind": "hello"}
        await write([*await self._missed(client, after), Notice(hello)])
        while True:
            await write(await client.next())

    async def _missed(self, client: Client, after: str) -> list[Notice]:
        """What a client that comes back has missed; what came since it connected already waits for it."""
        since = place_of(after)
        if since is None:
            return [RELOAD] if after else []
        look = partial(feed.missed, since, upto=self.hub.place, most=MOST_MISSED)
        events = await self.in_thread(look)
        if events is None:
            return [RELOAD]
        sees = client.sight.includes
        return [notice_of(e) for e in events if sees(kind=e.kind, company=e.company, desk=e.desk)]


async def answer(send: Send, status: int, body: bytes) -> None:
    """A short plain answer."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def from_our_pages(scope: Scope) -> bool:
    """Whether a browser says that one of our own pages opened the connection.

    Cookies go along with a WebSocket whoever's page opens it, so a foreign origin (or none) is refused.
    """
    origin, host = urlsplit(_header(scope, b"origin")), _header(scope, b"host")
    ours = urlsplit(settings.BASE_URL)
    if (origin.scheme, origin.netloc) == (ours.scheme, ours.netloc):
        return True
    domain, _ = split_domain_port(host)
    same = origin.scheme in ("http", "https") and origin.netloc == host
    return same and bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _after(scope: Scope) -> str:
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", [""])[0]
    return _header(scope, b"last-event-id") or asked


async def _turn_away(receive: Receive, send: Send) -> None:
    """Before the handshake, which costs least; the page asks now and then instead, and tries again."""
    await receive()
    await send({"type": "websocket.close", "code": 4429})


def _header(scope: Scope, name: bytes, between: str = "; ") -> str:
    return between.join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


async def _to_socket(send: Send, notices: list[Notice]) -> None:
    for notice in notices:
        await send(notice.for_socket)


async def _to_stream(send: Send, notices: list[Notice]) -> None:
    body = b"".join(notice.for_stream for notice in notices)
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _until_either_ends(
    connection: Connection, telling: Coroutine[Any, Any, None], receive: Receive
) -> int:
    """Tell until either side ends it; the code to close with, 0 when the other side is gone."""
    deliver, gone = asyncio.create_task(telling), asyncio.create_task(_gone(receive))
    try:
        ends: list[asyncio.Future[Any]] = [deliver, gone, connection.ended]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        return connection.ended.result() if connection.ended.done() and not gone.done() else 0
    finally:
        for task in (deliver, gone):
            task.cancel()
        await asyncio.gather(deliver, gone, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] not in ("websocket.disconnect", "http.disconnect"):
        pass


async def _in_time(goodbye: Awaitable[None]) -> None:
    """A goodbye to a connection that may be stuck."""
    try:
        await asyncio.wait_for(goodbye, _GOODBYE_SECONDS)
    except (TimeoutError, RuntimeError, OSError):
        logger.debug("live_goodbye_unheard")


async def _regularly(seconds: float, call: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await call()
        except Exception:  # the database may be away; the next round tries again
            logger.exception("live_round_failed", round=call.__name__)


def _viewers(sessions: list[str]) -> dict[str, Viewer | None]:
    return {session: viewer_of(session) for session in sessions}


def _with_connection(call: Callable[[], Result]) -> Result:
    close_old_connections()
    try:
        return call()
    finally:
        connection.close()
