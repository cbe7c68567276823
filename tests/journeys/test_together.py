"""Two operators at one case, each in a browser of their own, on a real installation with its live hub."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.installation import ADDRESS, Installation

pytestmark = [pytest.mark.long, pytest.mark.journey]
_CASE = """
from madoguchi.cases.factories import make_case
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
with scope.everywhere(reason="a journey needs a case"):
    point = EntryPoint.objects.get(address=given["address"])
    case = make_case(point, subject="炊飯器について")
    tell(case.spoken_number(case.company.prefix))
"""
_SENT = """
from madoguchi.cases.models import Message
from madoguchi.infra import scope
with scope.everywhere(reason="a journey looks at what was sent"):
    rows = Message.objects.filter(author="staff", case__number=int(given["number"].split("-")[1]))
    tell([m.text for m in rows.order_by("id")])
"""


@pytest.fixture
def number(installation: Installation) -> str:
    return str(installation.act(_CASE, address=ADDRESS))


@pytest.fixture
def arrive(browser: Browser, installation: Installation, number: str) -> Iterator[Callable[[str], Page]]:
    """`arrive("agent")` signs somebody in with a browser profile of their own and opens the case."""
    contexts: list[BrowserContext] = []

    def arrive(who: str) -> Page:
        context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
        contexts.append(context)
        page = context.new_page()
        installation.sign_in(page, who)
        page.goto(f"{installation.base_url}/cases/{number}/?view=all")
        expect(page.locator("html")).to_have_attribute("data-live", "on")
        return page

    yield arrive
    for context in contexts:
        context.close()


def lock(page: Page) -> Locator:
    return page.locator("#reply-lock")


def answer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="お客様への返信")


def test_one_writes_and_the_other_sees_it_until_it_is_sent(
    arrive: Callable[[str], Page], installation: Installation, number: str
) -> None:
    aoki, mori = arrive("agent"), arrive("supervisor")
    expect(aoki.locator("#lookers")).to_contain_text("森 美咲")
    expect(mori.locator("#lookers")).to_contain_text("青木 翔")

    answer(aoki).press_sequentially("確認します。")
    expect(lock(mori)).to_contain_text("青木 翔さんが返信を書いています。")
    expect(lock(aoki)).to_have_attribute("data-state", "mine")
    expect(answer(mori)).not_to_be_editable()
    expect(mori.get_by_role("button", name="送信", exact=False).first).to_be_disabled()

    mori.get_by_role("radio", name="社内メモ").check()
    mori.get_by_role("textbox", name="社内メモ").fill("お急ぎのお客様です。")
    mori.get_by_role("button", name="メモを残す").click()
    expect(aoki.locator("#entries")).to_contain_text("お急ぎのお客様です。")

    answer(aoki).press("Control+Enter")
    expect(mori.locator("#entries")).to_contain_text("確認します。")
    expect(lock(mori)).to_have_attribute("data-state", "free")
    expect(answer(mori)).to_be_editable()
    assert installation.act(_SENT, number=number) == ["確認します。"]


def test_a_supervisor_takes_over_and_what_is_sent_unchanged_is_left_to_nobody_to_send_again(
    arrive: Callable[[str], Page], installation: Installation, number: str
) -> None:
    words = "交換品を明日お送りします。"
    aoki, mori = arrive("agent"), arrive("supervisor")
    answer(aoki).press_sequentially(words)
    strip = aoki.locator("#promises-offered fieldset")
    expect(strip).to_be_visible()
    expect(lock(mori)).to_have_attribute("data-state", "theirs")
    expect(answer(mori)).to_have_value(words)

    mori.get_by_role("button", name="返信を引き継ぐ").click()

    expect(lock(aoki)).to_contain_text("森 美咲さんがこの返信を引き継ぎました。書いた内容は残っています。")
    expect(answer(aoki)).not_to_be_editable()
    expect(answer(aoki)).to_have_value(words)
    expect(aoki.locator("#reply-form footer")).to_have_attribute("inert", "")
    expect(aoki.locator("#reply-form .addresses")).to_have_attribute("inert", "")
    expect(aoki.locator("#reply-form footer [data-dialog=templates]")).to_be_disabled()
    aoki.locator("body").press("t")
    expect(aoki.locator("#templates")).not_to_be_visible()
    expect(answer(mori)).to_be_editable()
    expect(answer(mori)).to_have_value(words)
    expect(mori.locator("#reply-form")).to_contain_text("青木 翔さんの下書き")
    expect(aoki.locator("#entries")).to_contain_text(
        "森 美咲さんが青木 翔さんの書いていた返信を引き継ぎました"
    )

    answer(mori).press("Control+Enter")

    expect(aoki.locator("#answer-sent")).to_have_text("森 美咲さんがこの返信を送信しました。")
    expect(answer(aoki)).to_have_value("")
    expect(answer(aoki)).to_be_editable()
    expect(strip).to_have_count(0)
    # It has left, so that nothing happens in the case any more while she writes.
    expect(aoki.locator("#entries")).to_contain_text("送信箱に残しました")
    answer(aoki).press_sequentially(words)
    expect(aoki.locator("#answer-sent")).to_be_empty()
    expect(strip).to_be_visible()
    answer(aoki).press("Control+Enter")
    expect(aoki.locator("#send-check")).to_contain_text("森 美咲さんがすでに送信しています")
    assert installation.act(_SENT, number=number) == [words]


def test_who_closes_the_page_lets_go_at_once(arrive: Callable[[str], Page]) -> None:
    aoki, mori = arrive("agent"), arrive("supervisor")
    answer(aoki).press_sequentially("書きかけです")
    expect(lock(mori)).to_have_attribute("data-state", "theirs")

    aoki.goto("about:blank")

    expect(lock(mori)).to_have_attribute("data-state", "free")
    expect(mori.locator("#lookers")).not_to_contain_text("青木 翔")


def test_the_words_are_seen_as_they_are_written_and_whoever_goes_on_loses_none(
    arrive: Callable[[str], Page], installation: Installation, number: str
) -> None:
    aoki, mori = arrive("agent"), arrive("supervisor")
    answer(aoki).press_sequentially("お調べします。")
    expect(answer(mori)).to_have_value("お調べします。")
    expect(answer(mori)).not_to_be_editable()

    mori.get_by_role("button", name="返信を引き継ぐ").click()
    expect(answer(mori)).to_be_editable()
    answer(mori).fill("交換いたします。")
    expect(answer(aoki)).to_have_value("交換いたします。")
    expect(aoki.locator("#kept")).to_contain_text("お調べします。")

    answer(mori).press("Control+Enter")
    expect(answer(aoki)).to_be_editable()
    expect(answer(aoki)).to_have_value("")
    aoki.locator("#kept summary").click()
    aoki.get_by_role("button", name="この文章の続きを書く").click()
    expect(answer(aoki)).to_have_value("お調べします。")
    expect(aoki.locator("#kept")).not_to_contain_text("お調べします。")
    assert installation.act(_SENT, number=number) == ["交換いたします。"]


def test_the_words_outlive_a_killed_browser_and_wait_for_whoever_comes(
    arrive: Callable[[str], Page], browser: Browser
) -> None:
    aoki = arrive("agent")
    answer(aoki).press_sequentially("書きかけです")
    expect(aoki.locator("[data-draft-state]").first).to_contain_text("下書き保存済み")
    # What is typed slowly is kept more than once.
    aoki.reload()
    expect(answer(aoki)).to_have_value("書きかけです")
    aoki.context.close()

    mori = arrive("supervisor")

    expect(answer(mori)).to_have_value("書きかけです")
