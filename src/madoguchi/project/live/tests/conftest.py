"""A browser's side of the live door, spoken to as the server speaks to it."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from madoguchi.infra import event_log, scope
from madoguchi.infra.tests.happenings import LampLit
from madoguchi.kernel.actor import system
from madoguchi.people.factories import Side
from madoguchi.people.models import User

PATIENCE = 20


class Visit:
    """One connection to the application, as a WebSocket or as a stream of events."""

    def __init__(self, app: Any, *, session: str = "", query: str = "", **headers: str) -> None:
        self.app = app
        cookie = {"cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
        given = {"host": "testserver", **cookie, **headers}
        self.scope: dict[str, Any] = {
            "query_string": query.encode(),
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items()],
        }
        self.to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.app(self.scope, self.to_app.get, self.from_app.put))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.to_app.put({"type": self.leaving})
        await asyncio.wait_for(self.task, PATIENCE)

    leaving = "http.disconnect"

    async def message(self) -> dict[str, Any]:
        """What the application sends next."""
        return await asyncio.wait_for(self.from_app.get(), PATIENCE)


class Socket(Visit):
    """A WebSocket, from a page of ours unless told otherwise."""

    leaving = "websocket.disconnect"

    def __init__(self, app: Any, *, origin: str = "http://testserver", **more: str) -> None:
        super().__init__(app, **({"origin": origin} if origin else {}), **more)
        self.scope |= {"type": "websocket", "path": "/live/socket"}

    async def __aenter__(self) -> Self:
        await self.to_app.put({"type": "websocket.connect"})
        return await super().__aenter__()

    async def opened(self) -> dict[str, Any]:
        """The greeting, once accepted."""
        assert await self.message() == {"type": "websocket.accept"}
        return await self.notice()

    async def notice(self) -> dict[str, Any]:
        """The next notice."""
        return json.loads((await self.message())["text"])


class Stream(Visit):
    """Server-sent events."""

    def __init__(self, app: Any, **more: str) -> None:
        super().__init__(app, **more)
        self.scope |= {"type": "http", "method": "GET", "path": "/live/stream"}


@pytest.fixture
def sign_in() -> Callable[[User], str]:
    """Signs somebody in; what comes out is their session."""

    def sign_in(user: User) -> str:
        browser = Client()
        browser.force_login(user)
        return browser.cookies[settings.SESSION_COOKIE_NAME].value

    return sign_in


def light(side: Side, where: str = "玄関", *, at_desk: bool = True) -> str:
    """Something happens at a desk; what comes out is its place in the log, once it is settled."""
    fact = LampLit(company=side.company.pk, desk=side.desk.pk if at_desk else None, case=1, where=where)
    with side.scope():
        event_id = event_log.record(fact, by=system("test"))
    with scope.everywhere(reason="a test looks up a place"):
        (event,) = event_log.read_these([event_id])
    return f"{event.cursor.tx}-{event.id}"


async def happens(side: Side, where: str = "玄関", *, at_desk: bool = True) -> str:
    """`light`, from within a loop."""

    def call() -> str:
        try:
            return light(side, where, at_desk=at_desk)
        finally:
            connection.close()

    return await asyncio.to_thread(call)
