"""A company's LINE account, with a stand-in for LINE behind it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from linebot.v3.webhooks import CallbackRequest
from tests.servers.line import OTHER, SECRET, TOKEN, USER, Line, event, line_server, signature, webhook_body

from madoguchi.cases.models import Case
from madoguchi.channels.line.actions import work_up
from madoguchi.channels.line.models import Account, Received
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import Side, World

ADDRESS = "@asagiri"


@pytest.fixture
def line(settings: Any) -> Iterator[Line]:
    """LINE, with the two users who turn up in tests."""
    with line_server() as server:
        settings.LINE_API = server.url
        server.names = {
            USER: {"userId": USER, "displayName": "髙橋 美咲", "language": "ja"},
            OTHER: {"userId": OTHER, "displayName": "Ken", "language": "en"},
        }
        yield server


def make_account(side: Side, *, address: str = ADDRESS) -> EntryPoint:
    """A LINE account of a company that is set up."""
    point = make_entry_point(side.desk, kind=Channel.LINE, address=address)
    with side.scope():
        Account.objects.create(
            company=side.company, entry_point=point, channel_id="1650000000", secret=SECRET, token=TOKEN
        )
    return point


@dataclass
class Desk:
    """A desk with a LINE account, as customers and LINE see it. What is handed in is read by the models of LINE's SDK
    first, unless it is what LINE would not hand in (`as_line_would`).
    """

    side: Side
    point: EntryPoint
    client: Client
    number: int = 0
    as_line_would: bool = True

    def hand_in(self, *events: dict[str, Any], secret: str = SECRET, address: str = "asagiri") -> int:
        """Post events as LINE does; the status that came back."""
        body = webhook_body(list(events))
        if self.as_line_would:
            CallbackRequest.from_dict(json.loads(body))
        return self.post(body, signature(body, secret), address=address)

    def post(self, body: bytes, signed: str, *, address: str = "asagiri") -> int:
        answer = self.client.post(
            f"/line/{address}/", body, content_type="application/json", headers={"X-Line-Signature": signed}
        )
        return answer.status_code

    def said(self, text: str = "届きません", *, message: str = "", **more: Any) -> dict[str, Any]:
        """The event of a text."""
        return self.event(message={"type": "text", "id": message or self.next_id(), "text": text}, **more)

    def event(self, kind: str = "message", *, ago: float = 0, name: str = "", **more: Any) -> dict[str, Any]:
        """Any event, `ago` seconds old."""
        at = int((clock.now().timestamp() - ago) * 1000)
        return event(kind, name=name or f"01H{self.next_id()}", at=at, **more)

    def next_id(self) -> str:
        self.number += 1
        return f"44470867970{self.number:04}"

    def work_up(self) -> None:
        """What the jobs do, in the order in which events came."""
        for pk in self.waiting():
            work_up(pk, company=self.side.company.pk)

    def waiting(self) -> list[int]:
        with self.side.scope():
            rows = Received.objects.filter(state="waiting").order_by("pk")
            return list(rows.values_list("pk", flat=True))

    def take(self, *events: dict[str, Any]) -> None:
        """Hand in and work up."""
        assert self.hand_in(*events) == 200
        self.work_up()

    def case(self) -> Case:
        """The only case."""
        with self.side.scope():
            return Case.objects.select_related("company", "desk", "customer", "entry_point").get()

    def send_all(self) -> list[Outgoing]:
        """Let what waits leave, past its undo time; how each fared."""
        with self.side.scope():
            Outgoing.objects.filter(state="queued").update(due_at=clock.now())
            left = list(Outgoing.objects.order_by("pk").values_list("pk", flat=True))
        for pk in left:
            send(pk, company=self.side.company.pk)
        with self.side.scope():
            return list(Outgoing.objects.order_by("pk"))


@pytest.fixture
def desk(world: World, line: Line) -> Desk:
    """Our company's desk with its account."""
    return Desk(world.ours, make_account(world.ours), Client())


Events = Callable[..., None]
