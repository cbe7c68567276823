"""Settling what no article says: once, by whoever writes the company's articles; a refusal changes nothing."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message
from madoguchi.gaps.actions import begin_article, set_aside, start_search, stop_search, take_up_again
from madoguchi.gaps.actions.searching import _gathered
from madoguchi.gaps.models import Gap, Search
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gap(world: World) -> Gap:
    with world.ours.scope():
        now = clock.now()
        return Gap.objects.create(
            company=world.ours.company,
            words=["電子", "券"],
            figures={},
            kind="word",
            first_at=now,
            seen_at=now,
        )


def stands(world: World, gap: Gap) -> tuple[object, ...]:
    """All that settling could have changed."""
    with world.ours.scope():
        gap.refresh_from_db()
        events = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
        return gap.state, gap.settled_at, gap.article_id, Article.objects.count(), events


def test_a_draft_names_what_is_asked_and_takes_over_nothing_that_customers_wrote(world: World, gap) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        # given
        case = make_case(world.ours.entry_point, text="山田です。電子の券が使えません。")
        gap.messages = [Message.objects.get(case=case).pk]
        gap.save()

        # when
        article = begin_article(gap, by=agent)

        # then
        version = ArticleVersion.objects.get(article=article)
        assert (version.title, version.state) == ("「電子・券」について", "draft")
        assert "電子、券" in version.body
        assert "山田" not in version.body
        fact = Event.objects.get(kind="gap.drafted")
        assert fact.data == {"gap": gap.pk, "article": article.pk}
    # and whoever comes late changes nothing
    before = stands(world, gap)
    with world.ours.scope():
        for act in (begin_article, set_aside, take_up_again):
            with pytest.raises(Conflict):
                act(gap, by=actor_of(world.ours.company_manager))
    assert stands(world, gap) == before


def test_what_is_set_aside_is_taken_up_or_begun_and_nothing_is_settled_twice(world: World, gap) -> None:
    agent = actor_of(world.ours.agent)
    before = stands(world, gap)
    with world.ours.scope():
        with pytest.raises(Conflict):
            take_up_again(gap, by=agent)
        assert stands(world, gap) == before

        set_aside(gap, by=agent)
        with pytest.raises(Conflict):
            set_aside(gap, by=agent)
        take_up_again(gap, by=agent)
        assert stands(world, gap)[:4] == ("open", None, None, 0)

        set_aside(gap, by=agent)
        begin_article(gap, by=agent)
        assert stands(world, gap)[0] == "drafted"
        told = Event.objects.filter(kind="gap.set_aside").order_by("pk")
        assert [fact.data["aside"] for fact in told] == [True, False, True]


def test_people_of_another_company_settle_search_and_stop_nothing(world: World, gap) -> None:
    ours, others = actor_of(world.ours.agent), (world.theirs.agent, world.theirs.company_manager)
    with world.ours.scope():
        search = start_search(world.ours.company, by=ours)
    before = stands(world, gap)
    with world.ours.scope():
        for other in [actor_of(one) for one in others]:
            for act in (begin_article, set_aside, take_up_again):
                with pytest.raises(NotAllowed):
                    act(gap, by=other)
            with pytest.raises(NotAllowed):
                start_search(world.ours.company, by=other)
            with pytest.raises(NotAllowed):
                stop_search(search, by=other)
        search.refresh_from_db()
        assert (search.state, search.finished_at) == ("running", None)
    assert stands(world, gap) == before
    # and in their own scope there is none of it
    with world.theirs.scope():
        assert not Gap.objects.filter(pk=gap.pk).exists()
        assert not Search.objects.exists()


def test_a_search_that_is_through_is_not_stopped_any_more(world: World) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        search = start_search(world.ours.company, by=agent)
        Search.objects.update(state="done", finished_at=clock.now(), found=3)
        stop_search(search, by=agent)

        search.refresh_from_db()
        assert (search.state, search.found) == ("done", 3)
        assert not Event.objects.filter(kind="gaps.search_stopped").exists()


def test_a_search_reads_what_was_written_to_its_own_company_and_nothing_else(world: World) -> None:
    gathered = {}
    for side, text in ((world.ours, "券が使えません"), (world.theirs, "包装を頼めますか")):
        with side.scope():
            approved(side.company, by=actor_of(side.company_manager), title=text[:2], body="本文です。")
            make_case(side.entry_point, text=text)
            search = start_search(side.company, by=actor_of(side.agent))
            material = _gathered(search.pk, side.company.pk)
            texts = Message.objects.filter(pk__in=material.messages).values_list("text", flat=True)
            gathered[side.company.pk] = (list(texts), [one.partition("\n")[0] for one in material.articles])
            search.refresh_from_db()
            assert (search.total, search.done) == (1, 0)

    assert gathered == {
        world.ours.company.pk: (["券が使えません"], ["券が"]),
        world.theirs.company.pk: (["包装を頼めますか"], ["包装"]),
    }
