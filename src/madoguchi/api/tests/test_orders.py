"""Orders and parcels by programs: read within the walls and masks of pages, made once for each key."""

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of, post
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Parcel
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SELL = (*READ, Permission.ORDER_TAKE)
WHERE = {"recipient": "髙橋 美咲", "address": "京都市中京区", "payment": "later"}


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def test_an_order_is_taken_once_and_read(world: World, program: Program, case: Case) -> None:
    make_variant(world.ours.company, code="NB-1", name="南部鉄瓶", price=13_200, stock=1)
    client, number = program("agent", *SELL), case.spoken_number(world.ours.company.prefix)
    address = f"/api/v1/cases/{number}/orders"
    wanted = {**WHERE, "lines": [{"code": "NB-1", "quantity": 2}], "total": 26_400, "missing": 1}

    assert post(client, address, wanted | {"missing": 0}, key="k0").status_code == 409
    assert (
        post(client, address, wanted | {"lines": [{"code": "X", "quantity": 1}]}, key="k9").status_code == 422
    )
    first, again = (post(client, address, wanted) for _time in range(2))

    assert (first.status_code, again.json()) == (201, first.json())
    told = client.get(first["Location"]).json()
    assert (told["number"], told["total"], told["recipient"], told["parcels"]) == (
        "O-1001",
        26_400,
        "髙橋 美咲",
        [],
    )
    assert [(line["code"], line["quantity"], line["backordered"]) for line in told["lines"]] == [
        ("NB-1", 2, 1)
    ]
    assert client.get(f"/api/v1/customers/{case.customer_id}/orders").json() == [told]
    with world.ours.scope():
        assert [(order.number, order.case_id) for order in Order.objects.all()] == [(1001, case.pk)]


def test_a_carrier_tells_where_a_parcel_was(world: World, program: Program, case: Case) -> None:
    order = order_of(case.customer_id, case.desk_id)
    client = program("agent", *SELL)
    wanted = {
        "carrier": "yamato",
        "slip": "1234-5678-9013",
        "state": "handed_over",
        "at": "2026-11-01T09:00:00+09:00",
    }
    made = post(client, f"/api/v1/orders/{order.pk}/parcels", wanted)
    steps = f"/api/v1/parcels/{made.json()['parcel']}/steps"
    later = {"state": "delivered", "at": "2026-11-03T09:00:00+09:00"}
    late = {"state": "in_transit", "at": "2026-11-02T09:00:00+09:00"}
    states = [post(client, steps, said, key=key).json()["state"] for key, said in (("a", later), ("b", late))]

    assert (made.status_code, states) == (201, ["delivered", "delivered"])
    told = client.get(f"/api/v1/orders/{order.pk}").json()
    assert (told["state"], told["parcels"][0]["slip"]) == ("delivered", "123456789013")


def test_who_may_not_sell_makes_nothing(world: World, program: Program, case: Case) -> None:
    order = order_of(case.customer_id, case.desk_id)
    before = all_of(world.ours)["commerce.Parcel"]
    address = f"/api/v1/orders/{order.pk}/parcels"
    stranger = program("agent", *SELL, side=world.theirs)
    assert post(program(), address, {"carrier": "other"}).status_code == 403
    assert post(stranger, address, {"carrier": "other"}).status_code == 404
    assert stranger.get(f"/api/v1/orders/{order.pk}").status_code == 404
    assert all_of(world.ours)["commerce.Parcel"] == before
    with world.ours.scope():
        assert not Parcel.objects.exists()
