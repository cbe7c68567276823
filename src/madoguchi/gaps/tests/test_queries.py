"""What is asked of gaps: which are open still, what is read for them, and how long one took to become an article."""

from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message
from madoguchi.companies.models import Company
from madoguchi.gaps.models import Gap, Search
from madoguchi.gaps.queries import (
    FADES,
    MEASURED,
    asked_in,
    companies_to_settle,
    gap_by_id,
    gaps_of,
    last_search,
    search_by_id,
    texts_of,
    time_to_article,
    unanswered_since,
    written_between,
)
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.factories import approve, make_article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def gap(company: Company, *, days_ago: int = 0, seen: timedelta = timedelta(), **more) -> Gap:
    """A word that was first written so many days ago and found again so long ago."""
    now = clock.now()
    said = {"kind": Gap.Kind.WORD, "words": ["券"], "figures": {}, "first_at": now - timedelta(days=days_ago)}
    return Gap.objects.create(company=company, seen_at=now - seen, **(said | more))


def test_open_ones_fade_when_they_are_not_found_again_and_settled_ones_stay(world: World) -> None:
    company = world.ours.company
    with world.ours.scope():
        # given
        old, new = gap(company, seen=FADES), gap(company, kind=Gap.Kind.QUESTIONS, words=["包装"])
        newest = gap(company)
        aside = gap(company, seen=2 * FADES, state=Gap.State.ASIDE)

        # then
        assert list(gaps_of(company, state="open")) == [newest, new]
        assert list(gaps_of(company, state="aside")) == [aside]
        assert list(gaps_of(company, state="drafted")) == []
        assert old.state == "open"


def test_the_time_to_an_article_is_the_middle_of_those_that_came_into_force(world: World) -> None:
    company, by = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        assert time_to_article(company) == (None, 0)

        # given: three articles in force, after two, four and ten days, one that is a draft, and one of long ago
        for days in (2, 10, 4):
            article = approve(make_article(company, by=by, title=f"{days}日"), by=by)
            gap(company, days_ago=days, state="drafted", article=article, settled_at=clock.now())
        draft = make_article(company, by=by, title="下書き")
        gap(company, days_ago=1, state="drafted", article=draft, settled_at=clock.now())
        past = approve(make_article(company, by=by, title="昔"), by=by)
        gap(company, days_ago=400, state="drafted", article=past, settled_at=clock.now() - MEASURED)

        # then
        took, count = time_to_article(company)
        assert (round(took / timedelta(days=1)), count) == (4, 3)
        published = {
            one.article.title: one.published_at is not None for one in gaps_of(company, state="drafted")
        }
        assert published == {"2日": True, "10日": True, "4日": True, "下書き": False, "昔": True}


def test_the_newest_words_of_customers_are_read_each_cut_short(world: World) -> None:
    company = world.ours.company.pk
    with world.ours.scope():
        # given
        for text in ("一つ目の質問", "二つ目の質問", "三つ目の質問"):
            make_case(world.ours.entry_point, text=text)
        make_case(world.ours.entry_point, text="不在です", automatic="auto-reply")
        now = clock.now()

        # when
        said = written_between(company, now - timedelta(hours=1), now, most=2)

        # then
        assert texts_of([one.id for one in said], most=3) == ["二つ目", "三つ目"]
        assert len({one.customer for one in said}) == 2
        assert texts_of([0], most=3) == [""]
        assert written_between(company, now, now + timedelta(hours=1), most=2) == []
        assert written_between(world.theirs.company.pk, now - timedelta(hours=1), now, most=2) == []
        assert unanswered_since(company, now - timedelta(hours=1)) == []


def test_whose_they_are_and_what_was_written_only_who_may_sees(world: World) -> None:
    ours, theirs = actor_of(world.ours.agent), actor_of(world.theirs.agent)
    with world.ours.scope():
        # given
        message = Message.objects.get(case=make_case(world.ours.entry_point, text="券が使えません"))
        found = gap(world.ours.company, messages=[message.pk, 0])
        search = Search.objects.create(company=world.ours.company, created_at=clock.now())

        # then
        assert list(companies_to_settle(ours)) == [world.ours.company]
        assert (gap_by_id(ours, found.pk), search_by_id(ours, search.pk)) == (found, search)
        assert last_search(world.ours.company) == search
        assert asked_in(found, actor=ours) == [message]
        assert asked_in(found, actor=theirs) == []
        for look in (gap_by_id, search_by_id):
            with pytest.raises(NotFound):
                look(theirs, found.pk if look is gap_by_id else search.pk)
        assert last_search(world.theirs.company) is None
