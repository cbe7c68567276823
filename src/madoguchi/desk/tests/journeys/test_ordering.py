"""An order from a case by keyboard alone: u, a reading, how many, read back, taken; and it stands beside the case.

Somebody who types 180 keys a minute takes 60 in twenty seconds.
"""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import write_policy
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order
from madoguchi.commerce.queries import in_order
from madoguchi.customers.actions import change_customer
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
MOST_KEYS = 60


class Keyboard:
    """The page's keyboard, with how many keys were pressed: a sign of Japanese is two, and a word takes one more."""

    def __init__(self, page: Page) -> None:
        self._keys, self.pressed = page.keyboard, 0

    def press(self, key: str) -> None:
        self._keys.press(key)
        self.pressed += 1

    def type(self, words: str) -> None:
        self._keys.type(words)
        self.pressed += sum(1 if sign.isascii() else 2 for sign in words) + (not words.isascii())

    def hold(self, key: str) -> None:
        """Down, and down again by itself, and up."""
        self._keys.down(key)
        self.pressed += 1


@pytest.fixture
def shop(world: World, cases: list[Case]) -> None:
    company = world.ours.company
    make_variant(
        company, code="NB-01", name="南部鉄瓶", kana="ナンブテツビン", price=13_200, warranty_months=12
    )
    make_variant(company, code="TEA-1", name="宇治煎茶 100g", kana="ウジセンチャ", price=1_080, tax_rate=8)
    make_variant(company, code="TEA-2", name="宇治煎茶 200g", kana="ウジセンチャ", price=1_980, tax_rate=8)
    with world.ours.scope():
        write_policy(company, words="到着後8日以内は返品できます。", days=8, by=system("test"))
        change_customer(
            cases[0].customer, address="京都市中京区三条通河原町東入", by=actor_of(world.ours.agent)
        )


def put_down_a_kettle(page: Page, keys: Keyboard) -> None:
    """The reading leads to one product alone: Enter puts it down and the next can be written."""
    keys.type("なんぶ")
    keys.press("Enter")
    expect(page.get_by_label("南部鉄瓶")).to_have_value("1")
    expect(page.get_by_label("商品")).to_be_focused()


def put_down_two_packs_of_tea(page: Page, keys: Keyboard) -> None:
    """Of several that are offered Enter marks the first; the second is chosen with an arrow key, two of it wanted."""
    keys.type("煎茶")
    second = page.get_by_role("option", name="宇治煎茶 200g")
    expect(second).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    keys.press("Enter")
    first = page.get_by_role("option", name="宇治煎茶 100g")
    expect(first).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    count = page.get_by_label("宇治煎茶 200g")
    expect(count).to_have_value("1")
    expect(page.get_by_label("商品")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    expect(count).to_be_focused()
    keys.type("2")


def read_back_by_a_held_key(page: Page, keys: Keyboard) -> None:
    """With nothing to look for Enter reads back. While it is still held nothing is taken: it was read to nobody."""
    keys.hold("Enter")
    expect(page.get_by_role("button", name="注文を確定する")).to_be_focused()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.get_by_role("heading", name="復唱")).to_be_visible()
    expect(page.locator(".sum")).to_have_text("¥17,160")
    expect(page.get_by_text("到着後8日以内は返品できます。")).to_be_visible()
    expect(page.get_by_text("京都市中京区三条通河原町東入")).to_be_visible()
    expect(page.get_by_role("button", name="注文を確定する")).to_be_focused()


def test_an_order_is_taken_without_a_mouse(
    desk: Callable[[str], Page], world: World, cases: list[Case], shop: None
) -> None:
    page = desk(address_of(cases[0], world))
    keys = Keyboard(page)
    expect(page.locator("#about")).to_contain_text("まだ注文はありません。")
    keys.press("u")
    expect(page.get_by_role("heading", name="注文を受ける")).to_be_visible()
    expect(page.get_by_label("商品")).to_be_focused()
    assert Axe().run(page).response["violations"] == []

    put_down_a_kettle(page, keys)
    put_down_two_packs_of_tea(page, keys)
    assert Axe().run(page).response["violations"] == []
    read_back_by_a_held_key(page, keys)
    assert Axe().run(page).response["violations"] == []
    keys.press("Enter")

    expect(page.get_by_text("注文 O-1001 を承りました。")).to_be_visible()
    expect(page.get_by_text("さんが注文 O-1001（¥17,160）を受けました")).to_be_visible()
    beside = page.locator("#about .bought")
    expect(beside).to_contain_text("南部鉄瓶 × 1")
    expect(beside).to_contain_text("保証は ")
    with world.ours.scope():
        order = Order.objects.get()
    assert keys.pressed < MOST_KEYS
    assert (order.total, order.case_id, order.user) == (17_160, cases[0].pk, world.ours.agent)


def test_a_call_is_not_recorded_while_the_payment_is_asked_for(
    desk: Callable[[str], Page], world: World, cases: list[Case], shop: None
) -> None:
    now, agent = clock.now(), world.ours.agent
    AgentPhone.objects.update_or_create(
        user=agent, defaults={"state": "talking", "call": "c1", "since": now, "seen_at": now}
    )
    page = desk(address_of(cases[0], world) + "order/")
    said = page.get_by_text("通話の録音を一時停止しました")
    expect(said).to_be_hidden()
    with page.expect_response("**/phone/secret/") as paused:
        page.get_by_label("お支払い").focus()
    assert paused.value.json() == {"done": True}
    assert AgentPhone.objects.get(user=agent).secret
    expect(said).to_be_visible()

    with page.expect_response("**/phone/secret/") as on_again:
        page.keyboard.press("Tab")
    assert on_again.value.json() == {"done": True}
    assert not AgentPhone.objects.get(user=agent).secret
    expect(said).to_be_hidden()


def test_an_order_that_came_in_writing_is_put_in_by_keys(
    desk: Callable[[str], Page], world: World, shop: None
) -> None:
    written = "南部鉄瓶を2個と宇治煎茶200gを三袋。\nお届け先: 〒604-8005 京都市中京区河原町1-2"
    case = make_case(world.ours.entry_point, subject="注文", text=written)
    page = desk(address_of(case, world))
    keys = Keyboard(page)
    keys.press("u")
    expect(page.get_by_role("group").filter(has_text="お客様の文面")).to_contain_text("宇治煎茶200gを三袋")
    expect(page.get_by_label("商品")).to_be_focused()
    assert Axe().run(page).response["violations"] == []

    for offer in ("南部鉄瓶 × 2", "宇治煎茶 200g × 3", "お届け先: 〒604-8005"):
        keys.press("Tab")
        expect(page.get_by_role("button", name=offer)).to_be_focused()
        keys.press("Enter")
        expect(page.get_by_role("button", name=offer)).to_be_hidden()
        expect(page.get_by_label("商品")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("button", name="注文を確定する")).to_be_focused()
    keys.press("Enter")

    expect(page.get_by_text("注文 O-1001 を承りました。")).to_be_visible()
    with world.ours.scope():
        order = Order.objects.get()
        assert [(line.code, line.quantity) for line in in_order(order)] == [("NB-01", 2), ("TEA-2", 3)]
    assert (order.postcode, order.address, order.case_id) == ("604-8005", "京都市中京区河原町1-2", case.pk)
    assert keys.pressed < MOST_KEYS


def test_before_an_order_is_cancelled_enter_leads_back(
    desk: Callable[[str], Page], world: World, cases: list[Case], shop: None
) -> None:
    order = order_of(cases[0].customer_id, cases[0].desk_id, case=cases[0].pk)
    page = desk(f"/orders/{order.pk}/")
    expect(page.get_by_role("heading", name="注文 O-1001")).to_be_visible()
    assert Axe().run(page).response["violations"] == []

    page.get_by_role("button", name="注文を取り消す…").click()
    expect(page.get_by_role("link", name="注文に戻る")).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="注文 O-1001")).to_contain_text("受注")
    page.get_by_role("button", name="注文を取り消す…").click()
    page.get_by_role("button", name="注文を取り消す", exact=True).click()

    expect(page.get_by_role("heading", name="注文 O-1001")).to_contain_text("取り消し")


def test_what_was_typed_stays_when_something_is_missing(
    desk: Callable[[str], Page], world: World, cases: list[Case], shop: None
) -> None:
    page = desk(f"{address_of(cases[0], world)}order/")
    page.get_by_label("備考").fill("夕方に届けてほしい")
    page.get_by_label("商品").fill("湯呑")
    page.keyboard.press("Enter")

    expect(page.locator("#problem")).to_contain_text("「湯呑」という商品は見つかりません。")
    expect(page.get_by_label("備考")).to_have_value("夕方に届けてほしい")
    expect(page.get_by_label("商品")).to_be_focused()
