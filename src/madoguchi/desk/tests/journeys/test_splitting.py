"""A case with two matters split by keyboard, and made one again."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message
from madoguchi.desk.tests.conftest import MISAKI
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_second_matter_gets_a_case_of_its_own_and_comes_back(
    desk: Callable[[str], Page], world: World
) -> None:
    case = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の電源が入りません")
    say_again(case, text="別件ですが、鍋の蓋が届きません。")
    page = desk(address_of(case, world))

    page.keyboard.press("Control+k")
    page.keyboard.type("分割")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("鍋の蓋")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="新しい用件：鍋の蓋")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    expect(page.get_by_role("button", name="分割", exact=True)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="鍋の蓋", exact=True)).to_be_visible()
    expect(page.get_by_role("article").get_by_role("article")).to_have_count(1)
    with world.ours.scope():
        assert Message.objects.get(text="別件ですが、鍋の蓋が届きません。").case_id != case.pk

    page.get_by_role("button", name="分割を元に戻す").press("Enter")
    expect(page.get_by_role("heading", name="炊飯器の電源が入りません", exact=True)).to_be_visible()
    expect(page.get_by_role("article").get_by_role("article")).to_have_count(2)
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).message_count == 2
