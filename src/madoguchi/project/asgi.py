"""What a web process serves: the live screens, its own health, and all pages."""

import os
from contextlib import suppress
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from django.db import Error, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.project.settings")
_django = get_wsgi_application()

from madoguchi.project.conf import config  # noqa: E402  after Django is set up
from madoguchi.project.live.app import Live, Message, Receive, Scope, Send, answer  # noqa: E402


class Pages:
    """Django's pages under WSGI, in threads that stay and keep their database connections."""

    def __init__(self, *, threads: int) -> None:
        self._bridge = WSGIMiddleware(_django, workers=threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_while_heard(message: Message) -> None:
            # A page goes on writing to a browser that has left. Were that an error, its thread would wait for ever.
            with suppress(Exception):
                await send(message)

        async def hear() -> Message:
            # The bridge asks for a coroutine; granian's own `receive` is only an awaitable.
            return await receive()

        bridge: Any = self._bridge
        await bridge(scope, hear, send_while_heard)

    def stop(self) -> None:
        """Take no more pages."""
        self._bridge.executor.shutdown(wait=False)


class Router:
    """/live/ is for the hub, /healthz and /readyz for those who watch over us, everything else is a page."""

    def __init__(self, *, live: Live, pages: Pages | None) -> None:
        self._live = live
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket" or scope["path"].startswith("/live/"):
            await self._live(scope, receive, send)
        elif scope["path"] == "/healthz":
            await answer(send, 200, b"ok")
        elif scope["path"] == "/readyz":
            await self._ready(send)
        elif self._pages:
            await self._pages(scope, receive, send)
        else:
            await answer(send, 404, b"Not found")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._live.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._live.stop()
        if self._pages:
            self._pages.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _ready(self, send: Send) -> None:
        try:
            await self._live.in_thread(_ask_database)
        except Error:
            await answer(send, 503, b"The database does not answer")
        else:
            if self._live.follows:
                await answer(send, 200, b"ok")
            else:
                await answer(
                    send, 503, b"The live screens are told nothing any more; start this process again"
                )


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


_live = Live()
application = Router(live=_live, pages=Pages(threads=config.web_threads))
live_only = Router(live=_live, pages=None)
