"""Money for orders: that it came is said, or taken back, and a receipt waits for it."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order, set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, wanted
from madoguchi.commerce.issuing import issue, kinds_for
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.commerce.paying import mark_paid, mark_unpaid
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
# 0:30 of the next day in Japan.
LATE = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
Make = Callable[[str], Order]


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def make(world: World, case: Case) -> Make:
    kettle = make_variant(world.ours.company)
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, registration_number="T7000012050002")

    def made(payment: str) -> Order:
        with world.ours.scope(), clock.held_at(NOON):
            asked = wanted((kettle, 1), payment=payment)
            return place_order(case.customer, asked, desk=case.desk, case=case.pk, by=SHELL)

    return made


def move(world: World, order: Order, *states: str) -> None:
    with world.ours.scope(), clock.held_at(NOON):
        for state in states:
            move_order(order, state, by=SHELL)


def told(world: World) -> list[tuple[str, int | None, object]]:
    with world.ours.scope():
        found = Event.objects.filter(kind__in=("order.paid", "order.unpaid")).order_by("id")
        return [(event.kind, event.case_id, event.data["order"]) for event in found]


def kept(world: World) -> datetime | None:
    with world.ours.scope():
        return Order.objects.get().paid_at


@pytest.mark.parametrize("payment", ["later", "transfer", "store", "link"])
def test_no_receipt_is_given_for_money_that_has_not_come(world: World, make: Make, payment: str) -> None:
    order = make(payment)
    move(world, order, "shipped", "delivered")

    assert Kind.RECEIPT not in kinds_for(order)
    with world.ours.scope(), pytest.raises(Refused) as caught:
        issue(order, Kind.RECEIPT, by=SHELL)
    assert caught.value.field == "kind"
    with world.ours.scope():
        assert not IssuedDocument.objects.exists()


def test_a_receipt_is_dated_by_the_day_on_which_the_money_came(world: World, make: Make, case: Case) -> None:
    order = make("transfer")

    with world.ours.scope(), clock.held_at(LATE):
        mark_paid(order, by=actor_of(world.ours.agent))
        paper = issue(order, Kind.RECEIPT, by=SHELL)
        invoice = issue(order, Kind.INVOICE, by=SHELL)
        assert Kind.RECEIPT in kinds_for(order)

    assert (kept(world), order.paid_at) == (LATE, LATE)
    assert (paper.day, invoice.day) == (date(2026, 12, 1), date(2026, 11, 29))
    assert told(world) == [("order.paid", case.pk, order.pk)]


def test_cash_on_delivery_is_paid_when_delivered(world: World, make: Make, case: Case) -> None:
    order = make("on_delivery")
    move(world, order, "shipped")
    assert kept(world) is None

    move(world, order, "delivered")

    assert (kept(world), order.paid_at) == (NOON, NOON)
    assert told(world) == [("order.paid", case.pk, order.pk)]


def test_paid_before_it_came_it_stays_paid_then(world: World, make: Make) -> None:
    order = make("on_delivery")
    with world.ours.scope(), clock.held_at(LATE):
        mark_paid(order, by=SHELL)
    move(world, order, "shipped", "delivered")
    assert (kept(world), len(told(world))) == (LATE, 1)


def test_it_is_taken_back_until_a_receipt_is_given(world: World, make: Make, case: Case) -> None:
    order = make("later")
    with world.ours.scope(), clock.held_at(NOON):
        mark_paid(order, by=SHELL)
        mark_unpaid(order, by=SHELL)
        assert (kept(world), order.paid_at) == (None, None)
        assert Kind.RECEIPT not in kinds_for(order)
        mark_paid(order, by=SHELL)
        issue(order, Kind.RECEIPT, by=SHELL)
        with pytest.raises(Refused):
            mark_unpaid(order, by=SHELL)
    assert kept(world) == NOON
    assert [kind for kind, _case, _order in told(world)] == ["order.paid", "order.unpaid", "order.paid"]


def test_what_cannot_be_is_refused_and_changes_nothing(world: World, make: Make) -> None:
    order = make("later")
    with world.ours.scope(), clock.held_at(NOON):
        stale = Order.objects.get()
        with pytest.raises(Conflict):
            mark_unpaid(order, by=SHELL)
        mark_paid(order, by=SHELL)
        with pytest.raises(Conflict):
            mark_paid(stale, by=SHELL)
        for action in (mark_paid, mark_unpaid):
            with pytest.raises(NotAllowed):
                action(order, by=actor_of(world.ours.company_manager))
    assert (kept(world), len(told(world))) == (NOON, 1)


def test_a_cancelled_order_is_not_paid(world: World, make: Make) -> None:
    order = make("later")
    move(world, order, "cancelled")
    with world.ours.scope(), pytest.raises(Refused):
        mark_paid(order, by=SHELL)
    assert (kept(world), told(world)) == (None, [])
