"""How one wishes to be told is said by keyboard, and readable on any page."""

from collections.abc import Callable
from datetime import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.following.models import Way, Wishes
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_ways_are_chosen_by_keyboard(
    desk: Callable[[str], Page], world: World, width: int, scheme: str
) -> None:
    page = desk("/notifications/wishes/")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    page.get_by_label("メモで自分や窓口が呼ばれたとき").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.get_by_label("メールを送る時刻").fill("16:30")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="保存").press("Enter")

    expect(page.get_by_label("メモで自分や窓口が呼ばれたとき")).to_have_value("mail")
    expect(page.get_by_label("用件の担当になったとき")).to_have_value("digest")
    [wishes] = Wishes.objects.all()
    assert (wishes.mentioned, wishes.assigned, wishes.digest_at) == (Way.MAIL, Way.DIGEST, time(16, 30))
