"""The bot answers by LINE as it does in a chat, with what can be said next as buttons."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.servers.line import SECRET, TOKEN, USER, Line, line_server

from madoguchi.bot.actions import respond
from madoguchi.bot.factories import led_by
from madoguchi.bot.models import Bot, Talk, Turn
from madoguchi.bot.reader import Reader
from madoguchi.bot.tree import Kind, Node
from madoguchi.cases.models import Message
from madoguchi.channels.line.models import Account, Friend
from madoguchi.channels.line.saying import Saying, encode
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.actions import Reply, reply, send
from madoguchi.delivery.models import Outgoing
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.trees import ROOT
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(settings: Any) -> Iterator[Line]:
    with line_server() as server:
        settings.LINE_API = server.url
        server.tokens = {"token-1"}
        yield server


@pytest.fixture
def point(world: World, bot: Bot, articles: Any) -> EntryPoint:
    made = make_entry_point(world.ours.desk, kind=Channel.LINE, address="@asagiri")
    with world.ours.scope():
        Account.objects.create(company=world.ours.company, entry_point=made, secret=SECRET, token=TOKEN)
        Friend.objects.create(
            company=world.ours.company,
            entry_point=made,
            user=USER,
            reply_token="token-1",
            reply_until=clock.now() + timedelta(seconds=40),
        )
    return made


def says(point: EntryPoint, reader: Reader, text: str, *, name: str = "1") -> Message:
    """Somebody says this by LINE, and the bot hears it; what it answered leaves. Returns what they said."""
    follows = "" if name == "1" else "line.1@madoguchi.invalid"
    saying = Saying(id=name, user=USER, text=text, language="ja", follows=follows)
    arrival = receive(raw=encode(saying), entry_point=point, source="LINE", channel=Channel.LINE)
    assert arrival is not None
    handled = handle(arrival, company=point.company_id)
    assert handled is not None
    assert handled.message_id is not None
    respond(handled.message_id, company=point.company_id, reader=reader)
    return Message(pk=handled.message_id)


def let_leave(world: World) -> list[Outgoing]:
    with world.ours.scope():
        waiting = list(Outgoing.objects.filter(state="queued").values_list("pk", flat=True))
    for pk in waiting:
        send(pk, company=world.ours.company.pk)
    with world.ours.scope():
        return list(Outgoing.objects.order_by("pk"))


def test_it_answers_by_the_reply_token_with_its_choices(
    world: World, line: Line, point: EntryPoint, reader: Reader
) -> None:
    says(point, reader, "返品の期限と送料について")

    [outgoing] = let_leave(world)

    assert outgoing.state == "sent"
    [said] = line.replied
    [message] = said["messages"]
    assert "商品到着後8日以内" in message["text"]
    labels = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert labels == ["解決しました", "解決していません", "人と話す"]
    with world.ours.scope():
        assert (Turn.objects.get().outcome, Message.objects.get(automatic="bot").channel) == (
            "answer",
            "line",
        )


def test_a_touch_asks_for_a_person(world: World, line: Line, point: EntryPoint, reader: Reader) -> None:
    says(point, reader, "返品の期限と送料について")
    says(point, reader, "人と話す", name="2")

    [*_, last] = let_leave(world)

    assert last.choices == []
    with world.ours.scope():
        assert Talk.objects.get().held_by == Talk.With.PERSON


def test_a_scenario_is_quick_replies_with_a_person_always_among_them(
    world: World, line: Line, point: EntryPoint, reader: Reader, articles: Any, company_manager: Actor
) -> None:
    with world.ours.scope():
        led_by(
            world.ours.desk,
            Node(0, ROOT, "配送について", Kind.MENU, "配送の何についてでしょうか。"),
            Node(0, 2, "お届けの日数", Kind.ANSWER, article=articles["配送"].pk),
            by=company_manager,
        )
    says(point, reader, "配送について")

    let_leave(world)

    [message] = line.replied[0]["messages"]
    assert message["text"] == "配送の何についてでしょうか。\n1. お届けの日数"
    labels = [item["action"]["label"] for item in message["quickReply"]["items"]]
    assert labels == ["お届けの日数", "最初に戻る", "人と話す"]


def test_a_persons_word_silences_it(world: World, line: Line, point: EntryPoint, reader: Reader) -> None:
    says(point, reader, "返品の期限と送料について")
    with world.ours.scope():
        case = Message.objects.get(automatic="bot").case
        reply(case, Reply(text="担当の青木です。"), by=actor_of(world.ours.agent))

    says(point, reader, "お届けまでの日数について", name="2")

    with world.ours.scope():
        assert Turn.objects.count() == 1


def test_without_a_bot_nothing_is_said(world: World, line: Line, point: EntryPoint, reader: Reader) -> None:
    with world.ours.scope():
        Bot.objects.update(is_on=False)

    says(point, reader, "返品の期限と送料について")

    assert let_leave(world) == []
