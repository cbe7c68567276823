"""A lead writes a macro and runs it by key; a rule is tried, and the worker applies it. In Chromium."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.installation import ADDRESS, Installation

pytestmark = [pytest.mark.long, pytest.mark.journey]
_CASE = """
from madoguchi.cases.factories import make_case
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
with scope.everywhere(reason="a journey needs a case"):
    point = EntryPoint.objects.get(address=given["address"])
    case = make_case(point, subject=given["subject"])
    tell(case.spoken_number(case.company.prefix))
"""


def new_case(installation: Installation, subject: str) -> str:
    return str(installation.act(_CASE, address=ADDRESS, subject=subject))


def open_case(page: Page, installation: Installation, number: str) -> None:
    page.goto(f"{installation.base_url}/cases/{number}/?view=all")
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def test_a_macro_is_written_run_by_key_and_undone(page: Page, installation: Installation) -> None:
    number = new_case(installation, "セーターの返品")
    installation.sign_in(page, "supervisor")
    page.goto(f"{installation.base_url}/administration/macros/")
    page.keyboard.press("c")
    page.get_by_label("名前").fill("返品を受ける")
    page.get_by_label("使う人").select_option(label="お客様窓口")
    page.get_by_label("タグを付ける").fill("返品、衣料")
    page.get_by_label("返信に入れる文章").fill("{{customer}}様\n返品を承りました。")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("link", name="返品を受ける")).to_be_visible()

    open_case(page, installation, number)
    answer = page.get_by_role("textbox", name="お客様への返信")
    answer.fill("お世話になっております。")
    page.get_by_role("heading", name="セーターの返品").click()
    page.keyboard.press("m")
    expect(page.locator("#macro-search")).to_be_focused()
    page.keyboard.type("返品")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="衣料", exact=True)).to_be_visible()
    expect(answer).to_have_value("お世話になっております。\n\n髙橋 美咲様\n返品を承りました。")
    page.get_by_role("button", name="取り消す").click()
    expect(page.locator("#case-head").get_by_role("link", name="衣料", exact=True)).to_have_count(0)
    expect(answer).to_have_value("お世話になっております。")


def test_a_rule_is_tried_taken_into_use_and_tells_what_it_did(page: Page, installation: Installation) -> None:
    new_case(installation, "ボタンが取れた")
    installation.sign_in(page, "supervisor")
    page.goto(f"{installation.base_url}/administration/rules/")
    page.keyboard.press("c")
    page.get_by_label("名前").fill("ボタンは急ぐ")
    page.get_by_label("用件を受け付けた").check()
    page.locator("[id='r.0.field']").select_option("subject")
    page.locator("[name='r.0.text']").fill("ボタン")
    page.get_by_label("優先度を変える").select_option(label="緊急")
    page.get_by_role("button", name="試す").last.click()
    expect(page.locator("#preview")).to_contain_text("1 件、1 回")
    expect(page.locator("#preview")).to_contain_text("ボタンが取れた")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("このルールは一時停止中です")).to_be_visible()
    page.get_by_role("button", name="有効にする").click()
    expect(page.get_by_role("button", name="一時停止")).to_be_visible()

    number = new_case(installation, "ボタンが割れた")
    open_case(page, installation, number)
    expect(page.locator("#entries")).to_contain_text("ルール「ボタンは急ぐ」", timeout=30_000)
    page.goto(f"{installation.base_url}/administration/rules/")
    page.get_by_role("link", name="1 回").click()
    expect(page.get_by_role("row", name=number)).to_contain_text("件名: ボタン")
