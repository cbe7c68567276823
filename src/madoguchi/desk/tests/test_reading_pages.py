"""Changed articles: what one has not read, marking it, and who else has not."""

import pytest
from django.urls import reverse

from madoguchi.desk.tests.conftest import signed_in
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.knowledge.factories import approved, make_article, rewrite
from madoguchi.knowledge.models import Article, ArticleReading
from madoguchi.knowledge.queries import not_yet, shown_version, unread_by
from madoguchi.knowledge.queries.reading import NEWS
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
LIST = "desk:articles_unread"


@pytest.fixture
def article(world: World) -> Article:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        make_article(world.ours.company, by=by, title="下書きの記事")
        approved(world.ours.company, by=by, title="お客様だけの記事", audience="customer")
        return approved(world.ours.company, by=by, title="返品の送料")


def unread_titles(world: World) -> list[str]:
    with world.ours.scope():
        return [one.title for one in unread_by(actor_of(world.ours.agent))]


def test_what_came_into_force_is_unread_until_it_is_marked_and_again_once_it_changes(world, article):
    # given
    agent = signed_in(world.ours.agent)
    page = agent.get(reverse(LIST)).content.decode()
    assert ("返品の送料" in page, "下書きの記事" in page, "お客様だけの記事" in page) == (True, False, False)
    place = reverse("desk:article_read", args=[article.pk])
    assert place in agent.get(reverse("desk:article", args=[article.pk])).content.decode()

    # when
    answer = agent.post(place)

    # then
    assert (answer.status_code, answer["Location"], unread_titles(world)) == (302, reverse(LIST), [])
    assert place not in agent.get(reverse("desk:article", args=[article.pk])).content.decode()

    # when: it is rewritten, and all is marked
    with world.ours.scope():
        rewrite(article, "送料は当社の負担です。", by=actor_of(world.ours.company_manager))
    assert unread_titles(world) == ["返品の送料"]
    agent.post(reverse("desk:articles_read_all"))

    # then
    assert unread_titles(world) == []
    with world.ours.scope():
        assert [(one.user_id, one.number) for one in ArticleReading.objects.all()] == [
            (world.ours.agent.pk, 2)
        ]
        facts = [fact.data for fact in Event.objects.filter(kind="articles.read")]
        assert facts == [{"articles": 1}, {"articles": 1}]


def test_what_is_old_is_no_news_and_strangers_mark_nothing(world, article):
    stranger = signed_in(world.theirs.agent)
    assert stranger.post(reverse("desk:article_read", args=[article.pk])).status_code == 404
    assert "返品の送料" not in stranger.get(reverse(LIST)).content.decode()
    with world.ours.scope():
        assert not ArticleReading.objects.exists()
    with clock.held_at(clock.now() + NEWS):
        assert unread_titles(world) == []


def test_seniors_see_by_name_who_of_their_own_has_not_read_it_and_the_company_only_how_many(world, article):
    # given
    agent, names = (
        world.ours.agent,
        {world.ours.agent.name, world.ours.supervisor.name, world.ours.manager.name},
    )
    with world.ours.scope():
        version = shown_version(article)
        senior, company = actor_of(world.ours.supervisor), actor_of(world.ours.company_manager)
        assert set(not_yet(version, actor=senior).names) == names
        assert (not_yet(version, actor=company).names, not_yet(version, actor=company).others) == ([], 3)
    address = reverse("desk:article", args=[article.pk])
    assert "3人がまだ読んでいません" in signed_in(world.ours.supervisor).get(address).content.decode()

    # when
    signed_in(agent).post(reverse("desk:article_read", args=[article.pk]))

    # then
    page = signed_in(world.ours.supervisor).get(address).content.decode()
    assert ("2人がまだ読んでいません" in page, agent.name in page) == (True, False)
    page = signed_in(world.ours.company_manager).get(address).content.decode()
    assert ("2人がまだ読んでいません" in page, world.ours.supervisor.name in page) == (True, False)
    assert "まだ読んでいません" not in signed_in(agent).get(address).content.decode()
