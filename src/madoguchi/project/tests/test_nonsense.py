"""Addresses and entries that no person types: answered clearly, never with a failure of ours."""

import pytest
from django.test import Client

from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
MANY_DIGITS = "9" * 5000
LARGE = "9" * 30


@pytest.mark.parametrize(
    "address",
    [
        "/cases/?tag=%00",
        f"/cases/?desk={MANY_DIGITS}",
        f"/cases/?desk={LARGE}",
        f"/cases/?shown={MANY_DIGITS}",
        "/cases/?q=%00",
        "/cases/?before=%00",
        f"/cases/AAA-{LARGE}/",
        f"/attachments/{LARGE}/x",
        "/find/?q=%00",
    ],
)
def test_signed_in(world: World, client: Client, address: str) -> None:
    client.force_login(world.ours.agent)

    assert client.get(address).status_code in (200, 400, 404, 422)


@pytest.mark.parametrize("address", ["/administration/people/?q=%00", f"/administration/people/{LARGE}/"])
def test_in_the_settings(world: World, client: Client, address: str) -> None:
    client.force_login(world.administrator)

    assert client.get(address).status_code in (200, 400, 404, 422)


@pytest.mark.parametrize("address", ["/form/%00/", "/my/%00/", f"/my/{LARGE}/"])
def test_anonymous(client: Client, address: str) -> None:
    assert client.get(address).status_code in (400, 404, 422)
