"""What a program may ask of an address besides reading it: its head, and what it takes."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.api.tests.conftest import Program, all_of
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Look
from madoguchi.commerce.factories import order_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task

pytestmark = pytest.mark.django_db
EVERYTHING = (
    Permission.CASE_READ,
    Permission.CUSTOMER_READ,
    Permission.CASE_REPLY,
    Permission.CASE_NOTE,
    Permission.CASE_UPDATE,
)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def addresses(world: World, case: Case, program: Program) -> dict[str, set[str]]:
    """Every address that the description names, led to something of ours where there is such a thing, and what it
    takes.
    """
    with world.ours.scope():
        add_task(case, Wanted(title="電話"), by=actor_of(world.ours.agent))
        order = order_of(case.customer_id, case.desk_id, case=case.pk)
    known = {
        "number": case.spoken_number(world.ours.company.prefix),
        "customer": case.customer_id,
        "order": order.pk,
    }
    described = program().get("/api/v1/openapi.json").json()["paths"]
    return {
        re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], 1)), address): {one.upper() for one in way}
        for address, way in described.items()
    }


def headers(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "Content-Length"}


def test_a_head_is_that_of_what_is_read(
    program: Program, addresses: dict[str, set[str]], settings: Any
) -> None:
    settings.API_PER_MINUTE = 1_000
    client, read = program("agent", *EVERYTHING), 0
    for address, taken in addresses.items():
        if "GET" in taken:
            whole, head = client.get(address), client.head(address)
            assert (head.status_code, headers(head)) == (whole.status_code, headers(whole)), address
            assert (head.content, head["Content-Length"]) == (b"", str(len(whole.content))), address
            read += whole.status_code == 200
            if whole.status_code == 200:
                again = client.head(address, headers={"if-none-match": head["ETag"]})
                assert (again.status_code, again["ETag"], again.content) == (304, whole["ETag"], b""), address
    assert read >= 15


def test_every_address_tells_what_it_takes(
    world: World, program: Program, addresses: dict[str, set[str]], settings: Any
) -> None:
    settings.API_PER_MINUTE = 1_000
    client = program("agent", *EVERYTHING)
    before = all_of(world.ours)
    for address, described in addresses.items():
        taken = described | {"OPTIONS"} | ({"HEAD"} if "GET" in described else set())
        told, refused = client.options(address), client.generic("TRACE", address)
        assert (told.status_code, told.content) == (204, b""), address
        assert refused.status_code == 405, address
        for answer in (told, refused):
            assert set(answer["Allow"].split(", ")) == taken, address
        if "GET" not in described:
            assert client.head(address).status_code == 405, address
    assert all_of(world.ours) == before


def test_a_head_is_a_look_and_needs_a_token(
    world: World, program: Program, case: Case, client: Client
) -> None:
    address = f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}"

    stranger = client.head(address)
    told = client.options(address)
    with scope.everywhere(reason="a test looks at what is kept"):
        assert not Look.objects.exists()
    program().head(address)

    assert (stranger.status_code, stranger.content, told.status_code) == (401, b"", 401)
    with scope.everywhere(reason="a test looks at what is kept"):
        assert Look.objects.get().case_id == case.pk
