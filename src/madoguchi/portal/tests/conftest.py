"""A desk with a form, and a visitor who fills it in."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from madoguchi.cases.models import Case, Message
from madoguchi.channels.webchat.models import Widget
from madoguchi.channels.webform.models import Form
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World

SITE = "https://shop.example"
OPENED_AT = datetime(2026, 8, 1, 1, 0, tzinfo=UTC)
WRITTEN = timedelta(seconds=30)


def typed() -> dict[str, Any]:
    """What somebody types into a form without questions of its own."""
    return {
        "name": "山田 美咲",
        "email": "misaki@customer.example",
        "phone": "090-1234-5678",
        "subject": "サイズを交換したい",
        "message": "届いたシャツが大きかったです。\n交換できますか。",
    }


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the browser. Takes half a minute to fill in a page, by a clock that is held."""

    client: Client

    def open(self, url: str, **headers: str) -> HttpResponse:
        with clock.held_at(OPENED_AT):
            return self.client.get(url, headers=headers)

    def sending(self, url: str) -> str:
        """The hidden token of the form on a page."""
        found = re.search(r'name="sending" value="([^"]+)"', self.open(url).content.decode())
        assert found, url
        return found[1]

    def send(
        self, url: str, values: dict[str, Any], *, after: timedelta = WRITTEN, **extra: Any
    ) -> HttpResponse:
        values = {"sending": self.sending(url), **values} if "sending" not in values else values
        with clock.held_at(OPENED_AT + after):
            return self.client.post(url, values, **extra)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(Client(headers={"Accept-Language": "ja"}))


@pytest.fixture
def door(world: World) -> EntryPoint:
    """The form of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.FORM, address="hinata")


@pytest.fixture
def form_url(door: EntryPoint) -> str:
    return f"/form/{door.address}/"


@pytest.fixture
def configure(door: EntryPoint) -> Callable[..., Form]:
    """Give our form a shape."""

    def make(**values: Any) -> Form:
        with scope.acting_for([door.company_id]):
            return Form.objects.create(company_id=door.company_id, entry_point=door, **values)

    return make


@contextmanager
def all_rows() -> Iterator[None]:
    with scope.everywhere(reason="a test looks at everything there is"):
        yield


def kept() -> tuple[int, int, int]:
    """How many arrivals, cases and messages there are, whosever they are."""
    with all_rows():
        return Arrival.objects.count(), Case.objects.count(), Message.objects.count()


def only_case() -> Case:
    """The one case there is."""
    with all_rows():
        return Case.objects.select_related("company", "customer", "desk", "entry_point").get()


def messages_of(case: Case) -> list[Message]:
    """The messages of a case, oldest first, with their files."""
    with all_rows():
        found = Message.objects.filter(case=case).prefetch_related("attachments").select_related("contact")
        return list(found.order_by("at", "id"))


@dataclass
class Browser:
    """A visitor's guest: it keeps its pass, and the id of the last message it knows."""

    address: str
    site: str = SITE
    signed: str = ""
    after: int = 0
    client: Client = field(default_factory=Client)

    def ask(self, what: str, **asked: Any) -> HttpResponse:
        body = {"pass": self.signed, "after": self.after, "language": "ja", **asked}
        return self.client.post(
            f"/chat/{self.address}/{what}/",
            json.dumps(body),
            content_type="text/plain",
            headers={"Origin": self.site},
        )

    def told(self, what: str, **asked: Any) -> list[dict[str, Any]]:
        answer = self.ask(what, **asked)
        assert answer.status_code == 200, answer.content
        told = answer.json()
        self.signed = told["pass"]
        self.after = max([self.after, *(one["id"] for one in told["said"])])
        return told["said"]

    def say(self, text: str, *, id: str = "m1", **asked: Any) -> list[dict[str, Any]]:
        return self.told("said", text=text, id=id, **asked)

    def look(self, *, seen: bool = False) -> list[dict[str, Any]]:
        return self.told("talk", seen=seen)


@pytest.fixture
def chat(world: World) -> EntryPoint:
    """The chat of our desk, on the pages of its shop."""
    point = make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")
    with scope.acting_for([point.company_id]):
        Widget.objects.create(company_id=point.company_id, entry_point=point, title="ご案内", sites=[SITE])
    return point


@pytest.fixture
def guest(chat: EntryPoint) -> Browser:
    return Browser(chat.address)


@pytest.fixture
def answer(agent: Actor) -> Callable[[str], Outgoing]:
    """Somebody of the desk answers the only case there is."""

    def write(text: str) -> Outgoing:
        case = only_case()
        with scope.acting_for([case.company_id]):
            return reply(case, Reply(text=text), by=agent)

    return write
