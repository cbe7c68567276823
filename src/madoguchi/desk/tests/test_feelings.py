"""How the customer feels, on the console: suggested by words, set and taken away by a person, told, undone."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.cases.actions import judge_feeling, merge, split
from madoguchi.cases.actions.merge import unmerge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case
from madoguchi.desk.feelings import HOW_TO_SPEAK
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI, text="もう許せません。至急お願いします。")


@pytest.fixture
def path(world: World, case: Case) -> str:
    return f"/cases/{case.spoken_number(world.ours.company.prefix)}/"


def held(case: Case) -> list[str]:
    [found] = everything(Case, pk=case.pk)
    return list(found.feelings)


def told() -> list[tuple[Any, Any]]:
    changes = everything(Event, kind="case.changed")
    return [(one.data["before"], one.data["after"]) for one in changes if one.data["field"] == "feelings"]


def test_words_suggest_and_set_nothing(case: Case, path: str, agent: Client) -> None:
    page = agent.get(path).text

    assert re.findall(r'class="chip choice suggests"[^>]* value="(\w+)"', page) == ["anger", "haste"]
    assert "お客様のことば：許せません" in page
    assert ("data-felt" in page, 'class="speaking"' in page) == (False, False)
    assert (held(case), told()) == ([], [])


def test_one_click_sets_it_with_how_to_speak_and_another_takes_it_away(
    world: World, case: Case, path: str, agent: Client
) -> None:
    agent.post(f"{path}feelings/", {"add": "hearing"}, headers=HTMX)
    answer = agent.post(f"{path}feelings/", {"add": "anger"}, headers=HTMX)

    assert held(case) == ["anger", "hearing"]
    assert re.findall(r'data-felt="(\w+)"', answer.text) == ["anger", "hearing"]
    for feeling in (Feeling.ANGER, Feeling.HEARING):
        assert all(str(line) in answer.text for line in HOW_TO_SPEAK[feeling])
    assert 'value="anger" title=' not in answer.text
    assert "feelings/?remove=anger" in answer.headers["HX-Trigger"]

    agent.post(f"{path}feelings/?remove=anger", headers=HTMX)
    assert held(case) == ["hearing"]
    assert told() == [
        ([], ["hearing"]),
        (["hearing"], ["anger", "hearing"]),
        (["anger", "hearing"], ["hearing"]),
    ]
    flow = agent.get(path).text
    name = world.ours.agent.name
    assert f"{name}さんがお客様の気持ちを「怒り」と判断しました" in flow
    assert f"{name}さんが「怒り」を外しました" in flow


def test_what_is_no_feeling_and_who_may_not_judge_change_nothing(
    world: World, case: Case, path: str, agent: Client, company_staff: Client
) -> None:
    assert agent.post(f"{path}feelings/", {"add": "hungry"}, headers=HTMX).status_code == 422
    assert company_staff.post(f"{path}feelings/", {"add": "anger"}).status_code == 403
    with world.ours.scope():
        for actor in (actor_of(world.ours.company_staff), system("words")):
            with pytest.raises(NotAllowed):
                judge_feeling(case, Feeling.ANGER, by=actor)

    assert (held(case), told()) == ([], [])


def test_a_merge_keeps_both_and_undone_gives_each_its_own(world: World, case: Case) -> None:
    other, agent = make_case(world.ours.entry_point, sender=MISAKI), actor_of(world.ours.agent)
    with world.ours.scope():
        judge_feeling(case, Feeling.ANGER, by=agent)
        judge_feeling(other, Feeling.HASTE, by=agent)
        merged = merge(other, into=case, by=agent)
        assert held(case) == ["anger", "haste"]

        unmerge(merged, by=agent)

    assert (held(case), held(other)) == (["anger"], ["haste"])


def test_what_is_split_off_begins_without(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    said = say_again(case, text="別の件です。")
    with world.ours.scope():
        judge_feeling(case, Feeling.ANGER, by=agent)
        parted = split(case, messages=[said.pk], by=agent)

    assert (held(case), held(parted.into)) == (["anger"], [])
