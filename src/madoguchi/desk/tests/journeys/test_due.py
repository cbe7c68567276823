"""What a desk keeps is written and tried in the settings, taken into use, and then said of each case."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.promises.actions import read_clocks
from madoguchi.promises.models import ServiceLevels

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_settings_to_a_case_that_is_due(
    desk: Callable[[str], Page], world: World, cases: list[Case], sign_in: Callable[[User], None]
) -> None:
    sign_in(world.ours.company_manager)
    page = desk("/administration/levels/")
    page.get_by_role("link", name=world.ours.desk.name).click()
    expect(page.get_by_role("heading", name="まだ決めていません")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_role("textbox", name="名前必須").fill("標準")
    page.get_by_label("使う営業時間").select_option(label="24時間")
    for priority in ("緊急", "高", "通常", "低"):
        page.get_by_label(f"初回返信 {priority} 時間").fill("1")
        page.get_by_label(f"解決 {priority} 時間").fill("10")
    page.get_by_role("button", name="直近90日で試す").click()
    expect(page.get_by_role("heading", name="直近90日に当てはめた結果")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="1. 標準")).to_be_visible()
    expect(
        page.get_by_text("8,760時間のうち8,760時間に人がいます。 抜けている時間はありません。")
    ).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="有効にする").click()
    expect(page.get_by_text("第1版を使用中です")).to_be_visible()

    with world.ours.scope():
        ServiceLevels.objects.update(since=clock.now() - timedelta(days=1))
    made = {}
    for name, minutes in (("青木 葵", 5), ("石田 樹", 55), ("上野 花", 75)):
        with world.ours.scope():
            found = made[name] = _opened(world, name, minutes)
            read_clocks(found.pk)
    sign_in(world.ours.agent)
    page = desk("/?view=active")
    tones = {name: page.locator(f"#case-{case.pk} time") for name, case in made.items()}
    expect(tones["青木 葵"]).to_contain_text("返信期限")
    expect(tones["青木 葵"]).to_have_class("")
    expect(tones["石田 樹"]).to_have_class("warn")
    expect(tones["上野 花"]).to_have_class("bad")
    expect(tones["上野 花"]).to_contain_text("超過")

    page = desk(address_of(made["石田 樹"], world))
    due = page.locator("#case-head .meta-line time").first
    expect(due).to_contain_text("返信期限")
    assert "年" in (due.get_attribute("title") or "")


def _opened(world: World, name: str, minutes: int) -> Case:
    """A case that was opened so many minutes ago; the desk keeps it as if it had been in use then."""
    with clock.held_at(clock.now() - timedelta(minutes=minutes)):
        return make_case(
            world.ours.entry_point, subject=f"{name}の件", sender=Party(f"{minutes}@home.example", name)
        )
