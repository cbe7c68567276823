"""How far the identity is to be checked before which act, in the settings."""

import pytest
from django.test import Client

from madoguchi.cases.actions.sure import needs_of
from madoguchi.cases.identity import Act, Level
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db
NOTHING = {act.value: "0" for act in Act}


def kept(world: World) -> dict[Act, Level]:
    with world.ours.scope():
        return {act: level for act, level in needs_of(world.ours.company.pk).items() if level}


def test_what_a_company_wants_is_said_shown_and_taken_back(browser: Client, world: World) -> None:
    address = f"/administration/identities/{world.ours.company.pk}/"
    assert world.ours.company.name in browser.get("/administration/identities/").text

    assert browser.post(address, NOTHING | {"refund": "2", "disclose": "3"}).status_code == 302

    assert kept(world) == {Act.REFUND: Level.TWO, Act.DISCLOSE: Level.DOCUMENT}
    assert '<option value="2" selected>' in browser.get(address).text
    browser.post(address, NOTHING)
    assert kept(world) == {}


@pytest.mark.parametrize("typed", [{"refund": "4"}, {"refund": "two"}, {"refund": ""}])
def test_no_level_at_all_is_refused(browser: Client, world: World, typed: dict[str, str]) -> None:
    address = f"/administration/identities/{world.ours.company.pk}/"

    assert browser.post(address, NOTHING | {"disclose": "3"} | typed).status_code == 422

    assert kept(world) == {}
