"""How the customer feels, on the console: suggested by words, set and taken away by a person, told, undone."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.batches.actions import start
from madoguchi.batches.models import Batch
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
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.knowledge.actions import TemplateCare, add_template, change_template
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.macros.actions import add_macro, run_macro, undo_run
from madoguchi.macros.steps import BY_ITSELF, ORDER, read_steps
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


def template(world: World, name: str, *feelings: str) -> ReplyTemplate:
    care = TemplateCare(feelings=feelings)
    side = world.ours
    with side.scope():
        by = actor_of(side.company_manager)
        return add_template(side.company, desk=side.desk, name=name, body=f"{name}です。", care=care, by=by)


def offered_beside(page: str) -> list[str]:
    found = re.search(r'<div id="speaking".*?</div>', page, re.S)
    return re.findall(r'data-insert-url="[^"]*">([^<]*)<', found.group()) if found else []


def in_the_list(page: str) -> list[str]:
    found = re.search(r'id="template-list".*?</div>', page, re.S)
    return re.findall(r'data-insert-url="[^"]*">([^<]*)<', found.group()) if found else []


def test_templates_for_a_feeling_are_offered_first_once_it_is_set(
    world: World, case: Case, path: str, agent: Client
) -> None:
    plain = template(world, "あいさつ")
    for name, feelings in (("お急ぎの方へ", ["haste"]), ("お詫び", ["anger", "anxiety"])):
        template(world, name, *feelings)
    before = agent.get(path).text
    assert (offered_beside(before), in_the_list(before)) == ([], ["あいさつ", "お急ぎの方へ", "お詫び"])

    answer = agent.post(f"{path}feelings/", {"add": "anger"}, headers=HTMX).text
    assert offered_beside(answer) == ["お詫び"]
    page = agent.get(path).text
    assert in_the_list(page) == ["お詫び", "あいさつ", "お急ぎの方へ"]
    agent.post(f"{path}feelings/", {"add": "haste"}, headers=HTMX)
    assert in_the_list(agent.get(path).text) == ["お急ぎの方へ", "お詫び", "あいさつ"]
    agent.post(f"{path}feelings/?remove=anger", headers=HTMX)
    assert offered_beside(agent.get(path).text) == ["お急ぎの方へ"]

    # Kept with who looks after it: other words leave it as it is, and a change takes it away.
    with world.ours.scope():
        angry, by = ReplyTemplate.objects.get(name="お詫び"), actor_of(world.ours.company_manager)
        said = {"desk": angry.desk, "name": "お詫び", "active": True, "by": by}
        change_template(angry, body="申し訳ございません。", **said)
        assert ReplyTemplate.objects.get(pk=angry.pk).feelings == ["anger", "anxiety"]
        change_template(angry, body="申し訳ございません。", care=TemplateCare(), **said)
        assert ReplyTemplate.objects.get(pk=angry.pk).feelings == []
        assert ReplyTemplate.objects.get(pk=plain.pk).feelings == []


def test_who_only_reads_is_offered_no_template(
    world: World, case: Case, path: str, agent: Client, company_staff: Client
) -> None:
    template(world, "お詫び", "anger")
    agent.post(f"{path}feelings/", {"add": "anger"}, headers=HTMX)
    page = company_staff.get(path).text
    assert 'data-felt="anger"' in page
    assert offered_beside(page) == []


def test_a_macro_says_it_for_who_runs_it_and_takes_it_back(world: World, case: Case, agent: Client) -> None:
    side, by = world.ours, actor_of(world.ours.agent)
    acts = [{"do": "feeling", "value": "anger"}, {"do": "tag", "value": "お詫び"}]
    with side.scope():
        judge_feeling(case, Feeling.HASTE, by=by)
        macro = add_macro(
            side.company, desk=side.desk, name="お詫び", acts=acts, by=actor_of(side.supervisor)
        )
        ran = run_macro(macro, case, by=by)
        assert held(case) == ["anger", "haste"]
        undo_run(ran.run, by=by)

    assert held(case) == ["haste"]
    assert told() == [
        ([], ["haste"]),
        (["haste"], ["anger", "haste"]),
        (["anger", "haste"], ["haste"]),
    ]


@pytest.mark.parametrize(
    ("steps", "known"),
    [
        ([("feeling", "hungry")], ORDER),
        ([("feeling", "")], ORDER),
        ([("feeling", "anger"), ("feeling", "haste")], ORDER),
        # A rule judges nobody's feelings.
        ([("feeling", "anger")], BY_ITSELF),
    ],
)
def test_what_no_macro_or_rule_can_say(steps: list[tuple[str, str]], known: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        read_steps([{"do": do, "value": value} for do, value in steps], known=known)


def test_no_change_of_many_judges_feelings(world: World, case: Case) -> None:
    with world.ours.scope(), pytest.raises(Refused, match="何を"):
        start([case.pk], verb="feeling", value="anger", by=actor_of(world.ours.agent))
    assert (held(case), everything(Batch)) == ([], [])
