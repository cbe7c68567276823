"""Changing many cases in the console: choosing, seeing what would happen, results, stopping, undoing."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.batches.actions import work
from madoguchi.batches.models import Batch
from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk import bulk
from madoguchi.desk.tests.conftest import counted, everything
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [make_case(world.ours.entry_point, subject=f"件{n}") for n in range(4)]


def priorities() -> list[int]:
    return [case.priority for case in everything(Case)]


def started() -> Batch:
    return everything(Batch)[0]


def test_nothing_happens_before_it_was_seen_and_started(
    agent: Client, world: World, cases: list[Case]
) -> None:
    with world.ours.scope():
        assign(cases[3], to=world.ours.supervisor.pk, by=system("test"))
    form = {"case": [case.pk for case in cases], "verb": "assign", "value.assign": str(world.ours.agent.pk)}

    page = text(agent.post("/bulk/?view=all", form | {"do": "show"}))

    assert everything(Batch) == []
    fates = re.findall(r"<b>(\d+) 件</b> <span>([^<]*)</span>", page)
    assert fates == [("3", "を変更します"), ("1", "は変更できません: この用件を変更する権限がありません。")]
    assert page.count(" checked aria-label=") == 4

    answer = agent.post("/bulk/?view=all", form | {"do": "start"})
    batch = started()
    assert answer.headers["Location"] == f"/batches/{batch.pk}/"
    work(batch.pk, company=batch.company_id)
    result = text(agent.get(f"/batches/{batch.pk}/"))
    assert f"<h1>担当: {world.ours.agent.name}</h1>" in result
    assert '<progress value="4" max="4"' in result
    assert "変更済み 3" in result
    assert "変更できません 1" in result
    refused = text(agent.get(f"/batches/{batch.pk}/?state=refused"))
    assert "件3" in refused
    assert "件0" not in refused


def test_all_of_a_list_means_also_what_is_not_shown(
    agent: Client, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SHOWN", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    form = {"all": "1", "verb": "priority", "value.priority": "4"}

    page = text(agent.post("/bulk/?view=all", form | {"do": "show"}))
    assert page.count('name="case"') == 2
    assert "<b>4 件</b>" in page
    agent.post("/bulk/?view=all", form | {"do": "start"})
    work(started().pk, company=started().company_id)

    assert priorities() == [4, 4, 4, 4]


def test_no_more_are_taken_than_one_batch_holds(
    agent: Client, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_CASES", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 1)

    page = text(
        agent.post("/bulk/?view=all", {"all": "1", "verb": "status", "value.status": "open", "do": "show"})
    )

    assert "<b>2 件</b>" in page


def test_rows_ticked_in_the_console_arrive_ticked(agent: Client, cases: list[Case], monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "SHOWN", 1)

    page = text(agent.post("/bulk/?view=all", {"case": [cases[0].pk, cases[3].pk, 10**17]}))

    assert re.findall(r'name="case" value="(\d+)" id="[^"]*" checked', page) == [
        str(cases[0].pk),
        str(cases[3].pk),
    ]
    assert everything(Batch) == []


@pytest.mark.parametrize(
    "form", [{}, {"verb": "priority", "value.priority": "9"}, {"verb": "tag", "value.tag": ""}]
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    agent: Client, cases: list[Case], form: dict[str, str]
) -> None:
    for do in ("show", "start"):
        answer = agent.post("/bulk/?view=all", {"case": [cases[0].pk], "do": do} | form)
        assert answer.status_code == 422
        assert 'role="alert"' in text(answer)
    assert everything(Batch) == []


def test_a_batch_is_stopped_and_undone_by_who_started_it(
    agent: Client, supervisor: Client, company_staff: Client, stranger: Client, cases: list[Case]
) -> None:
    form = {"case": [case.pk for case in cases], "verb": "priority", "value.priority": "4", "do": "start"}
    agent.post("/bulk/?view=all", form)
    batch = started()
    running = text(agent.get(f"/batches/{batch.pk}/"))
    assert 'hx-trigger="every 1s"' in running

    for nosy in (supervisor, company_staff, stranger):
        assert nosy.get(f"/batches/{batch.pk}/").status_code == 404
        assert nosy.post(f"/batches/{batch.pk}/stop/").status_code == 404
        assert nosy.post(f"/batches/{batch.pk}/undo/").status_code == 404
    assert started().state == "running"
    work(batch.pk, company=batch.company_id)
    assert priorities() == [4, 4, 4, 4]
    assert "every 1s" not in text(agent.get(f"/batches/{batch.pk}/"))
    agent.post(f"/batches/{batch.pk}/undo/")
    assert agent.post(f"/batches/{batch.pk}/undo/").status_code == 409
    work(batch.pk, company=batch.company_id)

    assert priorities() == [2, 2, 2, 2]
    assert "取り消し済み 4" in text(agent.get(f"/batches/{batch.pk}/"))


def test_a_stopped_batch_offers_to_undo(agent: Client, cases: list[Case]) -> None:
    agent.post("/bulk/", {"case": [cases[0].pk], "verb": "priority", "value.priority": "4", "do": "start"})

    page = text(agent.post(f"/batches/{started().pk}/stop/", follow=True))

    assert started().state == "cancelled"
    assert "止めました。済んだ分はそのままです。" in page
    assert 'id="undo"' in page


def test_who_changes_no_case_is_offered_nothing(company_staff: Client, cases: list[Case]) -> None:
    assert company_staff.get("/bulk/?view=all").status_code == 403
    assert "/bulk/" not in text(company_staff.get("/cases/?view=all"))


def test_many_rows_cost_no_more_than_one(agent: Client, world: World, cases: list[Case]) -> None:
    form = {"verb": "priority", "value.priority": "4", "do": "show"}
    with counted() as one:
        agent.post("/bulk/?view=all", form | {"case": [cases[0].pk]})
    with counted() as four:
        agent.post("/bulk/?view=all", form | {"case": [case.pk for case in cases]})
    assert len(four) == len(one)

    agent.post("/bulk/", form | {"case": [case.pk for case in cases], "do": "start"})
    with counted() as batch:
        agent.get(f"/batches/{started().pk}/")
    for _ in range(3):
        make_case(world.ours.entry_point)
    with counted() as again:
        agent.get(f"/batches/{started().pk}/")
    assert len(again) == len(batch)
