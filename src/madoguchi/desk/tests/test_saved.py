"""Saved views in the console: who finds them, what they hold, what they cost, putting one away and having it back."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.actions import set_priority
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Priority
from madoguchi.desk.tests.conftest import HTMX, counted, signed_in
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
URGENT: dict[str, Any] = {"version": 1, "all": [{"field": "priority", "test": "in", "value": [4]}]}


def saved(world: World, by: User, *, name: str = "至急のもの", shared: bool = True) -> SavedView:
    audience = SavedView.Audience.DESK if shared else SavedView.Audience.OWNER
    desk = world.ours.desk if shared else None
    with world.ours.scope():
        return add_view(
            world.ours.company, audience=audience, desk=desk, name=name, filter=URGENT, by=actor_of(by)
        )


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def urgent(world: World, case: Case) -> Case:
    """One of two cases is urgent."""
    found = make_case(world.ours.entry_point, subject="至急お願いします")
    with world.ours.scope():
        set_priority(found, to=Priority.URGENT, by=system("test"))
    return found


def test_the_rail_is_told_the_views_and_how_many_cases_each_holds(
    agent: Client, world: World, urgent: Case
) -> None:
    view = saved(world, world.ours.supervisor)

    part = text(agent.get(f"/views/?saved={view.pk}", headers=HTMX))
    elsewhere = text(agent.get("/views/", headers=HTMX))

    assert "<html" not in part
    assert f'<a href="/cases/?saved={view.pk}" title="至急のもの" aria-current="page">' in part
    assert "<span>至急のもの</span><b>1</b></a>" in part
    assert "aria-current" not in elsewhere


def test_the_list_of_a_view_holds_what_its_filter_wants(agent: Client, world: World, urgent: Case) -> None:
    view = saved(world, world.ours.supervisor)

    page = text(agent.get(f"/cases/?saved={view.pk}"))

    assert "<h1>至急のもの</h1>" in page
    assert page.count("data-row ") == 1
    assert "至急お願いします" in page
    assert f'hx-get="/views/?saved={view.pk}"' in page
    assert agent.get("/cases/?saved=999999").status_code == 404
    assert agent.get("/cases/?saved=nonsense").status_code == 200


def test_an_open_case_keeps_its_view_beside_it(agent: Client, world: World, urgent: Case) -> None:
    view = saved(world, world.ours.supervisor)
    number = urgent.spoken_number(world.ours.company.prefix)

    page = text(agent.get(f"/cases/{number}/?saved={view.pk}"))

    assert "<h2>至急のもの</h2>" in page
    assert f"/cases/{number}/?saved={view.pk}" in page


def test_the_page_of_all_views_says_for_whom_each_is(agent: Client, world: World, urgent: Case) -> None:
    shared, own = (
        saved(world, world.ours.supervisor),
        saved(world, world.ours.agent, name="私の", shared=False),
    )

    page = text(agent.get("/views/"))

    rows = re.findall(
        r'<th scope="row"><a href="[^"]*">([^<]*)</a></th><td[^>]*>(\d+)</td><td[^>]*>([^<]*)<', page
    )
    assert rows == [("私の", "1", "自分だけ"), ("至急のもの", "1", world.ours.desk.name)]
    assert f"/views/{own.pk}/delete/" in page
    assert f"/views/{shared.pk}/delete/" not in page


def test_without_a_view_the_page_says_where_they_come_from(agent: Client) -> None:
    assert "SVが窓口のために保存したビューも" in text(agent.get("/views/"))


def test_a_view_is_put_away_and_had_back(supervisor: Client, agent: Client, world: World) -> None:
    view = saved(world, world.ours.supervisor)

    refused = agent.post(f"/views/{view.pk}/delete/")
    there = text(agent.get("/views/"))
    gone = text(supervisor.post(f"/views/{view.pk}/delete/", follow=True))
    nobody = text(agent.get("/views/"))
    back = text(supervisor.post(f"/views/{view.pk}/restore/", follow=True))

    assert refused.status_code == 403
    assert "至急のもの" in there
    assert "ビュー「至急のもの」を削除しました。" in gone
    assert f"/views/{view.pk}/restore/" in gone
    assert "至急のもの" not in nobody
    assert "ビュー「至急のもの」を元に戻しました。" in back


def test_a_private_view_opens_for_nobody_else(world: World, urgent: Case) -> None:
    view = saved(world, world.ours.agent, shared=False)

    assert signed_in(world.ours.supervisor).get(f"/cases/?saved={view.pk}").status_code == 404
    assert signed_in(world.theirs.manager).get(f"/cases/?saved={view.pk}").status_code == 404


def test_twenty_views_cost_the_rail_no_more_than_one(agent: Client, world: World, urgent: Case) -> None:
    """One statement finds the views, and one counts them all."""
    saved(world, world.ours.supervisor)
    with counted() as one:
        agent.get("/views/", headers=HTMX)
    for n in range(19):
        saved(world, world.ours.supervisor, name=f"ビュー{n}")
    with counted() as twenty:
        part = text(agent.get("/views/", headers=HTMX))

    assert len(twenty) == len(one)
    assert part.count("<b>1</b>") == 20
    asked = [query for query in twenty.queries if "cases_case" in query or "views_savedview" in query]
    assert len(asked) == 2


def test_the_list_of_a_view_costs_one_query_more_than_another(
    agent: Client, world: World, urgent: Case
) -> None:
    """One finds the view, one the cases, one their lines; a ready-made list finds cases and lines at once."""
    view = saved(world, world.ours.supervisor)
    with counted() as plain:
        agent.get("/cases/?view=all")
    with counted() as of_view:
        agent.get(f"/cases/?saved={view.pk}")

    assert len(of_view) == len(plain) + 2
