"""Lots and serial numbers that a shop of one's own tells: with the order or later, in any order, once."""

from itertools import permutations
from typing import Any

import pytest

from madoguchi.commerce.models import Order, OrderLine, Piece
from madoguchi.commerce.pieces import keep_pieces, sold_by
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.storefronts.models import Handed
from madoguchi.storefronts.tests.shops import OwnTeller

pytestmark = pytest.mark.django_db
NEVER = "-"


def lines(lot: str = NEVER, serials: list[str] | None = None, *, code: str = "K-1") -> list[dict[str, Any]]:
    """Three kettles that cost 2,900 together, so that they are two of our lines, and of which this is told."""
    kettles = {"id": "k", "code": code, "name": "鉄瓶", "quantity": 3, "total": 2_900}
    kettles |= {} if lot == NEVER else {"lot": lot}
    kettles |= {} if serials is None else {"serials": serials}
    return [kettles, {"id": "s", "name": "送料", "quantity": 1, "unit_price": 660, "shipping": True}]


def tell(own: OwnTeller, second: int, said: list[dict[str, Any]], **more: Any) -> str:
    """Hand the order in with these lines."""
    return own.tell("order", second=second, lines=said, total=3_560, **more)


def kept(world: World) -> list[tuple[int, str, str]]:
    """Of which line (of how many pieces) which lot and serial number are known."""
    with world.ours.scope():
        rows = Piece.objects.order_by("line__quantity", "serial")
        return list(rows.values_list("line__quantity", "lot", "serial"))


def news(world: World) -> list[int]:
    with world.ours.scope():
        rows = Event.objects.filter(kind="order.pieces_changed").order_by("id")
        return list(rows.values_list("data__count", flat=True))


def test_they_come_with_the_order_and_a_serial_number_finds_it(own: OwnTeller, world: World) -> None:
    assert tell(own, 1, lines("l-7", ["sn 1", "ＳＮ２", "SN3", "sn1"])) == "taken"

    assert kept(world) == [(1, "L-7", "SN1"), (2, "L-7", "SN2"), (2, "L-7", "SN3")]
    assert news(world) == [3]
    with world.ours.scope():
        found = sold_by("sn3", actor=actor_of(world.ours.agent)).get()
        assert (found.line.order.outside, found.user_id) == ("#9999", None)
    with world.theirs.scope():
        assert not Piece.objects.exists()


def test_they_come_later_change_and_are_taken_back(own: OwnTeller, world: World) -> None:
    tell(own, 1, lines())
    own.tell("shipment", second=2, lines=[{"line": "k", "quantity": 3}])
    assert kept(world) == []

    tell(own, 3, lines("L-7"))
    assert kept(world) == [(1, "L-7", ""), (2, "L-7", "")]
    tell(own, 4, lines("L-8", ["A"]))
    assert kept(world) == [(1, "L-8", "A"), (2, "L-8", "")]
    tell(own, 5, lines(), state="delivered")
    assert kept(world) == [(1, "L-8", "A"), (2, "L-8", "")]
    tell(own, 6, lines("L-8", ["A"]))
    tell(own, 2, lines("OLD", ["OLD"]))
    assert kept(world) == [(1, "L-8", "A"), (2, "L-8", "")]
    tell(own, 7, lines("", []))

    assert kept(world) == []
    assert news(world) == [2, 2, 0]


def test_in_whatever_order_they_come_the_newest_counts(own: OwnTeller, world: World) -> None:
    told = [(1, lines("L-1", ["A"])), (2, lines("L-2", ["A", "B"])), (3, lines("L-3", ["B"]))]
    for n, turn in enumerate(permutations(told)):
        for second, said in (*turn, *turn):
            own.tell("order", second=second, id=f"o-{n}", number=f"#{n}", lines=said, total=3_560)
        with world.ours.scope():
            rows = Piece.objects.filter(line__order__outside=f"#{n}").order_by("line__quantity")
            assert list(rows.values_list("lot", "serial")) == [("L-3", "B"), ("L-3", "")], turn


def test_what_a_person_wrote_down_stays_and_counts(own: OwnTeller, world: World) -> None:
    tell(own, 1, lines())
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        order, line = Order.objects.get(), OrderLine.objects.get(quantity=2)
        keep_pieces(order, line.pk, lot="", serials=["HAND"], by=agent)
    tell(own, 2, lines("L-1", ["A"]))
    tell(own, 3, lines("L-1", []))
    assert kept(world) == [(1, "L-1", ""), (2, "L-1", ""), (2, "", "HAND")]

    # Its line has two pieces: with hers these would be three.
    assert tell(own, 4, lines("L-1", ["A", "B", "C"])) == "wrong"
    assert kept(world) == [(1, "L-1", ""), (2, "L-1", ""), (2, "", "HAND")]


@pytest.mark.parametrize("count", [4, 40])
def test_more_numbers_than_pieces_are_wrong_and_nothing_of_it_is_kept(
    own: OwnTeller, world: World, count: int
) -> None:
    tell(own, 1, lines("L-1", ["A"]))
    before = kept(world)

    assert tell(own, 2, lines("L-2", [f"N{n}" for n in range(count)]), state="shipped") == "wrong"

    assert kept(world) == before == [(1, "L-1", "A"), (2, "L-1", "")]
    with world.ours.scope():
        assert Order.objects.get().state == "placed"
        assert "シリアル番号" in Handed.objects.get(state="wrong").why
    assert news(world) == [2]
