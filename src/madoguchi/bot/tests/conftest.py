"""A desk with a chat and a bot that is on, some articles, and a visitor who writes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.conf import settings
from django.test import Client

from madoguchi.bot.actions import respond
from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Bot, Talk, Turn
from madoguchi.bot.reader import Reader
from madoguchi.cases.models import Case, Message
from madoguchi.channels.webchat.channel import external_id
from madoguchi.channels.webchat.models import Widget
from madoguchi.channels.webchat.saying import Saying
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel, File
from madoguchi.kernel.identity import new_visitor
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.portal.chat.actions import say

ARTICLES = {
    "返品": (
        "返品の期限と送料について",
        "商品到着後8日以内にご連絡ください。返品の送料はお客様のご負担です。",
    ),
    "配送": (
        "お届けまでの日数について",
        "ご注文から3営業日以内に発送します。地域により1日から3日でお届けします。",
    ),
    "支払い": (
        "お支払い方法を変更したい",
        "発送前であれば、マイページの注文履歴からお支払い方法を変更できます。",
    ),
    "領収書": ("領収書の発行について", "マイページの注文履歴から領収書をダウンロードできます。"),
    "退会": ("会員を退会する方法", "マイページの会員情報から退会の手続きができます。ポイントは失効します。"),
}
_ids = count(1)


@dataclass
class Guest:
    """A visitor of a chat; the bot is asked at once, as its job would."""

    point: EntryPoint
    reader: Reader
    visitor: str = field(default_factory=new_visitor)

    def says(
        self, text: str, *, language: str = "ja", heard: bool = True, files: tuple[File, ...] = ()
    ) -> Message:
        """Write something, and have the bot hear it; returns what was written."""
        saying = Saying(id=f"m{next(_ids)}", visitor=self.visitor, text=text, language=language, files=files)
        say(saying, through=self.point, mail="", source=self.visitor)
        with self.acting():
            written = Message.objects.filter(external_id=external_id(self.visitor)).order_by("-pk")[0]
        if heard:
            respond(written.pk, company=self.point.company_id, reader=self.reader)
        return written

    def acting(self):
        return scope.acting_for([self.point.company_id])

    @property
    def case(self) -> Case:
        with self.acting():
            theirs = Message.objects.filter(external_id=external_id(self.visitor)).values("case")
            return Case.objects.select_related("desk", "company").get(pk__in=theirs)

    def turns(self) -> list[Turn]:
        with self.acting():
            return list(Turn.objects.filter(case=self.case).select_related("said", "version").order_by("pk"))

    def talk(self) -> Talk | None:
        with self.acting():
            return Talk.objects.filter(case=self.case).first()


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """The process that reads articles, as the product runs it."""
    started = Reader()
    yield started
    started.close()


@pytest.fixture
def company_manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def articles(world: World, company_manager: Actor) -> dict[str, Article]:
    with world.ours.scope():
        return {
            name: approved(world.ours.company, by=company_manager, title=title, body=body)
            for name, (title, body) in ARTICLES.items()
        }


@pytest.fixture
def chat(world: World) -> EntryPoint:
    point = make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")
    with world.ours.scope():
        Widget.objects.create(company_id=point.company_id, entry_point=point, title="ご案内")
    return point


@pytest.fixture
def bot(world: World) -> Bot:
    with world.ours.scope():
        return bot_on(world.ours.desk)


@pytest.fixture
def guest(chat: EntryPoint, bot: Bot, articles: dict[str, Article], reader: Reader) -> Guest:
    return Guest(chat, reader)


@pytest.fixture
def another(chat: EntryPoint, reader: Reader) -> Callable[[], Guest]:
    return lambda: Guest(chat, reader)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """`signed_in(person)` is a browser in which this person is signed in."""

    def browser(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return browser
