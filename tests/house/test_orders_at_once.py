"""Orders taken and papers given in the same moment: no number twice, no gap, no second order by a second press."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order, set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of, wanted
from madoguchi.commerce.issuing import issue
from madoguchi.commerce.models import IssuedDocument, Order, Variant
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from tests.house.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8
SHELL = system("test")


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(world.ours.company)


def placing(world: World, case: Case, kettle: Variant, once: object) -> Callable[[], Order]:
    agent = actor_of(world.ours.agent)

    def place() -> Order:
        with world.ours.scope():
            asked = wanted((kettle, 1), once=once)
            return place_order(case.customer, asked, desk=case.desk, case=case.pk, by=agent)

    return place


def test_one_press_by_many_is_one_order(world: World, case: Case, kettle: Variant) -> None:
    press = placing(world, case, kettle, uuid4())

    done = at_once(*[press] * AT_ONCE)

    assert len({order.pk for order in done}) == 1
    with world.ours.scope():
        assert [order.number for order in Order.objects.all()] == [1001]
        assert Event.objects.filter(kind="order.placed").count() == 1


def test_many_orders_have_numbers_one_after_the_other(world: World, case: Case, kettle: Variant) -> None:
    done = at_once(*[placing(world, case, kettle, uuid4()) for _order in range(AT_ONCE)])

    assert sorted(order.number for order in done) == list(range(1001, 1001 + AT_ONCE))


def test_an_order_is_shipped_or_cancelled_and_not_both(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))

    def to(state: str) -> Callable[[], str]:
        def move() -> str:
            with world.ours.scope():
                move_order(Order.objects.get(pk=order.pk), state, by=SHELL)
                return state

        return move

    done = at_once(to("shipped"), to("cancelled"))

    won = [outcome for outcome in done if isinstance(outcome, str)]
    assert len(won) == 1
    assert {type(outcome) for outcome in done} <= {str, Conflict, Refused}
    with world.ours.scope():
        assert Order.objects.get().state == won[0]
        assert Event.objects.filter(kind="order.moved").count() == 1


def test_of_papers_given_at_once_one_is_the_first(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")

    def give() -> IssuedDocument:
        with world.ours.scope():
            return issue(order, Kind.INVOICE, by=SHELL, again=True)

    done = at_once(give, give, give)

    assert sorted(paper.number for paper in done) == ["INV-1001", "INV-1002", "INV-1003"]
    first = min(done, key=lambda paper: paper.pk)
    assert sorted(paper.reissue_of_id or 0 for paper in done) == [0, first.pk, first.pk]


def test_of_papers_given_at_once_by_mistake_there_is_one(world: World, case: Case, kettle: Variant) -> None:
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")

    def give() -> str:
        with world.ours.scope():
            return issue(order, Kind.INVOICE, by=SHELL).number

    done = at_once(give, give, give)

    assert [outcome for outcome in done if isinstance(outcome, str)] == ["INV-1001"]
    assert {type(outcome) for outcome in done} == {str, Refused}
