"""What a connected shop calls something leads to the same thing after a company has moved: by its kind."""

from typing import Any

import pytest

from madoguchi.project.moving.left_out import LEFT_OUT
from madoguchi.project.moving.registry import row_rule
from madoguchi.project.moving.tables import secrets, tables
from madoguchi.storefronts.models import Counterpart, Handed, Storefront


def ids(label: str, value: Any) -> Any:
    """Ids of the other place, told apart by what they are of."""
    return f"{label} {value}" if value else value


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("customer", "customers.Customer"),
        ("order", "commerce.Order"),
        ("product", "commerce.Product"),
        ("variant", "commerce.Variant"),
        ("item", "commerce.Variant"),
        ("stock", "commerce.Variant"),
        ("shipment", "commerce.Parcel"),
        ("refund", "commerce.Return"),
    ],
)
def test_its_id_is_turned_by_what_it_is_of(kind: str, label: str) -> None:
    row = {
        "id": 1,
        "storefront_id": 2,
        "kind": kind,
        "theirs": "820982911946154508",
        "ours": 7,
        "version": 9,
        "tie": 3,
    }

    turned = row_rule(Counterpart)(row, ids)

    assert turned["ours"] == f"{label} 7"
    assert turned["storefront_id"] == "storefronts.Storefront 2"
    assert (turned["theirs"], turned["version"], turned["tie"]) == ("820982911946154508", 9, 3)


def test_what_is_nothing_here_stays_so() -> None:
    row = {
        "id": 1,
        "storefront_id": 2,
        "kind": "shipment",
        "theirs": "1",
        "ours": None,
        "version": 9,
        "tie": 3,
    }

    assert row_rule(Counterpart)(row, ids)["ours"] is None


def test_shops_go_along_without_their_secret_and_what_they_handed_in_stays() -> None:
    assert {Storefront, Counterpart} <= set(tables())
    assert Handed not in tables()
    assert "storefronts.Handed" in LEFT_OUT
    assert secrets(Storefront) == ["secret"]
