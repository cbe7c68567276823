"""Where goods go, what sending them costs, and what is in stock."""

from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order, write_shipping_rule
from madoguchi.commerce.delivering import phone_of, postcode_of, prefecture_of
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, wanted
from madoguchi.commerce.issuing import paper_of
from madoguchi.commerce.models import Order, ShippingRule, Stock, Variant
from madoguchi.commerce.queries import in_order, order_by_id
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SHELL = system("test")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("604-8005", "604-8005"),
        ("〒６０４－８００５", "604-8005"),
        ("6048005", "604-8005"),
        (" 604 8005 ", "604-8005"),
        ("", ""),
    ],
)
def test_a_postcode_has_one_form(written: str, kept: str) -> None:
    assert postcode_of(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("075-000-0000", "+81750000000"),
        ("０９０（１２３４）５６７８", "+819012345678"),
        ("+81 90-1234-5678", "+819012345678"),
        ("", ""),
    ],
)
def test_a_phone_number_has_one_form(written: str, kept: str) -> None:
    assert phone_of(written) == kept


@pytest.mark.parametrize(
    ("address", "postcode", "prefecture"),
    [
        ("沖縄県那覇市泉崎1-1", "", "沖縄県"),
        ("那覇市泉崎1-1", "900-0021", "沖縄県"),
        ("札幌市中央区", "060-0001", "北海道"),
        ("秋田市山王", "010-0951", ""),
        ("京都府京都市", "900-0021", "京都府"),
        ("京都市中京区", "604-8005", ""),
    ],
)
def test_a_prefecture_is_known_by_the_address_first(address: str, postcode: str, prefecture: str) -> None:
    assert prefecture_of(address, postcode) == prefecture


@pytest.fixture
def case(world: World, db: None) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(world.ours.company, name="南部鉄瓶", price=13_200, stock=4, place="本店")


@pytest.fixture
def tea(world: World) -> Variant:
    return make_variant(world.ours.company, name="宇治煎茶", price=1_080, tax_rate=8)


def in_stock(world: World) -> list[tuple[str, int]]:
    with world.ours.scope():
        return list(Stock.objects.order_by("place").values_list("place", "quantity"))


def test_what_is_there_is_taken_and_the_rest_is_back_ordered(
    world: World, case: Case, kettle: Variant, tea: Variant
) -> None:
    with world.ours.scope():
        order = place_order(case.customer, wanted((kettle, 6), (tea, 9), missing=2), desk=case.desk, by=SHELL)
        lines = [
            (line.taken, line.backordered)
            for line in in_order(order_by_id(order.pk, actor=actor_of(world.ours.agent)))
        ]
    assert lines == [({"本店": 4}, 2), (None, 0)]
    assert in_stock(world) == [("本店", 0)]

    with world.ours.scope():
        move_order(order, "cancelled", by=SHELL)
    assert in_stock(world) == [("本店", 4)]


def test_less_in_stock_than_was_read_back_is_read_back_again(
    world: World, case: Case, kettle: Variant
) -> None:
    with world.ours.scope():
        place_order(case.customer, wanted((kettle, 3)), desk=case.desk, by=SHELL)
    with world.ours.scope(), pytest.raises(Conflict):
        place_order(case.customer, wanted((kettle, 2), missing=0), desk=case.desk, by=SHELL)
    assert in_stock(world) == [("本店", 1)]
    with world.ours.scope():
        assert Order.objects.count() == 1


def ruled(world: World, **said: Any) -> ShippingRule:
    with world.ours.scope():
        rule = {"fee": 660, "free_from": 5_500, "regions": {"沖縄県": 1_500}, "by": SHELL}
        return write_shipping_rule(world.ours.company, **{**rule, **said})


@pytest.mark.parametrize(
    ("count", "address", "fee"),
    [(1, "京都市中京区", 660), (1, "沖縄県那覇市", 1_500), (5, "京都市中京区", 660), (6, "沖縄県那覇市", 0)],
)
def test_sending_is_a_line_of_the_order_at_the_standard_rate(
    world: World, case: Case, tea: Variant, count: int, address: str, fee: int
) -> None:
    rule = ruled(world)
    with world.ours.scope():
        asked = wanted((tea, count), address=address, total=1_080 * count + fee)
        order = place_order(case.customer, asked, desk=case.desk, by=SHELL)
        again = place_order(case.customer, asked, desk=case.desk, by=SHELL)
        sums = paper_of(order_by_id(order.pk, actor=actor_of(world.ours.agent)), Kind.INVOICE).totals.by_rate
    assert (again.pk, order.shipping_rule) == (order.pk, rule)
    assert [(one.rate, one.total) for one in sums] == [(10, fee)] * bool(fee) + [(8, 1_080 * count)]


def test_a_new_rule_leaves_orders_of_before(world: World, case: Case, tea: Variant) -> None:
    ruled(world)
    with world.ours.scope():
        order = place_order(case.customer, wanted((tea, 1)), desk=case.desk, by=SHELL)
    assert ruled(world, fee=880).number == 2
    with world.ours.scope():
        assert order_by_id(order.pk, actor=actor_of(world.ours.agent)).total == 1_740


@pytest.mark.parametrize(
    ("said", "field"),
    [({"fee": -1}, "fee"), ({"free_from": 10**9}, "free_from"), ({"regions": {"沖縄": 1}}, "regions")],
)
def test_a_rule_that_makes_no_sense_is_refused(world: World, db: None, said: Any, field: str) -> None:
    with pytest.raises(Refused) as caught:
        ruled(world, **said)
    assert caught.value.field == field
    with pytest.raises(NotAllowed):
        ruled(world, by=actor_of(world.ours.agent))
    with world.ours.scope():
        assert not ShippingRule.objects.exists()
