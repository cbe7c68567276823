"""Changing a case by pages: each verb once, its refusals, and the way back."""

import json
import re

import pytest
from django.test import Client

from madoguchi.cases.actions import assign, set_tags
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.desk.pages.changing import chosen
from madoguchi.desk.tests.conftest import HTMX, everything, signed_in
from madoguchi.desk.worded import family_name, given_name
from madoguchi.infra import scope
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World, seat
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State

pytestmark = pytest.mark.django_db

REFUSALS = [
    ("status/", {"status": "solved"}),
    ("assign/", {"to": "me"}),
    ("priority/", {"priority": "4"}),
    ("tags/", {"add": "配送"}),
    ("subject/", {"subject": "別の件"}),
    ("memo/", {"memo": "電話は夕方"}),
]


@pytest.fixture
def second_desk(world: World) -> Desk:
    """Another desk of our company, at which the supervisor sits as well."""
    desk = make_desk(world.ours.company, name="修理窓口")
    engagement = make_engagement(world.ours.operator, desk)
    with scope.everywhere(reason="a test seats somebody"):
        seat(OperatorMember.objects.get(user=world.ours.supervisor), engagement)
    return desk


def test_the_status_is_set_and_the_notice_offers_the_way_back(
    agent: Client, case: Case, number: str, now
) -> None:
    response = agent.post(f"/cases/{number}/status/", {"status": "solved"}, headers=HTMX)

    assert now(case).status == Status.SOLVED
    toast = json.loads(response["HX-Trigger"])["toast"]
    assert toast["text"] == "状態を「解決」にしました。"
    agent.post(toast["undo"])
    assert now(case).status == Status.NEW


def test_an_agent_takes_a_case_and_gives_it_up(
    agent: Client, world: World, case: Case, number: str, now
) -> None:
    agent.post(f"/cases/{number}/assign/", {"to": "me"})
    assert now(case).assignee_id == world.ours.agent.pk

    agent.post(f"/cases/{number}/assign/", {"to": "nobody"})
    assert now(case).assignee_id is None


def test_only_those_who_lead_give_work_to_others(
    agent: Client, supervisor: Client, world: World, case: Case, number: str, now
) -> None:
    person = {"to": world.ours.supervisor.pk}

    assert agent.post(f"/cases/{number}/assign/", person).status_code == 403
    assert now(case).assignee_id is None
    assert "担当を選ぶ" not in agent.get(f"/cases/{number}/").content.decode()
    assert "担当を選ぶ" in supervisor.get(f"/cases/{number}/").content.decode()
    supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk})
    assert now(case).assignee_id == world.ours.agent.pk


def test_ones_own_case_is_given_up_and_anothers_is_taken_off_them_by_who_may(
    agent: Client, supervisor: Client, case: Case, number: str, world: World
) -> None:
    def offered(client: Client) -> tuple[bool, bool]:
        page = client.get(f"/cases/{number}/").content.decode()
        return "担当を外れる" in page, "担当を外す（青木 翔さん）" in page

    assert offered(agent) == offered(supervisor) == (False, False)
    agent.post(f"/cases/{number}/assign/", {"to": "me"})
    assert (offered(agent), offered(supervisor)) == ((True, False), (False, True))
    supervisor.post(f"/cases/{number}/assign/", {"to": "me"})
    assert (offered(agent), offered(supervisor)) == ((False, False), (True, False))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("勅使河原 権左衛門", ("勅使河原", "権左衛門")),
        ("森　美咲", ("森", "美咲")),
        ("森美咲", ("森美咲", "")),
        ("Nguyen Van Minh", ("Nguyen", "Van Minh")),
        ("", ("", "")),
    ],
)
def test_a_name_is_cut_where_it_is_written_apart(name: str, parts: tuple[str, str]) -> None:
    assert (family_name(name), given_name(name)) == parts


@pytest.mark.parametrize(
    ("name", "kana", "parts"),
    [
        ("齋藤 昭雄", "さいとう あきお", [("齋藤", "さいとう"), ("昭雄", "あきお")]),
        ("勅使河原　環", "てしがわら たまき", [("勅使河原", "てしがわら"), ("環", "たまき")]),
        ("東商会", "ひがししょうかい", [("東商会", "ひがししょうかい")]),
        ("㈱髙﨑商会", "かぶしきがいしゃ たかさきしょうかい", []),
        ("㈱東", "かぶしきがいしゃひがし", []),
        ("株式会社サンプル 営業部", "かぶしきがいしゃさんぷる えいぎょうぶ", []),
        ("齋藤 昭雄", "さいとうあきお", []),
    ],
)
def test_a_reading_stands_above_the_words_only_where_it_fits(
    agent: Client, case: Case, number: str, world: World, name: str, kana: str, parts: list[tuple[str, str]]
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(name=name, kana=kana)

    page = agent.get(f"/cases/{number}/").content.decode()

    assert re.findall("<ruby>(.+?)<rt>(.+?)</rt></ruby>", page) == parts
    assert (f'<span class="reading">{kana}</span>{name}' in page) == (not parts)


def test_nobody_of_another_desk_is_made_responsible(
    supervisor: Client, world: World, case: Case, number: str, now
) -> None:
    response = supervisor.post(f"/cases/{number}/assign/", {"to": world.theirs.agent.pk}, headers=HTMX)

    assert response.status_code == 422
    assert "窓口" in response.content.decode()
    assert now(case).assignee_id is None


@pytest.mark.parametrize(("state", "told"), [(State.OFF, True), (State.AVAILABLE, False)])
def test_who_hands_over_to_somebody_away_is_told_so(
    supervisor: Client, world: World, case: Case, number: str, now, state: State, told: bool
) -> None:
    at_work(world.ours.agent, state=state)

    given = supervisor.post(f"/cases/{number}/assign/", {"to": world.ours.agent.pk}, headers=HTMX)

    words = json.loads(given["HX-Trigger"])["toast"]["text"]
    assert ("離席中か勤務時間外" in words, now(case).assignee_id) == (told, world.ours.agent.pk)


def test_undoing_a_hand_over_returns_the_case_to_who_had_it(
    supervisor: Client, world: World, case: Case, number: str, now
) -> None:
    with world.ours.scope():
        assign(case, to=world.ours.agent.pk, by=actor_of(world.ours.supervisor))

    response = supervisor.post(f"/cases/{number}/assign/", {"to": "me"}, headers=HTMX)
    supervisor.post(json.loads(response["HX-Trigger"])["toast"]["undo"])

    assert now(case).assignee_id == world.ours.agent.pk


def test_priority_subject_and_tags(agent: Client, case: Case, number: str, now) -> None:
    agent.post(f"/cases/{number}/priority/", {"priority": "4"})
    agent.post(f"/cases/{number}/subject/", {"subject": "炊飯器の交換"})
    agent.post(f"/cases/{number}/tags/", {"add": "初期不良、配送, 配送"})

    changed = now(case)
    assert (changed.priority, changed.subject) == (Priority.URGENT, "炊飯器の交換")
    assert changed.tags == ["初期不良", "配送"]

    agent.post(f"/cases/{number}/tags/", {"remove": "初期不良"})
    assert now(case).tags == ["配送"]


def test_a_case_goes_to_another_desk_and_back(
    supervisor: Client, world: World, case: Case, number: str, second_desk: Desk, now
) -> None:
    response = supervisor.post(f"/cases/{number}/desk/", {"desk": second_desk.pk}, headers=HTMX)
    assert now(case).desk_id == second_desk.pk

    supervisor.post(json.loads(response["HX-Trigger"])["toast"]["undo"])
    assert now(case).desk_id == world.ours.desk.pk


def test_desks_out_of_reach_are_absent(
    agent: Client, world: World, case: Case, number: str, second_desk: Desk, now
) -> None:
    for desk in (second_desk.pk, world.theirs.desk.pk, "x"):
        assert agent.post(f"/cases/{number}/desk/", {"desk": desk}).status_code == 404
    assert now(case).desk_id == world.ours.desk.pk


def test_a_case_that_left_ones_sight_leaves_the_list_to_look_at(
    world: World, supervisor: Client, case: Case, number: str, second_desk: Desk, monkeypatch
) -> None:
    seated_there_only = signed_in(world.ours.agent)
    monkeypatch.setattr("madoguchi.desk.pages.changing.desks_of", lambda actor: [second_desk])

    response = seated_there_only.post(f"/cases/{number}/desk/", {"desk": second_desk.pk}, headers=HTMX)

    assert (response.status_code, response["HX-Redirect"]) == (204, "/")
    assert seated_there_only.get(f"/cases/{number}/").status_code == 404


def test_what_one_should_know_of_the_customer_is_written_down(agent: Client, case: Case, number: str) -> None:
    response = agent.post(f"/cases/{number}/memo/", {"memo": "電話は夕方以降"}, headers=HTMX)

    assert [customer.memo for customer in everything(Customer)] == ["電話は夕方以降"]
    assert "電話は夕方以降</textarea>" in response.content.decode()


@pytest.mark.parametrize(("verb", "data"), REFUSALS)
def test_company_staff_change_nothing(
    company_staff: Client, case: Case, number: str, now, verb: str, data: dict[str, str]
) -> None:
    assert company_staff.post(f"/cases/{number}/{verb}", data).status_code == 403
    after = now(case)
    assert (after.version, after.tags, after.subject, after.status) == (
        case.version,
        [],
        "炊飯器について",
        Status.NEW,
    )
    assert [customer.memo for customer in everything(Customer)] == [""]


@pytest.mark.parametrize(("verb", "data"), REFUSALS)
def test_looking_changes_nothing(agent: Client, number: str, verb: str, data: dict[str, str]) -> None:
    assert agent.get(f"/cases/{number}/{verb}", data).status_code == 405


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("status/", {"status": "sleeping"}),
        ("status/", {}),
        ("priority/", {"priority": "9"}),
        ("subject/", {"subject": " "}),
        ("tags/", {"add": ",".join(f"t{n}" for n in range(21))}),
    ],
)
def test_what_makes_no_sense_is_refused(
    agent: Client, case: Case, number: str, now, verb: str, data: dict[str, str]
) -> None:
    assert agent.post(f"/cases/{number}/{verb}", data).status_code == 422
    assert now(case).version == case.version


def test_a_choice_is_one_of_its_list() -> None:
    assert chosen(Priority, "3") is Priority.HIGH
    assert chosen(Status, "open") is Status.OPEN
    with pytest.raises(Refused):
        chosen(Status, "")


def test_the_same_list_stays_beside_the_case_without_javascript(
    agent: Client, world: World, case: Case, number: str
) -> None:
    with world.ours.scope():
        set_tags(case, to=["配送"], by=actor_of(world.ours.agent))

    response = agent.post(f"/cases/{number}/priority/?view=all", {"priority": "3"})

    assert response.url == f"/cases/{number}/?view=all"


def test_who_may_not_give_cases_to_others_is_told_who_may(
    agent: Client, supervisor: Client, number: str
) -> None:
    words = "ほかの人を担当にできるのは SV です。"

    pages = [who.get(f"/cases/{number}/").text for who in (agent, supervisor)]

    assert [words in page for page in pages] == [True, False]
    assert ['id="assign-people"' in page for page in pages] == [False, True]
