"""Links by which an order is paid: which templates are kept, and where there is a link."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Shop
from madoguchi.commerce.payment_links import link_of, template_of
from madoguchi.customers.factories import make_customer
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

TEMPLATE = "https://pay.example/checkout?ref={order}&amount={total}"


@pytest.mark.parametrize(
    "written", ["", TEMPLATE, "https://pay.example:8443/{order}", "https://a-b.pay.example?o={order}#x"]
)
def test_an_address_by_https_that_names_the_order_is_kept(written: str) -> None:
    assert template_of(f"  {written} ") == written


@pytest.mark.parametrize(
    "written",
    [
        "http://pay.example/{order}",
        "javascript:alert('{order}')",
        "https://pay.example/",
        "https://localhost/{order}",
        "https://{order}.pay.example/",
        "https://me:secret@pay.example/{order}",
        "https://pay.example@evil.example/{order}",
        "https://pay.example/{order}/{card}",
        "https://pay.example/{order}{",
        'https://pay.example/{order}"><script>',
        "https://pay.example/{order}?c=4242424242424242",
        f"https://pay.example/{{order}}{'x' * 200}",
    ],
)
def test_what_is_no_such_address_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        template_of(written)

    assert refused.value.field == "payment_link"


@pytest.mark.django_db
def test_there_is_a_link_while_a_link_is_to_be_paid(world: World) -> None:
    customer = make_customer(world.ours.company)
    order = order_of(customer.pk, world.ours.desk.pk)
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        assert link_of(order) == ""
        set_up_shop(world.ours.company, by=by, payment_link=TEMPLATE)
        with pytest.raises(Refused):
            set_up_shop(world.ours.company, by=by, payment_link="http://pay.example/{order}")
        assert Shop.objects.get().payment_link == TEMPLATE
        assert link_of(order) == ""

        order.payment = Order.Payment.LINK
        assert link_of(order) == f"https://pay.example/checkout?ref=O-{order.number}&amount={order.total}"

        order.paid_at = clock.now()
        assert link_of(order) == ""
        order.paid_at, order.state = None, Order.State.CANCELLED
        assert link_of(order) == ""


@pytest.mark.django_db
def test_another_link_counts_seven_days_later_also_after_there_was_none(world: World) -> None:
    company, by, now = world.ours.company, actor_of(world.ours.company_manager), clock.now()
    order = order_of(make_customer(company).pk, world.ours.desk.pk)
    order.payment = Order.Payment.LINK

    def host(*, days: int = 0) -> str:
        with clock.held_at(now + timedelta(days=days)):
            return link_of(order).removeprefix("https://").partition("/")[0]

    def say(link: str, *, days: int = 0) -> None:
        with clock.held_at(now + timedelta(days=days)):
            set_up_shop(company, by=by, payment_link=link)

    with world.ours.scope():
        say(TEMPLATE)
        assert host() == "pay.example"
        say("https://evil.example/{order}")
        assert [host(days=days) for days in (0, 6, 7)] == ["pay.example", "pay.example", "evil.example"]
        # The same once more begins no new time, another does; the one that counts is back at once.
        say("https://evil.example/{order}", days=3)
        assert host(days=7) == "evil.example"
        say("https://other.example/{order}", days=3)
        assert [host(days=days) for days in (9, 10)] == ["pay.example", "other.example"]
        say(TEMPLATE, days=4)
        assert [host(days=days) for days in (4, 10)] == ["pay.example", "pay.example"]
        # None counts at once, and is no way around.
        say("", days=5)
        say("https://evil.example/{order}", days=5)
        assert [host(days=days) for days in (5, 11, 12)] == ["", "", "evil.example"]


@pytest.mark.django_db
def test_the_page_says_which_link_still_counts(world: World) -> None:
    browser, company = signed_in(world.ours.company_manager), world.ours.company
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        set_up_shop(company, by=by, payment_link=TEMPLATE)
        page = reverse("administration:shop", args=[company.pk])
        said = "変更したリンクは、設定の7日後から"
        assert said not in browser.get(page).content.decode()
        set_up_shop(company, by=by, payment_link="https://other.example/{order}")
    shown = browser.get(page).content.decode()
    assert said in shown
    assert f"これまでどおり {escape(TEMPLATE)} で" in shown
