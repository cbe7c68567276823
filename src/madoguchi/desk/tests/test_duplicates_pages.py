"""Suggested duplicates by pages: shown with their reason, told apart, and merged many at once with a way back."""

import hashlib
import re

import pytest
from django.test import Client

from madoguchi.batches.actions import work
from madoguchi.batches.models import Batch
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Merge, ToldApart
from madoguchi.companies.models import Engagement
from madoguchi.desk.tests.conftest import HTMX, MISAKI, counted, everything
from madoguchi.infra import scope
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
BROKEN = "先週購入した炊飯器の電源が入りません。交換をお願いできますでしょうか。"


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN)


@pytest.fixture
def twin(world: World, case: Case) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN + "至急です。")


@pytest.fixture
def twin_number(world: World, twin: Case) -> str:
    return twin.spoken_number(world.ours.company.prefix)


def finished(batch: Batch) -> Batch:
    work(batch.pk, company=batch.company_id)
    [found] = everything(Batch)
    return found


def test_the_page_of_a_case_asks_for_them_only_where_there_may_be_some(
    agent: Client, company_staff: Client, world: World, case: Case, number: str
) -> None:
    wanted = f'hx-get="/cases/{number}/duplicates/"'
    assert wanted not in agent.get(f"/cases/{number}/").content.decode()

    make_case(world.ours.entry_point, sender=MISAKI)

    assert wanted in agent.get(f"/cases/{number}/").content.decode()
    assert wanted not in company_staff.get(f"/cases/{number}/").content.decode()


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["part", "page"])
def test_a_case_shows_what_may_be_the_same_with_the_reason(
    agent: Client, number: str, twin_number: str, headers: dict[str, str]
) -> None:
    with counted() as cost:
        page = agent.get(f"/cases/{number}/duplicates/", headers=headers).content.decode()

    assert re.findall("同じお客様から[^<]*", page) == [
        "同じお客様から0分違いで届き、本文の 93% が同じです。件名も同じです"
    ]
    assert f'href="/cases/{twin_number}/merge/?other={number}"' in page
    # Three say who asks, one finds the case, one keeps the look; then the pairs, what was said, and the cases.
    assert len(cost) == 8, cost.queries


def test_nothing_alike_is_said(agent: Client, number: str) -> None:
    page = agent.get(f"/cases/{number}/duplicates/").content.decode()

    assert "ほぼ同じ内容の用件はありません" in page


def test_two_are_told_apart_and_suggested_again(agent: Client, number: str, twin_number: str) -> None:
    done = agent.post(f"/cases/{number}/told-apart/", {"other": twin_number}, headers=HTMX)

    assert f"さんが{twin_number}を別の用件と判断しました" in done.content.decode()
    assert len(everything(ToldApart)) == 1
    assert "merge/?other" not in agent.get(f"/cases/{number}/duplicates/").content.decode()

    agent.post(f"/cases/{number}/suggest-again/?other={twin_number}")
    assert everything(ToldApart) == []
    assert "merge/?other" in agent.get(f"/cases/{number}/duplicates/").content.decode()


def test_from_the_list_one_comes_back_to_the_list(agent: Client, number: str, twin_number: str) -> None:
    form = {"other": number, "from": "list"}

    done = agent.post(f"/cases/{twin_number}/told-apart/", form, follow=True)

    assert done.redirect_chain == [("/duplicates/", 302)]
    assert "重複していそうな用件はありません" in done.content.decode()
    assert "結果を確かめる" not in done.content.decode()


def test_company_staff_and_strangers_tell_nothing_apart(
    company_staff: Client, stranger: Client, number: str, twin_number: str
) -> None:
    form = {"other": twin_number}
    for who, status in ((company_staff, 403), (stranger, 404)):
        for address in ("told-apart", "suggest-again"):
            assert who.post(f"/cases/{number}/{address}/", form).status_code == status
    assert company_staff.get("/duplicates/").status_code == 403
    assert number not in stranger.get("/duplicates/").content.decode()
    assert everything(ToldApart) == []


def test_chosen_ones_are_foreseen_merged_and_two_again(
    agent: Client, case: Case, number: str, twin: Case, twin_number: str, now
) -> None:
    pair = f"{twin.pk}-{case.pk}"
    assert f'value="{pair}"' in agent.get("/duplicates/").content.decode()

    foreseen = agent.post("/duplicates/", {"pair": pair, "do": "show"}).content.decode()
    assert f"{twin_number} → {number}" in foreseen
    assert (everything(Batch), everything(Merge)) == ([], [])

    [shown] = re.findall('name="shown" value="([^"]+)"', foreseen)
    started = agent.post("/duplicates/", {"pair": pair, "do": "start", "shown": shown})
    [batch] = everything(Batch)
    assert started.headers["Location"] == f"/batches/{batch.pk}/"
    finished(batch)
    assert now(twin).continued_in_id == case.pk
    page = agent.get(f"/batches/{batch.pk}/").content.decode()
    assert "重複の統合" in page
    assert f'<a class="nowrap" href="/cases/{number}/">{number}</a>' in page

    agent.post(f"/batches/{batch.pk}/undo/")
    assert finished(batch).state == "undone"
    assert (now(twin).continued_in_id, now(twin).status) == (None, "new")


@pytest.mark.parametrize("do", ["show", "start"])
@pytest.mark.parametrize("pairs", [[], ["x-1", "1-", "-", "1"], ["99999999-99999998"]])
def test_no_pair_that_is_one_merges_nothing(agent: Client, twin: Case, pairs: list[str], do: str) -> None:
    nothing = hashlib.sha256(b"").hexdigest()

    answer = agent.post("/duplicates/", {"pair": pairs, "do": do, "shown": nothing})

    assert answer.status_code == (422 if do == "start" else 200)
    assert "用件を一つ以上選んでください" in answer.content.decode()
    assert (everything(Batch), everything(Merge)) == ([], [])


def test_what_was_not_shown_is_not_started(agent: Client, world: World, case: Case, twin: Case, now) -> None:
    pair = f"{twin.pk}-{case.pk}"
    foreseen = agent.post("/duplicates/", {"pair": pair, "do": "show"}).content.decode()
    [shown] = re.findall('name="shown" value="([^"]+)"', foreseen)
    third = make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN)

    form = {"pair": [pair, f"{third.pk}-{case.pk}"], "do": "start", "shown": shown}
    answer = agent.post("/duplicates/", form)

    assert answer.status_code == 409
    assert "もう一度" in answer.content.decode()
    assert (everything(Batch), everything(Merge)) == ([], [])


def test_the_list_costs_as_much_for_ten_as_for_one(agent: Client, world: World, twin: Case) -> None:
    agent.get("/duplicates/")
    with counted() as one:
        agent.get("/duplicates/")
    for _ in range(9):
        make_case(world.ours.entry_point, sender=MISAKI, text=BROKEN)
    with counted() as ten:
        agent.get("/duplicates/")

    assert len(ten) == len(one), ten.queries


def test_the_customer_is_shown_through_the_readers_data_scope(
    agent: Client, world: World, twin: Case
) -> None:
    assert "髙橋 美咲" in agent.get("/duplicates/").content.decode()
    with scope.everywhere(reason="test"):
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(hidden=["name"])

    assert "髙橋 美咲" not in agent.get("/duplicates/").content.decode()
