"""Links by which an order is paid: which templates are kept, and where there is a link."""

import pytest

from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Shop
from madoguchi.commerce.payment_links import link_of, template_of
from madoguchi.customers.factories import make_customer
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
