"""Articles at which customers say no, or leave, are found to be improved; what was improved counts anew."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from madoguchi.bot.models import Talk, Turn
from madoguchi.bot.reader import Reader
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.channels.webchat.events import ChatJudged
from madoguchi.gaps.actions import begin_article, search_all, work
from madoguchi.gaps.actions.drafting import draft_found
from madoguchi.gaps.falling_short import falling_short
from madoguchi.gaps.models import Gap, Search
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.knowledge.factories import approved, rewrite
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=35)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """The process that reads for the bot, as the product runs it."""
    started = Reader()
    yield started
    started.close()


@pytest.fixture
def article(world: World) -> Article:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        return approved(world.ours.company, by=by, title="返品の送料", body="返品の送料は当社が負担します。")


def told(
    world: World,
    article: Article,
    name: str,
    *,
    helped: bool | None = None,
    outcome: str = "answer",
    ago: int = 48,
) -> Case:
    """The bot told a customer of it so many hours ago, and they said no more."""
    at = clock.now() - timedelta(hours=ago)
    sender = Party(address=f"{name}@customer.example", name="")
    case = make_case(world.ours.entry_point, text="返品の送料は", sender=sender)
    Case.objects.filter(pk=case.pk).update(opened_at=at)
    where = {"company": case.company, "case": case, "desk": case.desk}
    Talk.objects.create(**where, began_at=at, since=at)
    version = (
        ArticleVersion.objects.filter(article=article).order_by("-number").values_list("pk", flat=True)[0]
    )
    said = {"version_id": version} if outcome == "answer" else {"offered": [version]}
    asked = Message.objects.get(case=case)
    Turn.objects.create(**where, asked=asked, outcome=outcome, helped=helped, at=at, **said)
    return case


def found(world: World) -> list[tuple[str, list[str], dict[str, int]]]:
    since = clock.now() - MONTH
    return [(one.kind, one.words, one.figures) for one in falling_short(world.ours.company.pk, since)]


def test_what_did_not_help_three_is_found_and_not_where_more_say_that_it_did(
    world: World, article: Article
) -> None:
    with world.ours.scope():
        # two say no, one of them twice; a third judges the talk badly at its end
        told(world, article, "a", helped=False)
        told(world, article, "a", helped=False)
        told(world, article, "b", helped=False)
        case = told(world, article, "c")
        assert found(world) == []
        record(ChatJudged(**case.where, score=2), by=system("chat"))
        assert found(world) == [("unhelpful", ["返品の送料"], {"customers": 3, "helped": 0})]

        # as many say that it helped, then one more
        for n in range(3):
            told(world, article, f"yes{n}", helped=True)
        assert found(world)[0][2] == {"customers": 3, "helped": 3}
        told(world, article, "yes", helped=True)
        assert found(world) == []
    with world.theirs.scope():
        assert falling_short(world.theirs.company.pk, clock.now() - MONTH) == []


def test_where_three_leave_is_found(world: World, article: Article) -> None:
    with world.ours.scope():
        # at suggestions in any case; after an answer only where they come again
        told(world, article, "a", outcome="suggest")
        told(world, article, "b", outcome="suggest")
        told(world, article, "quiet")
        told(world, article, "c", ago=100)
        assert found(world) == []
        make_case(world.ours.entry_point, sender=Party(address="c@customer.example", name=""))
        assert found(world) == [("left", ["返品の送料"], {"customers": 3, "helped": 0})]

        # who has not been silent for an hour has not left, and other words count anew
        Turn.objects.filter(case__customer=Case.objects.earliest("pk").customer_id).update(at=clock.now())
        assert found(world) == []


def test_all_that_was_offered_fell_short_where_nothing_was_chosen(world: World, article: Article) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        other = approved(world.ours.company, by=by, title="返品の期限").versions.get()
        for name in ("a", "b", "c"):
            told(world, article, name, outcome="suggest")
        for turn in Turn.objects.all():
            Turn.objects.filter(pk=turn.pk).update(offered=[*turn.offered, other.pk])
        assert sorted(words for _kind, words, _figures in found(world)) == [["返品の期限"], ["返品の送料"]]


def test_it_is_improved_and_found_again_only_for_what_is_in_force(
    world: World, article: Article, reader: Reader
) -> None:
    by, company = actor_of(world.ours.company_manager), world.ours.company

    def searched() -> Gap:
        search_all()
        search = Search.objects.latest("pk")
        work(search.pk, company=company.pk, reader=reader)
        return Gap.objects.get(improves=article)

    with world.ours.scope():
        # given
        for name in "abc":
            told(world, article, name, helped=False)
        gap = searched()
        assert (gap.state, gap.article_id, len(gap.messages)) == ("open", None, 3)
        assert draft_found(company.pk) == []

        # when: the article itself is written anew
        assert begin_article(gap, by=by) == article
        rewrite(article, "返品の送料はお客様のご負担です。", by=by)
        assert searched().state == "drafted"

        # then it is open again once the new words do not help either
        for name in "def":
            told(world, article, name, helped=False, ago=0)
        again = searched()
        assert (again.pk, again.state, again.article_id) == (gap.pk, "open", None)
