"""The console in Chromium: somebody signed in, three cases, and a hub that says what happened."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Request, WebSocketRoute
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.search.factories import index_everything

BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@pytest.fixture(scope="session", autouse=True)
def browser_beside_django() -> Iterator[None]:
    """Playwright's loop runs in the thread in which tests ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def sign_in(context: BrowserContext, live_server: LiveServer) -> Callable[[User], None]:
    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return sign_in


@pytest.fixture
def settled(as_owner: Callable[[], AbstractContextManager[None]], page: Page) -> Iterator[None]:
    """At the end nothing is asked of the server any more, before its tables are emptied."""
    under_way: set[Request] = set()
    page.on("request", lambda request: under_way.add(request))
    page.on("requestfinished", lambda request: under_way.discard(request))
    page.on("requestfailed", lambda request: under_way.discard(request))
    yield
    # A request that outlives its page is never reported as finished: hence not for ever.
    for _ in range(100):
        if under_way:
            page.wait_for_timeout(20)
    page.context.set_offline(True)
    with as_owner(), connection.cursor() as cursor:
        while cursor.execute(BUSY).fetchone()[0]:
            pass


class Hub:
    """The live hub, as far as a page knows it: says what happened to whoever listens."""

    def __init__(self, page: Page) -> None:
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/live/socket*", lambda socket: self.sockets.append(socket))

    def tell(self, kind: str, case: Case, **more: int) -> None:
        said = {"id": "1-1", "kind": kind, "case": case.pk, "desk": case.desk_id}
        self.sockets[-1].send(json.dumps(said | more))


@pytest.fixture
def hub(page: Page) -> Hub:
    return Hub(page)


@pytest.fixture
def desk(
    page: Page,
    world: World,
    sign_in: Callable[[User], None],
    live_server: LiveServer,
    hub: Hub,
    settled: None,
) -> Iterator[Callable[[str], Page]]:
    """The console of our agent, on which every script error and breach of the CSP fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    sign_in(world.ours.agent)

    def go(address: str) -> Page:
        page.goto(live_server.url + address)
        return page

    yield go
    assert problems == []


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Three cases, the newest first in the list."""
    names = ["山﨑 悠", "伊藤 千尋", "髙橋 美咲"]
    made = [
        make_case(
            world.ours.entry_point,
            subject=f"{name}の件",
            sender=Party(f"c{n}@home.example", name),
            text=f"{name}です。",
        )
        for n, name in enumerate(names)
    ]
    index_everything()
    return made[::-1]


def address_of(case: Case, world: World) -> str:
    return f"/cases/{case.spoken_number(world.ours.company.prefix)}/"
