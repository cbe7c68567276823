"""Many cases changed by keyboard: ticked, seen beforehand, done by a worker before one's eyes, undone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.batches.actions import work
from madoguchi.batches.models import Batch
from madoguchi.cases.models import Case
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def objections(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page).response["violations"]
    return [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found]


def worker_comes(world: World) -> None:
    """What the job of the batch does."""
    with world.ours.scope():
        batch = Batch.objects.get()
    work(batch.pk, company=batch.company_id)


def priorities(world: World) -> list[int]:
    with world.ours.scope():
        return list(Case.objects.order_by("pk").values_list("priority", flat=True))


def test_ticked_cases_are_changed_and_put_back(
    desk: Callable[[str], Page], cases: list[Case], world: World
) -> None:
    page = desk("/cases/?view=all")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("1 件選択中")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("x")
    expect(page.get_by_text("1 件選択中")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#rows a[data-ticked]")).to_have_count(3)
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#rows a[data-ticked]")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#rows a[data-ticked]")).to_have_count(3)
    assert objections(page) == []
    page.get_by_role("button", name="一括操作へ").press("Enter")

    expect(page.get_by_role("checkbox", name="の件")).to_have_count(3)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    page.get_by_role("combobox", name="優先度").select_option("4")
    expect(page.get_by_role("radio", name="優先度")).to_be_checked()
    page.get_by_role("button", name="結果を確かめる").press("Enter")
    expect(page.locator("#foreseen")).to_contain_text("3 件 を変更します")
    assert objections(page) == []
    begin = page.get_by_role("button", name="実行", exact=True)
    expect(begin).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="優先度: 緊急")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    assert objections(page) == []
    worker_comes(world)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "3")
    assert priorities(world) == [4, 4, 4]
    page.get_by_role("button", name="件の変更を取り消す").press("Enter")
    expect(page.get_by_text("取り消し中")).to_be_visible()
    worker_comes(world)
    expect(page.get_by_role("link", name="取り消し済み 3")).to_be_visible()
    assert priorities(world) == [2, 2, 2]


def test_those_between_two_ticked_ones_are_ticked(desk: Callable[[str], Page], cases: list[Case]) -> None:
    page = desk("/cases/?view=all")
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#rows a[data-ticked]")).to_have_count(2)

    page.keyboard.press("Shift+X")

    expect(page.locator("#rows a[data-ticked]")).to_have_count(3)
