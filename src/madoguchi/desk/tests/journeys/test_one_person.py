"""Two records of one person, each with an order: one for a while, then two again, each with its own."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.search.factories import index_everything

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def whose(world: World) -> dict[str, int]:
    """The customer of each order."""
    with world.ours.scope():
        return {str(order): order.customer_id for order in Order.objects.all()}


def test_two_customers_with_orders_become_one_and_two_again(
    desk: Callable[[str], Page], world: World
) -> None:
    home = make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))
    work = make_case(world.ours.entry_point, sender=Party("misaki@work.example", "高橋美咲"))
    for case in (home, work):
        order_of(case.customer_id, case.desk_id, case=case.pk)
    index_everything()
    apart = {"O-1001": home.customer_id, "O-1002": work.customer_id}
    assert whose(world) == apart

    page = desk(address_of(home, world))
    page.get_by_role("link", name="記録を統合…").press("Enter")
    expect(page.get_by_text("移るもの：用件 1件、注文 1件、連絡先 1件。")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    join = page.get_by_role("button", name="記録を統合する")
    expect(join).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("二つの記録を統合しました。")).to_be_visible()
    expect(page.locator("#about .bought")).to_contain_text(["O-1002", "O-1001"])
    assert whose(world) == dict.fromkeys(apart, home.customer_id)
    page.get_by_role("link", name="ほかの記録 1件を統合済み").press("Enter")
    page.get_by_role("button", name="元の二つに戻す").press("Enter")

    expect(page.get_by_text("統合前の二つの記録に戻しました。")).to_be_visible()
    expect(page.locator("#about .bought")).to_contain_text(["O-1001"])
    assert whose(world) == apart
