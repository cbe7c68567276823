"""Carriers' tables that tell a day and no time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Parcel, ParcelStep
from madoguchi.commerce.parcels import make_parcel
from madoguchi.imports.parcel_table import Told, take_parcels
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
END_OF_28TH = datetime(2026, 11, 28, 14, 59, 59, tzinfo=UTC)


@pytest.fixture
def parcel(world: World) -> Parcel:
    """Handed over at noon of the 28th."""
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id)
    with world.ours.scope(), clock.held_at(NOON - timedelta(days=1)):
        return make_parcel(order, carrier="yamato", slip="123456789013", state="handed_over", by=SHELL)


def taken(world: World, folder: Path, *rows: str, at: datetime = NOON) -> Told:
    table = folder / "slips.csv"
    table.write_text("送り状番号,状態,日時\n" + "".join(f"1234-5678-9013,{row}\n" for row in rows))
    with world.ours.scope(), clock.held_at(at):
        return take_parcels(table, company=world.ours.company.pk, by=SHELL)


@pytest.mark.parametrize(
    ("row", "came"), [("配達完了,2026/11/28", END_OF_28TH), ("配達完了,2026年11月29日", NOON)]
)
def test_what_came_on_a_day_came_after_what_is_known_of_it(
    world: World, parcel: Parcel, tmp_path: Path, row: str, came: datetime
) -> None:
    told = taken(world, tmp_path, row)
    again = taken(world, tmp_path, row, at=NOON + timedelta(days=2))
    with world.ours.scope():
        found = Order.objects.get()
        assert (found.state, found.delivered_at) == ("delivered", came)
        assert ParcelStep.objects.count() == 2
    assert (told.moved, again.moved, again.known) == (1, 0, 1)


def test_what_was_before_on_that_day_does_not_undo_it(world: World, parcel: Parcel, tmp_path: Path) -> None:
    taken(world, tmp_path, "配達完了,2026/11/28", "輸送中,2026/11/28")
    with world.ours.scope():
        assert Parcel.objects.get().state == "delivered"


def test_a_day_to_come_is_refused(world: World, parcel: Parcel, tmp_path: Path) -> None:
    told = taken(world, tmp_path, "配達完了,2026/11/30")
    with world.ours.scope():
        assert (len(told.wrong), Parcel.objects.get().state) == (1, "handed_over")
