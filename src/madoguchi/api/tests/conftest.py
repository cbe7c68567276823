"""A program that calls the API with a token."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests import rows

from madoguchi.kernel.actor import Permission
from madoguchi.people import actions
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

Program = Callable[..., Client]
READ = (Permission.CASE_READ, Permission.CUSTOMER_READ)


def post(client: Client, address: str, body: Any, *, key: str = "k1", **headers: str) -> Any:
    """Send a body under an Idempotency-Key; an empty one is left out."""
    given = {"idempotency-key": key} if key else {}
    return client.post(address, body, content_type="application/json", headers=given | headers)


def all_of(side: Side) -> dict[str, list[Any]]:
    """Every row that a company has, by table: to see that nothing has changed."""
    return rows.all_of(side.company.pk)


@pytest.fixture
def program(world: World) -> Program:
    """`program()` is a client with a token of our agent; another person, side or other permissions can be named."""

    def make(
        person: str = "agent", *permissions: Permission, side: Side | None = None, **headers: Any
    ) -> Client:
        side = side or world.ours
        user = getattr(side, person)
        with side.scope():
            _token, words = actions.make_token(
                user, name="test", permissions=permissions or READ, days=1, by=actor_of(user)
            )
        return Client(headers={"authorization": f"Bearer {words}", **headers})

    return make
