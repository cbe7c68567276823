"""A refund over the company's limit on the page of its order: who may agree, and who may only want it no more."""

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Return
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import ask_return
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


def test_who_wants_it_sees_no_way_to_agree_and_somebody_else_does(world: World) -> None:
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id, case=case.pk)
    with world.ours.scope():
        set_up_shop(world.ours.company, refund_limit=0, by=SHELL)
        move_order(order, "shipped", by=SHELL)
        Order.objects.update(paid_at=clock.now())
        pieces = {in_order(order)[0].pk: 1}
        back = ask_return(order, pieces, reason="not_delivered", by=actor_of(world.ours.agent))
    agent, senior = signed_in(world.ours.agent), signed_in(world.ours.supervisor)
    settle, page = reverse("desk:return", args=[back.pk]), reverse("desk:order", args=[order.pk])

    agent.post(settle, {"do": "refund"})

    assert "返金の承認待ち" in agent.get(page).content.decode()
    assert 'value="agree"' not in agent.get(page).content.decode()
    assert 'value="agree"' in senior.get(page).content.decode()
    assert agent.post(settle, {"do": "agree"}).status_code == 422
    with world.ours.scope():
        assert Return.objects.get().state == "awaiting"
    senior.post(settle, {"do": "agree"})
    with world.ours.scope():
        assert Return.objects.get().state == "refunded"
