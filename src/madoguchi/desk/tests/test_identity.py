"""How far the identity of who speaks was checked in a case: said by a person, shown, told, taken back."""

import pytest
from django.test import Client

from madoguchi.cases.actions import check_identity, split
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.identity import Level, level_of
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import everything
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))


@pytest.fixture
def path(world: World, case: Case) -> str:
    return f"/cases/{case.spoken_number(world.ours.company.prefix)}/"


def held(case: Case) -> list[str]:
    [found] = everything(Case, pk=case.pk)
    return list(found.checked)


def told() -> list[list[str]]:
    changes = everything(Event, kind="case.changed")
    return [one.data["after"] for one in changes if one.data["field"] == "checked"]


@pytest.mark.parametrize(
    ("checked", "level"),
    [
        ([], Level.NONE),
        (["name"], Level.ONE),
        (["name", "name"], Level.ONE),
        (["name", "birthday"], Level.TWO),
        (["name", "phone", "address", "order"], Level.TWO),
        (["document"], Level.DOCUMENT),
        (["name", "document"], Level.DOCUMENT),
    ],
)
def test_what_was_checked_makes_the_level(checked: list[str], level: Level) -> None:
    assert level_of(checked) == level


def test_it_is_said_shown_beside_the_customer_told_and_taken_back(
    world: World, case: Case, path: str, agent: Client
) -> None:
    assert 'data-identity="0"' in agent.get(path).text

    assert agent.post(f"{path}checked/", {"items": ["phone", "name"]}).status_code == 302

    assert held(case) == ["name", "phone"]
    page, apart = agent.get(path).text, agent.get(f"{path}addresses/").text
    name = world.ours.agent.name
    assert 'data-identity="2"' in page
    assert f"{name}さんが本人確認をしました：2点（氏名・電話番号）" in page
    assert apart.count('name="items"') == 6
    assert 'value="phone" checked' in apart
    assert f'氏名・電話番号 <span class="muted small">{name}' in apart

    agent.post(f"{path}checked/", {"items": ["name", "phone"]})
    agent.post(f"{path}checked/")
    assert (held(case), told()) == ([], [["name", "phone"], []])
    assert f"{name}さんが本人確認を取り消しました" in agent.get(path).text


def test_what_is_no_item_and_who_may_not_say_change_nothing(
    world: World, case: Case, path: str, agent: Client, company_staff: Client
) -> None:
    assert company_staff.post(f"{path}checked/", {"items": ["name"]}).status_code == 403
    assert 'name="items"' not in company_staff.get(f"{path}addresses/").text
    assert agent.post(f"{path}checked/", {"items": ["blood"]}).status_code == 422
    with world.ours.scope():
        with pytest.raises(Refused):
            check_identity(case, items=["name", "blood"], by=actor_of(world.ours.agent))
        for actor in (actor_of(world.ours.company_staff), system("voice")):
            with pytest.raises(NotAllowed):
                check_identity(case, items=["name"], by=actor)

    assert (held(case), told()) == ([], [])


def test_what_is_split_off_is_not_checked(world: World, case: Case) -> None:
    agent, said = actor_of(world.ours.agent), say_again(case, text="別の件です。")
    with world.ours.scope():
        check_identity(case, items=["document"], by=agent)
        parted = split(case, messages=[said.pk], by=agent)

    assert (held(case), held(parted.into)) == (["document"], [])
