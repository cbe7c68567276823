"""Slips and states of parcels by a table, in the letters and words of carriers."""

from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order, Parcel, ParcelStep
from madoguchi.imports.parcel_table import Told, state_named, take_parcels
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

SHELL = system("test")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("荷物受付", "handed_over"),
        ("発送準備中", "preparing"),
        ("輸送中", "in_transit"),
        ("配達店到着", "in_transit"),
        ("ご不在のため持ち戻り", "absent"),
        ("配達完了", "delivered"),
        ("お届け先にお届け済み", "delivered"),
        ("差出人に返送", "returned"),
    ],
)
def test_what_carriers_call_it(words: str, state: str) -> None:
    assert state_named(words) == state


def test_what_nobody_calls_so_is_refused() -> None:
    with pytest.raises(Refused):
        state_named("調査")


@pytest.mark.django_db
@pytest.mark.parametrize("letters", ["utf-8-sig", "cp932"])
def test_a_table_makes_parcels_and_moves_them_once(world: World, tmp_path: Path, letters: str) -> None:
    case = make_case(world.ours.entry_point)
    orders = [order_of(case.customer_id, case.desk_id) for _order in range(2)]
    rows = (
        "受注番号,送り状番号,運送会社,荷物状況,日時\n"
        "O-1001,1234-5678-9013,ヤマト運輸,荷物受付,2026/11/01 10:00\n"
        "O-1001,1234-5678-9013,ヤマト運輸,配達完了,2026/11/03 10:00\n"
        "1002,1234-5678-9012,佐川急便,輸送中,2026/11/02\n"
        "1009,4055-4842-4886,日本郵便,輸送中,2026/11/02\n"
    )
    table = tmp_path / "slips.csv"
    table.write_bytes(rows.encode(letters))
    with world.ours.scope():
        first, again = (take_parcels(table, company=world.ours.company.pk, by=SHELL) for _time in range(2))
        parcels = [(one.order_id, one.carrier, one.slip, one.state) for one in Parcel.objects.all()]
        states = list(Order.objects.order_by("number").values_list("state", flat=True))
        steps = ParcelStep.objects.count()
    assert (first.added, first.moved, [one.place for one in first.wrong]) == (1, 1, ["line 4", "line 5"])
    assert (again.added, again.moved, again.known) == (0, 0, 2)
    assert parcels == [(orders[0].pk, "yamato", "123456789013", "delivered")]
    assert (states, steps) == (["delivered", "placed"], 2)
    assert Told() == Told(0, 0, 0, [])
