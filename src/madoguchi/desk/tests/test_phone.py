"""The phone in the browser as its page shows it."""

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


def test_at_first_one_takes_no_calls(world: World, client: Client) -> None:
    client.force_login(world.ours.agent)
    answer = client.get(reverse("desk:phone"))
    assert answer.status_code == 200, answer.content.decode()[:3000]
