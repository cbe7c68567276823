"""The reservations of a day taken along as a table: what the list shows, for whom it is, and that the log says so."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client

from madoguchi.cases.models import Case
from madoguchi.customers.models import Customer
from madoguchi.desk.tests.test_reserving_pages import NOW, TEN
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import book, hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource

pytestmark = pytest.mark.django_db
FILE, DAY = "/reservations/file/", "2026-11-30"


@pytest.fixture(autouse=True)
def held_clock() -> Iterator[None]:
    with clock.held_at(NOW):
        yield


@pytest.fixture
def fitting(world: World, case: Case) -> Resource:
    """At ten the customer is fitted at one store, with a remark that spreadsheets reckon; at eleven at another."""
    near, far = (make_store(world.ours.company, name=name) for name in ("銀座店", "梅田店"))
    first, agent = make_resource(near, name="採寸"), actor_of(world.ours.agent)
    with world.ours.scope():
        for resource, moment in ((first, TEN), (make_resource(far, name="試着"), TEN + timedelta(hours=1))):
            made = hold(case.customer, resource, at(moment), desk=case.desk, case=case.pk, by=agent)
            book(made, by=agent)
        Reservation.objects.filter(resource=first).update(note="=1+1")
    return first


def table(client: Client, **sent: object) -> list[list[str]]:
    answer = client.post(FILE, {"day": DAY, **sent})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="reservations-20261130.csv"'
    assert "no-store" in answer["Cache-Control"]
    written = answer.content.decode()
    assert written.startswith("\ufeff")
    return list(csv.reader(StringIO(written[1:])))


def told(world: World) -> list[dict[str, object]]:
    with world.ours.scope():
        rows = Event.objects.filter(kind="reservation.list_taken").order_by("id")
        return list(rows.values_list("data", flat=True))


def test_the_list_of_a_day_by_its_filter_and_the_log_says_who_took_it(
    supervisor: Client, world: World, case: Case, fitting: Resource
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(name="+81 花子")
    page = supervisor.get(f"/reservations/?day={DAY}&store={fitting.store_id}").content.decode()
    assert f'action="{FILE}"' in page
    assert f'name="store" value="{fitting.store_id}"' in page

    head, *rows = table(supervisor, store=fitting.store_id)
    _head, *every = table(supervisor, store="")
    _head, *none = table(supervisor, day="2026-11-30", store="999999")

    assert head == ["予約番号", "開始", "終了", "店舗", "予約するもの", "お客様", "人数", "状態", "備考"]
    assert rows == [
        [
            *("V-1001", "2026-11-30 10:00", "2026-11-30 11:00", "銀座店", "採寸"),
            *("'+81 花子", "1", "予約済み", "'=1+1"),
        ]
    ]
    assert ([row[0] for row in every], none) == (["V-1001", "V-1002"], [])
    assert told(world) == [
        {"day": DAY, "store": fitting.store_id, "count": 1},
        {"day": DAY, "store": None, "count": 2},
    ]


def test_what_the_contract_keeps_is_kept_in_the_file(
    supervisor: Client, world: World, fitting: Resource
) -> None:
    with world.ours.scope():
        world.ours.engagement.masked, world.ours.engagement.hidden = ["name"], ["memo"]
        world.ours.engagement.save()

    _head, row = table(supervisor, store=fitting.store_id)

    assert "髙橋" not in row[5]
    assert row[8] == ""


def test_who_may_take_no_list_along_gets_none_and_a_stranger_an_empty_one(
    agent: Client, company_staff: Client, stranger: Client, world: World, fitting: Resource
) -> None:
    for client in (agent, company_staff):
        assert FILE not in client.get(f"/reservations/?day={DAY}").content.decode()
        assert client.post(FILE, {"day": DAY}).status_code == 403
    answer = stranger.post(FILE, {"day": DAY, "store": fitting.store_id})
    assert "V-1001" not in answer.content.decode()
    assert agent.get(FILE).status_code == 405
    assert told(world) == []
