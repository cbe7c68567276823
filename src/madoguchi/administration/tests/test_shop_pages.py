"""How a company sells, set up by pages: papers, what sending costs, terms of returns, products and stock."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from madoguchi.administration.lost import Lost, line_of
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import (
    Product,
    ReturnPolicy,
    ShippingRule,
    Shop,
    Stock,
    SubscriptionTerms,
    Variant,
)
from madoguchi.infra.models import Event
from madoguchi.insight.records import Demand
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(world: World, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(world.ours.company_manager)


@pytest.fixture
def at(world: World) -> str:
    return f"/administration/shops/{world.ours.company.pk}/"


def test_the_registration_number_is_checked(keeper: Client, world: World, at: str) -> None:
    said = {"name": "花もと", "rounding": "floor", "registration_number": "T1000012050002"}
    refused = keeper.post(at, said)
    assert (refused.status_code, "先頭の数字は 7" in refused.content.decode()) == (422, True)
    with world.ours.scope():
        assert not Shop.objects.exists()

    assert keeper.post(at, said | {"registration_number": "Ｔ7000012050002"}).status_code == 302
    with world.ours.scope():
        shop = Shop.objects.get()
    assert (shop.name, shop.registration_number) == ("花もと", "T7000012050002")


def test_what_sending_costs_has_versions_and_comes_back(keeper: Client, world: World, at: str) -> None:
    first = {"fee": "660", "free_from": "5500", "regions": "沖縄県 １５００\n北海道=1,100円"}
    first |= {"days": "2", "region_days": "沖縄県 ５日"}
    assert keeper.post(f"{at}shipping/", first).status_code == 302
    assert keeper.post(f"{at}shipping/", {"fee": "0"}).status_code == 302
    for wrong in ("沖縄 1500", "沖縄県"):
        assert keeper.post(f"{at}shipping/", {"fee": "1", "regions": wrong}).status_code == 422
        assert keeper.post(f"{at}shipping/", {"fee": "1", "region_days": wrong}).status_code == 422
    assert keeper.post(f"{at}shipping/1/").status_code == 302
    assert keeper.post(f"{at}shipping/9/").status_code == 404

    with world.ours.scope():
        rules = [
            (one.number, one.fee, one.free_from, one.regions)
            for one in ShippingRule.objects.order_by("number")
        ]
        days = list(ShippingRule.objects.order_by("number").values_list("days", "region_days"))
    said = {"沖縄県": 1500, "北海道": 1100}
    assert days == [(2, {"沖縄県": 5}), (None, {}), (2, {"沖縄県": 5})]
    assert rules == [(1, 660, 5500, said), (2, 0, None, {}), (3, 660, 5500, said)]


def test_days_on_the_way_are_saved_without_a_fee(keeper: Client, world: World, at: str) -> None:
    assert keeper.post(f"{at}shipping/", {"fee": ""}).status_code == 422
    with world.ours.scope():
        assert not ShippingRule.objects.exists()

    assert keeper.post(f"{at}shipping/", {"days": "2", "region_days": "沖縄県 5"}).status_code == 302
    assert keeper.post(f"{at}shipping/", {"fee": "660"}).status_code == 302
    assert keeper.post(f"{at}shipping/1/").status_code == 302

    with world.ours.scope():
        rules = list(ShippingRule.objects.order_by("number").values_list("fee", "days", "region_days"))
    assert rules == [(None, 2, {"沖縄県": 5}), (660, None, {}), (None, 2, {"沖縄県": 5})]
    page = keeper.get(at)
    assert page.text.count("送料の定めなし") == 2
    assert page.context["shipping"]["fee"].value() is None


def test_amounts_are_written_in_thousands(keeper: Client, world: World, at: str) -> None:
    make_variant(world.ours.company, code="NB-1", name="南部鉄瓶", price=1_013_200, stock=1_200)
    make_variant(world.ours.company, code="NB-2", name="鍋敷き", price=900)
    keeper.post(f"{at}shipping/", {"fee": "1660", "free_from": "5500", "regions": "沖縄県 1500"})

    listed, shop = (keeper.get(address).text for address in (f"{at}products/", at))

    assert [word in listed for word in (">1,013,200<", ">1,200<", ">900<", ">–<")] == [True] * 4
    assert [word in shop for word in ("1,660 円", "5,500 円", "沖縄県 1,500")] == [True] * 3


def test_terms_of_returns_have_versions_and_come_back(keeper: Client, world: World, at: str) -> None:
    for days, words in (("8", "八日以内"), ("14", "二週間以内")):
        assert keeper.post(f"{at}returns/", {"days": days, "words": words}).status_code == 302
    assert keeper.post(f"{at}returns/", {"days": "8", "words": " "}).status_code == 422
    assert keeper.post(f"{at}returns/1/").status_code == 302
    with world.ours.scope():
        policies = [(one.number, one.days, one.words) for one in ReturnPolicy.objects.order_by("number")]
    assert policies == [(1, 8, "八日以内"), (2, 14, "二週間以内"), (3, 8, "八日以内")]
    assert "二週間以内" in keeper.get(at).content.decode()


def test_products_are_added_changed_and_counted(keeper: Client, world: World, at: str) -> None:
    said = {
        "code": "NB-1",
        "name": "南部鉄瓶",
        "price": "13200",
        "tax_rate": "10",
        "tax_included": "on",
        "active": "on",
    }
    assert keeper.post(f"{at}products/new/", said).status_code == 302
    assert keeper.post(f"{at}products/new/", said | {"name": "別の品"}).status_code == 422
    with world.ours.scope():
        (one,) = Variant.objects.select_related("product")
    assert (one.product.name, one.unit_price) == ("南部鉄瓶", 13_200)

    page = f"{at}products/{one.pk}/"
    changed = said | {"code": "NB-9", "price": "9900", "active": "", "lead_days": "7"}
    assert keeper.post(page, changed).status_code == 302
    assert (
        keeper.post(
            f"{page}stock/", {"place": "本店", "quantity": "5", "next_on": "2027-04-01", "reason": "received"}
        ).status_code
        == 302
    )
    assert (
        keeper.post(f"{page}stock/", {"place": "本店", "quantity": "5", "reason": "whim"}).status_code == 422
    )
    with world.ours.scope():
        (one,) = Variant.objects.all()
        there = [(stock.place, stock.quantity, stock.next_on) for stock in Stock.objects.all()]
        assert (there, one.lead_days) == ([("本店", 5, date(2027, 4, 1))], 7)
        told = Event.objects.get(kind="stock.changed").data
    assert (one.code, one.unit_price, one.active) == ("NB-1", 9_900, False)
    assert told == {"variant": one.pk, "before": 0, "after": 5, "reason": "received"}
    assert "NB-1" in keeper.get(f"{at}products/", {"q": "鉄瓶"}).content.decode()
    assert "NB-1" not in keeper.get(f"{at}products/", {"q": "煎茶"}).content.decode()


def test_a_table_goes_out_and_comes_in_again(keeper: Client, world: World, at: str) -> None:
    make_variant(world.ours.company, code="NB-1", name="南部鉄瓶", price=13_200, stock=4, place="本店")
    make_variant(
        world.ours.company, code="TEA-1", name="=宇治", price=1_080, tax_rate=8, attributes={"産地": "宇治"}
    )
    table = keeper.get(f"{at}products/out/").content
    with world.ours.scope():
        before = list(Variant.objects.order_by("pk").values()), list(Stock.objects.values())
    again = table.replace("'=宇治".encode(), "=宇治".encode())
    assert keeper.post(f"{at}products/in/", {"table": SimpleUploadedFile("a.csv", again)}).status_code == 302
    with world.ours.scope():
        assert (list(Variant.objects.order_by("pk").values()), list(Stock.objects.values())) == before

    rows = "商品コード,商品名,価格\nA,急須,3000\nB,湯呑,高い\n".encode("cp932")
    told = keeper.post(f"{at}products/in/", {"table": SimpleUploadedFile("b.csv", rows)})
    assert "line 3" in told.content.decode()
    with world.ours.scope():
        assert list(Product.objects.order_by("code").values_list("code", flat=True)) == ["A", "NB-1", "TEA-1"]


def test_terms_of_subscriptions_have_versions(keeper: Client, world: World, at: str) -> None:
    said = {"notice_days": "5", "least_orders": "3", "words": "5日前までにご連絡ください。"}
    assert keeper.post(f"{at}again/", said | {"least_orders": "0"}).status_code == 422
    assert [keeper.post(f"{at}again/", said).status_code for _time in range(2)] == [302, 302]

    with world.ours.scope():
        terms = [(one.number, one.notice_days, one.least_orders) for one in SubscriptionTerms.objects.all()]
    assert sorted(terms) == [(1, 5, 3), (2, 5, 3)]
    assert "予告 5 日前" in keeper.get(at).content.decode()


def test_what_given_up_calls_would_have_brought_stands_by_desk(
    keeper: Client, world: World, at: str, signed_in: Callable[[User], Client]
) -> None:
    assert "見積もれません" in keeper.get(f"{at}lost/").content.decode()
    assert f"{at}lost/" in keeper.get(at).content.decode()
    assert signed_in(world.theirs.company_manager).get(f"{at}lost/").status_code == 404
    assert signed_in(world.ours.supervisor).get(f"{at}lost/").status_code == 403

    desk = world.ours.desk.pk
    calls = [Demand(ref=f"a{n}", answered=True, desk=desk) for n in range(40)]
    calls += [Demand(ref=f"g{n}", gave_up=True, desk=desk) for n in range(10)]
    calls += [Demand(ref=f"o{n}", yen=yen, desk=desk) for n, yen in enumerate((12_000, 8_000))]

    assert line_of("お客様窓口", calls) == Lost("お客様窓口", 40, 10, 2, 20_000, 5_000)
    assert line_of("お客様窓口", calls[40:]) == Lost("お客様窓口", 0, 10, 2, 20_000, None)
