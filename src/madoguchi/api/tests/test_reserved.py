"""Reservations as programs read them: the latest first, through the masks, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.api.tests.conftest import READ, Program
from madoguchi.cases.factories import make_case
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
TEN = datetime(2026, 11, 30, 1, tzinfo=UTC)


@pytest.fixture
def booked(world: World) -> Reservation:
    case = make_case(world.ours.entry_point)
    fitting = make_resource(make_store(world.ours.company), units=2)
    agent = actor_of(world.ours.agent)
    with world.ours.scope(), clock.held_at(NOW):
        where = {"desk": case.desk, "case": case.pk, "by": agent}
        made = hold(case.customer, fitting, at(TEN, note="杖をご使用"), **where)
        book(made, by=agent)
        hold(case.customer, fitting, at(TEN), **where)
    return made


def test_what_a_customer_reserved_is_told(world: World, program: Program, booked: Reservation) -> None:
    address = f"/api/v1/customers/{booked.customer_id}/reservations"

    with clock.held_at(NOW + timedelta(minutes=10)):
        told = program("agent", *READ).get(address).json()

    # What was held beside it is over by then.
    assert told == [
        {
            "id": booked.pk,
            "number": "V-1001",
            "customer": booked.customer_id,
            "state": "booked",
            "store": "銀座店",
            "resource": "採寸",
            "begins": "2026-11-30T01:00:00Z",
            "ends": "2026-11-30T02:00:00Z",
            "people": 1,
            "note": "杖をご使用",
            "held_until": None,
        }
    ]


def test_the_remark_is_masked_and_strangers_read_nothing(
    world: World, program: Program, booked: Reservation
) -> None:
    address = f"/api/v1/customers/{booked.customer_id}/reservations"
    with world.ours.scope():
        world.ours.engagement.hidden = ["memo"]
        world.ours.engagement.save()

    assert [one["note"] for one in program("agent", *READ).get(address).json()][-1] == ""
    assert program("agent", *READ, side=world.theirs).get(address).status_code == 404
