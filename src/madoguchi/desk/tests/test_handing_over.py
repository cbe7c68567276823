"""Being asked for words to whoever has the case next, before it goes there."""

import json

import pytest
from django.test import Client

from madoguchi.cases.actions import HandOffWords, assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, HandOff, Status
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.infra import scope
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
WORDS = {
    "hand_off": "yes",
    "reason": "早番が終わります",
    "summary": "炊飯器の交換",
    "next_step": "在庫を確かめて返信",
    "promises": "明日まで",
}


@pytest.fixture
def answered(world: World, case: Case) -> Case:
    """The case, after the supervisor has answered it and become responsible."""
    supervisor = actor_of(world.ours.supervisor)
    with world.ours.scope():
        reply(case, Reply(text="お調べします。", status=Status.WAITING_THIRD), by=supervisor)
    return case


def handed() -> list[HandOff]:
    return everything(HandOff)


def test_the_form_comes_first_filled_in_as_far_as_the_case_tells(
    supervisor: Client, world: World, answered: Case, number: str, now
) -> None:
    agent = world.ours.agent

    page = supervisor.post(f"/cases/{number}/assign/", {"to": agent.pk}, headers=HTMX).content.decode()

    assert f"{agent.name} に引き継ぐ" in page
    assert f'value="{answered.subject}"' in page
    assert "第三者の返事を待ち、お客様にお伝えする。" in page
    assert now(answered).assignee_id == world.ours.supervisor.pk
    assert handed() == []


def test_without_javascript_the_form_is_on_the_page_of_the_case(
    supervisor: Client, world: World, answered: Case, number: str
) -> None:
    page = supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk})

    assert page.status_code == 200
    assert f'action="/cases/{number}/assign/"' in page.content.decode()
    assert 'id="hand-off-reason"' in page.content.decode()


def test_filled_in_the_case_goes_on_and_the_next_person_reads_it(
    supervisor: Client, agent: Client, world: World, answered: Case, number: str, now
) -> None:
    supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk, **WORDS}, headers=HTMX)

    assert now(answered).assignee_id == world.ours.agent.pk
    page = agent.get(f"/cases/{number}/").content.decode()
    assert page.count("在庫を確かめて返信") == 2  # at the top, and where it was said
    assert "引き継ぎ 1 回" in page


def test_one_may_go_on_without_words(
    supervisor: Client, world: World, answered: Case, number: str, now
) -> None:
    asked = {"to": world.ours.agent.pk, "hand_off": "yes", "without": "yes"}

    supervisor.post(f"/cases/{number}/assign/", asked, headers=HTMX)

    assert now(answered).assignee_id == world.ours.agent.pk
    assert handed() == []


def test_the_way_back_asks_for_nothing(
    supervisor: Client, world: World, answered: Case, number: str, now
) -> None:
    done = supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk, **WORDS}, headers=HTMX)

    supervisor.post(json.loads(done["HX-Trigger"])["toast"]["undo"], headers=HTMX)

    assert (now(answered).assignee_id, now(answered).hops) == (world.ours.supervisor.pk, 0)


def test_taking_a_case_is_not_handing_it_on(
    agent: Client, world: World, answered: Case, number: str, now
) -> None:
    with world.ours.scope():
        assign(answered, to=None, by=actor_of(world.ours.supervisor))

    agent.post(f"/cases/{number}/assign/", {"to": "me"}, headers=HTMX)

    assert now(answered).assignee_id == world.ours.agent.pk


def test_a_desk_may_ask_before_solving(agent: Client, world: World, answered: Case, number: str, now) -> None:
    with scope.everywhere(reason="a test sets up a desk"):
        Desk.objects.filter(pk=world.ours.desk.pk).update(hand_off=Desk.HandOff.CLOSING)

    page = agent.post(f"/cases/{number}/status/", {"status": "solved"}, headers=HTMX).content.decode()
    assert "解決にする前に" in page
    assert now(answered).status == Status.WAITING_THIRD

    agent.post(f"/cases/{number}/status/", {"status": "solved", **WORDS}, headers=HTMX)
    assert now(answered).status == Status.SOLVED
    assert [row.occasion for row in handed()] == ["closing"]


def test_what_was_promised_last_is_offered_again(
    supervisor: Client, world: World, answered: Case, number: str
) -> None:
    supervisor_, words = (
        actor_of(world.ours.supervisor),
        HandOffWords("早番", "炊飯器の交換", "返信", "明日まで"),
    )
    with world.ours.scope():
        assign(answered, to=world.ours.agent.pk, by=supervisor_, words=words)

    page = supervisor.post(f"/cases/{number}/assign/", {"to": "nobody"}, headers=HTMX).content.decode()

    assert "次に担当する人 に引き継ぐ" in page
    assert 'value="炊飯器の交換"' in page
    assert 'value="明日まで"' in page


def test_a_stranger_learns_no_name(
    supervisor: Client, world: World, answered: Case, number: str, now
) -> None:
    stranger = world.theirs.agent

    page = supervisor.post(f"/cases/{number}/assign/", {"to": stranger.pk}, headers=HTMX)

    assert page.status_code == 422
    assert stranger.name not in page.content.decode()
    assert now(answered).assignee_id == world.ours.supervisor.pk


def test_others_of_the_company_read_it_but_are_asked_nothing(
    company_staff: Client, supervisor: Client, world: World, answered: Case, number: str
) -> None:
    supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk, **WORDS}, headers=HTMX)

    assert "在庫を確かめて返信" in company_staff.get(f"/cases/{number}/").content.decode()
    assert company_staff.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk}).status_code == 403


def test_a_new_case_is_given_to_somebody_at_once(supervisor: Client, world: World, number: str, now) -> None:
    fresh = make_case(world.ours.entry_point)
    written = fresh.spoken_number(world.ours.company.prefix)

    supervisor.post(f"/cases/{written}/assign/", {"to": world.ours.agent.pk}, headers=HTMX)

    assert now(fresh).assignee_id == world.ours.agent.pk
