"""Money over a company's limit is given back when a second person has agreed, and not before."""

from datetime import timedelta
from uuid import uuid4

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Return, Shop
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order, refund_limit_of
from madoguchi.commerce.returning import (
    agree,
    ask_return,
    exchange,
    give_slip,
    inspect,
    left_to_return,
    refund,
    refuse,
    send_back,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.actions import issue_password_link
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def senior(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


@pytest.fixture
def order(world: World) -> Order:
    """Three kettles of 11,000 yen, delivered and paid, at a company that gives back 20,000 yen by one person."""
    company, case = world.ours.company, make_case(world.ours.entry_point)
    kettle = make_variant(company, name="南部鉄瓶", price=11_000, stock=9, place="本店")
    with world.ours.scope():
        set_up_shop(
            company, name="花もと", registration_number="T7000012050002", refund_limit=20_000, by=SHELL
        )
        made = order_of(case.customer_id, case.desk_id, (kettle, 3), case=case.pk)
        for state in ("shipped", "delivered"):
            move_order(made, state, by=SHELL)
        if Order.objects.get(pk=made.pk).paid_at is None:
            mark_paid(made, by=SHELL)
        return Order.objects.get(pk=made.pk)


def came_back(order: Order, count: int, by: Actor) -> Return:
    line = in_order(order)[0]
    back = ask_return(order, {line.pk: count}, reason="defect", by=by)
    inspect(back, {}, by=by)
    return back


def moves() -> list[tuple[str, int]]:
    told = Event.objects.filter(kind="return.moved").order_by("id").values_list("data", flat=True)
    return [(one["after"], one["total"]) for one in told]


def test_over_the_limit_it_waits_for_somebody_else(
    world: World, order: Order, agent: Actor, senior: Actor
) -> None:
    with world.ours.scope():
        # when more is wanted than one person may give
        back = came_back(order, 2, agent)
        refund(back, by=agent)

        # then nothing is given back yet, and the goods are claimed
        kept = Return.objects.get()
        assert (kept.state, kept.refund_by_id, kept.settled_at) == ("awaiting", agent.id, None)
        assert sum(left_to_return(order).values()) == 1
        for act in (refund, refuse, give_slip):
            with pytest.raises((Conflict, Refused)):
                act(back, by=senior)
        with pytest.raises(Conflict):
            exchange(back, once=order.once, by=senior)

        # and who wanted it, nobody in particular, and who takes no orders cannot agree
        for nobody in (agent, SHELL):
            with pytest.raises(Refused) as refused:
                agree(back, by=nobody)
            assert refused.value.field == "refund"
        for other in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                agree(back, by=actor_of(other))
        assert Return.objects.get().state == "awaiting"

        # when a second person agrees
        agree(back, by=senior)

        assert (back.state, back.total, Return.objects.get().state) == ("refunded", 22_000, "refunded")
        assert moves() == [("inspected", 0), ("awaiting", 22_000), ("refunded", 22_000)]
        with pytest.raises(Conflict):
            agree(back, by=senior)
        assert give_slip(back, by=agent).total == 22_000


def test_nor_is_who_has_their_access_from_who_wants_it(world: World, order: Order, senior: Actor) -> None:
    manager = actor_of(world.ours.manager)
    with world.ours.scope():
        back = came_back(order, 2, manager)
        refund(back, by=manager)
        issue_password_link(User.objects.get(pk=senior.id), by=manager)

        with pytest.raises(Refused) as refused:
            agree(back, by=senior)

        assert (refused.value.field, Return.objects.get().state) == ("refund", "awaiting")


def test_two_colleagues_are_not_enough(world: World, order: Order, agent: Actor) -> None:
    colleague = actor_of(make_operator_person(world.ours.operator, seats=(world.ours.engagement,)))
    with world.ours.scope():
        back = came_back(order, 2, agent)
        refund(back, by=agent)
        with pytest.raises(NotAllowed):
            agree(back, by=colleague)
        assert Return.objects.get().state == "awaiting"


def test_goods_over_the_limit_go_out_in_exchange_when_a_second_person_has_agreed(
    world: World, order: Order, agent: Actor, senior: Actor
) -> None:
    with world.ours.scope():
        # when somebody who leads wants more to be sent than one person may give
        dear, cheap = came_back(order, 2, agent), came_back(order, 1, agent)
        assert exchange(dear, once=uuid4(), by=senior) is None

        # then nothing goes out yet, and they cannot agree with themselves
        kept = Return.objects.get(pk=dear.pk)
        assert (kept.state, kept.in_exchange, kept.refund_by_id) == ("awaiting", True, senior.id)
        for nobody in (senior, SHELL):
            with pytest.raises(Refused):
                agree(dear, by=nobody)
        with pytest.raises(NotAllowed):
            agree(dear, by=agent)
        assert (Order.objects.count(), Return.objects.get(pk=dear.pk).state) == (1, "awaiting")

        # when a second person agrees, the same goods are sent, and no money is given back
        agree(dear, by=actor_of(world.ours.manager))
        kept = Return.objects.get(pk=dear.pk)
        assert (kept.state, kept.total, kept.sums, dear.state) == ("exchanged", 0, [], "exchanged")
        sent = Order.objects.exclude(pk=order.pk).get()
        assert (sent.resend_of_id, [line.quantity for line in in_order(sent)]) == (order.pk, [2])

        # and what is worth less counts beside it
        assert exchange(cheap, once=uuid4(), by=agent) is None
        assert Return.objects.get(pk=cheap.pk).state == "awaiting"


@pytest.mark.parametrize("then", ["exchange", "refund"])
def test_what_was_sent_in_exchange_counts_as_what_was_given_back_does(
    world: World, order: Order, agent: Actor, then: str
) -> None:
    with world.ours.scope():
        # given the same kettle exchanged once, under the limit
        first = came_back(order, 1, agent)
        assert exchange(first, once=uuid4(), by=agent) is not None
        assert first.state == "exchanged"

        # when one more would come to more than one person may give
        second = came_back(order, 1, agent)
        if then == "exchange":
            assert exchange(second, once=uuid4(), by=agent) is None
        else:
            refund(second, by=agent)

        # then it waits for somebody else, and nothing more has gone out
        assert (second.state, Order.objects.count()) == ("awaiting", 2)


def test_an_exchange_that_is_not_agreed_to_can_be_refunded_instead(
    world: World, order: Order, agent: Actor, senior: Actor
) -> None:
    with world.ours.scope():
        back = came_back(order, 2, agent)
        exchange(back, once=uuid4(), by=agent)
        send_back(back, by=senior)
        assert not Return.objects.get().in_exchange
        refund(back, by=agent)
        agree(back, by=senior)
        assert (Return.objects.get().state, Order.objects.count()) == ("refunded", 1)


def test_nothing_goes_out_in_exchange_for_what_was_never_paid(
    world: World, order: Order, agent: Actor, senior: Actor
) -> None:
    with world.ours.scope():
        back = came_back(order, 1, agent)
        Order.objects.update(paid_at=None)
        for by in (agent, senior):
            with pytest.raises(Refused) as refused:
                exchange(back, once=uuid4(), by=by)
            assert refused.value.field == "refund"
        assert (Order.objects.count(), Return.objects.get().state) == (1, "inspected")


def test_small_refunds_of_one_order_are_counted_together(world: World, order: Order, agent: Actor) -> None:
    with world.ours.scope():
        first, second = came_back(order, 1, agent), came_back(order, 1, agent)
        refund(first, by=agent)
        refund(second, by=agent)

        assert (first.state, second.state) == ("refunded", "awaiting")


def test_what_is_not_agreed_to_stands_as_before(
    world: World, order: Order, agent: Actor, senior: Actor
) -> None:
    with world.ours.scope():
        back = came_back(order, 2, agent)
        refund(back, by=agent)
        send_back(back, by=senior)
        kept = Return.objects.get()
        assert (kept.state, kept.refund_by_id, kept.total, kept.sums) == ("inspected", None, 0, [])
        with pytest.raises(Conflict):
            send_back(back, by=senior)
        refuse(back, by=agent)
        assert Return.objects.get().state == "refused"


@pytest.mark.parametrize(("limit", "state"), [(22_000, "refunded"), (21_999, "awaiting"), (None, "refunded")])
def test_the_limit_itself_is_not_over_it(
    world: World, order: Order, agent: Actor, limit: int | None, state: str
) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, refund_limit=limit, by=actor_of(world.ours.company_manager))
        with pytest.raises(NotAllowed):
            set_up_shop(world.ours.company, refund_limit=1_000_000, by=agent)
        assert Shop.objects.get().refund_limit == limit
        with clock.held_at(clock.now() + timedelta(days=7)):
            back = came_back(order, 2, agent)
            refund(back, by=agent)
        assert (back.state, Shop.objects.get().name) == (state, "花もと")


def test_a_higher_limit_counts_seven_days_later_and_a_lower_one_at_once(world: World, order: Order) -> None:
    company, keeper, now = world.ours.company, actor_of(world.ours.company_manager), clock.now()

    def counts(*, days: int = 0) -> int | None:
        with clock.held_at(now + timedelta(days=days)):
            return refund_limit_of(company.pk)

    with world.ours.scope(), clock.held_at(now):
        set_up_shop(company, refund_limit=50_000, by=keeper)
        assert [counts(days=days) for days in (0, 6, 7)] == [20_000, 20_000, 50_000]

        # Saying the same once more begins no new time; another raise does, and from what counts.
        with clock.held_at(now + timedelta(days=3)):
            set_up_shop(company, refund_limit=50_000, by=keeper)
        assert [counts(days=days) for days in (6, 7)] == [20_000, 50_000]
        with clock.held_at(now + timedelta(days=3)):
            set_up_shop(company, refund_limit=None, by=keeper)
        assert [counts(days=days) for days in (9, 10)] == [20_000, None]

        set_up_shop(company, refund_limit=10_000, by=keeper)
        assert [counts(days=days) for days in (0, 10)] == [10_000, 10_000]
        told = Event.objects.filter(kind="shop.changed").order_by("id").values_list("data", flat=True)
        assert [one["changes"]["refund_limit"][1] for one in told] == [20_000, 50_000, None, 10_000]
