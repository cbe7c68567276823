"""Products: kept as they are said, the same again changing nothing, and found by code, reading or name."""

from dataclasses import replace
from datetime import date

import pytest

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Product, Stock, Variant
from madoguchi.commerce.products import Kept, Said, keep_products, set_stock
from madoguchi.commerce.queries import products_matching
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
KETTLE = Said(
    code="NB-01-S", product="NB-01", name="南部鉄瓶", kana="ナンブテツビン", variant="小 0.8L", price=13_200
)
BIG = Said(
    code="NB-01-L",
    product="NB-01",
    name="南部鉄瓶",
    kana="ナンブテツビン",
    variant="大 1.4L",
    price=17_600,
    place="東京倉庫",
    stock=4,
    attributes={"色": "黒"},
)


def found(world: World, words: str) -> list[str]:
    with world.ours.scope():
        return [one.code for one in products_matching(words, company=world.ours.company.pk)]


def test_variants_of_one_product_have_prices_of_their_own(world: World) -> None:
    keeper = actor_of(world.ours.company_manager)
    with world.ours.scope():
        assert keep_products(world.ours.company, [KETTLE, BIG], by=keeper) == Kept(2, 0)
        assert keep_products(world.ours.company, [KETTLE, BIG], by=keeper) == Kept(0, 0)
        product = Product.objects.get()
        variants = {str(v): (v.unit_price, v.attributes) for v in product.variants.select_related("product")}
        stock = Stock.objects.values_list("variant__code", "place", "quantity").get()
        events = [e.data for e in Event.objects.filter(kind="products.imported")]
    assert variants == {"南部鉄瓶 小 0.8L": (13_200, {}), "南部鉄瓶 大 1.4L": (17_600, {"色": "黒"})}
    assert stock == ("NB-01-L", "東京倉庫", 4)
    assert events == [{"added": 2, "changed": 0}]


def test_what_is_said_anew_is_changed(world: World) -> None:
    company = world.ours.company
    with world.ours.scope():
        keep_products(company, [KETTLE, BIG], by=SHELL)
        dearer = Said(
            code="NB-01-L",
            product="NB-01",
            name="南部鉄瓶",
            variant="大 1.4L",
            price=18_700,
            stock=3,
            place="東京倉庫",
        )
        assert keep_products(company, [dearer], by=SHELL) == Kept(0, 1)
        assert Variant.objects.get(code="NB-01-L").unit_price == 18_700
        assert Stock.objects.get().quantity == 3


@pytest.mark.parametrize(
    "words", ["NB-01-L", "nb-01-l", "大 1.4", "鉄瓶 大", "ナンブ 大", "なんぶてつびん 大", "NB－01－L"]
)
def test_a_product_is_found_by_code_reading_and_part_of_its_name(world: World, words: str) -> None:
    with world.ours.scope():
        keep_products(world.ours.company, [KETTLE, BIG], by=SHELL)
    assert found(world, words) == ["NB-01-L"]


def test_what_is_called_so_stands_first(world: World) -> None:
    for code, name in (("A-100", "急須 B-1 用の蓋"), ("B-10", "急須 大"), ("B-1", "急須")):
        make_variant(world.ours.company, code=code, name=name)
    assert found(world, "b-1") == ["B-1", "B-10", "A-100"]
    assert found(world, "湯呑") == []
    assert found(world, "  ") == []
    assert found(world, "%") == []


def test_what_is_not_on_sale_or_another_companys_is_not_found(world: World) -> None:
    make_variant(world.ours.company, code="OLD", name="急須", active=False)
    make_variant(world.theirs.company, code="THEIRS", name="急須")
    assert found(world, "急須") == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said(code="", name="急須", price=1), "code"),
        (Said(code="A", name="", price=1), "code"),
        (Said(code="A", name="急須", price=-1), "price"),
        (Said(code="A", name="急須", price=100_000_000), "price"),
        (Said(code="A", name="急須", price=1, tax_rate=7), "tax_rate"),
        (Said(code="A", name="急須", price=1, warranty_months=601), "warranty_months"),
        (Said(code="A", name="急須", price=1, stock=-1), "stock"),
    ],
)
def test_one_that_makes_no_sense_keeps_all_out(world: World, said: Said, field: str) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as caught:
            keep_products(world.ours.company, [KETTLE, said], by=SHELL)
        assert caught.value.field == field
        assert not Product.objects.exists()
        assert not Event.objects.filter(kind="products.imported").exists()


def test_who_answers_does_not_say_what_is_sold(world: World) -> None:
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            keep_products(world.ours.company, [KETTLE], by=actor_of(world.ours.supervisor))
        assert not Product.objects.exists()


def test_who_tells_of_products_and_not_of_days_leaves_those_as_they_are(world: World) -> None:
    company, by = world.ours.company, system("test")
    kettle = Said(code="NB-1", name="南部鉄瓶", price=13_200, place="本店", stock=0)
    with world.ours.scope():
        told = replace(kettle, next_on=date(2027, 4, 1), lead_days=7)
        assert keep_products(company, [told], by=by) == Kept(1, 0)

        # A shop elsewhere, or a table without these columns, says how many there are and what it costs.
        assert keep_products(company, [kettle], by=by) == Kept(0, 0)
        assert keep_products(company, [replace(kettle, price=9_900, stock=3)], by=by) == Kept(0, 1)

        variant, stock = Variant.objects.get(), Stock.objects.get()
        assert (variant.unit_price, variant.lead_days) == (9_900, 7)
        assert (stock.quantity, stock.next_on) == (3, date(2027, 4, 1))

        # Who counts the pieces says nothing of the day; who says that there is none takes it away.
        assert set_stock(variant, 2, place="本店", reason="counted", by=by)
        assert Stock.objects.get().next_on == date(2027, 4, 1)
        assert set_stock(variant, 2, place="本店", next_on=None, reason="counted", by=by)
        assert Stock.objects.get().next_on is None
        assert not set_stock(variant, 2, place="本店", next_on=None, reason="counted", by=by)

        for wrong in (-1, 366):
            with pytest.raises(Refused) as refused:
                keep_products(company, [replace(kettle, lead_days=wrong)], by=by)
            assert (refused.value.field, Variant.objects.get().lead_days) == ("lead_days", 7)
