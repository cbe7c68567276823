"""One key says that one is here, one takes the next case."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.people.factories import World
from madoguchi.routing.models import State, Worker

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_by_keyboard_alone(desk: Callable[[str], Page], world: World) -> None:
    waits = make_case(world.ours.entry_point)
    page = desk("/")
    said = page.locator("#presence summary")
    expect(said).to_contain_text("退勤")
    expect(page.get_by_role("button", name="次の用件")).to_be_disabled()
    # What is to be had once one is here stands among the keys all the same, on every page.
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url("**/queue/")
    expect(said).to_contain_text("退勤")
    page.keyboard.press("?")
    keys = page.locator("#keys-dialog")
    expect(keys).to_contain_text("次の用件を受け取る")
    expect(keys).to_contain_text("カスハラ対応g h")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/shield/")
    page.locator("#rail a").first.click()
    expect(said).to_contain_text("退勤")

    page.keyboard.press("Shift+P")
    expect(said).to_contain_text("対応可")
    assert Worker.objects.get(user=world.ours.agent).state == State.AVAILABLE

    page.keyboard.press("Shift+N")
    page.wait_for_url(f"**/cases/{waits.spoken_number(world.ours.company.prefix)}/")
    with world.ours.scope():
        assert Case.objects.get(pk=waits.pk).assignee_id == world.ours.agent.pk

    expect(said).to_contain_text("対応可")
    page.keyboard.press("Shift+P")
    expect(said).to_contain_text("離席")
    expect(page.get_by_role("region", name="お知らせ")).to_contain_text("1 件が待ち行列に戻りました。")
