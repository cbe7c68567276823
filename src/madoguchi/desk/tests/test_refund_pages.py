"""A refund over the company's limit on the page of its order: who may agree, and who may only want it no more."""

import pytest
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Return
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import ask_return, refund, send_back
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.following.models import Notification
from madoguchi.following.reactions import notify_whom_it_concerns
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rules.tests.rules import happened

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def back(world: World) -> Return:
    """A refund of an order that is over the limit, as soon as the agent wants it."""
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id, case=case.pk)
    with world.ours.scope():
        set_up_shop(world.ours.company, refund_limit=0, by=SHELL)
        move_order(order, "shipped", by=SHELL)
        Order.objects.update(paid_at=clock.now())
        pieces = {in_order(order)[0].pk: 1}
        return ask_return(order, pieces, reason="not_delivered", by=actor_of(world.ours.agent))


@pytest.mark.django_db(transaction=True)
def test_who_may_agree_is_told_until_it_is_settled(world: World, back: Return) -> None:
    def told() -> list[tuple[int, bool]]:
        with world.ours.scope():
            for event in happened("return.moved"):
                notify_whom_it_concerns(event)
            rows = Notification.objects.filter(kind="return.moved").order_by("pk")
            return [(one.user_id, one.read_at is not None) for one in rows]

    with world.ours.scope():
        refund(back, by=actor_of(world.ours.agent))
    assert told() == [(world.ours.supervisor.pk, False)]
    with world.ours.scope():
        send_back(back, by=actor_of(world.ours.supervisor))
    assert told() == [(world.ours.supervisor.pk, True)]


def test_what_waits_is_listed_for_who_may_agree(world: World, back: Return) -> None:
    page = reverse("desk:refunds_waiting")
    senior = signed_in(world.ours.supervisor)
    assert "承認待ちの返金はありません" in senior.get(page).text
    with world.ours.scope():
        refund(back, by=actor_of(world.ours.agent))
        back.refresh_from_db()

    listed = senior.get(page).text

    for words in (str(back), f"{back.total:,}", world.ours.agent.name, f"/orders/{back.order_id}/#returns"):
        assert words in listed
    assert "別の人の承認が必要" not in listed
    assert [signed_in(one).get(page).status_code for one in (world.ours.agent, world.ours.company_staff)] == [
        403,
        403,
    ]
    foreign = signed_in(world.theirs.supervisor).get(page)
    assert (foreign.status_code, foreign.context["rows"]) == (200, [])
    assert page in senior.get(reverse("desk:console")).text
    assert page not in signed_in(world.ours.agent).get(reverse("desk:console")).text


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

    assert "2人目の確認待ち" in agent.get(page).content.decode()
    assert 'value="agree"' not in agent.get(page).content.decode()
    assert 'value="agree"' in senior.get(page).content.decode()
    assert agent.post(settle, {"do": "agree"}).status_code == 422
    with world.ours.scope():
        assert Return.objects.get().state == "awaiting"
    senior.post(settle, {"do": "agree"})
    with world.ours.scope():
        assert Return.objects.get().state == "refunded"
