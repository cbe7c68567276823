"""A search finds what customers ask and no article says; each becomes an article, and how long that took is known."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.bot.factories import bot_on
from madoguchi.bot.models import Reason, Turn
from madoguchi.bot.reader import Reader
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import Company
from madoguchi.gaps.actions import (
    begin_article,
    search_all,
    set_aside,
    start_search,
    stop_search,
    take_up_again,
    work,
)
from madoguchi.gaps.actions.searching import MOST_AN_HOUR
from madoguchi.gaps.models import Gap, Search
from madoguchi.gaps.queries import asked_in, gaps_of, time_to_article
from madoguchi.infra import worker
from madoguchi.infra.limits import TooOften
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Conflict, NotAllowed
from madoguchi.knowledge.factories import approve, approved
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """The process that reads for the bot, as the product runs it."""
    started = Reader()
    yield started
    started.close()


def said(world: World, text: str, *, days_ago: int, name: str) -> Message:
    """A customer of this name writes, so many days ago."""
    case = make_case(
        world.ours.entry_point,
        text=text,
        sender=Party(address=f"{name}@customer.example", name=""),
        subject="質問",
    )
    message = Message.objects.get(case=case)
    Message.objects.filter(pk=message.pk).update(at=clock.now() - timedelta(days=days_ago))
    return message


@pytest.fixture
def asked(world: World) -> None:
    """Five write of something new this week, nobody did before; the bot could not tell three how gifts are wrapped."""
    with world.ours.scope():
        bot_on(world.ours.desk)
        for n in range(5):
            said(world, "電子クーポンが使えません。", days_ago=1, name=f"new{n}")
        for n in range(12):
            said(world, "返品の送料を教えてください。", days_ago=14, name=f"old{n}")
        for n in range(3):
            text = f"ギフト包装を頼めますか。{n}個です。"
            message = said(world, text, days_ago=10, name=f"gift{n}")
            case = Case.objects.get(pk=message.case_id)
            Turn.objects.create(
                company=world.ours.company,
                case=case,
                desk=case.desk,
                asked=message,
                outcome="person",
                reason=Reason.UNSURE,
                at=clock.now() - timedelta(days=10),
            )


def searched(company: Company, reader: Reader, by) -> Search:
    search = start_search(company, by=by)
    work(search.pk, company=company.pk, reader=reader)
    search.refresh_from_db()
    return search


def test_what_is_new_and_unanswered_is_found_once_and_becomes_an_article(world, asked, reader):
    # given
    company, by = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope():
        approved(company, by=by, title="返品の送料", body="不良品は当社が負担します。質問はこちら。")

        # when
        search = searched(company, reader, by)

        # then
        assert (search.state, search.done, search.total) == ("done", 20, 20)
        found = list(gaps_of(company, state="open"))
        word = next(one for one in found if one.words == ["クーポン"])
        assert word.figures | {"strength": 0} == {
            "now": 5,
            "now_of": 5,
            "before": 0,
            "before_of": 15,
            "strength": 0,
        }
        assert len(asked_in(word, actor=by)) == 5
        [group] = [one for one in found if one.kind == Gap.Kind.QUESTIONS]
        assert (set(group.words) >= {"ギフト", "包装"}, group.figures) == (
            True,
            {"questions": 3, "customers": 3},
        )
        assert not any("返品" in one.words for one in found)

        # when: an article is begun of it, and put in force two days after it was first written
        article = begin_article(word, by=by)
        approve(article, by=by)

        # then
        assert (article.title, article.owner) == ("「クーポン」について", world.ours.company_manager)
        took, count = time_to_article(company)
        assert (took.days, count) == (1, 1)
        [drafted] = gaps_of(company, state="drafted")
        assert drafted.article == article
        with pytest.raises(Conflict):
            begin_article(word, by=by)

        # when: searched again
        set_aside(group, by=by)
        searched(company, reader, by)

        # then: what is known is the same, and stays settled
        assert [one.pk for one in Gap.objects.filter(kind="questions")] == [group.pk]
        assert [one.pk for one in gaps_of(company, state="aside")] == [group.pk]
        take_up_again(group, by=by)
        assert group.pk in [one.pk for one in gaps_of(company, state="open")]
        kinds = set(Event.objects.filter(kind__startswith="gap").values_list("kind", flat=True))
        assert kinds == {"gaps.search_started", "gaps.searched", "gap.drafted", "gap.set_aside"}
    with world.theirs.scope():
        assert not Gap.objects.exists()


def test_one_at_a_time_and_who_stops_it_keeps_nothing(world, asked, reader):
    company, by = world.ours.company, actor_of(world.ours.agent)
    with world.ours.scope():
        # given
        search = start_search(company, by=by)
        with pytest.raises(Conflict):
            start_search(company, by=by)
        assert search_all() == 1  # the other company's

        # when
        stop_search(search, by=by)
        work(search.pk, company=company.pk, reader=reader)

        # then
        search.refresh_from_db()
        assert (search.state, search.total, Gap.objects.exists()) == ("cancelled", None, False)

        # when: what reads cannot be started
        broken = start_search(company, by=by)
        work(broken.pk, company=company.pk, reader=Reader(("/bin/false",)))

        # then
        broken.refresh_from_db()
        assert (broken.state, Gap.objects.exists()) == ("failed", False)


@pytest.mark.usefixtures("held_clock")
def test_one_person_begins_few_within_the_hour_and_others_go_on(world):
    company, by, boss = world.ours.company, actor_of(world.ours.agent), actor_of(world.ours.company_manager)
    with world.ours.scope():
        for _time in range(MOST_AN_HOUR):
            search = start_search(company, by=by)
            stop_search(search, by=by)
        with pytest.raises(TooOften):
            start_search(company, by=by)
        assert Search.objects.count() == MOST_AN_HOUR
        theirs = start_search(company, by=boss)
        with pytest.raises(NotAllowed):
            stop_search(theirs, by=by)
        theirs.refresh_from_db()
        assert theirs.state == "running"
    assert set(ProcrastinateJob.objects.values_list("queue_name", flat=True)) == {"gaps"}
    assert worker._shares(()) | {("gaps",): 1} == worker._shares(())
    assert worker._shares(["gaps"]) == {("gaps",): 1}


def test_only_who_writes_the_companys_articles_settles(world):
    theirs = actor_of(world.theirs.company_manager)
    with world.ours.scope():
        now = clock.now()
        gap = Gap.objects.create(
            company=world.ours.company, kind="word", words=["語"], figures={}, first_at=now, seen_at=now
        )
        for act in (begin_article, set_aside):
            with pytest.raises(NotAllowed):
                act(gap, by=theirs)
        with pytest.raises(NotAllowed):
            start_search(world.ours.company, by=theirs)
        gap.refresh_from_db()
        assert (gap.state, Search.objects.exists()) == ("open", False)
