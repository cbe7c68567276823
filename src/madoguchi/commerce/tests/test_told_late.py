"""Parcels of which is told days later, or of a day to come, and orders that are cancelled meanwhile."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.commerce.actions import move_order
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Parcel, ParcelStep, Stock
from madoguchi.commerce.parcels import make_parcel, move_parcel
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import last_day_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.fixture
def order(world: World) -> Order:
    """Two kettles of five, paid when they come."""
    case = make_case(world.ours.entry_point)
    kettle = make_variant(world.ours.company, stock=5, place="本店")
    with clock.held_at(NOON - timedelta(days=9)):
        return order_of(case.customer_id, case.desk_id, (kettle, 2), case=case.pk)


def test_an_order_came_when_its_last_parcel_did_whenever_that_is_told(world: World, order: Order) -> None:
    came = [NOON - timedelta(days=4), NOON - timedelta(days=5)]
    with world.ours.scope(), clock.held_at(NOON):
        (kettle,) = in_order(order)
        parcels = [make_parcel(order, carrier="other", pieces={kettle.pk: 1}, by=SHELL) for _one in came]
        for parcel, moment in zip(parcels, came, strict=True):
            move_parcel(parcel, "delivered", at=moment, by=SHELL)
        found = Order.objects.get()
        assert (found.state, found.delivered_at, found.paid_at) == ("delivered", came[0], came[0])
        assert last_day_of(found) == date(2026, 12, 3)


def test_no_parcel_is_made_of_a_moment_to_come(world: World, order: Order) -> None:
    with world.ours.scope(), clock.held_at(NOON):
        for state in ("preparing", "handed_over"):
            with pytest.raises(Refused) as caught:
                make_parcel(order, carrier="other", state=state, at=NOON.replace(year=2062), by=SHELL)
            assert caught.value.field == "at"
        assert not Parcel.objects.exists()


def test_a_parcel_of_a_cancelled_order_goes_nowhere(world: World, order: Order) -> None:
    with world.ours.scope():
        parcel = make_parcel(order, carrier="other", by=SHELL)
        move_order(order, "cancelled", by=SHELL)
        with pytest.raises(Refused) as caught:
            move_parcel(parcel, "handed_over", by=SHELL)
        assert caught.value.field == "state"
        assert (Parcel.objects.get().state, Order.objects.get().state) == ("preparing", "cancelled")
        assert (ParcelStep.objects.count(), Stock.objects.get().quantity) == (0, 5)


def test_parcels_are_looked_at_under_the_lock_under_which_they_are_made(world: World, order: Order) -> None:
    with (
        world.ours.scope(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        move_order(order, "cancelled", by=SHELL)
    words = [one["sql"] for one in asked]
    locked = next(n for n, sql in enumerate(words) if "FOR NO KEY UPDATE" in sql)
    assert locked < next(n for n, sql in enumerate(words) if "commerce_parcel" in sql)
