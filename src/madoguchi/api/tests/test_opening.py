"""What programs hand in: a case in the customer's words, the way of everything that arrives."""

import base64
from typing import Any

import pytest

from madoguchi.api.models import KeptAnswer
from madoguchi.api.tests.conftest import Program, all_of, post
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival, SenderRule
from madoguchi.intake.senders import rule_sender
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
OPEN = (Permission.CASE_READ, Permission.CASE_OPEN, Permission.CUSTOMER_READ)
ADDRESS = "/api/v1/cases"


def matter(world: World, **changes: Any) -> dict[str, Any]:
    sender = {"email": "misaki@home.example", "name": "髙橋 美咲", "phone": "03-1234-5678"}
    return {
        "desk": world.ours.desk.pk,
        "customer": sender,
        "subject": "サイズを替えたい",
        "text": "Mに替えられますか。\n4111 1111 1111 1111",
    } | changes


def test_a_case_is_opened_in_the_customers_words(world: World, program: Program) -> None:
    client = program("agent", *OPEN)
    answer = post(client, ADDRESS, matter(world))
    number = answer.json()["number"]
    assert (answer.status_code, answer["Location"]) == (201, f"/api/v1/cases/{number}")
    told = client.get(answer["Location"]).json()
    assert (told["status"], told["subject"], told["customer"]) == ("new", "サイズを替えたい", "髙橋 美咲")
    [message] = told["messages"]
    assert (message["inbound"], message["channel"]) == (True, "form")
    assert message["text"].startswith("Mに替えられますか。")
    assert "4111" not in message["text"]
    with world.ours.scope():
        [arrival] = Arrival.objects.all()
        assert (arrival.state, arrival.source) == ("handled", "API: test")
        assert [e.kind for e in Event.objects.filter(case_id__isnull=False)] == ["case.opened"]


@pytest.mark.parametrize(("how", "kept"), [("masked", "email"), ("hidden", "phone")])
def test_who_is_kept_from_addresses_learns_by_none_whose_it_is(
    world: World, program: Program, how: str, kept: str
) -> None:
    with world.ours.scope():
        setattr(world.ours.engagement, how, [kept])
        world.ours.engagement.save()
    client, before = program("agent", *OPEN), all_of(world.ours)

    refused = post(client, ADDRESS, matter(world))

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, f"customer.{kept}")
    assert all_of(world.ours) == before


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "vi"])
def test_a_customer_may_write_in_any_language_that_is_told_apart(
    world: World, program: Program, language: str
) -> None:
    assert post(program("agent", *OPEN), ADDRESS, matter(world, language=language)).status_code == 201

    with world.ours.scope():
        assert [case.language for case in Case.objects.all()] == [language]


def test_files_come_along(world: World, program: Program) -> None:
    file = {"name": "写真.png", "content_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    assert post(program("agent", *OPEN), ADDRESS, matter(world, files=[file])).status_code == 201
    with world.ours.scope():
        [kept] = Attachment.objects.all()
        assert (kept.filename, kept.content_type, kept.size) == ("写真.png", "image/png", 4)


def test_a_known_customer_is_known_again_and_nothing_of_theirs_changes(
    world: World, program: Program
) -> None:
    client = program("agent", *OPEN)
    post(client, ADDRESS, matter(world), key="a")
    stranger = {"email": "MISAKI@home.example", "name": "別人", "phone": "090-9999-9999"}
    post(client, ADDRESS, matter(world, customer=stranger), key="b")
    with world.ours.scope():
        [customer] = Customer.objects.all()
        assert (customer.name, customer.cases.count()) == ("髙橋 美咲", 2)
        assert [i.written for i in customer.identities.order_by("pk")] == [
            "misaki@home.example",
            "03-1234-5678",
        ]


def test_it_comes_by_the_desks_form_where_there_is_one(world: World, program: Program) -> None:
    with world.ours.scope():
        form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="contact")
    post(program("agent", *OPEN), ADDRESS, matter(world))
    with world.ours.scope():
        assert Case.objects.get().entry_point_id == form.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"customer": {"email": "misaki"}}, "customer.email"),
        ({"text": ""}, "text"),
        ({"language": "xx"}, "language"),
        ({"sender": "x"}, "sender"),
        ({"files": [{"name": "a", "content": "%"}]}, "files.0.content"),
    ],
)
def test_what_makes_no_sense_leaves_nothing(
    world: World, program: Program, changes: dict[str, Any], field: str
) -> None:
    client, before = program("agent", *OPEN), all_of(world.ours)
    answer = post(client, ADDRESS, matter(world, **changes))
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field])
    assert all_of(world.ours) == before
    assert not KeptAnswer.objects.exists()


def test_whom_the_company_keeps_out_is_refused(world: World, program: Program) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.supervisor)
        rule_sender(world.ours.company.pk, pattern="home.example", kind=SenderRule.Kind.BLOCK, by=by)
    client, before = program("agent", *OPEN), all_of(world.ours)
    answer = post(client, ADDRESS, matter(world))
    assert answer.status_code == 422
    assert "home.example" in answer.json()["detail"]
    assert all_of(world.ours) == before


def test_a_desk_without_a_door_takes_nothing_in(world: World, program: Program) -> None:
    with world.ours.scope():
        EntryPoint.objects.update(active=False)
    client, before = program("agent", *OPEN), all_of(world.ours)
    answer = post(client, ADDRESS, matter(world))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "desk")
    assert all_of(world.ours) == before


@pytest.mark.parametrize("person", ["agent", "supervisor", "manager", "company_manager"])
def test_a_stranger_opens_nothing_with_us(world: World, program: Program, person: str) -> None:
    client, before = program(person, *OPEN, side=world.theirs), all_of(world.ours)
    assert post(client, ADDRESS, matter(world)).status_code == 404
    assert all_of(world.ours) == before


def test_the_companys_own_systems_open_cases_and_its_staff_do_not(world: World, program: Program) -> None:
    assert post(program("company_manager", *OPEN), ADDRESS, matter(world)).status_code == 201
    others = [program("company_staff"), program("agent")]
    before = all_of(world.ours)
    assert [post(client, ADDRESS, matter(world)).status_code for client in others] == [403, 403]
    assert all_of(world.ours) == before
    with world.ours.scope():
        assert Message.objects.count() == 1
