"""A visitor and a bot; then the visitor is angry, and a person takes over; what was told wrong is put right. Another is
led by a scenario.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.journeys.letters import letter_to
from tests.journeys.test_chat import _AT_ONCE, answer, arrive, log, open_chat

__all__ = ["arrive"]
pytestmark = [pytest.mark.long, pytest.mark.journey]
TITLE, WRONG = (
    "返品の期限と送料について",
    "商品到着後8日以内にご連絡ください。返品の送料はお客様のご負担です。",
)
RIGHT = "商品到着後14日以内にご連絡ください。返品の送料は当社が負担します。"
_BOT = """
from madoguchi.bot.factories import bot_on
from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.factories import approved
from madoguchi.kernel.actor import Role
from madoguchi.people.factories import make_company_person
from madoguchi.people.queries import actor_of
with scope.everywhere(reason="a journey needs a chat with a bot"):
    desk = EntryPoint.objects.select_related("desk__company").get(address=given["address"]).desk
    point = make_entry_point(desk, kind=Channel.CHAT, address="bot-chat")
    Widget.objects.create(company_id=point.company_id, entry_point=point, title="ひなた衣料 チャット")
    manager = make_company_person(desk.company, Role.COMPANY_MANAGER)
    by = actor_of(manager)
    article = approved(desk.company, by=by, title=given["title"], body=given["body"])
    approved(desk.company, by=by, title="領収書の発行について", body="マイページから発行できます。")
    bot_on(desk)
tell([point.address, article.pk, manager.email])
"""
_CORRECTED = """
from madoguchi.infra import scope
from madoguchi.knowledge.factories import rewrite
from madoguchi.knowledge.models import Article
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
with scope.everywhere(reason="a journey needs a correction"):
    by = actor_of(User.objects.get(email=given["manager"]))
    rewrite(Article.objects.get(pk=given["article"]), given["body"], by=by, corrects=True)
tell(True)
"""
_LED = """
from madoguchi.bot.factories import bot_on, led_by
from madoguchi.bot.tree import ROOT, Kind, Node
from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Channel
from madoguchi.knowledge.factories import approved
from madoguchi.people.factories import make_person
from madoguchi.people.models import CompanyMember
from madoguchi.people.queries import actor_of
with scope.everywhere(reason="a journey needs a chat that leads"):
    company = EntryPoint.objects.select_related("company").get(address=given["address"]).company
    desk = make_desk(company, name="ご案内窓口")
    point = make_entry_point(desk, kind=Channel.CHAT, address="led-chat")
    Widget.objects.create(company_id=point.company_id, entry_point=point, title="ひなた衣料 ご案内")
    person = make_person(email="manager-of-led-chat@hinata.example")
    CompanyMember.objects.create(user=person, company=company, role=Role.COMPANY_MANAGER)
    by = actor_of(person)
    article = approved(company, by=by, title="ギフト包装について", body="1点330円で承ります。")
    bot_on(desk)
    led_by(
        desk,
        Node(0, ROOT, "ギフトのこと", Kind.MENU, "ギフトのことですね。どちらでしょうか。"),
        Node(0, ROOT, "担当者に相談", Kind.PERSON),
        Node(0, 2, "包装の料金", Kind.ANSWER, article=article.pk),
        by=by,
    )
tell(point.address)
"""


def says(visitor: Page, text: str) -> None:
    visitor.get_by_role("textbox", name="メッセージ").fill(text)
    visitor.keyboard.press("Enter")


def violations(page: Page, within: str = "html") -> list[tuple[str, list[str]]]:
    """What axe finds, by rule, with where."""
    found = Axe().run(page, within).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


def bubbles(visitor: Page) -> Locator:
    return log(visitor).locator(".said:not(.mine)")


def asks_and_is_answered(visitor: Page, source: Page) -> None:
    """They ask, it answers in the words of the article, with its source, which opens for anybody."""
    says(visitor, "返品の期限と送料を教えてください")
    expect(bubbles(visitor).first).to_contain_text("商品到着後8日以内", timeout=60_000)
    expect(bubbles(visitor).first).to_contain_text(f"出典：{TITLE}")
    expect(bubbles(visitor).first).not_to_contain_text("http")
    expect(bubbles(visitor).first).to_contain_text("案内ボット · 自動応答")
    expect(visitor.get_by_role("button", name="解決しました")).to_be_visible()
    # Of the page around it axe takes the first link for one behind ours, which stands in a shadow root.
    assert violations(visitor, "#madoguchi-chat") == []

    source.goto(str(bubbles(visitor).first.get_by_role("link", name=TITLE).get_attribute("href")))
    expect(source.get_by_role("heading", name=TITLE)).to_be_visible()


def asks_for_a_person_before_saying_who_they_are(visitor: Page) -> None:
    """Whoever presses first may still give a name and an address, until they say something of their own."""
    visitor.get_by_role("button", name="人と話す").dblclick()
    expect(bubbles(visitor).first).to_be_visible(timeout=60_000)
    expect(log(visitor).locator(".said.mine")).to_have_count(1)
    visitor.get_by_label("お名前").fill("小川 結衣")
    says(visitor, "届いた靴の左右の大きさが違います")
    expect(visitor.get_by_label("お名前")).to_be_hidden()


def writes_to_those_told(staff: Page) -> None:
    """Everybody who was told what was wrong is written to, from the list of them."""
    staff.get_by_role("link", name="訂正の文面を確認する").click()
    staff.get_by_text("文面", exact=True).first.click()
    expect(staff.locator("main")).to_contain_text(f"> {WRONG}")
    assert violations(staff) == []
    staff.get_by_role("button", name="選んだお客様に送る").click()
    expect(staff.locator("#batch")).to_contain_text("変更済み", timeout=60_000)
    staff.locator("#batch th a").first.click()
    expect(staff.locator("#entries")).to_contain_text(RIGHT)
    expect(staff.locator("#entries")).to_contain_text("メールにして、送信箱に残しました", timeout=60_000)


def lies_over_nothing(visitor: Page) -> None:
    """What one writes in begins where the talk ends, of which enough is to be seen to read."""
    talk, under = log(visitor).bounding_box(), visitor.locator(".under").bounding_box()
    assert talk is not None
    assert under is not None
    assert talk["height"] >= 120
    assert under["y"] >= talk["y"] + talk["height"] - 1


def a_person_is_asked_for_first(other, staff, chat: str) -> None:
    """Who asks for a person before anything else is known by their name and by what they want."""
    other.goto(chat)
    open_chat(other)
    asks_for_a_person_before_saying_who_they_are(other)
    staff.goto(f"{chat[: chat.index('/chat/')]}/?view=unassigned")
    expect(staff.locator("main")).to_contain_text("届いた靴の左右の大きさが違います")
    expect(staff.locator("main")).to_contain_text("小川 結衣")


def test_a_bot_answers_with_its_source_a_person_takes_over_and_what_was_wrong_is_put_right(
    arrive, installation: Installation
) -> None:
    # given a visitor in a chat with a bot
    address, article, manager = installation.act(_BOT, address=ADDRESS, title=TITLE, body=WRONG)
    visitor = arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    expect(visitor.get_by_role("button", name="人と話す")).to_be_visible()
    visitor.get_by_label("お名前").fill("山田 美咲")
    visitor.get_by_label("メールアドレス").fill("misaki-bot@customer.example")

    asks_and_is_answered(visitor, arrive())

    # when they are angry, then a person is asked, and the bot is silent
    says(visitor, "8日では短すぎる。ふざけるな")
    expect(bubbles(visitor).nth(1)).to_contain_text("ご不便をおかけし、申し訳ございません。", timeout=60_000)
    expect(visitor.get_by_role("button", name="人と話す")).to_be_hidden()

    # and somebody of the desk reads all of it
    staff = arrive()
    installation.sign_in(staff, "agent")
    staff.goto(f"{installation.base_url}/?view=unassigned")
    staff.get_by_text("返品の期限と送料を教えてください").first.click()
    expect(staff.locator("html")).to_have_attribute("data-live", "on")
    for words in (
        "商品到着後8日以内",
        "案内ボット",
        "ボットが担当者に引き継ぎました（怒り）",
        "ふざけるな",
        TITLE,
    ):
        expect(staff.locator("#entries")).to_contain_text(words)
    expect(staff.locator("#case-head")).to_contain_text("ボットは応対を終了（怒り）")
    answer(staff, "担当の青木です。確認いたします。")
    expect(log(visitor)).to_contain_text("担当の青木です。")

    a_person_is_asked_for_first(arrive(), staff, f"{installation.base_url}/chat/{address}/")

    # when the article is corrected, those told are written to, and the talk goes on by mail
    visitor.goto("about:blank")
    installation.act(_AT_ONCE)
    installation.act(_CORRECTED, article=article, body=RIGHT, manager=manager)
    staff.goto(f"{installation.base_url}/articles/{article}/told/")
    writes_to_those_told(staff)
    assert letter_to("misaki-bot@customer.example", installation, re.escape(RIGHT))

    # and nobody is left to be told
    staff.goto(f"{installation.base_url}/articles/{article}/correct/")
    expect(staff.locator("main")).to_contain_text("全員に訂正をお伝えしました")

    # and the bot is scored
    staff.goto(f"{installation.base_url}/articles/bot/")
    expect(staff.locator("main")).to_contain_text(
        "会話2件、メッセージ3通。回答1、候補の提示0、人への引き継ぎ2。"
    )
    assert violations(staff) == []


def test_a_visitor_chooses_reads_an_answer_goes_back_and_reaches_a_person_in_two_acts(
    arrive, installation: Installation
) -> None:
    # given a visitor on a small screen who sees the first question before anything was said
    visitor = arrive()
    visitor.set_viewport_size({"width": 640, "height": 400})
    visitor.goto(f"{installation.base_url}/chat/{installation.act(_LED, address=ADDRESS)}/")
    open_chat(visitor)
    expect(bubbles(visitor).first).to_contain_text("どのようなご用件でしょうか。")

    # when they choose, by keyboard alone
    for choice in ("ギフトのこと", "包装の料金"):
        visitor.get_by_role("button", name=choice).press("Enter")

    # then they read the answer with its source, and nothing that went before can be pressed any more
    expect(bubbles(visitor).last).to_contain_text("1点330円で承ります。", timeout=60_000)
    expect(bubbles(visitor).last).to_contain_text("出典：ギフト包装について")
    offered = visitor.get_by_role("list", name="選べる答え").get_by_role("button")
    expect(offered).to_have_text(["解決しました", "解決していません", "最初に戻る"])
    assert violations(visitor, "#madoguchi-chat") == []

    lies_over_nothing(visitor)

    # when they go back and choose a person, then one takes over and the bot is silent
    visitor.get_by_role("button", name="最初に戻る").click()
    expect(bubbles(visitor).last).to_contain_text("どのようなご用件でしょうか。")
    expect(log(visitor).locator(".said.mine")).to_have_count(2)
    visitor.get_by_role("button", name="担当者に相談").click()
    expect(bubbles(visitor).last).to_contain_text("ここまでの内容は担当者に引き継がれます。", timeout=60_000)
    expect(offered).to_have_count(0)
    expect(visitor.get_by_role("button", name="人と話す")).to_be_hidden()
