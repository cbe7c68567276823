"""Setting up a LINE account, trying it, and taking it away."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from tests.servers.line import SECRET, TOKEN, Line, line_server

from madoguchi.channels.line.models import Account, Received
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
GIVEN = {"channel_id": "1650000000", "secret": SECRET, "token": TOKEN}


@pytest.fixture
def line(settings: Any) -> Iterator[Line]:
    """LINE, which cannot reach us: nothing listens in a test."""
    with line_server() as server:
        settings.LINE_API = server.url
        yield server


@pytest.fixture
def point(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.LINE, address="@asagiri")


@pytest.fixture
def manager(client: Client, world: World) -> Client:
    client.force_login(world.ours.company_manager)
    return client


def page(point: EntryPoint, name: str = "line_account") -> str:
    return reverse(f"administration:{name}", args=[point.pk])


def stored(world: World) -> list[tuple[str, str, str]]:
    with world.ours.scope():
        return list(Account.objects.values_list("channel_id", "secret", "token"))


def test_a_new_entry_point_leads_here(manager: Client, world: World) -> None:
    new = reverse("administration:entry_point_new", args=[world.ours.desk.pk])
    added = manager.post(new, {"kind": "line", "address": "Asagiri.Shop"})

    with world.ours.scope():
        found = EntryPoint.objects.get(kind="line")
    assert (found.address, added["Location"]) == ("@asagiri.shop", page(found))


@pytest.mark.parametrize("address", ["", "@", "@a", "support@shop.example", "あさぎり", "a/b"])
def test_an_address_that_is_none(manager: Client, world: World, address: str) -> None:
    new = reverse("administration:entry_point_new", args=[world.ours.desk.pk])

    assert manager.post(new, {"kind": "line", "address": address}).status_code == 422
    with world.ours.scope():
        assert not EntryPoint.objects.filter(kind="line").exists()


def test_it_is_set_up_and_shows_no_secret_again(manager: Client, world: World, point: EntryPoint) -> None:
    assert "https://support.example/line/asagiri/" not in manager.get(page(point)).content.decode()

    answer = manager.post(page(point), GIVEN, follow=True)

    shown = answer.content.decode()
    assert stored(world) == [("1650000000", SECRET, TOKEN)]
    assert "/line/asagiri/" in shown
    assert SECRET not in shown
    assert TOKEN not in shown
    with world.ours.scope():
        told = Event.objects.get(kind="line.account_set").data
        assert (told["channel_id"], told["secrets"]) == ("1650000000", ["secret", "token"])
        assert SECRET not in str(told)


def test_at_first_all_three_are_needed(manager: Client, world: World, point: EntryPoint) -> None:
    answer = manager.post(page(point), {"channel_id": "1650000000"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["secret", "token"]
    assert stored(world) == []


def test_an_empty_field_keeps_what_is_stored(manager: Client, world: World, point: EntryPoint) -> None:
    manager.post(page(point), GIVEN)
    manager.post(page(point), {"channel_id": "1650000000", "token": "another"})

    assert stored(world) == [("1650000000", SECRET, "another")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**GIVEN, "channel_id": "channel"}, "channel_id"),
        ({**GIVEN, "secret": ""}, "secret"),
        ({**GIVEN, "token": ""}, "token"),
        ({**GIVEN, "token": "two words"}, "token"),
        ({**GIVEN, "secret": "窓口"}, "secret"),
    ],
)
def test_what_can_be_none(
    manager: Client, world: World, point: EntryPoint, given: dict[str, str], field: str
) -> None:
    answer = manager.post(page(point), given)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert stored(world) == []


def test_secrets_of_one_channel_are_not_kept_for_another(
    manager: Client, world: World, point: EntryPoint
) -> None:
    manager.post(page(point), GIVEN)

    assert manager.post(page(point), {"channel_id": "1650000001"}).status_code == 422
    assert stored(world) == [("1650000000", SECRET, TOKEN)]


def test_a_try_tells_who_we_are_and_how_many_are_left(
    manager: Client, world: World, point: EntryPoint, line: Line
) -> None:
    manager.post(page(point), GIVEN)
    line.used = 31

    shown = manager.post(page(point, "line_test")).content.decode()

    assert "LINEでのアカウント名は「あさぎり服飾店」です。" in shown
    assert "200通のうち31通を送信" in shown
    assert "LINEからWebhookに届きません：ERROR_STATUS_CODE 0" in shown
    with world.ours.scope():
        account = Account.objects.get()
        assert (account.name, account.quota, account.used) == ("あさぎり服飾店", 200, 31)
    assert line.pushed == []


def test_a_try_with_a_wrong_token(manager: Client, world: World, point: EntryPoint, line: Line) -> None:
    manager.post(page(point), {**GIVEN, "token": "another"})

    shown = manager.post(page(point, "line_test")).content.decode()

    assert "LINEがアクセストークンを受け付けませんでした：401" in shown


def test_a_try_that_finds_another_account(
    manager: Client, world: World, point: EntryPoint, line: Line
) -> None:
    manager.post(page(point), GIVEN)
    line.basic_id = "@another"

    assert (
        "これは @asagiri とは別のアカウントです。" in manager.post(page(point, "line_test")).content.decode()
    )


def test_what_was_said_in_groups_is_counted(manager: Client, world: World, point: EntryPoint) -> None:
    manager.post(page(point), GIVEN)
    with world.ours.scope():
        at = dict.fromkeys(("happened_at", "received_at", "due_at"), clock.now())
        why = {"why": "said in a group or a room", "state": "aside", "kind": "message", "source": "group"}
        Received.objects.create(company=world.ours.company, entry_point=point, event="01H", **why, **at)

    assert "グループでの発言 1件（直近30日）" in manager.get(page(point)).content.decode()


def test_it_is_taken_away(manager: Client, world: World, point: EntryPoint) -> None:
    manager.post(page(point), GIVEN)
    manager.post(page(point, "line_remove"))

    assert stored(world) == []
    with world.ours.scope():
        assert Event.objects.filter(kind="line.account_removed").count() == 1


def test_nothing_is_tried_before_it_is_set_up(manager: Client, point: EntryPoint, line: Line) -> None:
    assert manager.post(page(point, "line_test")).status_code == 404
    assert line.asked == []


def test_another_kind_of_entry_point_has_no_such_page(manager: Client, world: World) -> None:
    assert manager.get(page(world.ours.entry_point)).status_code == 404


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_it_is_not_for_those_who_answer(client: Client, world: World, point: EntryPoint, who: str) -> None:
    client.force_login(getattr(world.ours, who))

    assert client.post(page(point), GIVEN).status_code == 403
    assert stored(world) == []


def test_the_page_asks_few_questions(
    manager: Client, point: EntryPoint, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    manager.post(page(point), GIVEN)
    with django_assert_max_num_queries(20):
        manager.get(page(point))
