"""Approved articles that contradict each other: found, settled by who approves, and said by no bot meanwhile."""

import pytest

from madoguchi.bot.queries import may_be_said
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import NotAllowed
from madoguchi.knowledge.actions.contradictions import compare_articles, settle
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import Article, Contradiction
from madoguchi.knowledge.queries import contradictions_in_sight, shown_version
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EIGHT, FOURTEEN = "商品到着後8日以内にご連絡ください。", "商品到着後14日以内にご連絡ください。"
State = Contradiction.State
SHELL = system("test")


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def two(world: World, boss: Actor) -> tuple[Article, Article]:
    with world.ours.scope():
        one = approved(world.ours.company, by=boss, title="返品", body=EIGHT)
        return one, approved(world.ours.company, by=boss, title="交換", body=FOURTEEN)


def compared(article: Article) -> int:
    version = shown_version(article)
    assert version is not None
    return compare_articles(article.company_id, version=version.pk, by=SHELL)


def said(world: World) -> list[str]:
    return sorted(may_be_said(world.ours.desk, language="ja").values_list("title", flat=True))


def test_what_is_known_to_contradict_another_is_said_by_no_bot_until_one_is_corrected(
    world: World, boss: Actor, two: tuple[Article, Article]
) -> None:
    with world.ours.scope():
        approved(world.ours.company, by=boss, title="営業日", body="平日は10時からです。")
        assert (compared(two[1]), compared(two[1])) == (1, 0)
        [found] = contradictions_in_sight(boss)
        assert (found.says, found.other, found.state) == (EIGHT[:-1], FOURTEEN[:-1], State.OPEN)
        assert said(world) == ["交換", "営業日", "返品"]

        settle(found, State.CONFIRMED, by=boss)
        assert said(world) == ["営業日"]
        rewrite(two[0], FOURTEEN, by=boss, corrects=True)
        assert compared(two[0]) == 0

        assert said(world) == ["交換", "営業日", "返品"]
        assert list(contradictions_in_sight(boss)) == []
        kinds = (
            Event.objects.filter(kind__contains="contradict").order_by("id").values_list("kind", flat=True)
        )
        assert list(kinds) == ["articles.contradicting", "article.contradiction"]


def test_only_who_approves_both_says_so(world: World, two: tuple[Article, Article]) -> None:
    with world.ours.scope():
        compared(two[0])
        [found] = Contradiction.objects.select_related("first__article", "second__article")
        with pytest.raises(NotAllowed):
            settle(found, State.CONFIRMED, by=actor_of(world.ours.agent))
        assert Contradiction.objects.get().state == State.OPEN
        assert len(said(world)) == 2
