"""Somebody calls about what never came: found by their number, sent once more, and the invoice goes along."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.channels.phone.actions import announce
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order
from madoguchi.commerce.parcels import make_parcel
from madoguchi.companies.factories import make_entry_point
from madoguchi.customers.factories import make_customer
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.phones import set_ready, take_phone

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SHELL = system("test")


@pytest.fixture
def lost(world: World) -> Order:
    """An order whose parcel has not moved for eight days, of somebody whose phone we know."""
    company = world.ours.company
    who = make_customer(company, name="髙橋 美咲", phone="090-1234-5678")
    order = order_of(who.pk, world.ours.desk.pk, (make_variant(company, code="NB-01", stock=4), 1))
    with world.ours.scope():
        set_up_shop(company, name="花もと", registration_number="T7000012050002", by=SHELL)
        sent = clock.now() - timedelta(days=8)
        make_parcel(order, carrier="yamato", slip="1234-5678-9013", state="handed_over", at=sent, by=SHELL)
    return order


@pytest.fixture
def ringing(world: World, lost: Order) -> None:
    """The call rings at our agent."""
    number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with world.ours.scope():
        begin_call(number, Begun(uid="c1", caller="+819012345678", flow=0, at=clock.now()))
        set_ready(ready=True, by=actor_of(world.ours.agent))
        take_phone(desk=number.desk_id, company=number.company_id, call="c1", person=world.ours.agent.pk)
    announce("c1", company=number.company_id, person=world.ours.agent.pk)
    index_everything()


def test_a_call_leads_to_a_second_parcel_and_its_invoice(
    desk: Callable[[str], Page], lost: Order, ringing: None
) -> None:
    page = desk("/phone/")
    expect(page.locator("#phone")).to_contain_text("南部鉄瓶 × 1")
    assert Axe().run(page).response["violations"] == []

    page = desk("/")
    page.locator("form[role=search] input").first.fill("090-1234-5678")
    page.keyboard.press("Enter")
    page.locator("a.row").filter(has_text="髙橋 美咲").click()
    page.locator("#about .bought").get_by_role("link", name="荷物はどこ?").click()
    page.get_by_role("link", name="再送する").click()
    page.get_by_label("理由").fill("8日間動きなし")
    page.get_by_role("button", name="この対応に決める").click()
    expect(page.get_by_text("O-1002 として再送します。")).to_be_visible()

    page.locator("#about .bought").get_by_role("link", name="O-1001").click()
    page.get_by_role("button", name="請求書").click()
    paper = page.get_by_role("link", name="INV-1001")
    with page.expect_download() as saved:
        paper.click()
    assert saved.value.path().read_bytes().startswith(b"%PDF-")
    assert saved.value.suggested_filename == "INV-1001.pdf"
