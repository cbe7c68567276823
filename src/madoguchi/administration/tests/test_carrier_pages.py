"""Setting up a carrier that leads calls by webhooks, and taking it away."""

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.channels.phone.models import CarrierAccount
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.models import OutsidePhone

pytestmark = pytest.mark.django_db
API = "https://api.carrier.example"
GIVEN = {"account": "AC0123", "token": "t0ken", "api": API}


@pytest.fixture
def point(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


@pytest.fixture
def manager(client: Client, world: World) -> Client:
    client.force_login(world.ours.company_manager)
    return client


def page(point: EntryPoint, name: str = "carrier") -> str:
    return reverse(f"administration:{name}", args=[point.pk])


def stored(world: World) -> list[tuple[str, str, str]]:
    with world.ours.scope():
        return list(CarrierAccount.objects.values_list("account", "token", "api"))


def test_it_is_set_up_and_shows_no_token_again(manager: Client, world: World, point: EntryPoint) -> None:
    assert page(point) in manager.get(reverse("administration:entry_point", args=[point.pk])).text

    fresh = manager.get(page(point)).text
    shown = manager.post(page(point), GIVEN, follow=True).text

    assert ('<button class="main" type="submit">保存</button>' in fresh, "Webhook URL</button>" in fresh) == (
        True,
        False,
    )
    assert stored(world) == [("AC0123", "t0ken", API)]
    assert "/calls/815000000001/" in shown
    assert "t0ken" not in shown
    with world.ours.scope():
        told = Event.objects.get(kind="carrier.account_set").data
    assert (told["account"], told["secret"]) == ("AC0123", True)
    assert "t0ken" not in str(told)


def test_the_company_sees_who_is_rung_outside_and_not_at_which_number(
    manager: Client, world: World, point: EntryPoint
) -> None:
    shown = manager.get(page(point)).text
    assert world.ours.agent.name not in shown
    OutsidePhone.objects.create(user=world.ours.agent, address="+81312345678")

    shown = manager.get(page(point)).text

    assert world.ours.agent.name in shown
    assert "12345678" not in shown
    phones = f"{world.ours.agent.email} 03-9999-9999"
    assert manager.post(page(point), GIVEN | {"phones": phones}).status_code == 302
    assert OutsidePhone.objects.get().address == "+81312345678"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"account": "AC 1"}, ["account"]),
        ({"token": ""}, ["token"]),
        ({"token": "two words"}, ["token"]),
        ({"api": "http://api.carrier.example"}, ["api"]),
        ({"api": f"{API}/path"}, ["api"]),
        ({"api": "https://user@api.carrier.example"}, ["api"]),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_stored(
    manager: Client, world: World, point: EntryPoint, given: dict[str, str], fields: list[str]
) -> None:
    answer = manager.post(page(point), GIVEN | given)

    assert (answer.status_code, list(answer.context["form"].errors), stored(world)) == (422, fields, [])


@pytest.mark.parametrize("other", [{"account": "AC9"}, {"api": "https://elsewhere.example"}])
def test_a_stored_token_goes_along_to_no_other_account_or_place(
    manager: Client, world: World, point: EntryPoint, other: dict[str, str]
) -> None:
    manager.post(page(point), GIVEN)
    assert manager.post(page(point), {**GIVEN, "token": ""}).status_code == 302
    assert manager.post(page(point), {**GIVEN, "token": "", **other}).status_code == 422
    assert stored(world) == [("AC0123", "t0ken", API)]


def test_it_is_taken_away(manager: Client, world: World, point: EntryPoint) -> None:
    manager.post(page(point), GIVEN)
    manager.post(page(point, "carrier_remove"))
    assert stored(world) == []
    with world.ours.scope():
        assert Event.objects.filter(kind="carrier.account_removed").count() == 1


def test_only_a_number_has_one_and_only_managers_set_it_up(
    manager: Client, client: Client, world: World, point: EntryPoint
) -> None:
    assert manager.get(page(world.ours.entry_point)).status_code == 404
    client.force_login(world.ours.agent)
    assert client.post(page(point), GIVEN).status_code == 403
    assert stored(world) == []
