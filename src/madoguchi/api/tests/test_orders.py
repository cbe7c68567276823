"""Orders and parcels by programs: read within the walls and masks of pages, made once for each key."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.api.tests.conftest import READ, Program, all_of, post
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce import guesses
from madoguchi.commerce.campaigns import SaidOfCampaign, keep_campaign
from madoguchi.commerce.factories import make_campaign, make_variant, order_of
from madoguchi.commerce.models import Campaign, Order, Parcel, ParcelStep
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.solicitations import keep_solicitation
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SELL = (*READ, Permission.ORDER_TAKE)
WHERE = {"recipient": "髙橋 美咲", "address": "京都市中京区", "payment": "later"}


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def test_an_order_says_where_it_was_found(world: World, program: Program, case: Case) -> None:
    make_variant(world.ours.company, code="NB-1")
    client, number = program("agent", *SELL), case.spoken_number(world.ours.company.prefix)
    wanted = {**WHERE, "lines": [{"code": "NB-1", "quantity": 1}], "medium": "カタログ"}

    made = post(client, f"/api/v1/cases/{number}/orders", wanted)

    assert made.status_code == 201
    with world.ours.scope():
        order = Order.objects.get()
    assert (order.medium, order.entry_point_id) == ("カタログ", world.ours.entry_point.pk)
    assert client.get(made["Location"]).json()["medium"] == "カタログ"


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


def test_a_coupon_is_named_by_a_program(world: World, program: Program, case: Case) -> None:
    make_variant(world.ours.company, code="NB-1", price=13_200)
    with world.ours.scope():
        said = SaidOfCampaign(
            name="割引",
            words="千円引き",
            kind="yen",
            amount=1_000,
            begins=date(2020, 1, 1),
            code="SEN",
            quota=1,
        )
        keep_campaign(world.ours.company, said, by=system("test"))
    client, number = program("agent", *SELL), case.spoken_number(world.ours.company.prefix)
    wanted = {**WHERE, "lines": [{"code": "NB-1", "quantity": 1}], "coupon": "sen"}
    first = post(client, f"/api/v1/cases/{number}/orders", wanted)
    second = post(client, f"/api/v1/cases/{number}/orders", wanted, key="k2")

    told = client.get(first["Location"]).json()
    assert (told["total"], told["campaign"]["saved"], told["campaign"]["left"]) == (12_200, 1_000, 0)
    assert told["campaign"]["coupon"] == "SEN"
    read = program("agent", *READ).get(first["Location"]).json()
    assert read["campaign"] == told["campaign"] | {"coupon": "", "left": None}
    assert [(line["unit_price"], line["list_price"]) for line in told["lines"]] == [(12_200, 13_200)]
    assert (second.status_code, second.json()["errors"][0]["field"]) == (422, "coupon")


@pytest.mark.usefixtures("held_clock")
def test_a_program_does_not_go_through_codes_either(
    world: World, program: Program, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "MOST_OF_PERSON", 2)
    make_variant(world.ours.company, code="NB-1", price=13_200)
    client, number = program("agent", *SELL), case.spoken_number(world.ours.company.prefix)
    wanted = {**WHERE, "lines": [{"code": "NB-1", "quantity": 1}]}

    told = [
        post(client, f"/api/v1/cases/{number}/orders", wanted | {"coupon": code}, key=code).json()["errors"][
            0
        ]
        for code in "ABCD"
    ]

    assert [one["field"] for one in told] == ["coupon"] * 4
    assert ["「" in one["detail"] for one in told] == [True, True, False, False]
    with world.ours.scope():
        assert not Order.objects.exists()


def test_more_than_was_advertised_by_phone_asks_for_what_was_told(
    world: World, program: Program, case: Case
) -> None:
    point = make_entry_point(world.ours.desk, kind=EntryPoint.Kind.PHONE, address="+815012345678")
    for code in ("TEA", "POT"):
        make_variant(world.ours.company, code=code, name=code, price=1_000)
    said: dict[str, Any] = {"kind": "nothing", "amount": 0, "products": ["TEA"]}
    make_campaign(world.ours.company, entry_points=[point.pk], **said)
    with world.ours.scope():
        Case.objects.filter(pk=case.pk).update(channel="phone", entry_point=point)
    client, number = program("agent", *SELL), case.spoken_number(world.ours.company.prefix)
    address, wanted = f"/api/v1/cases/{number}/orders", {**WHERE, "lines": [{"code": "POT", "quantity": 1}]}
    untold = post(client, address, wanted, key="k1")
    nonsense = post(client, address, wanted | {"duties": ["x"]}, key="k2")
    made = post(client, address, wanted | {"duties": ["name", "purpose", "goods", "wish"]}, key="k3")

    assert (untold.status_code, untold.json()["errors"][0]["field"]) == (422, "duties")
    assert (nonsense.status_code, made.status_code) == (422, 201)
    told = client.get(made["Location"]).json()["solicitation"]
    assert (told["outside"], told["last_day"], told["withdrawn_on"]) == (["POT"], None, None)
    assert told["duties"] == ["name", "purpose", "goods", "wish"]
    assert len(client.get(f"/api/v1/cases/{number}/tasks").json()) == 1
    plain = post(client, address, {**WHERE, "lines": [{"code": "TEA", "quantity": 1}]}, key="k4")
    assert client.get(plain["Location"]).json()["solicitation"] is None
    # Where no campaign names the number, what was offered is said.
    with world.ours.scope():
        Campaign.objects.all().delete()
    offers = wanted | {"offered": ["POT"]}
    untold = post(client, address, offers, key="k5")
    unknown = post(client, address, wanted | {"offered": ["NO"]}, key="k6")
    made = post(client, address, offers | {"duties": ["name", "purpose", "goods", "wish"]}, key="k7")
    assert [one.status_code for one in (untold, unknown, made)] == [422, 422, 201]
    assert client.get(made["Location"]).json()["solicitation"]["outside"] == ["POT"]


def test_three_orders_of_a_customer_are_read_by_as_many_queries_as_one(
    world: World, program: Program, case: Case, django_assert_num_queries: Any
) -> None:
    make_campaign(world.ours.company)
    client, address = program("agent", *SELL), f"/api/v1/customers/{case.customer_id}/orders"

    def placed(name: str) -> None:
        """An order that was solicited, with two parcels."""
        order = order_of(case.customer_id, case.desk_id, (make_variant(world.ours.company, name=name), 3))
        with world.ours.scope():
            line = in_order(order)[0].pk
            for count in (1, 2):
                make_parcel(order, carrier="other", pieces={line: count}, by=system("test"))
            keep_solicitation(order, [name], by=system("test"))

    placed("南部鉄瓶")
    client.get(address)
    with CaptureQueriesContext(connection) as alone:
        assert len(client.get(address).json()) == 1
    placed("急須")
    placed("煎茶")
    with django_assert_num_queries(len(alone)):
        told = client.get(address).json()

    assert [one["solicitation"]["outside"] for one in told] == [["煎茶"], ["急須"], ["南部鉄瓶"]]
    assert [one["campaign"]["name"] for one in told] == ["春の割引"] * 3
    parts = [[(p["number"], p["lines"][0]["quantity"]) for p in one["parcels"]] for one in told]
    assert parts == [[(1, 1), (2, 2)]] * 3
    assert [client.get(f"/api/v1/orders/{one['id']}").json() for one in told] == told


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


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"carrier": "pigeon"}, 422),
        ({"carrier": "yamato", "slip": "1234-5678-9012"}, 422),  # by its last digit mistyped
        ({"carrier": "other", "state": "lost"}, 422),
        ({"carrier": "other", "state": "delivered", "at": "2199-01-01T00:00:00+09:00"}, 422),
        ({"carrier": "other", "state": "delivered", "at": "2026-11-01T09:00:00"}, 422),  # of no zone
        ({"carrier": "other", "lines": []}, 422),
        ({"carrier": "other", "lines": [{"line": 0, "quantity": 1}]}, 422),
        ({"carrier": "other", "colour": "red"}, 422),
    ],
)
def test_a_parcel_that_makes_no_sense_is_refused_and_none_is_made(
    world: World, program: Program, case: Case, said: dict[str, Any], status: int
) -> None:
    order = order_of(case.customer_id, case.desk_id)

    answer = post(program("agent", *SELL), f"/api/v1/orders/{order.pk}/parcels", said)

    assert answer.status_code == status
    with world.ours.scope():
        assert (Parcel.objects.count(), Order.objects.get().state) == (0, "placed")


def test_lines_are_sent_apart_and_a_step_told_again_is_kept_once(
    world: World, program: Program, case: Case
) -> None:
    kettle = make_variant(world.ours.company, name="南部鉄瓶")
    tea = make_variant(world.ours.company, name="宇治煎茶", tax_rate=8)
    order = order_of(case.customer_id, case.desk_id, (kettle, 1), (tea, 3))
    client = program("agent", *SELL)
    read = f"/api/v1/orders/{order.pk}"
    first, second = (line["id"] for line in client.get(read).json()["lines"])
    parts = {"carrier": "other", "lines": [{"line": second, "quantity": 2}]}

    made = post(client, f"{read}/parcels", parts, key="a")
    too_many = post(client, f"{read}/parcels", parts, key="b")
    rest = post(client, f"{read}/parcels", {"carrier": "other"}, key="c")
    nothing = post(client, f"{read}/parcels", {"carrier": "other"}, key="d")
    step = {"state": "delivered", "at": "2026-11-03T09:00:00+09:00"}
    steps = f"/api/v1/parcels/{made.json()['parcel']}/steps"
    told = [post(client, steps, step, key=key) for key in "ef"]

    assert [one.status_code for one in (made, too_many, rest, nothing, *told)] == [
        201,
        422,
        201,
        422,
        201,
        201,
    ]
    parcels = client.get(read).json()["parcels"]
    assert [(one["number"], one["state"], one["lines"]) for one in parcels] == [
        (1, "delivered", [{"line": second, "quantity": 2}]),
        (2, "preparing", [{"line": first, "quantity": 1}, {"line": second, "quantity": 1}]),
    ]
    with world.ours.scope():
        assert ParcelStep.objects.count() == 1


def test_what_a_customer_ordered_is_told_the_newest_first_and_to_their_own_side_alone(
    world: World, program: Program, case: Case
) -> None:
    numbers = [str(order_of(case.customer_id, case.desk_id)) for _order in range(3)]
    address = f"/api/v1/customers/{case.customer_id}/orders"

    assert [one["number"] for one in program().get(address).json()] == numbers[::-1]
    assert program("agent", side=world.theirs).get(address).status_code == 404
    assert program("agent", side=world.theirs).get("/api/v1/orders/0").status_code == 404
