"""An order that has not come: where it is, sent once more with its paper, and the customer told."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.diagnosing import keep_symptom
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order
from madoguchi.commerce.parcels import make_parcel
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SHELL = system("test")


@pytest.fixture
def lost(world: World, cases: list[Case]) -> Order:
    """An order whose parcel has not moved for eight days."""
    company = world.ours.company
    kettle = make_variant(company, code="NB-01", name="南部鉄瓶", price=13_200, stock=4)
    order = order_of(cases[0].customer_id, cases[0].desk_id, (kettle, 1))
    with world.ours.scope():
        set_up_shop(company, name="花もと", registration_number="T7000012050002", by=SHELL)
        remedies = "水が足りない | 線まで入れる\n火が弱い | 中火にする"
        keep_symptom(company, name="沸かない", code="NB-01", remedies=remedies, by=SHELL)
        sent = clock.now() - timedelta(days=8)
        make_parcel(order, carrier="yamato", slip="1234-5678-9013", state="handed_over", at=sent, by=SHELL)
    return order


def test_what_never_came_is_sent_once_more_and_answered(
    desk: Callable[[str], Page], world: World, cases: list[Case], lost: Order
) -> None:
    page = desk(address_of(cases[0], world))
    beside = page.locator("#about .bought")
    expect(beside).to_contain_text("配送会社へ引き渡し")
    beside.get_by_role("link", name="荷物はどこ?").click()

    expect(page.get_by_text("紛失のおそれがあります。")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="再送する").click()
    expect(page.get_by_label("お客様へのご案内")).to_have_value(
        "ご注文 O-1001 は、現在「配送会社へお渡し済み」です(ヤマト運輸、お問い合わせ番号 1234-5678-9013)。\n"
        "同じ商品を改めてお送りいたします。代金はいただきません。発送しましたら、お問い合わせ番号をお知らせいたします。"
    )
    page.get_by_label("理由").fill("8日間動きなし")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="この対応に決める").click()

    expect(page.get_by_text("O-1002 として再送します。")).to_be_visible()
    expect(page.get_by_text("未着の注文 O-1001 の対応を決めました: 再送する")).to_be_visible()
    expect(page.locator("#reply-text")).to_have_value(re.compile("代金はいただきません"))

    page.locator("#about .bought").get_by_role("link", name="O-1002").click()
    page.get_by_role("button", name="納品書").click()
    expect(page.get_by_role("link", name="DLV-1001")).to_be_visible()
    assert Axe().run(page).response["violations"] == []

    _walked_through(desk(address_of(cases[0], world)))


def _walked_through(page: Page) -> None:
    """A fault of the kettle, by keys."""
    page.get_by_role("link", name="故障診断").press("Enter")
    page.get_by_role("link", name="沸かない").press("Enter")
    step = page.locator("#step-title")
    expect(step).to_have_text("水が足りない")
    page.keyboard.press("n")
    expect(step).to_have_text("火が弱い")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("y")
    expect(page.get_by_text("ほかに試すことはありません。")).to_be_visible()
