"""The scenario of a bot as a tree in the settings: written, looked at as customers would see it, shown to them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.bot.factories import led_by
from madoguchi.bot.models import ScenarioVersion
from madoguchi.bot.scenarios import draft_of, scenario_of
from madoguchi.bot.tree import Kind, Node, read
from madoguchi.infra.models import Event
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.trees import ROOT, below
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(world: World, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(world.ours.company_manager)


def address(world: World, act: str = "", at: str = "") -> str:
    args = [world.ours.desk.pk, "ja", *([act] if act else [])]
    return reverse("administration:scenario_act" if act else "administration:scenario", args=args) + at


def labels(world: World) -> list[str]:
    with world.ours.scope():
        draft = draft_of(world.ours.desk, "ja")
        return [node.label for node in below(read(draft.nodes), ROOT)] if draft else []


def test_a_tree_is_grown_looked_at_and_shown(world: World, manager: Client) -> None:
    # given
    with world.ours.scope():
        article = approved(world.ours.company, by=actor_of(world.ours.company_manager))
    assert "どのようなご用件でしょうか。" in manager.get(address(world)).content.decode()

    # when
    said = {"label": "送料", "kind": "answer", "article": article.pk, "seen": "0", "at": "1"}
    answer = manager.post(address(world, at="?at=1&add=1"), said)

    # then: one goes on at the new choice, sees what customers would, and a person beside it
    assert (answer.status_code, answer["Location"]) == (302, address(world, at="?at=2"))
    page = manager.get(answer["Location"]).content.decode()
    assert "不良品のときは当社が送料を負担します。" in page
    assert ("出典：返品の送料" in page, "人と話す" in page, "第1版の下書き" in page) == (True, True, True)

    # when
    manager.post(address(world, "begin"), {"seen": "1"})

    # then
    page = manager.get(address(world)).content.decode()
    assert ("第1版を表示中" in page, "の下書き" in page) == (True, False)
    with world.ours.scope():
        assert scenario_of(world.ours.desk, language="ja").number == 1
    with world.theirs.scope():
        assert not ScenarioVersion.objects.exists()

    # when
    manager.post(address(world, "end"))

    # then
    with world.ours.scope():
        assert scenario_of(world.ours.desk, language="ja") is None


def test_choices_are_moved_removed_and_put_back_and_what_another_changed_is_not_overwritten(
    world: World, manager: Client
) -> None:
    # given
    with world.ours.scope():
        nodes = [Node(0, ROOT, label, Kind.PERSON) for label in ("返品", "配送")]
        led_by(world.ours.desk, *nodes, by=actor_of(world.ours.company_manager))

    # when
    manager.post(address(world, "down"), {"at": "2", "seen": "0"})
    assert labels(world) == ["配送", "返品"]
    manager.post(address(world, "remove"), {"at": "2", "seen": "1"})
    assert labels(world) == ["配送"]
    manager.post(address(world, "undo"))
    assert labels(world) == ["配送", "返品"]

    # then: who looked at it before is told, by act and by form, and what was typed stays
    late = manager.post(address(world, "up"), {"at": "2", "seen": "1"}, follow=True)
    assert "ほかの人がこのシナリオを変更しました" in late.content.decode()
    late = manager.post(address(world, at="?at=2"), {"label": "返品・交換", "kind": "person", "seen": "1"})
    page = late.content.decode()
    assert (late.status_code, 'value="返品・交換"' in page) == (422, True)
    assert "ほかの人がこのシナリオを変更しました" in page
    assert labels(world) == ["配送", "返品"]

    # when
    manager.post(reverse("administration:scenario_again", args=[world.ours.desk.pk, "ja", 1]))

    # then
    assert labels(world) == ["返品", "配送"]


def test_numbers_that_no_page_of_ours_writes_are_nobodys_fault(world: World, manager: Client) -> None:
    endless = "9" * 5_000
    said = {"label": "送料", "kind": "answer", "seen": endless, "at": endless}
    assert manager.get(address(world, at=f"?at={endless}")).status_code == 200
    assert manager.post(address(world, "begin"), said).status_code == 302
    assert labels(world) == []


def test_what_leads_nowhere_is_said_and_no_others_see_or_change_it(
    world: World, manager: Client, signed_in: Callable[[User], Client]
) -> None:
    with world.ours.scope():
        dead = Node(0, ROOT, "閉鎖", Kind.ANSWER, article=999_999)
        led_by(
            world.ours.desk,
            dead,
            Node(0, ROOT, "相談", Kind.PERSON),
            by=actor_of(world.ours.company_manager),
        )
        told = Event.objects.count()
    assert "行き先のない選択肢が1件あります。" in manager.get(address(world)).content.decode()
    for person, status in ((world.ours.agent, 403), (world.theirs.company_manager, 404)):
        browser = signed_in(person)
        assert browser.get(address(world)).status_code == status
        assert browser.post(address(world, "end")).status_code == status
    for wrong in (address(world, "burn"), address(world).replace("/ja/", "/xx/")):
        assert manager.post(wrong).status_code == 404
    with world.ours.scope():
        assert (Event.objects.count(), scenario_of(world.ours.desk, language="ja").number) == (told, 1)
