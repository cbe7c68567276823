"""The calculator of people and prices: known values on the page, and what it begins with at a desk."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from madoguchi.desk.planning import _measured
from madoguchi.insight.tests.counted import answered, gave_up
from madoguchi.people.factories import World
from madoguchi.routing.tests.test_planning import PUBLISHED

pytestmark = pytest.mark.django_db
ASKED = {
    "calls": 100,
    "handle": 180,
    "target": 20,
    "share": 80,
    "patience": 120,
    "shrinkage": 30,
    "occupancy": 88,
}


@pytest.fixture
def supervisor(world: World) -> Client:
    client = Client()
    client.force_login(world.ours.supervisor)
    return client


def test_people_rosters_tariffs_and_break_even(supervisor: Client) -> None:
    money = {"month": 160, "fixed": 300_000, "own": 150, "price": 450, "tariffs": PUBLISHED}

    page = supervisor.get(f"/queue/planning/?{urlencode(ASKED | money)}")

    needed = [(one.name, one.people, one.rostered) for one in page.context["needed"]]
    assert (page.status_code, needed) == (200, [("Erlang C", 14, 20), ("Erlang A", 12, 18)])
    # A desk of one's own stands beside the tariffs, each with the calls from which on it pays.
    assert [(one.yen, one.pays) for one in page.context["prices"]] == [
        (29_600, "月7,520件以上"),
        (27_800, "月7,565件以上"),
        (26_000, "月6,120件以上"),
        (50_000, "月2,900件以上"),
        (324_000, ""),
    ]
    assert "自社窓口</th>" in page.text
    assert 'lang="en"' not in page.text.partition("<h1")[2]
    assert (page.context["best"], page.context["even"]) == ("アドバンス", 1_000)
    assert "7.84秒" in page.text


def test_what_makes_no_sense_stands_at_its_field(supervisor: Client) -> None:
    for wrong, words in (
        ({"shrinkage": 100}, "99 以下"),
        ({"tariffs": "安い"}, "この行が読み取れません: 安い"),
        (
            {"tariffs": PUBLISHED},
            "月間件数を入力してください。料金は件数で決まります。",
        ),
        ({"calls": 10_000, "handle": 36_000}, "この条件を満たす人数はありません"),
    ):
        page = supervisor.get(f"/queue/planning/?{urlencode(ASKED | wrong)}")
        assert (page.status_code, words in page.text) == (422, True), words
        assert "最安" not in page.text


def test_a_tariff_is_read_as_people_write_it_and_else_shown_how(supervisor: Client) -> None:
    tariff = "ライト: 100,000円 / 500 / 300円"

    read = supervisor.get(f"/queue/planning/?{urlencode(ASKED | {'month': 600, 'tariffs': tariff})}")
    refused = supervisor.get(f"/queue/planning/?{urlencode(ASKED | {'tariffs': '安い'})}")

    assert (read.status_code, [one.yen for one in read.context["prices"]]) == (200, [130_000])
    assert (refused.status_code, "ライト: 100,000 / 500 / 300" in refused.text) == (422, True)


def test_it_begins_with_usual_numbers_and_a_strangers_desk_is_none(supervisor: Client, world: World) -> None:
    for desk in ("", world.ours.desk.pk, world.theirs.desk.pk):
        page = supervisor.get(f"/queue/planning/?desk={desk}")
        assert (page.status_code, page.context["form"]["calls"].value()) == (200, 20)
    assert page.context["desk"] is None


def test_the_busiest_half_hour_is_measured() -> None:
    calls = [answered(10), answered(20), gave_up(60), answered(10, slot=1)]
    assert _measured(calls) == {"calls": 3.0, "month": 4, "handle": 180, "patience": 100}
    assert _measured([]) == {}
