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
from madoguchi.commerce.models import IssuedDocument, Order, Return, Variant
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import agree, ask_return, inspect, refund, send_back
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Role, system
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
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


def waiting_for_a_second(world: World, case: Case, kettle: Variant) -> Return:
    """Goods of an order that was paid came back, and the agent wants more given back than one person may give."""
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        set_up_shop(world.ours.company, refund_limit=1, by=SHELL)
        order = order_of(case.customer_id, case.desk_id, (kettle, 1), case=case.pk)
        for state in ("shipped", "delivered"):
            move_order(order, state, by=SHELL)
        if Order.objects.get(pk=order.pk).paid_at is None:
            mark_paid(order, by=SHELL)
        order = Order.objects.get(pk=order.pk)
        back = ask_return(order, {in_order(order)[0].pk: 1}, reason="defect", by=agent)
        inspect(back, {}, by=agent)
        refund(back, by=agent)
        assert back.state == "awaiting"
    return back


def deciding(world: World, back: Return, act: Callable[..., None], who: User) -> Callable[[], str]:
    actor = actor_of(who)

    def decide() -> str:
        with world.ours.scope():
            act(Return.objects.select_related("order").get(pk=back.pk), by=actor)
            return act.__name__

    return decide


def refunds_told() -> int:
    return Event.objects.filter(kind="return.moved", data__after="refunded").count()


def test_of_two_who_agree_to_a_refund_one_gives_it_and_never_who_asked(
    world: World, case: Case, kettle: Variant
) -> None:
    back, ours = waiting_for_a_second(world, case, kettle), world.ours
    second = make_operator_person(ours.operator, Role.SUPERVISOR, seats=(ours.engagement,))

    *both, asker = at_once(
        *[deciding(world, back, agree, one) for one in (ours.supervisor, second, ours.agent)]
    )

    assert sorted(type(outcome).__name__ for outcome in both) == ["Conflict", "str"]
    assert type(asker) in (Conflict, Refused)
    with ours.scope():
        kept = Return.objects.get()
        assert (kept.state, kept.total, kept.refund_by_id) == ("refunded", 13_200, ours.agent.pk)
        assert refunds_told() == 1


def test_a_refund_is_agreed_to_or_sent_back_and_not_both(world: World, case: Case, kettle: Variant) -> None:
    back, ours = waiting_for_a_second(world, case, kettle), world.ours
    second = make_operator_person(ours.operator, Role.SUPERVISOR, seats=(ours.engagement,))

    done = at_once(deciding(world, back, agree, ours.supervisor), deciding(world, back, send_back, second))

    [won] = [outcome for outcome in done if isinstance(outcome, str)]
    assert {type(outcome) for outcome in done} == {str, Conflict}
    with ours.scope():
        kept = Return.objects.get()
        expected = {"agree": ("refunded", 13_200, 1), "send_back": ("inspected", 0, 0)}
        assert (kept.state, kept.total, refunds_told()) == expected[won]
