"""Lots and serial numbers of what was sold: kept as they are compared, no more than pieces, and found again."""

import pytest

from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, OrderLine, Piece
from madoguchi.commerce.pieces import bought_of, drop_piece, keep_pieces, sold_by
from madoguchi.customers.factories import make_customer
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def bought(world: World, count: int = 3) -> tuple[Order, OrderLine]:
    who = make_customer(world.ours.company)
    order = order_of(who.pk, world.ours.desk.pk, (make_variant(world.ours.company), count))
    with world.ours.scope():
        return order, OrderLine.objects.get(order=order, shipping=False)


def kept(world: World) -> list[tuple[str, str]]:
    with world.ours.scope():
        return list(Piece.objects.order_by("pk").values_list("lot", "serial"))


def test_numbers_are_kept_as_they_are_compared_and_once(world: World, agent: Actor) -> None:
    order, line = bought(world)
    with world.ours.scope():
        keep_pieces(order, line.pk, lot="l-7 ", serials=["ｓｎ 001", "", "SN001"], by=agent)
        keep_pieces(order, line.pk, lot="L-8", serials=["sn001", "sn002"], by=agent)
        for _twice in range(2):
            keep_pieces(order, line.pk, lot="L-9", by=agent)

    assert kept(world) == [("L-8", "SN001"), ("L-8", "SN002"), ("L-9", "")]
    with world.ours.scope():
        told = Event.objects.filter(kind="order.pieces_changed").order_by("id")
        assert [one.data["count"] for one in told] == [1, 2, 3]
        first, second, whole = Piece.objects.order_by("pk").values_list("pk", flat=True)
        assert [one.data["pieces"] for one in told] == [[first], [first, second], [whole]]
        lots = [[None, "L-7"]], [["L-7", "L-8"], [None, "L-8"]], [[None, "L-9"]]
        assert [one.data["lots"] for one in told] == list(lots)
        beside = words_of(one.pk for one in told)
        assert [beside.get(one.pk) for one in told] == [
            {"serial": [[""], ["SN001"]]},
            {"serial": [["SN001", ""], ["SN001", "SN002"]]},
            None,
        ]
        assert [one.serial for one in sold_by("ＳＮ００１", actor=agent)] == ["SN001"]
        product = line.variant.product_id if line.variant else 0
        assert [one.serial for one in bought_of(product, ["L-8", "", "L-1"], actor=agent)] == [
            "SN002",
            "SN001",
        ]
        drop_piece(order, sold_by("SN001", actor=agent).get().pk, by=agent)
        gone = Event.objects.filter(kind="order.pieces_changed").latest("id")
        assert (gone.data["pieces"], gone.data["lots"]) == ([first], [["L-8", None]])
        assert words_of([gone.pk]) == {gone.pk: {"serial": [["SN001"], [""]]}}
        Order.objects.update(state="cancelled")
        assert not bought_of(product, ["L-8"], actor=agent).exists()
    assert kept(world) == [("L-8", "SN002"), ("L-9", "")]


def test_what_makes_no_sense_is_refused_and_changes_nothing(world: World, agent: Actor) -> None:
    order, line = bought(world, count=1)
    _other, others = bought(world)
    staff, stranger = actor_of(world.ours.company_staff), actor_of(world.theirs.agent)
    with world.ours.scope():
        for lot, serials in (("", []), (" ", ["", " "]), ("", ["A", "B"])):
            with pytest.raises(Refused):
                keep_pieces(order, line.pk, lot=lot, serials=serials, by=agent)
        with pytest.raises(NotFound):
            keep_pieces(order, others.pk, lot="L", by=agent)
        for somebody in (staff, stranger):
            with pytest.raises(NotAllowed):
                keep_pieces(order, line.pk, lot="L", by=somebody)
        keep_pieces(order, line.pk, lot="L", serials=["A"], by=agent)
        piece = Piece.objects.get().pk
        with pytest.raises(NotAllowed):
            drop_piece(order, piece, by=staff)
        with pytest.raises(NotFound):
            drop_piece(_other, piece, by=agent)
        assert list(sold_by("A", actor=stranger)) == []

    assert kept(world) == [("L", "A")]
