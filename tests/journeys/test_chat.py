"""A visitor on a page of a shop and somebody of its desk, each in a browser of their own, on a real installation."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.journeys.letters import letter_to

# A picture of one point.
PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
pytestmark = [pytest.mark.long, pytest.mark.journey]
_CHAT = """
from madoguchi.bot.models import Bot
from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import set_presence
with scope.everywhere(reason="a journey needs a chat"):
    desk = EntryPoint.objects.select_related("desk").get(address=given["address"]).desk
    point = EntryPoint.objects.filter(address="hinata-chat").first()
    point = point or make_entry_point(desk, kind=Channel.CHAT, address="hinata-chat")
    Widget.objects.get_or_create(
        company_id=point.company_id, entry_point=point, defaults={"title": "ひなた衣料 チャット"}
    )
    # Another journey may have left a bot at this desk, which would answer first.
    Bot.objects.filter(desk=desk).update(is_on=False)
    # Somebody is here at whatever hour a journey is made, so that places are told.
    set_presence("available", by=actor_of(User.objects.get(email=given["senior"])))
tell(point.address)
"""
_AT_ONCE = """
from madoguchi.channels.webchat.models import Widget
from madoguchi.infra import scope
with scope.everywhere(reason="nobody in a journey waits for minutes"):
    tell(Widget.objects.update(mail_after=0))
"""

_LONG = """
from datetime import timedelta
from madoguchi.cases.models import Message
from madoguchi.infra import scope
with scope.everywhere(reason="a journey needs a long talk"):
    last = Message.objects.filter(text=given["text"]).get()
    said = {"author": "customer", "channel": last.channel, "contact_id": last.contact_id, "case_id": last.case_id}
    told = Message.objects.bulk_create(
        Message(
            company_id=last.company_id, text=f"前の話{n}", external_id=last.external_id,
            at=last.at + timedelta(seconds=n), **said,
        )
        for n in range(1, 121)
    )
tell(len(told))
"""


@pytest.fixture
def address(installation: Installation) -> str:
    return str(installation.act(_CHAT, address=ADDRESS, senior=installation.people["supervisor"].email))


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Callable[[], Page]]:
    """A page in a browser profile of its own; whatever its content policy forbids fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def arrive() -> Page:
        contexts.append(browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo"))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert problems == []


def log(visitor: Page) -> Locator:
    return visitor.get_by_role("log", name="やりとり")


def open_chat(visitor: Page) -> None:
    visitor.get_by_role("button", name="チャット").click()
    expect(visitor.get_by_role("textbox", name="メッセージ")).to_be_focused()


def answer(staff: Page, text: str) -> None:
    staff.get_by_role("textbox", name="お客様への返信").fill(text)
    staff.keyboard.press("Control+Enter")


def test_a_visitor_asks_is_answered_comes_back_and_is_answered_by_mail_when_away(
    arrive: Callable[[], Page], installation: Installation, address: str
) -> None:
    # given a visitor on a page of the shop
    visitor = arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    assert Axe().run(visitor).response["violations"] == []

    # when they write
    visitor.get_by_label("お名前").fill("山田 美咲")
    visitor.get_by_label("メールアドレス").fill("misaki@customer.example")
    visitor.get_by_role("textbox", name="メッセージ").fill("Lサイズの在庫はありますか。")
    visitor.keyboard.press("Enter")
    expect(log(visitor).locator(".said.mine time")).to_be_visible()

    # then somebody of the desk reads it as a case
    staff = arrive()
    installation.sign_in(staff, "agent")
    staff.goto(f"{installation.base_url}/?view=unassigned")
    staff.get_by_text("Lサイズの在庫はありますか。").first.click()
    expect(staff.locator("html")).to_have_attribute("data-live", "on")
    expect(staff.locator("#entries .msg").first).to_contain_text("チャット")

    # and sees that they write more, while they see that it is read
    visitor.get_by_role("textbox", name="メッセージ").press_sequentially("あと")
    expect(staff.get_by_text("お客様が入力中です…")).to_be_visible()
    visitor.get_by_role("textbox", name="メッセージ").fill("")

    # and the answer stands on the visitor's page without their doing, and is told as read
    answer(staff, "はい、3点ございます。")
    expect(log(visitor)).to_contain_text("はい、3点ございます。")
    expect(staff.locator("#entries")).to_contain_text("チャットで読まれました")
    expect(log(visitor).locator(".said.mine")).to_contain_text("既読")

    # when the page is loaded anew the talk is there, and Esc closes it
    visitor.reload()
    open_chat(visitor)
    expect(log(visitor).locator(".said")).to_have_count(2)
    assert Axe().run(visitor).response["violations"] == []
    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("button", name="チャットで問い合わせる")).to_be_focused()

    # and when they have gone the answer goes by mail
    visitor.goto("about:blank")
    installation.act(_AT_ONCE)
    answer(staff, "お取り置きもできます。")
    expect(staff.locator("#entries")).to_contain_text("メールにして、送信箱に残しました")
    assert letter_to("misaki@customer.example", installation, "お取り置きもできます。")


def test_a_visitor_sends_a_picture_waits_in_their_place_gets_a_file_and_says_how_it_was(
    arrive: Callable[[], Page], installation: Installation, address: str, tmp_path: Path
) -> None:
    # given a visitor who chooses two files and thinks better of one, by keyboard alone
    picture, other = tmp_path / "箱のへこみ.png", tmp_path / "別の写真.png"
    picture.write_bytes(PNG)
    other.write_bytes(PNG)
    visitor = arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    visitor.get_by_label("ファイルを添付").set_input_files([picture, other])
    drop = visitor.get_by_role("button", name="別の写真.pngを外す")
    drop.focus()
    visitor.keyboard.press("Enter")
    expect(drop).to_have_count(0)
    assert Axe().run(visitor).response["violations"] == []

    # when they send it with words
    visitor.get_by_role("textbox", name="メッセージ").fill("届いた箱がへこんでいました。")
    visitor.keyboard.press("Enter")

    # then it stands in their talk, may be saved from there, and they know their place
    saved = log(visitor).get_by_role("button", name="箱のへこみ.png")
    expect(saved).to_be_visible()
    with visitor.expect_download() as download:
        saved.click()
    assert download.value.suggested_filename == "箱のへこみ.png"
    assert Path(download.value.path()).read_bytes() == PNG
    expect(visitor.get_by_text("番目でお待ちいただいています。")).to_be_visible()

    # and the case has it
    staff = arrive()
    installation.sign_in(staff, "agent")
    staff.goto(f"{installation.base_url}/?view=unassigned")
    staff.get_by_text("届いた箱がへこんでいました。").first.click()
    expect(staff.locator("html")).to_have_attribute("data-live", "on")
    expect(staff.locator("#entries")).to_contain_text("箱のへこみ.png")

    # when they are answered nobody waits any more, and at the end they are asked how it was
    answer(staff, "申し訳ございません。新しいものをお送りします。")
    expect(log(visitor)).to_contain_text("新しいものをお送りします。")
    expect(visitor.get_by_text("番目でお待ちいただいています。")).to_have_count(0)
    expect(visitor.get_by_role("group", name="この対応に満足いただけましたか")).to_be_hidden()
    staff.locator("body").click(position={"x": 5, "y": 5})
    staff.keyboard.press("e")
    how = visitor.get_by_role("group", name="この対応に満足いただけましたか")
    expect(how).to_be_visible()
    assert Axe().run(visitor).response["violations"] == []
    how.get_by_label("4 満足").check()
    visitor.get_by_role("textbox", name="よろしければ理由を").fill("早くて助かりました。")
    expect(log(visitor).locator(".said").last).to_be_in_viewport(ratio=1)
    visitor.get_by_role("button", name="評価を送る").dblclick()
    expect(log(visitor).get_by_text("評価をいただき、ありがとうございました。")).to_have_count(1)
    expect(how).to_be_hidden()

    # then the case says so
    expect(staff.locator("#entries")).to_contain_text("5点中4点「早くて助かりました。」")


def test_a_talk_goes_on_on_another_device_by_the_link_that_went_to_the_address(
    arrive: Callable[[], Page], installation: Installation, address: str
) -> None:
    # given a visitor who has written and has the link sent to them
    visitor = arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    visitor.get_by_role("textbox", name="メッセージ").fill("明日までに届きますか。")
    visitor.keyboard.press("Enter")
    expect(log(visitor).locator(".said.mine time")).to_be_visible()
    visitor.get_by_role("button", name="メール・別の端末で続ける").click()
    expect(visitor.get_by_label("リンクの送り先")).to_be_focused()
    assert Axe().run(visitor).response["violations"] == []
    visitor.keyboard.type("hanako@customer.example")
    visitor.get_by_role("button", name="リンクを送る").dblclick()
    expect(log(visitor).get_by_text("hanako@customer.example にリンクを送りました。")).to_have_count(1)

    # when they open it elsewhere
    elsewhere = arrive()
    elsewhere.goto(letter_to("hanako@customer.example", installation, r"http\S+/mine/\S+")[0])
    assert Axe().run(elsewhere).response["violations"] == []
    expect(elsewhere.get_by_text("明日までに届きますか。")).to_have_count(0)
    elsewhere.get_by_role("button", name="入力したのは私です。やりとりを見る").click()

    # then the talk is open there, and goes on in both
    expect(log(elsewhere)).to_contain_text("明日までに届きますか。")
    elsewhere.get_by_role("textbox", name="メッセージ").fill("午前中だと助かります。")
    elsewhere.keyboard.press("Enter")
    expect(log(visitor)).to_contain_text("午前中だと助かります。")


def test_a_visitor_scrolls_up_to_what_was_said_long_before(
    arrive: Callable[[], Page], installation: Installation, address: str
) -> None:
    # given a talk of 121 messages, of which a page shows the newest fifty
    visitor = arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    visitor.get_by_role("textbox", name="メッセージ").fill("最初の質問です。")
    visitor.keyboard.press("Enter")
    expect(log(visitor).locator(".said.mine time")).to_be_visible()
    assert installation.act(_LONG, text="最初の質問です。") == 120
    visitor.reload()
    open_chat(visitor)
    expect(log(visitor)).to_contain_text("前の話120")
    expect(log(visitor)).not_to_contain_text("最初の質問です。")

    # when they scroll up by keys, what stood at the top stays in its place and what was before comes
    log(visitor).focus()
    visitor.keyboard.press("Home")
    expect(log(visitor).locator(".said")).to_have_count(100)
    expect(log(visitor).get_by_text("前の話71", exact=True)).to_be_in_viewport()
    visitor.keyboard.press("Home")

    # then the talk begins with its first word
    expect(log(visitor).locator(".said")).to_have_count(121)
    expect(log(visitor).locator(".said").first).to_contain_text("最初の質問です。")
