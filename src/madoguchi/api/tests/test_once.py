"""A request sent twice is done once: also in the same moment, also when it failed in between."""

from datetime import timedelta
from typing import Any

import pytest
from tests.house.at_once import at_once, unfinished

from madoguchi.api.jobs import forget_answers
from madoguchi.api.models import KeptAnswer
from madoguchi.api.once import once
from madoguchi.api.tests.conftest import Program, post
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Note
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World

MAY = (Permission.CASE_READ, Permission.CASE_NOTE, Permission.CASE_OPEN)


def note_address(world: World) -> str:
    case = make_case(world.ours.entry_point)
    return f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/notes"


def notes(world: World) -> list[str]:
    with world.ours.scope():
        return [note.text for note in Note.objects.order_by("pk")]


@pytest.mark.django_db
def test_the_same_again_is_told_the_same_and_does_nothing(world: World, program: Program) -> None:
    client, address = program("agent", *MAY), note_address(world)
    first = post(client, address, {"text": "メモ"})
    again = post(client, address, {"text": "メモ"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first["Location"]) == (again.json(), again["Location"])
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert notes(world) == ["メモ"]


@pytest.mark.django_db
def test_another_request_under_the_same_key_is_refused(world: World, program: Program) -> None:
    client, address = program("agent", *MAY), note_address(world)
    post(client, address, {"text": "メモ"})
    for where, body in ((address, {"text": "別のメモ"}), (note_address(world), {"text": "メモ"})):
        answer = post(client, where, body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert notes(world) == ["メモ"]


@pytest.mark.django_db
def test_another_token_has_keys_of_its_own(world: World, program: Program) -> None:
    address = note_address(world)
    for text in ("一", "二"):
        assert post(program("agent", *MAY), address, {"text": text}).status_code == 201
    assert notes(world) == ["一", "二"]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k" * 201, "a b"])
def test_without_a_key_nothing_is_made(world: World, program: Program, key: str) -> None:
    answer = post(program("agent", *MAY), note_address(world), {"text": "メモ"}, key=key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert notes(world) == []


@pytest.mark.django_db
def test_what_failed_may_be_sent_again_put_right(world: World, program: Program) -> None:
    client, address = program("agent", *MAY), note_address(world)
    assert post(client, address, {"text": "  "}).status_code == 422
    assert not KeptAnswer.objects.exists()
    assert post(client, address, {"text": "メモ"}).status_code == 201
    assert notes(world) == ["メモ"]


@pytest.mark.django_db
def test_after_two_days_a_key_is_new(world: World, program: Program) -> None:
    client, address = program("agent", *MAY), note_address(world)
    post(client, address, {"text": "一"})
    with clock.held_at(clock.now() + timedelta(hours=47)):
        forget_answers(0)
        assert KeptAnswer.objects.count() == 1
    KeptAnswer.objects.update(at=clock.now() - timedelta(hours=49))
    assert post(client, address, {"text": "二"}).status_code == 201
    assert notes(world) == ["一", "二"]
    KeptAnswer.objects.update(at=clock.now() - timedelta(hours=49))
    forget_answers(0)
    assert not KeptAnswer.objects.exists()


@pytest.mark.django_db
def test_who_has_lost_the_right_is_not_told_again(world: World, program: Program) -> None:
    client, address = program("agent", *MAY), note_address(world)
    post(client, address, {"text": "メモ"})
    with world.ours.scope():
        world.ours.engagement.seats.all().delete()
    assert post(client, address, {"text": "メモ"}).status_code == 403


def matter(world: World) -> dict[str, Any]:
    return {"desk": world.ours.desk.pk, "customer": {"email": "a@home.example"}, "text": "届きません。"}


@pytest.mark.django_db(transaction=True)
def test_the_same_case_sent_eight_times_at_once_is_one_case(world: World, program: Program) -> None:
    client = program("agent", *MAY)
    body = matter(world)

    answers = at_once(*[lambda: post(client, "/api/v1/cases", body)] * 8)

    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert made
    assert made == made[:1] * len(made)
    assert post(client, "/api/v1/cases", body).json() == made[0]
    with world.ours.scope():
        assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_being_answered_the_second_is_told_to_wait(world: World, program: Program) -> None:
    client, body = program("agent", *MAY), matter(world)
    post(client, "/api/v1/cases", body, key="other")
    with scope.everywhere(reason="test"):
        token = KeptAnswer.objects.select_related("token").get().token

    class Asked:
        method, body = "POST", b""

        def get_full_path(self) -> str:
            return "/"

    def begin() -> Any:
        return once(Asked(), token=token, key="k1", make=dict)  # type: ignore[arg-type]

    with unfinished(world.ours.company.pk, begin):
        answer = post(client, "/api/v1/cases", body)
    assert answer.status_code == 409
    with world.ours.scope():
        assert Case.objects.count() == 1
