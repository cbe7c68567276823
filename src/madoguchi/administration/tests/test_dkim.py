"""The keys that sign a domain's mail, on the page of its mail server and at the command line."""

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from madoguchi.channels.email.actions import make_dkim_key
from madoguchi.channels.email.models import DkimKey
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.project.cli.mail_dkim import dkim

pytestmark = pytest.mark.django_db


@pytest.fixture
def domain(world: World) -> str:
    """A domain in which only our company has an address."""
    with world.ours.scope():
        EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(address="support@ours.example")
    return "ours.example"


@pytest.fixture
def manager(world: World) -> Client:
    client = Client()
    client.force_login(world.ours.company_manager)
    return client


def keys() -> list[DkimKey]:
    with scope.everywhere(reason="a test looks at all keys"):
        return list(DkimKey.objects.order_by("pk"))


def test_a_key_is_made_published_used_and_forgotten(manager: Client, world: World) -> None:
    page = f"/administration/mail-servers/{world.ours.entry_point.pk}"
    assert "_domainkey" not in manager.get(f"{page}/smtp/").text

    assert manager.post(f"{page}/dkim/")["Location"] == f"{page}/smtp/#dkim"
    [key] = keys()
    shown = manager.get(f"{page}/smtp/").text
    assert (key.active, key.company_id) == (False, world.ours.company.pk)
    assert key.record_name in shown
    assert f"v=DKIM1; k=rsa; p={key.public_key}" in shown
    assert "PRIVATE" not in shown

    manager.post(f"{page}/dkim/{key.pk}/use/")
    assert "署名なしで送られるようになり" in manager.get(f"{page}/smtp/").text
    assert [k.active for k in keys()] == [True]
    manager.post(f"{page}/dkim/{key.pk}/remove/")
    assert keys() == []


def test_keys_of_others_are_absent(manager: Client, world: World) -> None:
    theirs = world.theirs.entry_point.pk
    with world.theirs.scope():
        make_dkim_key(world.theirs.entry_point, by=system("test"))
    [key] = keys()

    for address in (
        f"{theirs}/dkim/",
        f"{theirs}/dkim/{key.pk}/use/",
        f"{world.ours.entry_point.pk}/dkim/{key.pk}/use/",
        f"{world.ours.entry_point.pk}/dkim/{key.pk}/remove/",
    ):
        assert manager.post(f"/administration/mail-servers/{address}").status_code == 404
    assert [(k.pk, k.active) for k in keys()] == [(key.pk, False)]


def test_the_command_prints_the_record_and_makes_one_key(domain: str) -> None:
    first = CliRunner().invoke(dkim, [domain])
    again = CliRunner().invoke(dkim, [domain.upper(), "--json"])

    [key] = keys()
    assert first.output.startswith(f'{key.record_name}. IN TXT ( "v=DKIM1; k=rsa; p=')
    assert all(len(piece) <= 255 for piece in first.output.split('"')[1::2])
    assert json.loads(again.output) == {
        "name": key.record_name,
        "type": "TXT",
        "value": key.record,
        "in_use": False,
    }


def test_the_command_changes_keys(domain: str) -> None:
    CliRunner().invoke(dkim, [domain, "--new"])
    CliRunner().invoke(dkim, [domain, "--use", keys()[0].selector])
    CliRunner().invoke(dkim, [domain, "--new"])
    CliRunner().invoke(dkim, [domain, "--use", keys()[1].selector])

    assert [key.active for key in keys()] == [False, True]


@pytest.mark.parametrize("arguments", [["nobody.example"], ["", "--new"]])
def test_a_domain_that_is_nobodys(world: World, arguments: list[str]) -> None:
    assert CliRunner().invoke(dkim, arguments).exit_code == 2
    assert keys() == []


def test_a_selector_that_is_not_there(domain: str) -> None:
    assert CliRunner().invoke(dkim, [domain, "--use", "x"]).exit_code == 2
    assert [key.active for key in keys()] == [False]
