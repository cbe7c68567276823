"""Orders that are named in what somebody writes, and whether they are somebody else's."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order
from madoguchi.commerce.named import MOST, orders_in
from madoguchi.commerce.queries import orders_of_others
from madoguchi.people.factories import World


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O-1031の件です", {"O-1031": (1031, "")}),
        ("Ｏ－１０３１ の件です", {"O-1031": (1031, "")}),
        ("o-1031", {"O-1031": (1031, "")}),
        ("ご注文番号：1031", {"1031": (1031, "#1031")}),
        ("注文番号は「1031」です", {"1031": (1031, "#1031")}),
        ("注文No. 1031", {"1031": (1031, "#1031")}),
        ("My order number is 1031.", {"1031": (1031, "#1031")}),
        ("#1031 と O-1032", {"O-1032": (1032, ""), "#1031": (None, "#1031")}),
        ("注文番号 O-1031", {"O-1031": (1031, "")}),
        ("注文番号 #1031", {"#1031": (None, "#1031")}),
        ("電話は03-1031-1031です", {}),
        ("注文した品が2026年に届きました", {}),
        ("お荷物 O-1031-2", {"O-1031": (1031, "")}),
        ("型番はTO-1031とO-1031-2-3です", {}),
        ("&#1031; C#1031 #12", {}),
        ("", {}),
    ],
)
def test_numbers_are_read_as_they_are_written(text: str, expected: dict[str, tuple[int | None, str]]) -> None:
    assert orders_in([text]) == expected


def test_no_more_are_read_than_anybody_means() -> None:
    assert len(orders_in([" ".join(f"O-{n}" for n in range(1000, 1100))])) == MOST


@pytest.mark.django_db
def test_only_those_of_others_are_found(world: World) -> None:
    side = world.ours
    mine, other = make_case(side.entry_point), make_case(side.entry_point)
    theirs = make_case(world.theirs.entry_point)
    piece = make_variant(side.company)
    foreign = make_variant(world.theirs.company)
    own = order_of(mine.customer_id, mine.desk_id, (piece, 1))
    others = order_of(other.customer_id, other.desk_id, (piece, 1))
    order_of(theirs.customer_id, theirs.desk_id, (foreign, 1))
    with side.scope():
        Order.objects.filter(pk=own.pk).update(outside="#1002")
        Order.objects.filter(pk=others.pk).update(outside="#1007")
        told = ["O-1001 O-1002 #1007 O-9999"]
        found = orders_of_others(told, customer=mine.customer_id, company=side.company.pk)
        assert [own.number, others.number] == [1001, 1002]
        assert {written: one.pk for written, one in found.items()} == {
            "O-1002": others.pk,
            "#1007": others.pk,
        }
        # It may be the customer's own, by the number of the shop where they bought.
        said = ["注文番号 1002"]
        assert orders_of_others(said, customer=mine.customer_id, company=side.company.pk) == {}
        assert orders_of_others(["何もありません"], customer=mine.customer_id, company=side.company.pk) == {}
    with world.theirs.scope():
        there = orders_of_others(["O-1002"], customer=theirs.customer_id, company=world.theirs.company.pk)
        assert there == {}
