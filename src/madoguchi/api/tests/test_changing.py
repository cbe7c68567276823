"""What programs change: as people do, all or nothing, and not over what they have not seen."""

from typing import Any

import pytest
from django.test import Client

from madoguchi.api.tests.conftest import Program
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, HandOff, Look
from madoguchi.companies.models import Desk
from madoguchi.customers.factories import make_customer
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
CHANGE = (Permission.CASE_READ, Permission.CASE_UPDATE)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def address_of(case: Case, world: World) -> str:
    return f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}"


def patch(client: Client, address: str, body: Any, **headers: str) -> Any:
    return client.patch(address, body, content_type="application/json", headers=headers)


def state_of(case: Case, world: World) -> tuple[Any, ...]:
    with world.ours.scope():
        now = Case.objects.get(pk=case.pk)
        return now.status, now.priority, now.tags, now.version, Event.objects.filter(case_id=case.pk).count()


def test_what_is_given_is_set_and_recorded(world: World, program: Program, case: Case) -> None:
    before = state_of(case, world)
    answer = patch(
        program("agent", *CHANGE),
        address_of(case, world),
        {"status": "solved", "priority": 3, "tags": ["返品", "返品"]},
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["priority"], told["tags"]) == ("solved", 3, ["返品"])
    assert state_of(case, world) == ("solved", 3, ["返品"], before[3] + 3, before[4] + 3)
    assert told["version"] == before[3] + 3


def test_the_same_again_changes_nothing(world: World, program: Program, case: Case) -> None:
    client = program("agent", *CHANGE)
    patch(client, address_of(case, world), {"priority": 3})
    before = state_of(case, world)
    assert patch(client, address_of(case, world), {"priority": 3}).status_code == 200
    assert state_of(case, world) == before


def test_who_has_seen_it_as_it_is_may_change_it(world: World, program: Program, case: Case) -> None:
    client = program("agent", *CHANGE)
    seen = client.get(address_of(case, world))["ETag"]
    answer = patch(client, address_of(case, world), {"priority": 3}, **{"if-match": seen})
    assert answer.status_code == 200
    assert answer["ETag"] == client.get(address_of(case, world))["ETag"] != seen


@pytest.mark.parametrize("mark", ["", '"0-abc"', '"1"', "W/"])
def test_who_has_not_is_told_and_nothing_changes(
    world: World, program: Program, case: Case, mark: str
) -> None:
    client = program("agent", *CHANGE, **{"accept-language": "en"})
    seen = mark or client.get(address_of(case, world))["ETag"]
    patch(client, address_of(case, world), {"tags": ["先"]})
    before = state_of(case, world)
    answer = patch(client, address_of(case, world), {"priority": 3}, **{"if-match": seen})
    assert (answer.status_code, answer["Content-Type"]) == (412, PROBLEM)
    assert answer.json() == {
        "type": "about:blank",
        "title": "Somebody else was faster",
        "status": 412,
        "detail": "It is no longer as If-Match says, and nothing was changed. Read it again, then decide.",
    }
    assert state_of(case, world) == before


@pytest.fixture
def asking(world: World, case: Case) -> Case:
    """A case that was answered, at a desk that asks what a solved case was about."""
    with world.ours.scope():
        Desk.objects.filter(pk=case.desk_id).update(hand_off=Desk.HandOff.CLOSING)
        Case.objects.filter(pk=case.pk).update(first_replied_at=clock.now())
    return case


def test_a_desk_that_asks_what_it_was_about_is_told(world: World, program: Program, asking: Case) -> None:
    client, before = program("agent", *CHANGE), state_of(asking, world)
    refused = patch(client, address_of(asking, world), {"tags": ["返品"], "status": "solved"})
    assert (refused.status_code, [e["field"] for e in refused.json()["errors"]]) == (422, ["summary"])
    assert state_of(asking, world) == before
    body = {"status": "solved", "summary": "返品を受け付けた"}
    assert patch(client, address_of(asking, world), body).json()["status"] == "solved"
    with world.ours.scope():
        left = HandOff.objects.get(case=asking)
        assert (left.summary, left.occasion) == ("返品を受け付けた", HandOff.Occasion.CLOSING)


def test_all_or_nothing(world: World, program: Program, case: Case) -> None:
    before = state_of(case, world)
    body = {"status": "solved", "tags": [f"札{i}" for i in range(21)]}
    answer = patch(program("agent", *CHANGE), address_of(case, world), body)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, ["tags"])
    assert state_of(case, world) == before


def test_it_becomes_another_customers_case(world: World, program: Program, case: Case) -> None:
    wife, stranger = make_customer(world.ours.company), make_customer(world.theirs.company)
    client = program("agent", *CHANGE, Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)

    refused = patch(client, address_of(case, world), {"priority": 3, "customer": stranger.pk})
    assert refused.status_code == 422
    assert state_of(case, world)[1] == case.priority

    assert patch(client, address_of(case, world), {"customer": wife.pk}).status_code == 200
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).customer_id == wife.pk


def test_how_grave_it_is_is_read_and_set(world: World, program: Program, case: Case) -> None:
    client = program("agent", *CHANGE)
    assert client.get(address_of(case, world)).json()["severity"] == 0
    assert patch(client, address_of(case, world), {"severity": 3}).json()["severity"] == 3
    with world.ours.scope():
        [fact] = Event.objects.filter(case_id=case.pk, kind="case.changed", data__field="severity")
        assert (fact.data["before"], fact.data["after"]) == (0, 3)


@pytest.mark.parametrize(
    "body", [{"status": "lost"}, {"priority": 99}, {"severity": 5}, {"sattus": "open"}, {"tags": "x"}]
)
def test_what_cannot_be_read_changes_nothing(
    world: World, program: Program, case: Case, body: dict[str, Any]
) -> None:
    before = state_of(case, world)
    answer = patch(program("agent", *CHANGE), address_of(case, world), body)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert state_of(case, world) == before


def test_a_token_that_only_reads_changes_nothing(world: World, program: Program, case: Case) -> None:
    before = state_of(case, world)
    assert patch(program(), address_of(case, world), {"priority": 3}).status_code == 403
    assert state_of(case, world) == before


def test_strangers_find_nothing_to_change(world: World, program: Program, case: Case) -> None:
    before = state_of(case, world)
    stranger = program("agent", *CHANGE, side=world.theirs)
    assert patch(stranger, address_of(case, world), {"priority": 3}).status_code == 404
    assert state_of(case, world) == before


def looks(world: World) -> list[tuple[int, int]]:
    with world.ours.scope():
        return list(Look.objects.values_list("user_id", "case_id"))


def test_who_changes_a_case_was_shown_it(world: World, program: Program, case: Case) -> None:
    assert patch(program("agent", *CHANGE), address_of(case, world), {"priority": 3}).status_code == 200
    assert looks(world) == [(world.ours.agent.pk, case.pk)]


@pytest.mark.parametrize("body", [{}, {"status": None}, {"summary": "返品"}])
def test_who_changes_nothing_is_shown_nothing(
    world: World, program: Program, case: Case, body: dict[str, Any]
) -> None:
    before = state_of(case, world)
    answer = patch(program("agent", *CHANGE, **{"accept-language": "en"}), address_of(case, world), body)
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert answer.json()["errors"] == [
        {
            "field": "body",
            "detail": "Nothing is to be changed: name at least one field and what it shall be.",
        }
    ]
    assert (state_of(case, world), looks(world)) == (before, [])
