"""Products beside a case: found, put side by side, and kept as they were told."""

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import write_shipping_rule
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.fits import Said, keep_fits
from madoguchi.commerce.models import Fit, Product, Stock, Variant
from madoguchi.companies.models import Engagement
from madoguchi.customers.models import Customer
from madoguchi.desk.fitting import ask
from madoguchi.desk.goods import Row, compared, goods_of, in_places
from madoguchi.desk.tests.conftest import counted, everything, signed_in
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_knowing_pages import main_of
from madoguchi.gaps.actions import ask_for_article
from madoguchi.gaps.models import Gap
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 1)


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


def test_when_it_would_arrive_is_told_and_kept_as_it_was_told(
    agent: Client, world: World, case: Case, number: str, pots: list[Variant]
) -> None:
    at, asked = f"/cases/{number}/goods/", {"v": [one.pk for one in pots]}
    rows = ("到着予定", "発送予定")
    assert [words in main_of(agent.get(at, {"v": [pots[1].pk]})) for words in rows] == [False, False]
    # that something leaves is not that it arrives
    assert [words in main_of(agent.get(at, asked)) for words in rows] == [False, True]
    with world.ours.scope(), clock.held_at(datetime(2027, 3, 1, 3, tzinfo=UTC)):
        Customer.objects.filter(pk=case.customer_id).update(address="〒900-0001 沖縄県那覇市1-2-3")
        Variant.objects.filter(pk=pots[1].pk).update(lead_days=4)
        said = {"fee": 660, "free_from": None, "regions": {}, "days": 2, "region_days": {"沖縄県": 5}}
        write_shipping_rule(world.ours.company, **said, by=system("test"))
        page = main_of(agent.get(at, asked))
        agent.post(at, asked)
        Variant.objects.update(lead_days=None)

    days = ("到着予定（沖縄県）", "2027年3月6日(土) ごろ到着", "2027年3月10日(水) ごろ到着")
    assert [words in page for words in days] == [True] * 3
    told = text(agent.get(f"/cases/{number}/"))
    assert "。2027年3月10日(水) ごろ到着" in told
    facts = [one.data for one in everything(Event, kind="stock.answered")]
    kept = [(data["leaves_on"], data["arrives_on"]) for data in facts]
    assert kept == [("2027-03-01", "2027-03-06"), ("2027-03-05", "2027-03-10")]
    # where they live is for who may see it, neither in the conversation nor in the log
    with world.ours.scope():
        Engagement.objects.update(masked=["address"])
    main = main_of(agent.get(f"/cases/{number}/"))
    assert ("急須 大" in main, "沖縄" in main, "沖縄" in str(facts)) == (True, False, False)


def test_nothing_is_asked_twice(world: World, case: Case, pots: list[Variant]) -> None:
    by, asked = actor_of(world.ours.agent), QueryDict("&".join(f"v={pot.pk}" for pot in pots))
    with world.ours.scope():
        with counted() as nothing:
            assert goods_of(case, QueryDict(""), actor=by).rows == []
        with counted() as cost:
            assert len(goods_of(case, asked, actor=by).chosen) == 2
    # by which number the customer came is all that is asked of nothing
    assert (len(nothing), len(cost), len(set(cost.queries))) == (1, 7, 7)


def test_from_whom_the_address_is_kept_sees_no_prefecture(
    world: World, case: Case, number: str, pots: list[Variant]
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(address="〒900-0001 沖縄県那覇市1-2-3")
        Engagement.objects.update(masked=["address"])

    page = main_of(signed_in(world.ours.agent).get(f"/cases/{number}/goods/", {"v": [pots[0].pk]}))

    assert ("発送予定" in page, "沖縄" in page) == (True, False)


def test_of_no_prefecture_it_is_said_where_it_does_not_hold(
    agent: Client, world: World, number: str, pots: list[Variant]
) -> None:
    at, asked = f"/cases/{number}/goods/", {"v": [pots[0].pk]}
    with world.ours.scope(), clock.held_at(datetime(2027, 3, 1, 3, tzinfo=UTC)):
        days = {"沖縄県": 5, "北海道": 4, "東京都": 2}
        said = {"fee": 660, "free_from": None, "regions": {}, "days": 2, "region_days": days}
        write_shipping_rule(world.ours.company, **said, by=system("test"))
        page = main_of(agent.get(at, asked))
        agent.post(at, asked)

    assert ("到着予定（北海道、沖縄県を除く）" in page, "2027年3月3日(水) ごろ到着" in page) == (True, True)
    told = main_of(agent.get(f"/cases/{number}/"))
    assert "2027年3月3日(水) ごろ到着（北海道、沖縄県を除く）" in told


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


def keep_fit(world: World, **more: object) -> None:
    base = {"product": "POT-S", "verdict": "works", "source": "https://maker.example/a", "sourced_on": DAY}
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        keep_fits(world.ours.company, [Said(**{**base, **more})], by=by)  # type: ignore[arg-type]


def test_what_works_together_is_looked_up_and_kept_as_told(
    agent: Client, world: World, number: str, pots: list[Variant]
) -> None:
    at = f"/cases/{number}/goods/"
    keep_fit(world, other="POT-L", verdict="conditions", conditions="蓋を替える")
    keep_fit(world, outside="ナンブ IH-2000", verdict="fails", source="取扱説明書")
    both = [one.pk for one in pots]

    page = text(agent.get(at, {"v": both, "with": "ih2000"}))

    for words in (
        "急須 小 × 急須 大",
        "条件付きで使える",
        "蓋を替える",
        "使えない",
        "取扱説明書",
        "登録なし",
        "2026-07-01",
    ):
        assert words in page
    assert '<a href="https://maker.example/a" target="_blank"' in page
    assert "ナンブ IH-2000" in text(agent.get(at, {"v": both[0]}))
    fits = [one.pk for one in everything(Fit)]
    answer = agent.post(at, {"do": "fits", "v": both, "fit": fits})
    assert answer["Location"] == f"/cases/{number}/"
    told = text(agent.get(f"/cases/{number}/"))
    assert "急須 小 × 急須 大の互換性をお客様に案内：条件付きで使える（蓋を替える）" in told
    assert len(everything(Event, kind="fit.answered")) == 2
    refused = agent.post(at, {"do": "fits", "v": both})
    assert (refused.status_code, "1件から12件" in text(refused)) == (422, True)


def test_a_pair_of_which_nothing_is_known_is_asked_for_by_one_key(
    agent: Client, world: World, case: Case, number: str, pots: list[Variant]
) -> None:
    at = f"/cases/{number}/goods/"
    said = {"do": "gap", "v": [one.pk for one in pots], "with": "IH-9", "product": pots[0].product_id}
    unknown = text(agent.get(at, {"v": said["v"], "with": "IH-9"}))
    assert ('data-key="g"' in unknown, 'id="fits-told"' in unknown) == (True, False)

    done = agent.post(at, said | {"outside": "IH-9"}, follow=True)
    agent.post(at, said | {"outside": "IH-9"})
    agent.post(at, said | {"other": pots[1].product_id})

    assert "「互換性・急須 小・IH-9」を記事の不足として登録しました。" in text(done)
    gaps = everything(Gap)
    assert [(one.kind, one.about, one.words, one.figures, one.state) for one in gaps] == [
        ("asked", "fit", ["急須 小", "IH-9"], {"times": 1}, "open"),
        ("asked", "fit", ["急須 小", "急須 大"], {"times": 1}, "open"),
    ]
    listed = text(signed_in(world.ours.supervisor).get("/articles/gaps/"))
    assert ("互換性・急須 小・IH-9" in listed, "1件の用件で" in listed) == (True, True)
    for wrong in ({}, {"product": "x", "outside": "IH"}, {"product": pots[0].product_id}):
        assert agent.post(at, {"do": "gap", **wrong}).status_code == 422
    assert signed_in(world.ours.company_staff).post(at, said | {"outside": "X"}).status_code == 403
    assert len(everything(Gap)) == 2


def test_asked_for_in_two_languages_it_is_one_question_and_shown_in_each(
    world: World, case: Case, pots: list[Variant]
) -> None:
    asked = QueryDict(f"product={pots[0].product_id}&outside=IH-9")
    second = make_case(world.ours.entry_point)
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        with translation.override("ja"):
            first = ask(case, asked, by=by)
            assert first.named == ["互換性", "急須 小", "IH-9"]
        with translation.override("en"):
            again = ask(second, asked, by=by)
            assert again.named == ["Compatibility", "急須 小", "IH-9"]
        other = ask_for_article(second, ["急須 小", "IH-9"], about=Gap.About.DIAGNOSIS, by=by)
        plain = ask_for_article(second, ["急須 小", "IH-9"], by=by)

        assert (again.pk, again.figures) == (first.pk, {"times": 2})
        assert len({first.pk, other.pk, plain.pk}) == Gap.objects.count() == 3
        assert plain.named == ["急須 小", "IH-9"]
