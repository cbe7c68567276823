"""A view built by keyboard: seen before it is kept, kept, changed, put away and had back; and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.actions import set_priority
from madoguchi.cases.models import Case, Priority
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def urgent(cases: list[Case], world: World) -> Case:
    """One of the three is urgent."""
    with world.ours.scope():
        set_priority(cases[0], to=Priority.URGENT, by=system("test"))
    return cases[0]


def objections(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


def test_a_view_is_built_by_keyboard_and_had_back(desk: Callable[[str], Page], urgent: Case) -> None:
    page = desk("/views/")
    assert objections(page) == []
    page.keyboard.press("c")
    expect(page.locator("main").get_by_role("status").first).to_have_text("3 件")

    # Another field brings its own values; the preview follows without a page load.
    page.get_by_role("combobox", name="調べる項目").select_option("priority")
    page.get_by_role("checkbox", name="緊急").press("Space")
    expect(page.locator("main").get_by_role("status").first).to_have_text("1 件")
    expect(page.locator("#preview")).to_contain_text(urgent.subject)

    # A new condition takes the focus; brackets hold conditions of their own.
    page.get_by_role("button", name="かっこを追加").press("Enter")
    fields = page.get_by_role("combobox", name="調べる項目")
    expect(fields).to_have_count(2)
    expect(fields.nth(1)).to_be_focused()
    fields.nth(1).select_option("subject")
    page.get_by_role("textbox", name="値").fill("の件")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_role("status").first).to_have_text("1 件")
    assert objections(page) == []

    page.get_by_role("textbox", name="名前").fill("急ぎの件")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="急ぎの件")).to_be_visible()
    link = page.get_by_role("navigation").get_by_role("link", name="急ぎの件")
    expect(link).to_contain_text("1")

    page.get_by_role("link", name="ビューの変更").press("Enter")
    page.get_by_role("button", name="削除").press("Enter")
    expect(page.get_by_text("ビュー「急ぎの件」を削除しました。")).to_be_visible()
    page.get_by_role("button", name="取り消す").press("Enter")
    expect(page.get_by_role("table").get_by_role("link", name="急ぎの件", exact=True)).to_be_visible()


def test_what_is_chosen_before_the_scripts_are_there_is_asked_once_they_are(
    desk: Callable[[str], Page], urgent: Case
) -> None:
    page = desk("/views/")
    waiting: list[Route] = []
    page.route("**/htmx*.js", lambda route: waiting.append(route))
    with page.expect_request("**/htmx*.js"):
        page.goto(page.url + "new/", wait_until="commit")

    page.get_by_role("combobox", name="調べる項目").select_option("priority")
    expect(page.get_by_role("combobox", name="調べる項目")).to_have_value("priority")
    expect(page.get_by_role("checkbox", name="緊急")).to_have_count(0)
    for route in waiting:
        route.continue_()

    page.get_by_role("checkbox", name="緊急").check()
    expect(page.locator("main").get_by_role("status").first).to_have_text("1 件")


def test_a_key_struck_before_the_scripts_are_there_does_its_work_once_they_are(
    desk: Callable[[str], Page],
) -> None:
    page = desk("/")
    waiting: list[Route] = []
    page.route("**/app*.js", lambda route: waiting.append(route))
    with page.expect_request("**/app*.js"):
        page.goto(page.url + "views/", wait_until="commit")

    expect(page.get_by_role("link", name="新しいビュー").first).to_be_visible()
    page.keyboard.press("c")
    for route in waiting:
        route.continue_()

    expect(page).to_have_url(re.compile("/views/new/$"))


def test_the_plain_form_is_enough(
    browser: Browser, desk: Callable[[str], Page], live_server: LiveServer, urgent: Case
) -> None:
    """The same without JavaScript: each button is a round to the server."""
    cookies = desk("/views/").context.cookies()
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/views/new/")

    page.get_by_role("button", name="条件を追加").click()
    page.get_by_role("combobox", name="調べる項目").nth(1).select_option("priority")
    page.get_by_role("button", name="当てはまる用件を見る").last.click()
    page.get_by_role("checkbox", name="緊急").check()
    page.get_by_role("button", name="この条件を外す").first.click()
    page.get_by_role("textbox", name="名前").fill("至急だけ")
    page.get_by_role("button", name="保存").click()

    expect(page.get_by_role("heading", name="至急だけ")).to_be_visible()
    expect(page.locator("#rows a[data-row]")).to_have_count(1)
    context.close()
