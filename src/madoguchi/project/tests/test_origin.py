"""The log says from where something was done: a page, the API, the command line."""

import json

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.infra import scope
from madoguchi.infra.event_log import Cursor, carrying, read_after, seal, verify
from madoguchi.infra.models import Event
from madoguchi.infra.origin import coming_from
from madoguchi.people.factories import World
from madoguchi.project.cli import commands

pytestmark = pytest.mark.django_db


def test_a_page_and_the_address_it_was_asked_from(world: World, client: Client) -> None:
    case = make_case(world.ours.entry_point)
    client.force_login(world.ours.supervisor)

    answer = client.post(
        f"/cases/{case.spoken_number(world.ours.company.prefix)}/note/",
        {"note": "メモ"},
        REMOTE_ADDR="192.0.2.7",
    )

    assert answer.status_code in (200, 302), answer.status_code
    with world.ours.scope():
        assert Event.objects.get(kind="note.added").origin == "page 192.0.2.7"
        assert Event.objects.get(kind="case.opened").origin == ""


def test_a_command_says_so_and_the_worker_does_not() -> None:
    assert [name for name, entry in commands.COMMANDS.items() if entry.lasting] == ["worker"]


@pytest.mark.django_db(transaction=True)
def test_it_is_sealed_with_the_rest(world: World) -> None:
    with coming_from("command line"), carrying():
        make_case(world.ours.entry_point)

    with scope.everywhere(reason="a test reads the log"):
        events = read_after(Cursor())
        seal()
        assert list(verify()) == []
    opened = next(event for event in events if event.kind == "case.opened")
    assert (opened.origin, opened.carried) == ("command line", True)
    assert json.loads(opened.digest_input())[-1] == "command line"
