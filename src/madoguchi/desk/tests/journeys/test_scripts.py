"""A talk script in Chromium: walked by keys alone beside a case, its words put into the answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.knowledge.actions import Said, Settings, add_article
from madoguchi.knowledge.factories import approve
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.scripts.models import Walk

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_it_is_walked_by_keys(desk: Callable[[str], Page], world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        said = Said(
            "配送の確認", "ご注文番号を伺えますか。\n- ある\n  お調べします。\n- ない\n  お名前を伺えますか。"
        )
        kind, settings = Article.Kind.SCRIPT, Settings(audience="operator")
        approve(add_article(world.ours.company, said, settings, kind=kind, by=by), by=by)
    page = desk(address_of(cases[0], world))
    part = page.locator("#script")

    page.keyboard.press("Shift+R")
    expect(part.get_by_role("button", name="配送の確認")).to_be_visible()
    page.keyboard.press("1")
    expect(part.locator(".said")).to_have_text("ご注文番号を伺えますか。")
    page.keyboard.press("1")
    expect(part.locator(".said")).to_have_text("お調べします。")
    page.keyboard.press("Backspace")
    expect(part.locator(".said")).to_have_text("ご注文番号を伺えますか。")
    page.keyboard.press("2")
    expect(part.locator(".said")).to_have_text("お名前を伺えますか。")
    page.keyboard.press("Shift+V")

    expect(page.locator("#reply-text")).to_have_value("お名前を伺えますか。")
    expect(page.locator("#suggested .rests")).to_contain_text("配送の確認")
    assert [one.path for one in everything(Walk)] == [[1, 3]]
