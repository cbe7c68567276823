"""What callers meet, written and tried with the keyboard: keys are pressed, and what a caller hears is played."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.channels.phone.flows import flow_in_force
from madoguchi.companies.factories import make_entry_point
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PLAYED = """document.addEventListener("playing", (event) => {
  document.body.dataset.heard = event.target.getAttribute("aria-label");
}, true)"""


def test_a_menu_is_changed_tried_and_saved(
    desk: Callable[[str], Page], sign_in: Callable[[User], None], world: World
) -> None:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    sign_in(world.ours.company_manager)
    page = desk(f"/administration/entry-points/{point.pk}/flow/")
    trial, menu = page.locator("#trial"), page.locator(".step", has=page.locator('[value="メニュー"]'))
    expect(trial).to_contain_text("番号が押されるのを待っています。")

    menu.get_by_label("9", exact=True).select_option("あいさつ")
    page.get_by_label("先にお待ちの人数").press("Enter")  # draws the page anew, and saves nothing
    page.locator("h1").click()
    page.evaluate(PLAYED)
    page.keyboard.press("9")
    expect(trial).to_contain_text("9 を押す")
    expect(page.locator("body")).to_have_attribute("data-heard", "greeting")
    page.keyboard.press("2")
    expect(trial).to_contain_text("お客様の伝言を録音しています。")
    with world.ours.scope():
        assert flow_in_force(point)[1] == 0

    page.locator('[name="0.name"]').fill("挨拶")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("保存しました。次にかかってくる電話から使われます。")).to_be_visible()
    with world.ours.scope():
        flow, version = flow_in_force(point)
    assert (version, flow.start) == (1, "挨拶")
    assert flow.steps["メニュー"].keys["9"] == "挨拶"  # type: ignore[union-attr]
