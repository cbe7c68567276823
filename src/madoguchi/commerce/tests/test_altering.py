"""Subscriptions that go on otherwise: what may change when, at which price, from which day on, and by whom."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.house.at_once import at_once
from tests.rows import all_of

from madoguchi.cases.factories import make_case
from madoguchi.commerce.altering import Otherwise, alter, as_it_would_be, whats_new
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Order, Subscription, Variant
from madoguchi.commerce.subscriptions import (
    cancel,
    last_order_after_notice,
    pause,
    skip,
    subscription_by_id,
    write_subscription_terms,
)
from madoguchi.commerce.tests.test_subscriptions import (
    FIRST,
    SHELL,
    begun,
    noon,
    on,
    ordered,
    state_of,
    tea,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

__all__ = ["ordered", "tea"]
LAST_OF_FEBRUARY = date(2027, 2, 28)
WORDS = "新しく読み上げた言葉"


def as_now(one: Subscription) -> Subscription:
    return Subscription.objects.select_related("customer", "desk", "terms", "variant").get(pk=one.pk)


def otherwise(one: Subscription, **changes: Any) -> Otherwise:
    """What is read out and agreed to."""
    asked = Otherwise(due=one.next_on, **changes)
    total = as_it_would_be(as_now(one), asked).total
    return Otherwise(due=one.next_on, **changes, total=total, said=WORDS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "what", "total", "first_on", "next_on"),
    [
        ({"quantity": 5}, ["quantity"], 5_400, FIRST, FIRST),
        ({"quantity": 1}, ["quantity"], 1_080, FIRST, FIRST),
        ({"every": 3}, ["rhythm"], 2_160, FIRST, FIRST),
        ({"every": 2, "unit": "week"}, ["rhythm"], 2_160, FIRST, FIRST),
        ({"next_on": date(2027, 2, 10)}, ["day"], 2_160, date(2027, 2, 10), date(2027, 2, 10)),
        ({"payment": "transfer"}, ["payment"], 2_160, FIRST, FIRST),
        ({"recipient": "髙橋 父"}, ["place"], 2_160, FIRST, FIRST),
        ({"address": "大阪市北区1-1", "postcode": "5300001"}, ["place"], 2_160, FIRST, FIRST),
        ({"quantity": 5, "payment": "later"}, ["quantity", "payment"], 5_400, FIRST, FIRST),
    ],
)
def test_what_is_new_is_kept_and_the_rest_stays(
    ordered: Order, changes: dict[str, Any], what: list[str], total: int, first_on: date, next_on: date
) -> None:
    one = begun(ordered)
    before = Subscription.objects.values().get(pk=one.pk)

    alter(one, otherwise(one, **changes), by=SHELL)

    after = Subscription.objects.values().get(pk=one.pk)
    new = {**changes, "total": total, "first_on": first_on, "next_on": next_on}
    if "postcode" in new:
        new["postcode"] = "530-0001"
    assert after == before | new | {"said": f"{WORDS}\n\n{before['said']}"}
    assert {name: getattr(one, name) for name in new} == new
    event = Event.objects.get(kind="subscription.altered")
    told = {"subscription": one.pk, "number": one.number, "what": what, "total": total}
    assert (event.data, event.case_id) == (told, one.case_id)


@pytest.mark.django_db
def test_a_new_rhythm_counts_from_the_next_order(ordered: Order) -> None:
    one = begun(ordered)
    alter(one, otherwise(one, every=2, unit="week", next_on=date(2027, 2, 3)), by=SHELL)

    made = [on(date(2027, 2, day)) for day in (2, 3, 16, 17)]

    assert made == [0, 1, 0, 1]
    assert state_of(one) == ("active", date(2027, 3, 3), None)


@pytest.mark.django_db
def test_how_many_were_agreed_at_least_stays(world: World, ordered: Order) -> None:
    write_subscription_terms(world.ours.company, words="三回", notice_days=5, least_orders=3, by=SHELL)
    one = begun(ordered)
    alter(one, otherwise(one, every=1, unit="week"), by=SHELL)

    held = Subscription.objects.select_related("terms").get(pk=one.pk)

    assert last_order_after_notice(held) == FIRST + timedelta(days=7)


@pytest.mark.django_db
def test_one_that_pauses_takes_its_new_rhythm_from_its_next_day_ahead(ordered: Order) -> None:
    one = begun(ordered)
    pause(one, until=date(2027, 4, 10), by=SHELL)
    with clock.held_at(noon(date(2027, 3, 5))):
        alter(one, otherwise(one, every=2), by=SHELL)
        assert (one.state, one.first_on, one.next_on) == ("paused", date(2027, 3, 31), date(2027, 3, 31))

    assert [on(date(2027, month, 31)) for month in (3, 5, 7)] == [0, 1, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, Refused),
        ({"quantity": 2}, Refused),
        ({"quantity": 0}, Refused),
        ({"quantity": 10_000}, Refused),
        ({"every": 0}, Refused),
        ({"every": 13}, Refused),
        ({"unit": "day"}, Refused),
        ({"next_on": date(2027, 1, 20)}, Refused),
        ({"next_on": date(2028, 2, 1)}, Refused),
        ({"recipient": " "}, Refused),
        ({"address": ""}, Refused),
        ({"postcode": "1"}, Refused),
        ({"phone": "あ"}, Refused),
        ({"payment": "elsewhere"}, Refused),
        ({"payment": "nothing"}, Refused),
        ({"due": LAST_OF_FEBRUARY, "quantity": 3}, Conflict),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    world: World, ordered: Order, changes: dict[str, Any], error: type[Exception]
) -> None:
    one = begun(ordered)
    before = all_of(world.ours.company.pk)
    said = {"due": FIRST, "total": 2_160, "said": WORDS}

    with pytest.raises(error):
        alter(one, Otherwise(**said | changes), by=SHELL)

    assert all_of(world.ours.company.pk) == before


@pytest.mark.django_db
@pytest.mark.parametrize(("total", "said"), [(None, WORDS), (3_240, " "), (3_239, WORDS)])
def test_nothing_changes_that_was_not_read_out_at_its_price(
    world: World, ordered: Order, total: int | None, said: str
) -> None:
    one = begun(ordered)
    before = all_of(world.ours.company.pk)

    with pytest.raises(Conflict if total == 3_239 else Refused):
        alter(one, Otherwise(due=FIRST, quantity=3, total=total, said=said), by=SHELL)

    assert all_of(world.ours.company.pk) == before


@pytest.mark.django_db
def test_what_is_not_on_sale_any_more_is_not_agreed_anew(ordered: Order, tea: Variant) -> None:
    one = begun(ordered)
    Variant.objects.filter(pk=tea.pk).update(active=False)

    with pytest.raises(Refused):
        otherwise(one, quantity=3)
    assert state_of(one) == ("active", FIRST, None)


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "may"), [(date(2027, 1, 26), True), (date(2027, 1, 27), False)])
def test_the_next_order_is_changed_until_its_days_of_notice_are_over(
    ordered: Order, day: date, may: bool
) -> None:
    one = begun(ordered)
    with clock.held_at(noon(day)):
        for changes in ({"quantity": 3}, {"every": 2}, {"next_on": date(2027, 2, 20)}):
            now = as_now(one)
            if may:
                assert whats_new(now, as_it_would_be(now, Otherwise(due=FIRST, **changes)))
            else:
                with pytest.raises(Refused, match="2027-01-26"):
                    as_it_would_be(now, Otherwise(due=FIRST, **changes))
        alter(one, otherwise(one, address="堺市1", payment="later"), by=SHELL)
    assert (one.address, one.payment, one.first_on) == ("堺市1", "later", FIRST)


@pytest.mark.django_db
def test_of_what_was_cancelled_only_the_way_and_the_payment_change(ordered: Order) -> None:
    one = begun(ordered)
    with clock.held_at(noon(date(2027, 1, 28))):
        assert cancel(one, reason="price", by=SHELL) == FIRST
        with pytest.raises(Refused):
            otherwise(one, quantity=1)
        alter(one, otherwise(one, address="堺市1"), by=SHELL)
        assert state_of(one) == ("active", FIRST, FIRST)
        cancel(one, reason="price", at_once=True, by=SHELL)
        with pytest.raises(Conflict):
            alter(one, Otherwise(due=FIRST, address="津市2", total=2_160, said=WORDS), by=SHELL)
    one.refresh_from_db()
    assert (one.state, one.address) == ("ended", "堺市1")


@pytest.mark.django_db
def test_what_was_left_out_meanwhile_is_looked_at_again(ordered: Order) -> None:
    one = begun(ordered)
    asked = otherwise(one, quantity=3)
    skip(Subscription.objects.get(pk=one.pk), FIRST, by=SHELL)

    with pytest.raises(Conflict):
        alter(one, asked, by=SHELL)

    assert state_of(one) == ("active", LAST_OF_FEBRUARY, None)


@pytest.mark.django_db
def test_who_takes_no_orders_here_changes_nothing(world: World, ordered: Order) -> None:
    one = begun(ordered)
    asked = otherwise(one, quantity=3)
    before = all_of(world.ours.company.pk)

    with pytest.raises(NotAllowed):
        alter(one, asked, by=actor_of(world.theirs.agent))
    with pytest.raises(NotFound):
        subscription_by_id(one.pk, actor=actor_of(world.theirs.agent))

    assert all_of(world.ours.company.pk) == before


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(["quantity", "every", "unit", "next_on", "payment", "address"]), unique=True))
def test_what_is_new_is_named_once_and_in_order(changed: list[str]) -> None:
    before = Subscription(quantity=1, every=1, unit="month", next_on=FIRST, payment="later", address="津市")
    other = {"quantity": 2, "every": 2, "unit": "week", "payment": "link", "address": "堺市"}
    after = Subscription(quantity=1, every=1, unit="month", next_on=FIRST, payment="later", address="津市")
    for name in changed:
        setattr(after, name, other.get(name, LAST_OF_FEBRUARY))

    found = whats_new(before, after)

    names = {"every": "rhythm", "unit": "rhythm", "next_on": "day", "address": "place"}
    assert set(found) == {names.get(name, name) for name in changed}
    assert found == [name for name in ("quantity", "rhythm", "day", "payment", "place") if name in found]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_it_at_once_the_second_agrees_to_what_there_is(world: World) -> None:
    case = make_case(world.ours.entry_point)
    leaves = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8)
    one = make_subscription(order_of(case.customer_id, case.desk_id, (leaves, 2), case=case.pk))
    with world.ours.scope():
        wishes = [otherwise(one, quantity=3), otherwise(one, quantity=4)]

    def changing(wish: Otherwise) -> Callable[[], None]:
        def change() -> None:
            with world.ours.scope():
                alter(Subscription.objects.get(pk=one.pk), wish, by=SHELL)

        return change

    at_once(*map(changing, wishes))

    with world.ours.scope():
        kept = Subscription.objects.get(pk=one.pk)
        assert kept.quantity in (3, 4)
        assert kept.total == kept.quantity * (one.total // one.quantity)
        assert Event.objects.filter(kind="subscription.altered").count() == 2
