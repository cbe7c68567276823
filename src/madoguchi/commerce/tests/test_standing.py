"""How far an order has come is what its parcels say, whatever was entered on it."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.commerce.models import Order, Parcel
from madoguchi.commerce.standing import standing_in_words


@pytest.mark.parametrize(
    ("kept", "parcels", "words"),
    [
        ("delivered", [], "配達済み"),
        ("delivered", ["delivered", "delivered"], "配達済み"),
        ("delivered", ["delivered", "in_transit"], "一部配達済み"),
        ("delivered", ["delivered", "returned"], "一部配達済み"),
        ("delivered", ["in_transit"], "発送済み"),
        ("delivered", ["absent", "preparing"], "一部発送済み"),
        ("delivered", ["preparing"], "受注"),
        ("shipped", ["delivered"], "一部配達済み"),
        ("shipped", ["in_transit", "handed_over"], "発送済み"),
        ("placed", ["handed_over"], "一部発送済み"),
        ("placed", ["preparing"], "受注"),
        ("cancelled", ["preparing"], "取り消し"),
        ("placed", [], "受注"),
    ],
)
def test_in_words(kept: str, parcels: list[str], words: str) -> None:
    with override("ja"):
        assert standing_in_words(kept, parcels) == words


@given(
    kept=st.sampled_from([one for one in Order.State.values if one != "cancelled"]),
    parcels=st.lists(st.sampled_from(Parcel.State.values), min_size=1, max_size=4),
)
def test_it_is_delivered_only_where_every_parcel_is(kept: str, parcels: list[str]) -> None:
    with override("en"):
        is_so = standing_in_words(kept, parcels) == str(Order.State.DELIVERED.label)
    assert is_so == (kept == "delivered" and set(parcels) == {"delivered"})
