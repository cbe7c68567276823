"""Pieces back into stock: where they go, and that what nobody said stays unknown."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Stock
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.stock import put_in
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def order(world: World, case: Case, **said: object) -> Order:
    """Two kettles, ordered of a stock as it is said."""
    kettle = make_variant(world.ours.company, **said)
    return order_of(case.customer_id, case.desk_id, (kettle, 2), case=case.pk)


def test_a_stock_that_nobody_said_stays_unknown(world: World, case: Case) -> None:
    made = order(world, case)
    with world.ours.scope():
        (line,) = in_order(made)
        assert line.variant is not None
        for place in (None, "本店"):
            put_in(line, 1, place=place)
        assert not Stock.objects.exists()
    later = order_of(case.customer_id, case.desk_id, (line.variant, 5), case=case.pk)
    with world.ours.scope():
        assert [(one.taken, one.backordered) for one in in_order(later)] == [(None, 0)]


@pytest.mark.parametrize(
    ("stock", "place", "kept"),
    [
        (5, None, {"本店": 4}),
        (0, None, {"本店": 1}),
        (5, "京都店", {"本店": 3, "京都店": 1}),
    ],
)
def test_a_known_stock_grows_where_it_is_kept(
    world: World, case: Case, stock: int, place: str | None, kept: dict[str, int]
) -> None:
    made = order(world, case, stock=stock, place="本店")
    with world.ours.scope():
        (line,) = in_order(made)
        put_in(line, 1, place=place)
        assert dict(Stock.objects.values_list("place", "quantity")) == kept
