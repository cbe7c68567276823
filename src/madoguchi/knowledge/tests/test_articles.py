"""Articles: everybody proposes, the company approves, every version stays."""

from datetime import timedelta

import pytest

from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import Said, Settings, Term
from madoguchi.knowledge.factories import approved, make_article
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import (
    article_by_id,
    articles_in_sight,
    articles_named,
    published,
    published_for,
    shown_version,
    waiting_for_approval,
)
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    with scope.everywhere(reason="a test looks at all companies"):
        return list(Event.objects.order_by("id").values_list("kind", flat=True))


def stands(article: Article) -> list[tuple[int, str, str]]:
    return list(article.versions.order_by("number").values_list("number", "state", "body"))


def test_an_agent_proposes_and_the_company_approves(world: World) -> None:
    side, agent, boss = world.ours, actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with side.scope():
        article = make_article(side.company, by=agent, desk=side.desk, body="一")
        assert shown_version(article) is None
        actions.ask_for_approval(article, by=agent)
        assert [v.title for v in waiting_for_approval(boss)] == ["返品の送料"]
        assert not waiting_for_approval(agent).exists()
        actions.approve_version(article, 1, by=boss)

        shown = shown_version(article)
        assert shown is not None
        assert (shown.number, shown.user_id, shown.approved_by_id) == (
            1,
            agent.id,
            boss.id,
        )
    assert kinds() == ["article.added", "article.submitted", "article.approved"]


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_nobody_else_approves(world: World, who: str) -> None:
    side = world.ours
    by = actor_of(getattr(side, who))
    with side.scope():
        article = make_article(side.company, by=by, desk=side.desk)
        actions.ask_for_approval(article, by=by)
        for refused in (
            lambda: actions.approve_version(article, 1, by=by),
            lambda: actions.return_version(article, 1, comment="x", by=by),
            lambda: actions.set_policy(side.company, four_eyes=True, by=by),
        ):
            with pytest.raises(NotAllowed):
                refused()
        assert stands(article) == [(1, "review", "不良品のときは当社が送料を負担します。")]


def test_where_the_company_wants_four_eyes_nobody_approves_their_own(world: World) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        actions.set_policy(side.company, four_eyes=True, by=boss)
        article = make_article(side.company, by=boss)
        actions.ask_for_approval(article, by=boss)
        with pytest.raises(Refused):
            actions.approve_version(article, 1, by=boss)
        assert [state for _n, state, _b in stands(article)] == ["review"]
        actions.set_policy(side.company, four_eyes=False, by=boss)
        actions.approve_version(article, 1, by=boss)
        assert [state for _n, state, _b in stands(article)] == ["approved"]


def test_writing_goes_on_in_ones_own_draft_and_else_begins_a_version(world: World) -> None:
    side, agent, lead = world.ours, actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with side.scope():
        article = make_article(side.company, by=agent, body="一")
        actions.write_article(article, Said("返品の送料", "二"), by=agent)
        assert stands(article) == [(1, "draft", "二")]
        actions.write_article(article, Said("送料", "三"), by=lead)
        assert stands(article) == [(1, "draft", "二"), (2, "draft", "三")]
        actions.version_again(article, 1, by=agent)
        assert stands(article)[2:] == [(3, "draft", "二")]
        assert (article.title, article.newest) == ("返品の送料", 3)
        assert actions.write_article(article, Said("返品の送料", "二"), by=lead).number == 3


def test_what_is_in_force_stays_until_the_next_is_approved(world: World) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        article = approved(side.company, by=boss, body="古い")
        actions.write_article(article, Said("返品の送料", "新しい"), by=boss)
        actions.ask_for_approval(article, by=boss)
        assert [v.body for v in published(side.company.pk)] == ["古い"]
        actions.return_version(article, 2, comment="誤字", by=boss)
        assert article.versions.get(number=2).comment == "誤字"
        actions.ask_for_approval(article, by=boss)
        actions.approve_version(article, 2, by=boss)
        assert [v.body for v in published(side.company.pk)] == ["新しい"]


def test_a_version_begins_and_ends_when_it_is_to(world: World) -> None:
    side, boss, now = world.ours, actor_of(world.ours.company_manager), clock.now()
    day = timedelta(days=1)
    with side.scope():
        article = approved(side.company, by=boss, body="通常")
        actions.write_article(article, Said("返品の送料", "年末"), by=boss)
        actions.ask_for_approval(article, by=boss)
        actions.approve_version(article, 2, term=Term(now + day, now + 2 * day), by=boss)

        def said(at: int) -> list[str]:
            return [v.body for v in published(side.company.pk, at=now + at * day + timedelta(hours=1))]

        assert (said(0), said(1), said(2)) == (["通常"], ["年末"], [])
        actions.set_term(article, 2, Term(now + day, None), by=boss)
        assert said(2) == ["年末"]
        with pytest.raises(Refused) as refused:
            actions.set_term(article, 2, Term(now + day, now), by=boss)
        assert (refused.value.field, said(2)) == ("until", ["年末"])


def test_customers_and_desks_are_offered_what_is_for_them(world: World) -> None:
    side, boss = world.ours, actor_of(world.ours.company_manager)
    with side.scope():
        approved(side.company, by=boss, title="社内", audience="operator")
        approved(side.company, by=boss, title="客", audience="customer", desk=side.desk)
        actions.retire_article(approved(side.company, by=boss, title="廃止"), by=boss)
        make_article(side.company, by=boss, title="下書き")
        assert [v.title for v in published(side.company.pk, customers=True)] == ["客"]
        assert not published(side.company.pk, language="en").exists()
        assert {v.title for v in published_for(side.desk)} == {"社内", "客"}


def test_two_who_write_at_once_learn_of_each_other(world: World) -> None:
    side, agent, lead = world.ours, actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with side.scope():
        article = make_article(side.company, by=agent, body="一")
        begun = article.revision
        actions.write_article(article, Said("返品の送料", "二"), seen=begun, by=lead)
        with pytest.raises(Conflict):
            actions.write_article(article, Said("返品の送料", "三"), seen=begun, by=agent)
        assert stands(article) == [(1, "draft", "一"), (2, "draft", "二")]


@pytest.mark.parametrize(
    ("said", "field"),
    [(Said(" ", "x"), "title"), (Said("x", " \n"), "body"), (Said("x", "あ" * 50_001), "body")],
)
def test_what_cannot_be_kept_is_refused(world: World, said: Said, field: str) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    with side.scope(), pytest.raises(Refused) as refused:
        actions.add_article(side.company, said, Settings(), by=agent)
    with side.scope():
        assert (refused.value.field, Article.objects.count()) == (field, 0)


def test_who_reads_an_approved_one_is_for_the_company_to_say(world: World) -> None:
    side, agent, boss = world.ours, actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with side.scope():
        article = approved(side.company, by=boss, audience="operator")
        for other in (Settings(audience="both"), Settings(audience="operator", folder="返品")):
            with pytest.raises(NotAllowed):
                actions.arrange_article(article, other, by=agent)
        with pytest.raises(NotAllowed):
            actions.retire_article(article, by=agent)
        article.refresh_from_db()
        assert (article.audience, article.folder, article.retired_at) == ("operator", "", None)


def test_what_waits_is_asked_for_anew_when_others_are_to_read_it(world: World) -> None:
    side, agent, boss = world.ours, actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with side.scope():
        article = make_article(side.company, by=agent, audience="operator")
        version = actions.ask_for_approval(article, by=agent)
        actions.arrange_article(article, Settings(audience="both"), by=agent)

        with pytest.raises(Conflict):
            actions.approve_version(article, version.number, by=boss)
        assert shown_version(article) is None
        again = actions.ask_for_approval(article, by=agent)
        actions.approve_version(article, again.number, by=boss)
        assert shown_version(article) == again


def test_of_another_company_there_is_nothing(world: World) -> None:
    ours, theirs = world.ours, actor_of(world.theirs.company_manager)
    with ours.scope():
        article = approved(ours.company, by=actor_of(ours.company_manager))
        assert not articles_in_sight(theirs).exists()
    with world.theirs.scope():
        assert not ArticleVersion.objects.exists()
        with pytest.raises(NotFound):
            article_by_id(theirs, article.pk)


def test_a_search_names_what_is_in_force_and_may_be_read_titles_first(world: World) -> None:
    manager, agent = actor_of(world.ours.company_manager), actor_of(world.ours.agent)
    with world.ours.scope():
        # given
        approved(world.ours.company, by=manager, title="返品の手順", body="送料は当社の負担です。")
        approved(
            world.ours.company, by=manager, title="送料について", body="全国一律です。返品のときも同じです。"
        )
        make_article(world.ours.company, by=manager, title="送料の下書き", body="返品")

        # then
        def titles(*words: str, actor=agent) -> list[str]:
            return [one.title for one in articles_named(words, actor=actor, most=5)]

        assert titles("送料") == ["送料について", "返品の手順"]
        assert set(titles("返品", "送料")) == {"送料について", "返品の手順"}  # no title has both
        assert titles("返品", "配送") == []
        assert titles() == []
        assert len(articles_named(["送料"], actor=agent, most=1)) == 1
        assert titles("送料", actor=actor_of(world.theirs.agent)) == []
