"""What happened, told in order: nothing left out, nothing twice, nothing of others."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests.house.at_once import unfinished

from madoguchi.api.tests.conftest import Program
from madoguchi.cases.actions import add_note, set_tags
from madoguchi.cases.events import AnswerHeld
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case
from madoguchi.customers.factories import make_customer
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import known
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.webhooks.public import FIELDS

# In one transaction, as tests usually are, nothing would ever be settled.
pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/events"


def pages(client: Client, **asked: Any) -> Iterator[dict[str, Any]]:
    """Every page from a place on, until there is no more."""
    more = True
    while more:
        page = client.get(ADDRESS, asked).json()
        yield page
        asked["after"], more = page["next"], page["more"]


def kinds(client: Client, **asked: Any) -> list[str]:
    return [event["type"] for page in pages(client, **asked) for event in page["items"]]


def test_every_told_field_is_one_of_the_fact() -> None:
    facts = known()
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(facts[kind].__dataclass_fields__), kind


def test_what_happened_is_told_by_ids_alone(world: World, program: Program) -> None:
    client = program()
    begin = client.get(ADDRESS).json()
    assert (begin["items"], begin["more"]) == ([], False)
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        add_note(case, text="折り返す", by=by)
        sent = reply(case, Reply(text="はい。"), by=by)
    told = client.get(ADDRESS, {"after": begin["next"]}).json()
    number = case.spoken_number(world.ours.company.prefix)
    place = {"company": world.ours.company.slug, "desk": world.ours.desk.pk, "case": number}
    opened, noted, *rest = told["items"]
    assert opened | place == opened
    assert (opened["type"], opened["by"]) == ("case.opened", "system")
    assert opened["data"] == {"channel": "email", "customer": case.customer_id, "automatic": ""}
    assert (noted["type"], list(noted["data"])) == ("note.added", ["note"])
    queued = next(event for event in rest if event["type"] == "message.queued")
    assert queued["data"] == {"message": sent.message_id}
    assert client.get(ADDRESS, {"after": told["next"]}).json()["items"] == []


def test_pages_leave_out_nothing_and_tell_nothing_twice(world: World, program: Program) -> None:
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        for tag in "一二三四五":
            set_tags(Case.objects.get(pk=case.pk), to=[tag], by=actor_of(world.ours.agent))
    client = program()
    whole = [event["id"] for page in pages(client, after="start", limit=100) for event in page["items"]]
    by_two = [event["id"] for page in pages(client, after="start", limit=2) for event in page["items"]]
    assert len(whole) == 6
    assert by_two == whole
    assert kinds(client, after="start", types="case.changed,case.opened", limit=4) == [
        "case.opened",
        *["case.changed"] * 5,
    ]
    assert kinds(client, after="start", types="message.sent") == []


def test_a_look_is_bounded_and_leads_on(world: World, program: Program, monkeypatch: Any) -> None:
    monkeypatch.setattr("madoguchi.api.queries.MOST_LOOKED_AT", 2)
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        for tag in "一二三四":
            set_tags(Case.objects.get(pk=case.pk), to=[tag], by=actor_of(world.ours.agent))
        say_again(case)
    found = list(pages(program(), after="start", types="message.received"))
    assert [len(page["items"]) for page in found].count(1) == 1
    assert len(found) >= 3


def test_what_is_committed_late_is_not_passed_by(world: World, program: Program) -> None:
    one, other = make_case(world.ours.entry_point), make_case(world.ours.entry_point)
    client, by = program(), actor_of(world.ours.agent)
    after = client.get(ADDRESS).json()["next"]

    def tag(case: Case) -> Any:
        return set_tags(case, to=["先"], by=by)

    with unfinished(world.ours.company.pk, lambda: tag(one)) as commit:
        with world.ours.scope():
            tag(other)
        before = client.get(ADDRESS, {"after": after}).json()
        assert before["items"] == []
        commit()
    later = client.get(ADDRESS, {"after": before["next"]}).json()
    assert {event["case"] for event in later["items"]} == {
        case.spoken_number(world.ours.company.prefix) for case in (one, other)
    }


def test_a_stranger_and_another_desk_hear_nothing(world: World, program: Program) -> None:
    make_case(world.ours.entry_point)
    assert kinds(program("manager", side=world.theirs), after="start") == []
    with world.ours.scope():
        Case.objects.update(desk_id=world.ours.desk.pk)
    unseated = program("agent", Permission.CASE_READ)
    with world.ours.scope():
        world.ours.engagement.seats.all().delete()
    assert unseated.get(ADDRESS, {"after": "start"}).status_code == 403


def test_how_colleagues_share_their_work_is_not_told_the_company(world: World, program: Program) -> None:
    case = make_case(world.ours.entry_point)
    make_customer(world.ours.company)
    with world.ours.scope():
        record(AnswerHeld(**case.where, answer=1, writer=1, why="closed"), by=actor_of(world.ours.agent))
    everything = (Permission.CASE_READ, Permission.CASE_NOTE)
    assert "answer.held" in kinds(program("agent", *everything), after="start")
    assert "answer.held" not in kinds(program("company_staff"), after="start")
    assert "case.opened" in kinds(program("company_staff"), after="start")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"after": "x"}, "after"),
        ({"after": "1.x"}, "after"),
        ({"after": f"{2**63}.1"}, "after"),
        ({"types": "person.token_made"}, "types"),
        ({"limit": 101}, "limit"),
    ],
)
def test_what_is_no_place_and_no_type_is_refused(program: Program, asked: dict[str, Any], field: str) -> None:
    answer = program().get(ADDRESS, asked)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_page_of_events_costs_the_same_at_any_number(
    world: World, program: Program, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_case(world.ours.entry_point)
    client = program()
    client.get(ADDRESS, {"after": "start"})
    with django_assert_max_num_queries(14):
        assert len(client.get(ADDRESS, {"after": "start"}).json()["items"]) == 5
