"""What the chat's page and the case's page are told of a bot."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.bot.actions import respond
from madoguchi.bot.factories import bot_on
from madoguchi.cases.models import Message
from madoguchi.channels.webchat.models import Widget
from madoguchi.desk.event_words import as_called
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import ActorKind
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "https://shop.example"


def ask(what: str, **asked: Any) -> dict[str, Any]:
    headers = {"Origin": SITE}
    answer = Client().post(
        f"/chat/shop-chat/{what}/", json.dumps(asked), content_type="text/plain", headers=headers
    )
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


@pytest.fixture
def site(chat) -> None:
    with scope.acting_for([chat.company_id]):
        Widget.objects.update(sites=[SITE])


def test_a_page_is_told_of_the_bot_before_anybody_writes(guest, site, world) -> None:
    about = Client().get("/chat/shop-chat/about/", headers={"Origin": SITE}).json()
    assert about["bot"] == {"name": "案内ボット", "greeting": "", "first": {}}
    with world.ours.scope():
        bot_on(world.ours.desk, is_on=False)
    assert Client().get("/chat/shop-chat/about/", headers={"Origin": SITE}).json()["bot"] is None


def test_a_page_is_told_that_an_answer_is_sought_then_the_answer_and_what_can_be_chosen(
    guest, site, reader
) -> None:
    # when
    told = ask("said", id="m1", text="返品の期限と送料", secret="s" * 32)

    # then
    assert (told["writing"], told["bot"]) == ("bot", {"speaks": True, "under": 0, "choices": []})

    # when
    with guest.acting():
        written = Message.objects.get(text="返品の期限と送料")
    respond(written.pk, company=guest.point.company_id, reader=reader)
    told = ask("talk", **{"pass": told["pass"]}, after=written.pk)

    # then
    [said] = told["said"]
    assert (said["ours"], said["bot"], said["who"]) == (True, True, "案内ボット")
    assert told["writing"] is False
    assert told["bot"] == {
        "speaks": True,
        "under": said["id"],
        "choices": ["解決しました", "解決していません"],
    }


def test_the_case_shows_the_bot_its_basis_and_why_it_is_silent_and_it_can_be_brought_back(
    guest, signed_in: Callable[[User], Client], world
) -> None:
    # given
    guest.says("返品の期限と送料")
    guest.says("ふざけるな")
    number = guest.case.spoken_number(guest.case.company.prefix)
    browser = signed_in(world.ours.agent)

    # then
    page = browser.get(reverse("desk:case", args=[number])).content.decode()
    for words in ("案内ボット", "返品の期限と送料について 第1版", "ボットは応対を終了（怒り）"):
        assert words in page, words
    assert "ボットが担当者に引き継ぎました（怒り）" in page
    assert ("チャットのお客様" in page, "visitor-" in page) == (True, False)
    # What is done now and then lies in the menu: beside the other acts it had no room at 1280 pixels.
    line, _menu, behind = page.partition('<details class="menu more">')
    assert ("ボットに戻す" in line, "ボットに戻す" in behind) == (False, True)

    # when
    browser.post(reverse("desk:bot_back", args=[number]))

    # then
    page = browser.get(reverse("desk:case", args=[number])).content.decode()
    assert "ボットが応対中" in page
    assert "さんが応対をボットに戻しました" in page


def test_the_scores_are_read_by_whoever_reads_cases_and_hold_nothing_of_others(
    guest, signed_in: Callable[[User], Client], world
) -> None:
    guest.says("御社の決算短信の開示時刻")
    ours = signed_in(world.ours.agent).get(reverse("desk:bot_scores")).content.decode()
    assert "会話1件、メッセージ1通。回答0、候補の提示0、人への引き継ぎ1。" in ours
    assert "御社の決算短信の開示時刻" in ours
    theirs = signed_in(world.theirs.agent).get(reverse("desk:bot_scores")).content.decode()
    assert "御社の決算短信の開示時刻" not in theirs
    assert "担当する窓口でボットは動いていません" in theirs


def test_what_the_bot_does_is_told_by_its_name_in_our_words() -> None:
    by_bot = Event(actor_kind=ActorKind.SYSTEM, actor_name="bot")
    by_rule = Event(actor_kind=ActorKind.SYSTEM, actor_name="規則 返品")
    assert as_called("botさんが件名を変えました", by_bot) == "ボットが件名を変えました"
    assert as_called("規則 返品さんが件名を変えました", by_rule) == "規則 返品が件名を変えました"
