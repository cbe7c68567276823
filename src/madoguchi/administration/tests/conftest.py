"""People at their browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.servers.fixtures import dovecot

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.models import User

__all__ = ["dovecot"]

Browser = Callable[[User], Client]


@pytest.fixture
def signed_in(db: None) -> Browser:
    """`signed_in(person)` is a browser in which this person is signed in."""

    def browser(person: User) -> Client:
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return browser


@pytest.fixture
def facts(db: None) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """`facts()` is everything the log holds, oldest first."""

    def read() -> list[tuple[str, dict[str, Any]]]:
        with scope.everywhere(reason="a test looks at all companies"):
            return [(e.kind, e.data) for e in Event.objects.order_by("id")]

    return read


@pytest.fixture
def browser(signed_in: Browser, world: World) -> Client:
    """The company's manager in Japanese."""
    return signed_in(world.ours.company_manager)
