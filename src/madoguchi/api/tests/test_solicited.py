"""Customers who were solicited by phone: programs tell of their written terms, and that they withdraw."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of, post
from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Order, Return, Subscription
from madoguchi.commerce.solicitations import keep_solicitation
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SELL = (*READ, Permission.ORDER_TAKE)
SHELL = system("test")


@pytest.fixture
def order(world: World) -> Order:
    """An order that was solicited by phone."""
    case = make_case(world.ours.entry_point)
    made = order_of(case.customer_id, case.desk_id, case=case.pk)
    with world.ours.scope():
        keep_solicitation(made, ["南部鉄瓶"], by=SHELL)
    return made


@pytest.fixture
def subscription(world: World, order: Order) -> Subscription:
    """A subscription that was solicited by phone."""
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, stock=9)
    made = make_subscription(order_of(order.customer_id, order.desk_id, (tea, 2), case=order.case_id))
    with world.ours.scope():
        first = Order.objects.order_by("pk").last()
        assert first is not None
        keep_solicitation(first, ["煎茶"], subscription=made, by=SHELL)
    return made


def kinds() -> list[str]:
    rows = Event.objects.filter(kind__in=("solicitation.papers", "solicitation.withdrawn"))
    return list(rows.order_by("id").values_list("kind", flat=True))


def test_the_terms_came_once_and_the_days_count(world: World, program: Program, order: Order) -> None:
    client, today = program("agent", *SELL), clock.today()
    at, said = f"/api/v1/orders/{order.pk}", {"on": today.isoformat()}

    made = [post(client, f"{at}/papers", said, key="p") for _time in range(2)]

    assert [one.status_code for one in made] == [201, 201]
    assert (made[0].json(), made[1]["Idempotency-Replayed"]) == (made[1].json(), "true")
    assert made[0].json() == {
        "order": order.pk,
        "subscription": None,
        "papers_on": today.isoformat(),
        "last_day": (today + timedelta(days=7)).isoformat(),
        "withdrawn_on": None,
        "back": None,
    }
    assert made[0]["Location"] == at
    assert client.get(at).json()["solicitation"]["papers_on"] == today.isoformat()
    with world.ours.scope():
        assert len(kinds()) == 1


def test_who_withdraws_gets_back_what_came_once(world: World, program: Program, order: Order) -> None:
    client, today = program("agent", *SELL), clock.today().isoformat()
    at = f"/api/v1/orders/{order.pk}/withdraw"
    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)

    made = [post(client, at, {"on": today}, key="w") for _time in range(2)]
    other = post(client, at, {"on": today}, key="w2")
    papers = post(client, at.replace("withdraw", "papers"), {"on": today}, key="p")

    assert [one.status_code for one in (*made, other, papers)] == [201, 201, 409, 409]
    assert made[0].json() == made[1].json()
    with world.ours.scope():
        (back,) = Return.objects.all()
        assert (back.reason, made[0].json()["back"], made[0].json()["withdrawn_on"]) == (
            "withdrawn",
            back.pk,
            today,
        )
        assert len(kinds()) == 1


def test_a_subscription_ends_as_withdrawn_from(
    world: World, program: Program, subscription: Subscription
) -> None:
    client, today = program("agent", *SELL), clock.today().isoformat()
    at = f"/api/v1/subscriptions/{subscription.pk}"

    papers = post(client, f"{at}/papers", {"on": today}, key="p")
    made = post(client, f"{at}/withdraw", {"on": today}, key="w")

    assert (papers.status_code, made.status_code, made["Location"]) == (201, 201, at)
    assert (made.json()["subscription"], made.json()["withdrawn_on"]) == (subscription.pk, today)
    whole = client.get(at).json()
    assert (whole["state"], whole["reason"]) == ("ended", "withdrew")


@pytest.mark.parametrize("what", ["papers", "withdraw"])
def test_nonsense_strangers_and_who_may_not_sell_change_nothing(
    world: World, program: Program, order: Order, what: str
) -> None:
    today = clock.today()
    at, said = f"/api/v1/orders/{order.pk}/{what}", {"on": today.isoformat()}
    plain = order_of(order.customer_id, order.desk_id)
    client, before = program("agent", *SELL), _kept(world)
    stranger = program("agent", *SELL, side=world.theirs)
    wrong: list[dict[str, Any]] = [
        {},
        {"on": "2027-02-30"},
        {"on": (today + timedelta(days=1)).isoformat()},
        {"on": "2020-01-01"},
        said | {"why": "x"},
    ]

    assert [post(client, at, one, key=str(n)).status_code for n, one in enumerate(wrong)] == [422] * 5
    assert post(client, f"/api/v1/orders/{plain.pk}/{what}", said).status_code == 404
    assert post(stranger, at, said).status_code == 404
    assert post(program(), at, said).status_code == 403
    assert _kept(world) == before


def _kept(world: World) -> list[Any]:
    every = all_of(world.ours)
    return [every[label] for label in ("commerce.Order", "commerce.Return", "commerce.Solicitation")]
