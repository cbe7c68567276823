"""Products beside a case: found, put side by side, and kept as they were told."""

import pytest
from django.test import Client

from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Product, Stock, Variant
from madoguchi.desk.goods import Row, compared, in_places
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.infra.models import Event
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def pots(world: World) -> list[Variant]:
    """Two teapots of which something is known, one with stock."""
    made = [
        make_variant(world.ours.company, code="POT-S", name="急須 小", price=3_300, stock=3),
        make_variant(world.ours.company, code="POT-L", name="急須 大", price=4_400),
    ]
    with world.ours.scope():
        for one, size in zip(made, ("300ml", "600ml"), strict=True):
            Variant.objects.filter(pk=one.pk).update(attributes={"容量": size})
            Product.objects.filter(pk=one.product_id).update(attributes={"産地": "常滑"}, warranty_months=12)
    return made


def test_they_are_found_put_side_by_side_and_kept_as_told(
    agent: Client, world: World, number: str, pots: list[Variant]
) -> None:
    at = f"/cases/{number}/goods/"
    assert at in text(agent.get(f"/cases/{number}/"))
    found = text(agent.get(at, {"find": "急須"}))
    page = text(agent.get(at, {"v": [pots[0].pk, pots[1].pk, pots[0].pk]}))

    assert [f'name="v" value="{one.pk}"' in found for one in pots] == [True, True]
    for words in ("300ml", "600ml", "常滑", "12か月", "¥3,300（税込）", "在庫は不明", "違いあり"):
        assert words in page
    answer = agent.post(at, {"v": [one.pk for one in pots]})
    assert answer["Location"] == f"/cases/{number}/"
    with world.ours.scope():
        Stock.objects.all().delete()
        Variant.objects.update(unit_price=1)
    told = text(agent.get(f"/cases/{number}/"))
    assert "急須 小" in told
    assert "¥3,300" in told
    assert [one.data["name"] for one in everything(Event, kind="stock.answered")] == ["急須 小", "急須 大"]


def test_nonsense_is_no_product_and_four_are_the_most(
    agent: Client, world: World, number: str, pots: list[Variant]
) -> None:
    at = f"/cases/{number}/goods/"
    more = [make_variant(world.ours.company, code=f"P{n}", name=f"急須 {n}", price=100).pk for n in range(4)]
    nothing = text(agent.get(at, {"v": ["x", "-1", "9" * 19, "0"], "find": "ないもの"}))
    full = text(agent.get(at, {"v": more, "find": "急須"}))

    assert ("ほかに当てはまる商品はありません" in nothing, "<table" in nothing) == (True, False)
    assert ("4件までです" in full, full.count("disabled")) == (True, 2)
    refused = agent.post(at, {"v": []})
    assert (refused.status_code, "商品を1件から4件" in text(refused)) == (422, True)
    assert everything(Event, kind="stock.answered") == []


def test_who_reads_keeps_nothing_and_strangers_find_nothing(
    company_staff: Client, world: World, number: str, pots: list[Variant]
) -> None:
    at, said = f"/cases/{number}/goods/", {"v": [pots[0].pk]}
    page = text(company_staff.get(at, said))

    assert ("急須 小" in page, 'id="told"' in page) == (True, False)
    assert company_staff.post(at, said).status_code == 403
    stranger = signed_in(world.theirs.agent)
    assert (stranger.get(at, said).status_code, stranger.post(at, said).status_code) == (404, 404)
    assert everything(Event, kind="stock.answered") == []


def test_what_is_alike_is_not_marked_and_what_is_unknown_is_a_dash(pots: list[Variant]) -> None:
    rows = {row.name: row for row in compared(pots, {})}
    assert compared([], {}) == []
    assert (Row("x", ["a", "a"]).differs, Row("x", ["a", "b"]).differs) == (False, True)
    assert [list(rows[name].values) for name in ("単価", "保証")] == [
        ["¥3,300（税込）", "¥4,400（税込）"],
        ["—", "—"],
    ]
    assert in_places([["東京", 3], ["大阪", 0]]) == "東京: 3、大阪: 0"
