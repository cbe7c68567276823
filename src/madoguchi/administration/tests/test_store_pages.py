"""Stores and what can be reserved there, in the settings."""

from typing import Any

import pytest
from django.test import Client

from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.reservations.factories import make_resource, make_store
from madoguchi.reservations.models import Resource, Store

pytestmark = pytest.mark.django_db
STORE = {
    "name": "銀座店",
    "phone": "０３ー１２３４ー５６７８",
    "address": "東京都中央区銀座1-1",
    "email": "Ginza@Shop.example",
    "active": "on",
}
WEEK = {"mon": "10:00-12:00、13:00-19:00", "sat": "11:00-17:00"}
TABLE = {
    "name": "4 名テーブル",
    "kind": "table",
    "units": "5",
    "seats": "4",
    "step": "15",
    "length": "90",
    "gap": "15",
    "days_ahead": "60",
    "check_in": "15:00",
    "check_out": "10:00",
    "active": "on",
}


def rows(model: type[Store] | type[Resource]) -> list[Any]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(model.objects.order_by("id"))


def told(kind: str) -> list[dict[str, Any]]:
    with scope.everywhere(reason="a test looks at what is there"):
        return [one.data for one in Event.objects.filter(kind=kind).order_by("id")]


def test_a_store_is_set_up_with_its_hours(browser: Client, world: World) -> None:
    company = world.ours.company
    assert "店舗がまだありません" in browser.get("/administration/stores/").text
    address = f"/administration/stores/new/{company.pk}/"
    page = browser.get(address)
    assert page.context["form"].initial["mon"] == "09:00-18:00"
    assert all(f'name="{name}"' in page.text for name in page.context["form"].fields)

    saved = browser.post(address, {**STORE, **WEEK, "holidays": "on", "closed": "12-31/01-03"})

    (store,) = rows(Store)
    assert saved["Location"] == f"/administration/stores/{store.pk}/"
    assert (store.name, store.phone, store.company_id) == ("銀座店", "03-1234-5678", company.pk)
    assert store.email == "ginza@shop.example"
    assert store.hours == {
        "week": {"mon": ["10:00-12:00", "13:00-19:00"], "sat": ["11:00-17:00"]},
        "closed": ["12-31/01-03"],
        "holidays": "JP",
    }
    assert told("store.kept") == [{"store": store.pk, "changes": {}}]
    again = browser.get(saved["Location"]).context["form"].initial
    assert (again["mon"], again["sat"], again["tue"]) == ("10:00-12:00、13:00-19:00", "11:00-17:00", "")


def test_a_store_is_changed_and_what_is_changed_is_kept(browser: Client, world: World) -> None:
    store = make_store(world.ours.company)
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    address = f"/administration/stores/{store.pk}/"

    browser.post(address, {**STORE, "name": "銀座本店", **WEEK, "entry_point": str(point.pk)})

    (changed,) = rows(Store)
    assert (changed.name, changed.entry_point_id) == ("銀座本店", point.pk)
    changes = told("store.kept")[-1]["changes"]
    assert changes["name"] == ["銀座店", "銀座本店"]
    assert changes["entry_point_id"] == [None, point.pk]
    assert (
        browser.post(address, {**STORE, "name": "銀座本店", **WEEK, "entry_point": str(point.pk)}).status_code
        == 302
    )
    assert len(told("store.kept")) == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "渋谷店"}, "name"),
        ({"phone": "昼のみ"}, "phone"),
        ({"mon": "朝から"}, "mon"),
        ({"closed": "いつか"}, "closed"),
        ({"entry_point": "999999"}, "entry_point"),
    ],
)
def test_what_makes_no_sense_is_said_beside_it(
    browser: Client, world: World, said: dict[str, str], field: str
) -> None:
    make_store(world.ours.company, name="渋谷店")
    page = browser.post(f"/administration/stores/new/{world.ours.company.pk}/", {**STORE, **WEEK, **said})

    assert (page.status_code, len(rows(Store))) == (422, 1)
    assert page.context["form"].errors[field]
    assert page.context["form"]["address"].value() == STORE["address"]


def test_what_can_be_had_is_set_up_and_changed(browser: Client, world: World) -> None:
    store = make_store(world.ours.company)

    browser.post(f"/administration/stores/{store.pk}/resources/new/", TABLE)

    (table,) = rows(Resource)
    assert (table.store_id, table.units, table.seats, table.length, table.gap) == (store.pk, 5, 4, 90, 15)
    assert "4 名テーブル" in browser.get(f"/administration/stores/{store.pk}/").text
    address = f"/administration/stores/{store.pk}/resources/{table.pk}/"
    assert browser.get(address).context["form"].initial["length"] == 90
    browser.post(address, TABLE | {"units": "6"})
    assert told("resource.kept")[-1] == {
        "store": store.pk,
        "resource": table.pk,
        "changes": {"units": [5, 6]},
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", "0"),
        ("units", "501"),
        ("seats", "0"),
        ("step", "4"),
        ("length", "1441"),
        ("gap", "1441"),
        ("days_ahead", "731"),
        ("kind", "boat"),
        ("name", "採寸"),
    ],
)
def test_numbers_out_of_bounds_keep_nothing(browser: Client, world: World, name: str, value: str) -> None:
    store = make_store(world.ours.company)
    make_resource(store)

    page = browser.post(f"/administration/stores/{store.pk}/resources/new/", TABLE | {name: value})

    assert (page.status_code, len(rows(Resource))) == (422, 1)
    assert page.context["form"].errors[name]


def test_nothing_of_another_store_is_changed_by_this_one(browser: Client, world: World) -> None:
    store, other = make_store(world.ours.company), make_store(world.ours.company, name="渋谷店")
    elsewhere = make_resource(other)

    page = browser.post(f"/administration/stores/{store.pk}/resources/{elsewhere.pk}/", TABLE)

    assert (page.status_code, rows(Resource)[0].name) == (404, "採寸")


@pytest.mark.parametrize("wrong", ["銀座店", "ginza@", "ginza@shop"])
def test_what_is_no_mail_address_is_told_at_its_field_and_nothing_is_kept(
    browser: Client, world: World, wrong: str
) -> None:
    store = make_store(world.ours.company, email="ginza@shop.example")

    answer = browser.post(f"/administration/stores/{store.pk}/", {**STORE, **WEEK, "email": wrong})

    assert answer.status_code == 422
    assert answer.context["form"].errors["email"]
    [kept] = rows(Store)
    assert (kept.email, kept.phone) == ("ginza@shop.example", "")


def test_a_mail_address_is_taken_away_and_the_log_tells_both(browser: Client, world: World) -> None:
    store = make_store(world.ours.company, email="ginza@shop.example")

    browser.post(f"/administration/stores/{store.pk}/", {**STORE, **WEEK, "email": ""})

    [kept] = rows(Store)
    assert kept.email == ""
    assert told("store.kept")[-1]["changes"]["email"] == ["ginza@shop.example", ""]
