"""Subscriptions: a rhythm of days, an order for each of them once, notice, pauses, and prices that were said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.commerce import recurring
from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.intervals import day_after, day_before, nth_after
from madoguchi.commerce.models import Order, Subscription, SubscriptionOrder, Variant
from madoguchi.commerce.products import Said, keep_products
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.recurring import make_due
from madoguchi.commerce.subscriptions import (
    Agreed,
    begin_subscription,
    cancel,
    keep_on,
    pause,
    reasons_counted,
    resume,
    skip,
    terms_now,
    write_subscription_terms,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SHELL = system("test")
FIRST = date(2027, 1, 31)
RHYTHMS = st.one_of(
    st.tuples(st.integers(1, 26), st.just("week")), st.tuples(st.integers(1, 12), st.just("month"))
)
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@settings(deadline=None, max_examples=80)
@given(DAYS, st.integers(-40, 1_500), RHYTHMS)
def test_the_next_day_is_the_first_of_the_rhythm_after_a_day(
    first: date, later: int, rhythm: tuple[int, str]
) -> None:
    every, unit = rhythm
    after = first + timedelta(days=later)
    found = day_after(first, after, every=every, unit=unit)

    assert found > after or found == first
    if unit == "week":
        assert (found - first).days % (7 * every) == 0
        assert found == first or (found - after).days <= 7 * every
    else:
        months = (found.year - first.year) * 12 + found.month - first.month
        assert months % every == 0
        assert found.day == first.day or (found + timedelta(days=1)).day == 1
        assert found == first or day_after(first, after - timedelta(days=1), every=every, unit=unit) <= found


def test_the_last_of_january_goes_by_the_last_of_february_and_back() -> None:
    days = [nth_after(FIRST, FIRST, n, every=1, unit="month") for n in range(4)]

    assert days == [FIRST, date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]
    assert day_before(date(2027, 3, 31), notice=10) == date(2027, 3, 21)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.TOKYO)


@pytest.fixture
def tea(world: World) -> Variant:
    return make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8)


@pytest.fixture
def ordered(world: World, tea: Variant) -> Iterator[Order]:
    """Two packs of tea, ordered on 20 January, on terms of five days of notice."""
    case = make_case(world.ours.entry_point)
    with clock.held_at(noon(date(2027, 1, 20))), world.ours.scope():
        write_subscription_terms(
            world.ours.company, words="いつでも解約できます。", notice_days=5, least_orders=1, by=SHELL
        )
        order = order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk)
        yield Order.objects.select_related("desk", "customer").get(pk=order.pk)


def agreed(order: Order, **said: Any) -> Agreed:
    line = in_order(order)[0].pk
    usual = Agreed(
        line=line,
        every=1,
        unit="month",
        first_on=FIRST,
        total=2_160,
        terms=terms_now(order).pk,
        said="読み上げた言葉",
        once=uuid4(),
    )
    return replace(usual, **said)


def begun(order: Order, **said: Any) -> Subscription:
    return begin_subscription(order, agreed(order, **said), by=SHELL)


def on(day: date) -> int:
    with clock.held_at(noon(day)):
        return make_due()


def state_of(one: Subscription) -> tuple[str, date, date | None]:
    one.refresh_from_db()
    return one.state, one.next_on, one.last_on


@pytest.mark.django_db
def test_each_day_has_one_order_at_the_total_that_was_said(world: World, ordered: Order) -> None:
    one = begun(ordered)
    made = [on(day) for day in (date(2027, 1, 30), FIRST, FIRST, date(2027, 2, 1), date(2027, 2, 28))]

    assert made == [0, 1, 0, 0, 1]
    assert state_of(one) == ("active", date(2027, 3, 31), None)
    orders = list(
        Order.objects.order_by("number").values_list("number", "net", "tax", "recipient", "payment")
    )
    assert orders == [(n, 2_000, 160, "髙橋 美咲", "on_delivery") for n in (1001, 1002, 1003)]
    rows = SubscriptionOrder.objects.order_by("due").values_list("due", "order__number")
    assert list(rows) == [(FIRST, 1002), (date(2027, 2, 28), 1003)]
    assert Event.objects.filter(kind="subscription.ordered").count() == 2


@pytest.mark.django_db
def test_days_without_a_worker_are_not_made_up_for(world: World, ordered: Order) -> None:
    one = begun(ordered)

    assert (on(date(2027, 4, 10)), on(date(2027, 4, 10))) == (1, 0)
    assert state_of(one) == ("active", date(2027, 4, 30), None)


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_one_order(world: World) -> None:
    case = make_case(world.ours.entry_point)
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8)
    with clock.held_at(noon(date(2027, 1, 1))):
        one = make_subscription(order_of(case.customer_id, case.desk_id, (tea, 2)))
    done = at_once(*[lambda: on(FIRST)] * 4)

    assert sorted(done) == [0, 0, 0, 1]
    with world.ours.scope():
        assert (Order.objects.count(), SubscriptionOrder.objects.count()) == (2, 1)
        assert state_of(one) == ("active", date(2027, 2, 28), None)


@pytest.mark.django_db
def test_another_price_is_held_and_nothing_is_ordered(world: World, ordered: Order, tea: Variant) -> None:
    one = begun(ordered)
    keep_products(world.ours.company, [Said(code="TEA", name="煎茶", price=1_200, tax_rate=8)], by=SHELL)

    assert on(FIRST) == 0
    assert (state_of(one), one.trouble) == (("held", FIRST, None), "price")
    assert (Order.objects.count(), Event.objects.filter(kind="subscription.held").count()) == (1, 1)
    with clock.held_at(noon(date(2027, 2, 2))):
        unread: list[tuple[int | None, str, type[Exception]]] = [
            (None, "新しい代金", Refused),
            (2_400, " ", Refused),
            (2_160, "新しい代金", Conflict),
        ]
        for total, said, error in unread:
            with pytest.raises(error):
                resume(one, total=total, said=said, by=SHELL)
        assert (state_of(one), one.total, one.said) == (("held", FIRST, None), 2_160, "読み上げた言葉")
        resume(one, total=2_400, said="新しい代金", by=SHELL)
    assert one.said == "新しい代金\n\n読み上げた言葉"
    assert (state_of(one), one.total) == (("active", date(2027, 2, 28), None), 2_400)
    assert on(date(2027, 2, 28)) == 1
    keep_products(
        world.ours.company, [Said(code="TEA", name="煎茶", price=1_200, tax_rate=8, active=False)], by=SHELL
    )
    assert on(date(2027, 3, 31)) == 0
    assert (state_of(one)[0], one.trouble) == ("held", "gone")
    assert one.why == "販売を終えた商品が含まれています。"


@pytest.mark.django_db
def test_those_at_which_something_breaks_keep_no_other_from_its_order(
    world: World, ordered: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = [begun(ordered) for _n in range(2)], begun(ordered)
    order = recurring._order

    def order_some(held: Subscription, due: date) -> bool:
        if held in broken:
            raise RuntimeError("broken")
        return order(held, due)

    monkeypatch.setattr(recurring, "AT_ONCE", 2)
    monkeypatch.setattr(recurring, "_order", order_some)
    assert [on(FIRST) for _time in range(3)] == [0, 1, 0]
    assert [state_of(one)[1] for one in (*broken, good)] == [FIRST, FIRST, date(2027, 2, 28)]

    monkeypatch.setattr(recurring, "_order", order)
    with clock.held_at(noon(FIRST) + timedelta(hours=1)):
        assert make_due() == 2
    assert [(state_of(one)[1], one.try_at) for one in broken] == [(date(2027, 2, 28), None)] * 2


@pytest.mark.django_db
def test_one_is_left_out_in_time_and_not_twice(world: World, ordered: Order) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 27))), pytest.raises(Refused, match="2027-01-26"):
        skip(one, FIRST, by=SHELL)
    with clock.held_at(noon(date(2027, 1, 26))):
        skip(one, FIRST, by=SHELL)
        with pytest.raises(Conflict):
            skip(one, FIRST, by=SHELL)

    assert (on(FIRST), state_of(one)) == (0, ("active", date(2027, 2, 28), None))
    assert [(row.due, row.order_id) for row in SubscriptionOrder.objects.all()] == [(FIRST, None)]


@pytest.mark.django_db
def test_it_pauses_until_a_day_and_goes_on_with_the_next(world: World, ordered: Order) -> None:
    one = begun(ordered)
    with pytest.raises(Refused):
        pause(one, until=date(2027, 1, 20), by=SHELL)
    pause(one, until=date(2027, 3, 5), by=SHELL)

    assert [on(day) for day in (FIRST, date(2027, 2, 28), date(2027, 3, 5))] == [0, 0, 0]
    assert state_of(one) == ("active", date(2027, 3, 31), None)
    pause(one, until=None, by=SHELL)
    assert on(date(2027, 12, 31)) == 0
    with clock.held_at(noon(date(2027, 12, 31))):
        resume(one, by=SHELL)
    assert state_of(one) == ("active", date(2028, 1, 31), None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "least", "at_once_", "last", "orders"),
    [
        (date(2027, 1, 26), 1, False, None, 0),
        (date(2027, 1, 27), 1, False, FIRST, 1),
        (date(2027, 1, 21), 3, False, date(2027, 2, 28), 2),
        (date(2027, 1, 30), 3, False, date(2027, 2, 28), 2),
        (date(2027, 1, 30), 3, True, None, 0),
    ],
)
def test_it_is_never_refused_to_cancel_and_the_last_order_follows_from_the_terms(
    world: World, ordered: Order, day: date, least: int, at_once_: bool, last: date | None, orders: int
) -> None:
    write_subscription_terms(world.ours.company, words="条件", notice_days=5, least_orders=least, by=SHELL)
    one = begun(ordered)
    with clock.held_at(noon(day)):
        assert cancel(one, reason="unaware", at_once=at_once_, by=SHELL) == last
    made = sum(on(date(2027, month, 28) + timedelta(days=3)) for month in range(1, 7))

    assert made == orders
    assert state_of(one) == ("ended", one.next_on, last)
    fact = Event.objects.get(kind="subscription.cancelled").data
    assert (fact["reason"], fact["last_on"]) == ("unaware", last.isoformat() if last else "")
    counted = reasons_counted(actor_of(world.ours.agent), since=date(2027, 1, 1))
    assert counted == [("定期購入と知らなかった", 1)]


@pytest.mark.django_db
def test_one_that_was_left_out_beyond_its_last_day_ends_without_an_order(
    world: World, ordered: Order
) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 27))):
        assert cancel(one, reason="price", by=SHELL) == FIRST
    Subscription.objects.update(next_on=date(2027, 2, 28))

    assert on(date(2027, 2, 28)) == 0
    assert (state_of(one)[0], Order.objects.count()) == ("ended", 1)


@pytest.mark.django_db
def test_a_cancellation_is_taken_back(world: World, ordered: Order) -> None:
    one = begun(ordered)
    cancel(one, reason="price", by=SHELL)
    with pytest.raises(Conflict):
        cancel(one, reason="price", by=SHELL)
    keep_on(one, by=SHELL)

    assert (state_of(one), one.reason) == (("active", FIRST, None), "")
    with pytest.raises(Conflict):
        keep_on(one, by=SHELL)
    told = Event.objects.filter(kind="subscription.moved").values_list("data__what", flat=True)
    assert list(told) == ["kept"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"line": 0}, Refused),
        ({"every": 0}, Refused),
        ({"every": 13}, Refused),
        ({"unit": "day"}, Refused),
        ({"first_on": date(2027, 1, 20)}, Refused),
        ({"first_on": date(2028, 1, 30)}, Refused),
        ({"total": None}, Refused),
        ({"said": " "}, Refused),
        ({"total": 2_159}, Conflict),
        ({"terms": None}, Conflict),
    ],
)
def test_what_was_not_agreed_does_not_begin(
    world: World, ordered: Order, said: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        begun(ordered, **said)

    assert not Subscription.objects.exists()


@pytest.mark.django_db
def test_it_does_not_begin_from_an_order_that_was_cancelled(world: World, ordered: Order) -> None:
    read = agreed(ordered)
    move_order(Order.objects.get(pk=ordered.pk), "cancelled", by=SHELL)

    with pytest.raises(Refused, match="取り消") as refused:
        begin_subscription(ordered, read, by=SHELL)

    assert (refused.value.field, Subscription.objects.exists()) == ("terms", False)


@pytest.mark.django_db
def test_it_does_not_begin_on_terms_that_nobody_read_out(world: World, ordered: Order) -> None:
    read = agreed(ordered)
    write_subscription_terms(world.ours.company, words="三回以上", notice_days=30, least_orders=3, by=SHELL)
    with pytest.raises(Conflict):
        begin_subscription(ordered, read, by=SHELL)

    assert not Subscription.objects.exists()
    assert begun(ordered).terms.words == "三回以上"


@pytest.mark.django_db
def test_a_second_press_begins_nothing_and_a_company_directs_nobody(world: World, ordered: Order) -> None:
    wanted = agreed(ordered)
    first, again = (begin_subscription(ordered, wanted, by=SHELL) for _time in range(2))
    reader = actor_of(world.ours.company_staff)

    assert (first.pk, str(first), Subscription.objects.count()) == (again.pk, "S-1001", 1)
    for act in (
        lambda: begin_subscription(ordered, agreed(ordered), by=reader),
        lambda: cancel(first, reason="price", by=reader),
        lambda: skip(first, FIRST, by=reader),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed):
        write_subscription_terms(
            world.ours.company, words="条件", notice_days=0, least_orders=1, by=actor_of(world.ours.agent)
        )
    assert state_of(first) == ("active", FIRST, None)


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{"words": " "}, {"notice_days": 61}, {"least_orders": 0}])
def test_terms_that_make_no_sense_are_refused(world: World, said: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"words": "条件", "notice_days": 5, "least_orders": 1}
    with world.ours.scope(), pytest.raises(Refused) as refused:
        write_subscription_terms(world.ours.company, **usual | said, by=SHELL)

    assert refused.value.field == next(iter(said))
