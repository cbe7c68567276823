"""Orders: taken once at the prices of then, on the terms of then, and moved on."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import (
    move_order,
    place_order,
    set_up_shop,
    write_policy,
)
from madoguchi.commerce.documents.tax import totals_of
from madoguchi.commerce.factories import make_variant, order_of, wanted
from madoguchi.commerce.models import Counter, Order, OrderLine, ReturnPolicy, Shop, Variant
from madoguchi.commerce.queries import (
    in_order,
    months_after,
    order_by_id,
    orders_of,
    reckoned,
    rounding_of,
    warranty_of,
)
from madoguchi.commerce.quoting import MOST_LINES, basket
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(world.ours.company, name="南部鉄瓶", price=13_200, warranty_months=12)


def told(world: World, kind: str) -> list[tuple[int | None, dict[str, Any]]]:
    with world.ours.scope():
        return [(e.case_id, e.data) for e in Event.objects.filter(kind=kind).order_by("id")]


def nothing_is_there(world: World) -> bool:
    with world.ours.scope():
        return not (Order.objects.exists() or OrderLine.objects.exists() or told(world, "order.placed"))


def test_an_order_keeps_names_and_prices_of_then(world: World, case: Case, kettle: Variant) -> None:
    tea = make_variant(world.ours.company, name="宇治煎茶", variant="100g", price=1_080, tax_rate=8)
    agent = actor_of(world.ours.agent)

    with world.ours.scope(), clock.held_at(NOON):
        asked = wanted((kettle, 2), (tea, 3), note="夕方に")
        order = place_order(case.customer, asked, desk=case.desk, case=case.pk, by=agent)
    make_variant(world.ours.company, name="新しい鉄瓶", price=99_000, code=kettle.code)

    with world.ours.scope():
        found = order_by_id(order.pk, actor=agent)
        lines = [(x.name, x.quantity, x.unit_price, x.tax_rate, x.warranty_months) for x in in_order(found)]
    assert lines == [("南部鉄瓶", 2, 13_200, 10, 12), ("宇治煎茶 100g", 3, 1_080, 8, None)]
    assert (found.net, found.tax, found.total) == (27_000, 2_640, 29_640)
    assert (found.number, str(found), found.state, found.note) == (1001, "O-1001", "placed", "夕方に")
    assert (found.user, found.desk, found.case_id, found.placed_at) == (
        world.ours.agent,
        case.desk,
        case.pk,
        NOON,
    )
    assert told(world, "order.placed") == [
        (case.pk, {"order": order.pk, "number": 1001, "total": 29_640}),
    ]


def test_the_sums_are_those_of_a_document_of_its_lines(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 3))
    with world.ours.scope():
        totals = totals_of([reckoned(line) for line in in_order(order)])
    assert (totals.net, totals.tax) == (order.net, order.tax)


def test_a_second_press_gives_the_same_order_back(world: World, case: Case, kettle: Variant) -> None:
    once = uuid4()
    with world.ours.scope():
        first, again = (
            place_order(case.customer, wanted((kettle, 1), once=once), desk=case.desk, by=SHELL)
            for _press in range(2)
        )
        numbers = [order.number for order in Order.objects.all()]
    assert first.pk == again.pk
    assert numbers == [1001]
    assert len(told(world, "order.placed")) == 1


def test_the_same_form_with_something_else_in_it_takes_no_order_and_says_so(
    world: World, case: Case, kettle: Variant
) -> None:
    # given an order, and its form once more with three pieces, and for another case
    once = uuid4()
    other = make_case(world.ours.entry_point, sender=Party("other@home.example", "別人 花子"))
    with world.ours.scope():
        place_order(case.customer, wanted((kettle, 1), once=once), desk=case.desk, case=case.pk, by=SHELL)
        # when either is pressed
        for customer, at, count in ((case.customer, case.pk, 3), (other.customer, other.pk, 1)):
            with pytest.raises(Conflict, match="1001"):
                place_order(customer, wanted((kettle, count), once=once), desk=case.desk, case=at, by=SHELL)
        # then there is the first order alone
        assert [(order.case_id, order.number) for order in Order.objects.all()] == [(case.pk, 1001)]
    assert len(told(world, "order.placed")) == 1


def test_each_company_counts_its_own_orders(world: World, case: Case, kettle: Variant) -> None:
    other = make_case(world.theirs.entry_point)
    numbers = [order_of(where.customer_id, where.desk_id).number for where in (case, other, case)]
    assert numbers == [1001, 1001, 1002]


def test_what_was_read_back_must_still_hold(world: World, case: Case, kettle: Variant) -> None:
    make_variant(world.ours.company, name="南部鉄瓶", price=14_300, code=kettle.code)
    with world.ours.scope(), pytest.raises(Conflict):
        place_order(case.customer, wanted((kettle, 1), total=13_200), desk=case.desk, by=SHELL)
    assert nothing_is_there(world)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"recipient": " "}, "recipient"),
        ({"address": ""}, "address"),
        ({"payment": "card"}, "payment"),
        ({"postcode": "604-800"}, "postcode"),
        ({"postcode": "京都"}, "postcode"),
        ({"phone": "夕方以降"}, "phone"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "4111111111111111"}, "phone"),
        ({"pieces": ()}, "q"),
        ({"pieces": ((0, 1),)}, "q"),
        ({"pieces": ((1, 1),) * (MOST_LINES + 1)}, "q"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_taken(
    world: World, case: Case, kettle: Variant, said: dict[str, Any], field: str
) -> None:
    with world.ours.scope(), pytest.raises(Refused) as caught:
        asked = wanted((kettle, 1), **{k: v for k, v in said.items() if k != "pieces"})
        if "pieces" in said:
            asked = type(asked)(
                **{name: getattr(asked, name) for name in asked.__slots__ if name != "pieces"},
                pieces=said["pieces"],
            )
        place_order(case.customer, asked, desk=case.desk, by=SHELL)
    assert caught.value.field == field
    assert nothing_is_there(world)
    with world.ours.scope():
        assert not Counter.objects.exists()


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_nobody_orders_so_many(world: World, case: Case, kettle: Variant, count: int) -> None:
    with world.ours.scope(), pytest.raises(Refused) as caught:
        place_order(case.customer, wanted((kettle, count)), desk=case.desk, by=SHELL)
    assert caught.value.field == f"count-{kettle.pk}"
    assert nothing_is_there(world)


def test_no_number_of_a_card_is_kept(world: World, case: Case, kettle: Variant) -> None:
    with world.ours.scope():
        asked = wanted((kettle, 1), note="カードは 4111 1111 1111 1111 です")
        order = place_order(case.customer, asked, desk=case.desk, by=SHELL)
    assert "4111 1111" not in order.note


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_the_company_reads_orders_and_takes_none(world: World, case: Case, kettle: Variant, who: str) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    reader = actor_of(getattr(world.ours, who))
    with world.ours.scope():
        assert order_by_id(order.pk, actor=reader) == order
        with pytest.raises(NotAllowed):
            place_order(case.customer, wanted((kettle, 1)), desk=case.desk, by=reader)
        with pytest.raises(NotAllowed):
            move_order(order, "shipped", by=reader)
        assert Order.objects.get().state == "placed"


def test_another_companys_people_find_none(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    stranger = actor_of(world.theirs.agent)
    with world.ours.scope():
        customer, desk = case.customer, case.desk
    with world.theirs.scope():
        with pytest.raises(NotFound):
            order_by_id(order.pk, actor=stranger)
        assert orders_of(case.customer_id, actor=stranger, company=world.ours.company.pk) == []
        with pytest.raises(NotAllowed):
            place_order(customer, wanted((kettle, 1)), desk=desk, by=stranger)


def test_what_is_not_ours_is_not_sold_here(world: World, case: Case) -> None:
    theirs = make_variant(world.theirs.company)
    with world.ours.scope(), pytest.raises(Refused):
        basket(((theirs.pk, 1),), company=world.ours.company.pk)


def test_an_order_moves_on_as_it_can_and_says_so(world: World, case: Case, kettle: Variant) -> None:
    order, agent = (
        order_of(case.customer_id, case.desk_id, (kettle, 1), case=case.pk),
        actor_of(world.ours.agent),
    )
    with world.ours.scope(), clock.held_at(NOON):
        move_order(order, "shipped", by=agent)
        move_order(order, "delivered", by=agent)
        kept = Order.objects.get()
    assert (kept.state, kept.delivered_at) == ("delivered", NOON)
    moves = [(data["before"], data["after"]) for _case, data in told(world, "order.moved")]
    assert moves == [("placed", "shipped"), ("shipped", "delivered")]
    assert {where for where, _data in told(world, "order.moved")} == {case.pk}


def test_what_was_delivered_is_not_cancelled(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        stale = Order.objects.get()
        move_order(order, "cancelled", by=SHELL)
        with pytest.raises(Refused):
            move_order(order, "shipped", by=SHELL)
        with pytest.raises(Conflict):
            move_order(stale, "shipped", by=SHELL)
        assert Order.objects.get().state == "cancelled"
    assert len(told(world, "order.moved")) == 1


def test_a_customers_last_five_are_read_in_three_queries(
    world: World, case: Case, kettle: Variant, django_assert_num_queries: Any
) -> None:
    for _order in range(6):
        order_of(case.customer_id, case.desk_id, (kettle, 1))
    agent = actor_of(world.ours.agent)
    with world.ours.scope(), django_assert_num_queries(3):
        found = orders_of(case.customer_id, actor=agent, company=case.company_id)
    assert [order.number for order in found] == [1006, 1005, 1004, 1003, 1002]


def test_a_warranty_runs_from_the_day_on_which_the_goods_came(
    world: World, case: Case, kettle: Variant
) -> None:
    with clock.held_at(NOON):
        order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        (line,) = in_order(order)
        with clock.held_at(NOON):
            first = warranty_of(line, order)
        with clock.held_at(datetime(2026, 12, 24, 15, 30, tzinfo=UTC)):
            move_order(order, "shipped", by=SHELL)
            move_order(order, "delivered", by=SHELL)
            kept = Order.objects.get()
        with clock.held_at(datetime(2027, 12, 25, 15, tzinfo=UTC)):
            late = warranty_of(line, kept)
    assert first is not None
    assert (first.until, first.holds) == (date(2027, 11, 29), True)
    assert late is not None
    assert (late.until, late.holds) == (date(2027, 12, 25), False)


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (date(2026, 11, 29), 12, date(2027, 11, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 11, 29), 0, date(2026, 11, 29)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, until: date) -> None:
    assert months_after(day, months) == until


def test_the_company_says_how_it_sells(world: World) -> None:
    company, keeper = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        set_up_shop(company, by=keeper, registration_number="t7000-0120-50002", rounding="half-up")
        shop = Shop.objects.get()
        assert rounding_of(company.pk) == "half-up"
        with pytest.raises(Refused):
            set_up_shop(company, by=keeper, rounding="down")
        with pytest.raises(Refused):
            set_up_shop(company, by=keeper, registration_number="T1")
        with pytest.raises(NotAllowed):
            set_up_shop(company, by=actor_of(world.ours.agent), phone="03-0000-0000")
        assert Shop.objects.values_list("phone", "rounding").get() == ("", "half-up")
    assert (shop.name, shop.registration_number) == (company.name, "T7000012050002")
    assert told(world, "shop.changed") == [
        (
            None,
            {"changes": {"registration_number": ["", "T7000012050002"], "rounding": ["floor", "half-up"]}},
        )
    ]


def test_an_order_keeps_the_return_policy_of_then(world: World, case: Case, kettle: Variant) -> None:
    company, keeper = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        write_policy(company, words="到着後8日以内は返品できます。", days=8, by=keeper)
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        later = write_policy(company, words="到着後14日以内は返品できます。", days=14, by=keeper)
        kept = order_by_id(order.pk, actor=keeper).policy
        with pytest.raises(Refused):
            write_policy(company, words=" ", days=1, by=keeper)
        with pytest.raises(NotAllowed):
            write_policy(company, words="返品不可", days=0, by=actor_of(world.ours.manager))
        assert ReturnPolicy.objects.count() == 2
    assert kept is not None
    assert (kept.number, kept.days, later.number) == (1, 8, 2)
    assert [data["number"] for _case, data in told(world, "shop.policy_written")] == [1, 2]
