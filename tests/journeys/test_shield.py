"""Harassment on a chat, from the warning to after-care: by keyboard, on a real installation, in three browsers."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.installation import Installation
from tests.journeys.letters import letter_to
from tests.journeys.test_chat import _AT_ONCE, address, arrive, log, open_chat

__all__ = ["address", "arrive"]
pytestmark = [pytest.mark.long, pytest.mark.journey]
MISAKI = "misaki-shield@customer.example"
_AGREED = """
from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.shield.terms import USUAL_ENDING, USUAL_WARNING, approve_terms, set_terms
with scope.everywhere(reason="a journey needs approved words"):
    [company] = Company.objects.all()
    said = {"hold_minutes": 60, "repeats": 3, "care_hours": 24, "words": ""}
    set_terms(company, warning=USUAL_WARNING, ending=USUAL_ENDING, by=system("journey"), **said)
    approve_terms(company, version=1, by=system("journey"))
tell(company.name)
"""
_AFTER = """
from madoguchi.infra import scope
from madoguchi.shield.models import Care, Help, Mark, Stop
with scope.everywhere(reason="a journey looks at what is kept"):
    tell({
        "case": list(Mark.objects.values_list("case__status", "case__priority")),
        "marks": list(Mark.objects.values_list("sort", "state")),
        "warned": Mark.objects.exclude(warned_at=None).count(),
        "stops": list(Stop.objects.values_list("state", "onward")),
        "came": Help.objects.exclude(came_at=None).count(),
        "cares": list(Care.objects.order_by("due_at").values_list("sort", "outcome")),
    })
"""


def say(visitor: Page, text: str) -> None:
    visitor.get_by_role("textbox", name="メッセージ").fill(text)
    visitor.keyboard.press("Enter")


def press_through(page: Page, name: str) -> None:
    """Walk to a button by Tab and press it."""
    button = page.get_by_role("button", name=re.compile(f"^{name}"))
    for _ in range(80):
        if button.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def raised(page: Page) -> None:
    """The case anew, with what was raised in it."""
    page.goto(page.url)
    expect(page.locator("#raised").get_by_text("カスハラの疑いを登録").first).to_be_visible()


def notices_and_marks(agent: Page, installation: Installation) -> str:
    """Whoever answers sees what was noticed, calls a senior in one key, and marks it."""
    installation.sign_in(agent, "agent")
    agent.goto(f"{installation.base_url}/?view=unassigned")
    agent.get_by_text("返金はまだか").first.click()
    expect(agent.locator("#raised").get_by_text("検知").first).to_be_visible()
    agent.keyboard.press("Shift+E")
    expect(agent.locator("#raised").get_by_text("青木 翔さんが上長を呼んでいます")).to_be_visible()
    case = agent.url
    agent.keyboard.press("Shift+H")
    expect(agent.get_by_label(re.compile("^種類"))).to_be_focused()
    for _ in ("拘束", "繰り返し", "暴言"):
        agent.keyboard.press("ArrowDown")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#raised").get_by_text("カスハラの疑い", exact=True)).to_be_visible()
    expect(agent).to_have_url(case)
    assert Axe().run(agent).response["violations"] == []
    return case


def warns(agent: Page, visitor: Page) -> None:
    """The warning is proposed and leaves like any answer; it is noted."""
    agent.keyboard.press("Shift+W")
    expect(agent.get_by_role("textbox", name="お客様への返信")).to_have_value(
        re.compile("お控えくださいますよう")
    )
    agent.get_by_role("textbox", name="お客様への返信").focus()
    agent.keyboard.press("Control+Enter")
    expect(log(visitor)).to_contain_text("お控えくださいますようお願いいたします")
    say(visitor, "うるさい、黙れ")
    expect(agent.locator("#entries")).to_contain_text("お客様に警告しました")


def asks_to_end_the_talk(agent: Page) -> None:
    """It goes on, so the talk is to end; the matter is to go on by mail."""
    raised(agent)
    agent.keyboard.press("Shift+J")
    agent.get_by_label(re.compile("^用件を続ける方法")).select_option("mail")
    agent.get_by_label(re.compile("^やり取りを続けられない理由")).fill("警告後も暴言が続く")
    press_through(agent, "やり取りの終了を申請する")
    expect(agent.get_by_text("2人目の承認が必要です")).to_be_visible()


def comes_and_agrees(senior: Page, installation: Installation) -> None:
    """The senior comes, and agrees."""
    installation.sign_in(senior, "supervisor")
    senior.goto(f"{installation.base_url}/")
    senior.keyboard.press("g")
    senior.keyboard.press("h")
    expect(senior.get_by_role("heading", name="カスハラ対応")).to_be_visible()
    assert Axe().run(senior).response["violations"] == []
    press_through(senior, "合流した")
    expect(senior.locator("#raised").get_by_text("カスハラの疑い", exact=True)).to_be_visible()
    senior.keyboard.press("Shift+J")
    expect(senior.get_by_role("heading", name="やり取りの終了")).to_be_visible()
    assert Axe().run(senior).response["violations"] == []
    press_through(senior, "やり取りの終了を承認する")
    expect(senior.get_by_text("やり取りは終了、用件は継続")).to_be_visible()


def goes_on_by_mail(agent: Page, visitor: Page, case: str, installation: Installation) -> None:
    """The chat takes nothing more and says where it goes on; the answer goes there."""
    say(visitor, "返事をしろ")
    expect(
        visitor.get_by_text("このチャットは終了しました。ご用件は引き続きメールで承ります。").first
    ).to_be_visible()
    visitor.goto("about:blank")  # whoever stays may see the answer in the chat before it leaves by mail
    installation.act(_AT_ONCE)
    agent.goto(case)
    agent.get_by_role("textbox", name="お客様への返信").fill("返金は12月3日にお振り込みします。")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#entries")).to_contain_text("メールにして、送信箱に残しました")
    assert letter_to(MISAKI, installation, "返金は12月3日に")


def test_from_a_warning_to_after_care_while_the_matter_goes_on(
    arrive: Callable[[], Page], installation: Installation, address: str
) -> None:
    installation.act(_AGREED)
    visitor, agent, senior = arrive(), arrive(), arrive()
    visitor.goto(f"{installation.base_url}/chat/{address}/")
    open_chat(visitor)
    visitor.get_by_label("お名前").fill("山田 美咲")
    visitor.get_by_label("メールアドレス").fill(MISAKI)
    say(visitor, "返金はまだか。この役立たず。死ね。")
    expect(log(visitor).locator(".said.mine time")).to_be_visible()

    case = notices_and_marks(agent, installation)
    warns(agent, visitor)
    asks_to_end_the_talk(agent)
    comes_and_agrees(senior, installation)
    goes_on_by_mail(agent, visitor, case, installation)

    # Whoever was met takes the rest that is offered.
    agent.goto(f"{installation.base_url}/shield/?which=care")
    expect(agent.get_by_text("休憩の提案")).to_be_visible()
    press_through(agent, "実施した")
    expect(agent.get_by_text("休憩の提案")).to_have_count(0)
    after = installation.act(_AFTER)
    assert after == {
        "case": [["waiting_customer", 2]],
        "marks": [["abuse", "suspected"]],
        "warned": 1,
        "stops": [["agreed", "mail"]],
        "came": 1,
        "cares": [["rest", "done"], ["talk", ""], ["later", ""]],
    }
