"""Who says how a chat looks, who comes to it, and how long an answer waits there before it goes by mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.channels.webchat.actions import come_in, shape_chat
from madoguchi.channels.webchat.channel import LOOK_AGAIN, WebchatChannel
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.channels.webchat.queries import address_given_by, widget_of
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import (
    Channel,
    DeliveryFailure,
    GoneAway,
    HeldBack,
    Outbound,
    Party,
    PermanentFailure,
)
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 8, 3, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)
VISITOR = "visitor-0123456789abcdef"


@pytest.fixture
def chat(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")


def shape(point: EntryPoint, by: Actor, **other: Any) -> Widget:
    said = {"title": "ご案内", "greeting": "", "hue": None, "sites": (), "ask": "optional", "mail_after": 5}
    return shape_chat(point, **said | other, by=by)


def test_what_a_chat_says_is_kept_in_one_form_and_told(world: World, chat: EntryPoint) -> None:
    boss = actor_of(world.ours.company_manager)
    with world.ours.scope():
        shape(chat, boss, title="題" * 101, greeting=" 一\r\n二 ", hue=210, sites=["https://SHOP.example/"])
        kept = shape(chat, boss, title=" ご\n案内 ", greeting="長" * 1001, ask="never", mail_after=30)

        assert Widget.objects.get() == kept
        assert (kept.title, kept.greeting, kept.sites) == ("ご 案内", "長" * 1000, [])
        assert (kept.hue, kept.ask, kept.mail_after) == (None, "never", 30)
        events = Event.objects.filter(kind="chat.shaped").order_by("id")
        told, changed = [one.data for one in events], words_of(one.pk for one in events)
    assert told == [
        {"entry_point": chat.pk, "title": "題" * 100, "sites": ["https://shop.example"]},
        {"entry_point": chat.pk, "title": "ご 案内", "sites": []},
    ]
    (only,) = changed.values()
    assert only["title"] == ["題" * 100, "ご 案内"]
    assert (only["hue"], only["sites"]) == ([210, None], [["https://shop.example"], []])


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_nobody_else_shapes_it(world: World, chat: EntryPoint, who: str) -> None:
    strangers = (actor_of(getattr(world.ours, who)), actor_of(world.theirs.company_manager))
    with world.ours.scope():
        for by in strangers:
            with pytest.raises(NotAllowed):
                shape(chat, by)
        assert not Widget.objects.exists()
        assert not Event.objects.filter(kind="chat.shaped").exists()


def test_what_is_no_chat_or_no_site_is_refused_and_nothing_is_kept(world: World, chat: EntryPoint) -> None:
    boss, form = actor_of(world.ours.company_manager), make_entry_point(world.ours.desk, kind=Channel.FORM)
    with world.ours.scope():
        for language, words in (
            ("ja", "この受付口はチャットではありません。"),
            ("en", "This entry point is no chat."),
        ):
            with override(language), pytest.raises(Refused) as refused:
                shape(form, boss)
            assert str(refused.value) == words
        with pytest.raises(Refused) as refused:
            shape(chat, boss, sites=["shop.example"])
        assert refused.value.field == "sites"
        assert not Widget.objects.exists()


def test_where_nobody_configured_a_chat_it_is_a_plain_one(world: World, chat: EntryPoint) -> None:
    with world.ours.scope():
        plain = widget_of(chat.pk)
    assert (plain.pk, plain.title, plain.sites, plain.ask, plain.mail_after) == (None, "", [], "optional", 5)


def test_a_later_word_of_a_visitor_takes_the_place_of_an_earlier_one(world: World, chat: EntryPoint) -> None:
    steps = [
        ({}, ("", "")),
        ({"called": " 山田\n美咲 "}, ("山田 美咲", "")),
        ({"address": " Misaki@Customer.example "}, ("山田 美咲", "Misaki@Customer.example")),
        ({"called": "美咲"}, ("美咲", "Misaki@Customer.example")),
        # who says nothing takes nothing back
        ({"called": "", "address": ""}, ("美咲", "Misaki@Customer.example")),
        ({"called": "4111 1111 1111 1111"}, ("■■■■ ■■■■ ■■■■ 1111", "Misaki@Customer.example")),
    ]
    with world.ours.scope(), clock.held_at(NOON):
        for said, kept in steps:
            visit = come_in(chat, visitor=VISITOR, **said)
            assert (visit.called, visit.address) == kept
        assert Visit.objects.count() == 1
        assert Visit.objects.get().began_at == NOON
        assert address_given_by(VISITOR) == "Misaki@Customer.example"
        assert address_given_by("visitor-other") == ""
    with world.theirs.scope():
        assert address_given_by(VISITOR) == ""


@pytest.mark.parametrize("wrong", ["misaki", "misaki@", "@shop.example", "a b@shop.example", "misaki@shop"])
def test_what_is_no_mail_address_is_refused_and_the_visit_stays_as_it_was(
    world: World, chat: EntryPoint, wrong: str
) -> None:
    with world.ours.scope():
        come_in(chat, visitor=VISITOR, address="misaki@customer.example")
        for language, words in (
            ("ja", "メールアドレスの形が正しくないようです。misaki@example.jp のように入力してください。"),
            ("en", "This does not look like a mail address. Enter it as in misaki@example.jp."),
        ):
            with override(language), pytest.raises(Refused) as refused:
                come_in(chat, visitor=VISITOR, called="別人", address=wrong)
            assert (str(refused.value), refused.value.field) == (words, "address")
        visit = Visit.objects.get()
        assert (visit.called, visit.address) == ("", "misaki@customer.example")


class TestWaiting:
    """An answer waits for its reader; whoever left and gave an address gets it by mail."""

    def send(self, world: World, *, at: datetime) -> DeliveryFailure:
        message = Outbound(
            external_id="chat.x@desk.example",
            company=world.ours.company.pk,
            entry_point=None,
            sender=Party("support@shop.example"),
            to=(Party(VISITOR),),
            subject="",
            text="ございます。",
            created_at=NOON,
        )
        with clock.held_at(at), pytest.raises(DeliveryFailure) as raised:
            WebchatChannel().send(message)
        return raised.value

    @pytest.mark.parametrize("mail_after", [1, 5, 1440])
    def test_until_the_minutes_are_over_it_waits_and_then_goes_by_mail(
        self, world: World, chat: EntryPoint, mail_after: int
    ) -> None:
        over = NOON + timedelta(minutes=mail_after)
        with world.ours.scope():
            shape(chat, actor_of(world.ours.company_manager), mail_after=mail_after)
            come_in(chat, visitor=VISITOR, called="美咲", address="misaki@customer.example")

        for moment in (NOON, over - SECOND):
            waits = self.send(world, at=moment)
            assert isinstance(waits, HeldBack)
            assert waits.until == over
        for moment in (over, over + timedelta(days=3)):
            gone = self.send(world, at=moment)
            assert isinstance(gone, GoneAway)
            assert gone.to == Party("misaki@customer.example", "美咲")

    def test_of_whoever_gave_no_address_it_is_looked_for_each_day(
        self, world: World, chat: EntryPoint
    ) -> None:
        with world.ours.scope():
            come_in(chat, visitor=VISITOR)
        for moment in (NOON, NOON + timedelta(days=40)):
            waits = self.send(world, at=moment)
            assert isinstance(waits, HeldBack)
            assert waits.until == moment + LOOK_AGAIN

    def test_to_a_visitor_of_another_company_nothing_goes(self, world: World) -> None:
        theirs = make_entry_point(world.theirs.desk, kind=Channel.CHAT)
        with world.theirs.scope():
            come_in(theirs, visitor=VISITOR, address="misaki@customer.example")
        assert isinstance(self.send(world, at=NOON), PermanentFailure)
