"""Who buys again after a case was solved, by events and by the living log."""

from datetime import timedelta

import pytest

from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Order, SubscriptionOrder
from madoguchi.insight.logged import Event, Span
from madoguchi.insight.records import Stayed
from madoguchi.insight.stayed import Bought, stayed_in
from madoguchi.insight.tests.asked import DAY, HOUR, figure, sums
from madoguchi.insight.tests.test_reading import NINE, event, solved
from madoguchi.kernel import clock
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import NINE as MORNING

DAYS = Span(NINE - DAY, NINE + 10 * DAY, NINE + 92 * DAY)


def placed(after: timedelta, order: int) -> Event:
    return event("order.placed", after, order=order, number=1000 + order, total=5000)


def stayed(*told: Event, ordered: tuple[Event, ...] = (), span: Span = DAYS) -> list[Stayed]:
    at = {event.data["order"]: event.at for event in reversed(ordered)}
    orders = {pk: Bought(whose, at.get(pk, NINE)) for pk, whose in ((10, 3), (11, 3), (12, 4))}
    return stayed_in(told, ordered, span, customers={1: 3, 2: 3}, orders=orders)


@pytest.mark.parametrize(
    ("ordered", "bought"),
    [
        ((), False),
        ((placed(HOUR, 10),), False),
        ((placed(2 * HOUR, 10),), True),
        ((placed(HOUR + 90 * DAY, 10),), True),
        ((placed(HOUR + 90 * DAY + timedelta(seconds=1), 10),), False),
        ((placed(2 * HOUR, 12),), False),
        ((placed(2 * HOUR, 99),), False),
        ((placed(2 * HOUR, 10), event("order.moved", 3 * HOUR, order=10, after="cancelled")), False),
        ((placed(2 * HOUR, 10), event("order.moved", 3 * HOUR, order=10, after="shipped")), True),
    ],
)
def test_an_order_within_90_days_after_it_that_stood(ordered: tuple[Event, ...], bought: bool) -> None:
    [found] = stayed(solved(), ordered=ordered)

    assert (found.ref, found.desk, found.bought, found.decided) == ("customer 3", 7, bought, True)


def test_a_customer_counts_once_from_the_first_case_that_was_solved() -> None:
    later = event("case.status", 2 * DAY, case=2, before="open", after="solved")

    [found] = stayed(solved(), later, ordered=(placed(DAY, 10),))

    assert found.bought


def test_who_may_still_buy_is_not_decided_and_what_goes_on_elsewhere_not_counted() -> None:
    soon = Span(DAYS.begin, DAYS.end, NINE + 90 * DAY)

    [found] = stayed(solved(), span=soon)

    assert found.decided is False
    assert stayed(solved(), event("case.continued", 2 * HOUR, into=5)) == []
    assert stayed(event("case.status", -2 * DAY, before="open", after="solved")) == []


def _solve(side: Side, case: Case, *, after: timedelta = HOUR) -> None:
    with side.scope(), clock.held_at(MORNING + after):
        change_status(case, to=Status.SOLVED, by=actor_of(side.agent))


@pytest.mark.django_db
def test_of_three_customers_one_bought_again(world: World) -> None:
    # given three who were helped, of whom the first buys, the second cancels, and the third bought before
    side, agent = world.ours, actor_of(world.ours.agent)
    kettle = make_variant(side.company)
    cases = [make_case(side.entry_point) for _ in range(3)]
    span = Span(MORNING, MORNING + 2 * DAY, MORNING + 100 * DAY)
    with side.scope():
        with clock.held_at(MORNING):
            order_of(cases[2].customer_id, side.desk.pk, (kettle, 1))
        for case in cases:
            _solve(side, case)
        with clock.held_at(MORNING + 30 * DAY):
            order_of(cases[0].customer_id, side.desk.pk, (kettle, 1))
            gone = order_of(cases[1].customer_id, side.desk.pk, (kettle, 1))
            move_order(gone, Order.State.CANCELLED, by=agent)

    # then
    assert sums(figure(side, "repurchase_rate", span=span)) == (1, 3)
    assert sums(figure(side, "repurchase_rate", span=span, channel="phone")) == (0, 0)
    soon = Span(span.begin, span.end, MORNING + 60 * DAY)
    assert figure(side, "repurchase_rate", span=soon).value is None
    assert sums(figure(world.theirs, "repurchase_rate", span=span)) == (0, 0)


@pytest.mark.django_db
def test_when_it_was_placed_in_a_shop_elsewhere_counts_and_not_when_we_heard_of_it(world: World) -> None:
    # given two customers who were helped: of one an old order is told later, of the other a new one long afterwards
    side = world.ours
    kettle = make_variant(side.company)
    old, late = (make_case(side.entry_point) for _ in range(2))
    span = Span(MORNING, MORNING + 2 * DAY, MORNING + 300 * DAY)
    for case in (old, late):
        _solve(side, case)
    with side.scope():
        for case, heard, placed_at in ((old, 30, -400), (late, 200, 30)):
            with clock.held_at(MORNING + heard * DAY):
                made = order_of(case.customer_id, side.desk.pk, (kettle, 1))
            Order.objects.filter(pk=made.pk).update(placed_at=MORNING + placed_at * DAY)

    # then
    [by] = [part.record for part in figure(side, "repurchase_rate", span=span).reckoned.parts if part.over]
    assert by.ref == f"customer {late.customer_id}"
    assert sums(figure(side, "repurchase_rate", span=span)) == (1, 2)


@pytest.mark.django_db
def test_what_a_subscription_sends_and_what_is_sent_once_more_is_not_bought_again(world: World) -> None:
    side = world.ours
    kettle, case = make_variant(side.company), make_case(side.entry_point)
    span = Span(MORNING, MORNING + 2 * DAY, MORNING + 100 * DAY)
    with side.scope(), clock.held_at(MORNING):
        first = order_of(case.customer_id, side.desk.pk, (kettle, 1))
    subscription = make_subscription(first)
    _solve(side, case)
    with side.scope(), clock.held_at(MORNING + 10 * DAY):
        sent, again = (order_of(case.customer_id, side.desk.pk, (kettle, 1)) for _ in range(2))
        SubscriptionOrder.objects.create(
            company_id=side.company.pk, subscription=subscription, due=clock.today(), order=sent
        )
        Order.objects.filter(pk=again.pk).update(resend_of=first)

    assert sums(figure(side, "repurchase_rate", span=span)) == (0, 1)
