"""What programs say: notes and answers, by the same policy, checks, approval and lock as people at the desk."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.api.tests.conftest import Program, all_of, post
from madoguchi.cases.actions import claim_reply
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Note, PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
ANSWER = (Permission.CASE_READ, Permission.CASE_REPLY, Permission.CASE_NOTE)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=Party(address="misaki@home.example"))


def address_of(case: Case, world: World, what: str = "/replies") -> str:
    return f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}{what}"


def desk_wants(world: World, **wishes: Any) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(**wishes)


def test_an_answer_leaves_as_one_from_the_desk(world: World, program: Program, case: Case) -> None:
    client = program("agent", *ANSWER)
    answer = post(client, address_of(case, world), {"text": "承知しました。", "status": "solved"})
    told = answer.json()
    assert (answer.status_code, told["state"], told["pending"]) == (201, "queued", None)
    with world.ours.scope():
        outgoing = Outgoing.objects.get()
        message = outgoing.message
        assert told["message"] == message.pk
        assert (message.text, message.user_id) == ("承知しました。", world.ours.agent.pk)
        assert [party["address"] for party in message.to] == ["misaki@home.example"]
        assert Case.objects.get().status == "solved"
    assert client.get(address_of(case, world, "")).json()["messages"][-1]["delivery"] == "queued"


def test_others_and_files_go_along(world: World, program: Program, case: Case) -> None:
    desk_wants(world, check_recipients=Desk.Recipients.NEVER)
    file = {"name": "案内.pdf", "content": base64.b64encode(b"%PDF").decode()}
    body = {"text": "ご覧ください。", "cc": [{"email": "boss@home.example"}], "files": [file]}
    assert post(program("agent", *ANSWER), address_of(case, world), body).status_code == 201
    with world.ours.scope():
        message = Outgoing.objects.get().message
        assert message.cc == [{"name": "", "address": "boss@home.example"}]
        assert [(f.filename, f.size) for f in message.attachments.all()] == [("案内.pdf", 4)]


def test_it_leaves_later_where_a_time_is_given(world: World, program: Program, case: Case) -> None:
    at = clock.now() + timedelta(days=1)
    answer = post(
        program("agent", *ANSWER), address_of(case, world), {"text": "後で。", "at": at.isoformat()}
    )
    told = answer.json()
    with world.ours.scope():
        pending = PendingAnswer.objects.get()
        assert (pending.due_at, pending.state) == (at, "scheduled")
        assert (told["state"], told["pending"], told["message"]) == ("scheduled", pending.pk, None)
        assert not Outgoing.objects.exists()


def test_a_senior_approves_it_where_the_desk_wants_that(world: World, program: Program, case: Case) -> None:
    desk_wants(world, approval=Desk.Approval.EVERYONE)
    told = post(program("agent", *ANSWER), address_of(case, world), {"text": "はい。", "word": "至急"}).json()
    assert (told["state"], told["message"], told["leaves_at"]) == ("awaiting", None, None)
    with world.ours.scope():
        assert PendingAnswer.objects.get().word == "至急"
        assert not Outgoing.objects.exists()


def test_what_the_desk_asks_is_to_be_confirmed_by_its_key(world: World, program: Program, case: Case) -> None:
    desk_wants(world, check_attachment=True)
    client, body, before = program("agent", *ANSWER), {"text": "添付します。"}, all_of(world.ours)
    for confirmed in ([], ["*"], ["other"]):
        asked = post(client, address_of(case, world), body | {"confirmed": confirmed})
        assert (asked.status_code, [q["key"] for q in asked.json()["questions"]]) == (422, ["attachment"])
        assert all_of(world.ours) == before
    sent = post(client, address_of(case, world), body | {"confirmed": ["attachment"]})
    assert sent.status_code == 201


def test_the_same_answer_goes_out_again_only_when_that_is_confirmed(
    world: World, program: Program, case: Case
) -> None:
    client, body = program("agent", *ANSWER), {"text": "交換いたします。"}
    first = post(client, address_of(case, world), body).json()["message"]

    asked = post(client, address_of(case, world), body, key="k2")

    assert (asked.status_code, [q["key"] for q in asked.json()["questions"]]) == (422, [f"said {first}"])
    yes = body | {"confirmed": [f"said {first}"]}
    assert post(client, address_of(case, world), yes, key="k3").status_code == 201


def test_a_word_that_must_not_leave_does_not(world: World, program: Program, case: Case) -> None:
    desk_wants(world, forbidden_words="絶対")
    client, before = program("agent", *ANSWER), all_of(world.ours)
    refused = post(client, address_of(case, world), {"text": "絶対です。"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "text")
    assert all_of(world.ours) == before


def test_who_writes_at_the_desk_is_not_answered_past(world: World, program: Program, case: Case) -> None:
    with world.ours.scope():
        claim_reply(case, by=actor_of(world.ours.supervisor))
    client, before = program("agent", *ANSWER), all_of(world.ours)
    assert post(client, address_of(case, world), {"text": "はい。"}).status_code == 409
    assert all_of(world.ours) == before


def test_with_if_match_no_answer_passes_a_mail_that_came(world: World, program: Program, case: Case) -> None:
    client = program("agent", *ANSWER)
    seen = client.get(address_of(case, world, ""))["ETag"]
    with world.ours.scope():
        say_again(case)
    before = all_of(world.ours)
    late = post(client, address_of(case, world), {"text": "はい。"}, **{"if-match": seen})
    assert late.status_code == 412
    assert all_of(world.ours) == before
    seen = client.get(address_of(case, world, ""))["ETag"]
    assert post(client, address_of(case, world), {"text": "はい。"}, **{"if-match": seen}).status_code == 201


@pytest.mark.parametrize(
    "body", [{"text": ""}, {"text": "x", "to": [{"email": "x"}]}, {"text": "x", "tto": 1}]
)
def test_what_makes_no_sense_sends_nothing(
    world: World, program: Program, case: Case, body: dict[str, Any]
) -> None:
    client, before = program("agent", *ANSWER), all_of(world.ours)
    assert post(client, address_of(case, world), body).status_code == 422
    assert all_of(world.ours) == before


def test_a_time_that_has_passed_is_refused(world: World, program: Program, case: Case) -> None:
    client, before = program("agent", *ANSWER), all_of(world.ours)
    refused = post(client, address_of(case, world), {"text": "x", "at": "2020-01-01T09:00:00+09:00"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "at")
    assert all_of(world.ours) == before


def test_a_note_is_the_persons(world: World, program: Program, case: Case) -> None:
    answer = post(program("agent", *ANSWER), address_of(case, world, "/notes"), {"text": "折り返す"})
    with world.ours.scope():
        note = Note.objects.get()
        assert (answer.status_code, answer.json()) == (201, {"id": note.pk})
        assert (note.text, note.user_id) == ("折り返す", world.ours.agent.pk)


@pytest.mark.parametrize("what", ["/replies", "/notes"])
def test_nobody_else_says_anything(world: World, program: Program, case: Case, what: str) -> None:
    others = [
        (program("agent", *ANSWER, side=world.theirs), 404),
        (program("agent"), 403),
        (program("company_manager"), 403),
    ]
    before = all_of(world.ours)
    for client, status in others:
        assert post(client, address_of(case, world, what), {"text": "はい。"}).status_code == status
    assert all_of(world.ours) == before


def test_signs_that_the_customers_software_cannot_show_are_told_with_what_they_become(
    world: World, program: Program, case: Case
) -> None:
    with world.ours.scope():
        Customer.objects.filter(pk=case.customer_id).update(mail_format="jis")
    client, body, before = program("agent", *ANSWER), {"text": "①と𠮟"}, all_of(world.ours)
    asked = post(client, address_of(case, world), body)
    [question] = asked.json()["questions"]
    assert (asked.status_code, question["key"]) == (422, "letters ① → (1)、𠮟 → 〓")
    assert all_of(world.ours) == before
    assert post(client, address_of(case, world), body | {"confirmed": [question["key"]]}).status_code == 201
