"""Unread marks: in every list, for each person alone, cleared by opening, and set again by hand."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.actions import add_note, see_case
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Seen
from madoguchi.desk.tests.conftest import HTMX, counted, everything
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
_ROW = re.compile(r'<a class="row ([^"]*)" id="case-(\d+)"[^>]*><span class="who">(.*?)</span>', re.DOTALL)


def unread_in(answer: object) -> set[int]:
    """The cases that a page marks, by look and in words alike."""
    rows = _ROW.findall(answer.content.decode())  # type: ignore[attr-defined]
    assert all(("unread" in look.split()) == ("未読" in words) for look, _pk, words in rows)
    return {int(pk) for look, pk, _words in rows if "unread" in look.split()}


def view_of(conditions: list[dict[str, Any]], world: World) -> SavedView:
    wanted = {"version": 1, "all": conditions}
    own, by = SavedView.Audience.OWNER, actor_of(world.ours.agent)
    return add_view(world.ours.company, audience=own, name="見る", filter=wanted, by=by)


@pytest.fixture
def other(world: World) -> Case:
    return make_case(world.ours.entry_point, subject="領収書")


def test_what_nobody_opened_is_marked_and_opening_it_clears_that_for_the_reader_alone(
    agent: Client, supervisor: Client, case: Case, other: Case, number: str
) -> None:
    assert unread_in(agent.get("/cases/?view=all")) == {case.pk, other.pk}

    agent.get(f"/cases/{number}/", headers=HTMX)

    assert unread_in(agent.get("/cases/?view=all")) == {other.pk}
    assert unread_in(supervisor.get("/cases/?view=all")) == {case.pk, other.pk}


def test_every_kind_of_list_has_the_mark(
    agent: Client, world: World, case: Case, other: Case, number: str
) -> None:
    index_everything()
    agent.get(f"/cases/{other.spoken_number(world.ours.company.prefix)}/")
    with world.ours.scope():
        view = view_of([], world)

    for address in ("view=unassigned", f"saved={view.pk}", "view=all&order=waiting", "q=電源"):
        assert unread_in(agent.get(f"/cases/?{address}", headers=HTMX)) == {case.pk}, address


def test_news_marks_it_again_and_a_page_that_is_looked_at_reads_it(
    agent: Client, world: World, case: Case, number: str
) -> None:
    agent.get(f"/cases/{number}/")
    say_again(case)
    told_unseen = agent.get(f"/cases/{number}/?part=live", headers=HTMX)
    unseen = unread_in(agent.get("/cases/?view=all", headers=HTMX))
    agent.get(f"/cases/{number}/?part=live&looking=yes", headers=HTMX)
    seen = unread_in(agent.get("/cases/?view=all", headers=HTMX))

    assert told_unseen.status_code == 200
    assert (unseen, seen) == ({case.pk}, set())


def test_a_colleagues_note_marks_it_and_ones_own_does_not(
    agent: Client, supervisor: Client, world: World, case: Case, number: str
) -> None:
    for who in (agent, supervisor):
        who.get(f"/cases/{number}/")
    with world.ours.scope():
        add_note(case, text="折り返し済みです", by=actor_of(world.ours.supervisor))

    assert unread_in(agent.get("/cases/?view=all")) == {case.pk}
    assert unread_in(supervisor.get("/cases/?view=all")) == set()


def test_it_is_marked_by_hand_stays_so_and_is_taken_back(agent: Client, case: Case, number: str) -> None:
    agent.get(f"/cases/{number}/")

    marked = agent.post(f"/cases/{number}/unread/", headers=HTMX)

    assert unread_in(marked) == {case.pk}
    assert f"/cases/{number}/unread/?unread=no" in marked.headers["HX-Trigger"]
    agent.get(f"/cases/{number}/?part=live&looking=yes", headers=HTMX)
    assert unread_in(agent.get("/cases/?view=all")) == {case.pk}

    taken_back = agent.post(f"/cases/{number}/unread/?unread=no", headers=HTMX)
    assert unread_in(taken_back) == unread_in(agent.get("/cases/?view=all")) == set()


def test_without_javascript_it_leads_to_the_list(agent: Client, case: Case, number: str) -> None:
    """To the case it would be opened by that, and read."""
    agent.get(f"/cases/{number}/")

    answer = agent.post(f"/cases/{number}/unread/?view=all")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases/?view=all")
    assert unread_in(agent.get("/cases/?view=all")) == {case.pk}


def test_who_reads_for_the_company_has_marks_of_their_own(
    company_staff: Client, case: Case, number: str
) -> None:
    assert unread_in(company_staff.get("/cases/?view=all")) == {case.pk}
    page = company_staff.get(f"/cases/{number}/").content.decode()
    assert f"/cases/{number}/unread/" in page
    assert unread_in(company_staff.get("/cases/?view=all")) == set()


def test_a_stranger_marks_nothing(stranger: Client, case: Case, number: str) -> None:
    before = everything(Seen)

    assert stranger.post(f"/cases/{number}/unread/").status_code == 404

    assert everything(Seen) == before


def test_what_is_unread_is_found_by_view_and_by_search(
    agent: Client, world: World, case: Case, other: Case, number: str
) -> None:
    index_everything()
    with world.ours.scope():
        see_case(other, by=actor_of(world.ours.agent))
        view = view_of([{"field": "unread", "test": "is", "value": True}], world)

    def listed(query: str) -> set[str]:
        return set(re.findall(r'id="case-(\d+)"', agent.get(f"/cases/?{query}").content.decode()))

    assert listed(f"saved={view.pk}") == listed("q=is:unread") == listed("q=状態:未読 電源") == {str(case.pk)}
    assert listed("q=is:既読") == {str(other.pk)}


def test_a_list_asks_once_for_all_its_marks(agent: Client, world: World, case: Case) -> None:
    agent.get("/cases/?view=all")
    with counted() as cost:
        agent.get("/cases/?view=all")

    assert sum("cases_seen" in query for query in cost.queries) == 1
