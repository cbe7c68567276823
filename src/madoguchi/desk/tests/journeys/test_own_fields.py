"""A field of a desk's own from its making to a list that is found and read by it, by three people."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.models import Case
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def objections(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


def test_a_field_is_added_filled_in_by_condition_and_found_by(
    desk: Callable[[str], Page],
    page: Page,
    sign_in: Callable[[User], None],
    live_server: LiveServer,
    cases: list[Case],
    world: World,
) -> None:
    """Who sets the desk up lets it ask for a cause and, where something broke, for the sum. An operator answers, and
    keeps a view of the dear ones that shows both beside each case."""
    sign_in(world.ours.company_manager)
    for label, kind, more in (("原因", "choice", "輸送中の破損\n初期不良"), ("返金額", "number", "")):
        page.goto(f"{live_server.url}/administration/fields/new/")
        page.get_by_label("項目名").fill(label)
        page.get_by_label("値の形").select_option(kind)
        if more:
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_label("選択肢")).to_be_focused()
            expect(page.get_by_label("選択肢")).to_be_in_viewport()
            page.get_by_label("選択肢").fill(more)
        else:
            page.get_by_label("表示する条件").select_option(label="原因")
            page.get_by_label("その値").fill("輸送中の破損")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("table")).to_contain_text(label)

    sign_in(world.ours.agent)
    number = cases[0].spoken_number(world.ours.company.prefix)
    page.goto(f"{live_server.url}/cases/{number}/")
    form = page.locator("#case-form")
    expect(form.get_by_label("返金額")).to_have_count(0)
    form.get_by_label("原因").select_option("輸送中の破損")
    form.get_by_label("返金額").fill("１２，８００")
    with page.expect_response("**/fields/*"):
        form.get_by_label("返金額").press("Enter")
    page.reload()
    expect(form.get_by_label("返金額")).to_have_value("12800")

    page.goto(f"{live_server.url}/views/new/")
    page.get_by_role("combobox", name="調べる項目").select_option(label="返金額")
    expect(page.get_by_role("combobox", name="条件の種類")).to_have_value("least")
    page.get_by_role("textbox", name="値").fill("10000")
    page.get_by_role("textbox", name="値").press("Enter")
    expect(page.locator("#preview").get_by_role("status")).to_have_text("1 件")
    page.get_by_role("combobox", name="項目 1").select_option(label="原因")
    page.get_by_role("combobox", name="項目 2").select_option(label="返金額")
    expect(page.locator("#preview")).to_contain_text("12800")
    assert objections(page) == []
    page.get_by_role("textbox", name="名前").fill("高額の返金")
    page.keyboard.press("Control+Enter")

    row = page.locator("#rows a[data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("原因 輸送中の破損")
    expect(row).to_contain_text("返金額 12800")
    assert objections(page) == []
    page.goto(f"{live_server.url}/cases/?q=返金額:10000以上")
    expect(page.locator("#rows a[data-row]")).to_have_count(1)
