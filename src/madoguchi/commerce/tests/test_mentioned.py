"""Products and numbers of pieces, read from what somebody writes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.mentioned import products_mentioned
from madoguchi.commerce.models import Product
from madoguchi.commerce.squashed import BEGINNING, as_squashed, beginnings_in, squashed
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(world: World) -> int:
    """A kettle, two sizes of tea and a tea that is called like part of theirs, a shirt in two colours."""
    ours = world.ours.company
    make_variant(ours, code="NB-01", name="南部鉄瓶", price=13_200)
    make_variant(ours, code="TEA-1", name="宇治煎茶 100g", price=1_080)
    make_variant(ours, code="TEA-10", name="宇治煎茶 200g", price=1_980)
    make_variant(ours, code="TEA-0", name="煎茶", price=500)
    make_variant(ours, code="S-W", product="S", name="麻シャツ", variant="白", price=5_000)
    make_variant(ours, code="S-K", product="S", name="麻シャツ", variant="紺", price=5_000)
    make_variant(world.theirs.company, code="X-1", name="よその鉄瓶")
    return ours.pk


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("南部鉄瓶をお願いします。", [("NB-01", 1)]),
        ("・宇治煎茶 100g 3袋\n・南部鉄瓶 ×2", [("TEA-1", 3), ("NB-01", 2)]),
        ("宇治煎茶200gを三つと、2個の南部鉄瓶を", [("TEA-10", 3), ("NB-01", 2)]),
        ("南部鉄瓶(13,200円)を1個", [("NB-01", 1)]),
        ("品番tea-10を5袋ください", [("TEA-10", 5)]),
        ("TEA-1 x2", [("TEA-1", 2)]),
        ("煎茶を2袋", [("TEA-0", 2)]),
        ("麻シャツの紺を2枚", [("S-K", 2)]),
        ("麻シャツを2枚", [("S-W", 2), ("S-K", 2)]),
        ("南部鉄瓶 二個", [("NB-01", 2)]),
        ("南部鉄瓶✕12", [("NB-01", 12)]),
        ("南部鉄瓶 1,200円", [("NB-01", 1)]),
        ("南部鉄瓶 250g", [("NB-01", 1)]),
        ("南部鉄瓶 0個", [("NB-01", 1)]),
        ("南部鉄瓶を\n3個", [("NB-01", 1)]),
        ("南部鉄瓶、宇治煎茶100g 2袋", [("NB-01", 1), ("TEA-1", 2)]),
        ("南部鉄瓶を2個。やはり南部鉄瓶を3個。", [("NB-01", 2)]),
        ("ＮＢ－０１を２個", [("NB-01", 2)]),
        ("NB-011とTEA-100", []),
        ("よその鉄瓶", []),
        ("", []),
    ],
)
def test_what_is_named_is_found_with_how_many(
    world: World, company: int, text: str, found: list[tuple[str, int]]
) -> None:
    with world.ours.scope():
        assert [(one.variant.code, one.count) for one in products_mentioned(text, company=company)] == found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="aB1 -／Ａ茶 　\n", min_size=2, max_size=30))
def test_the_database_writes_a_name_as_the_text_is_written(world: World, written: str) -> None:
    name = " ".join(written.split()) or "茶"
    with world.ours.scope():
        made = make_variant(world.ours.company, name=name)

        product = Product.objects.annotate(called=as_squashed("name")).get(pk=made.product_id)
        assert (product.called, product.begins) == (squashed(name), squashed(name)[:BEGINNING])
        assert product.begins in beginnings_in(squashed(f"一つ「{name}」を"))


def test_a_product_that_is_called_otherwise_now_is_found_by_that(world: World, company: int) -> None:
    with world.ours.scope():
        Product.objects.filter(name="南部鉄瓶").update(name="鉄の急須")

        found = products_mentioned("鉄の急須を2個、南部鉄瓶も。", company=company)

        assert [(one.variant.code, one.count) for one in found] == [("NB-01", 2)]
