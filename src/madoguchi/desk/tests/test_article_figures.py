"""How articles do: on how many answers they stood, whether customers wrote again, and how much was changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message
from madoguchi.delivery.models import ArticleBasis, How
from madoguchi.desk import article_figures
from madoguchi.desk.article_figures import Use, by_use, uses_of
from madoguchi.helpcentre.actions import judge
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.actions import retire_article
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
BODY = "商品到着後八日以内にご連絡ください。返品の送料はお客様のご負担です。"
DAY = timedelta(days=1)


@pytest.fixture
def boss(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def article(world: World, boss: Actor) -> Article:
    with world.ours.scope():
        return approved(world.ours.company, by=boss, title="返品の期限と送料", body=BODY)


@pytest.fixture
def answered(world: World, article: Article) -> Callable[..., Case]:
    """A case that was answered from the article so many days ago."""

    def make(*, days: float = 10, text: str = BODY, how: str = How.TEXT, automatic: str = "") -> Case:
        case = make_case(world.ours.entry_point)
        at = clock.now() - days * DAY
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(opened_at=at - DAY)
            Message.objects.filter(case=case).update(at=at - DAY)
            said = Message.objects.create(
                company_id=case.company_id,
                case=case,
                contact=case.contacts.all()[0],
                author=Message.Author.SYSTEM if automatic else Message.Author.STAFF,
                automatic=automatic,
                text=text,
                channel="email",
                external_id=f"answer-{case.pk}",
                at=at,
            )
            ArticleBasis.objects.create(
                company_id=case.company_id, message=said, version=article.versions.get(), how=how, at=at
            )
        return case

    return make


def use(article: Article, by: Actor) -> Use:
    with scope.acting_for([article.company_id]):
        return uses_of([article.pk], actor=by)[article.pk]


def writes_again(case: Case, text: str, *, days_ago: float) -> None:
    with scope.acting_for([case.company_id]):
        said = say_again(case, text=text)
        Message.objects.filter(pk=said.pk).update(at=clock.now() - days_ago * DAY)


def test_an_article_on_which_nothing_rests_has_no_figures(article: Article, agent: Actor) -> None:
    assert use(article, agent) == Use()
    assert use(article, agent).percent_solved is None


def test_answers_of_people_and_of_the_bot_are_told_apart(
    article: Article, agent: Actor, answered: Callable[..., Case]
) -> None:
    answered()
    answered()
    answered(automatic="bot")
    found = use(article, agent)
    assert (found.people, found.bot, found.answers) == (2, 1, 3)


def test_only_answers_that_are_seven_days_old_are_decided(
    article: Article, agent: Actor, answered: Callable[..., Case]
) -> None:
    answered(days=7.01)
    answered(days=6.99)
    answered(days=31)
    found = use(article, agent)
    assert (found.answers, found.solved, found.decided) == (2, 1, 1)


@pytest.mark.parametrize(
    ("text", "days_ago", "solved"),
    [
        ("それでは、代わりの品を送ってもらえますか。", 9, 0),
        ("ありがとうございました", 9, 1),
        ("それでは、代わりの品を送ってもらえますか。", 2.9, 1),
    ],
    ids=["asks", "thanks", "asks after a week"],
)
def test_who_writes_again_within_a_week_but_to_thank_was_not_helped(
    article: Article, agent: Actor, answered: Callable[..., Case], text: str, days_ago: float, solved: int
) -> None:
    writes_again(answered(), text, days_ago=days_ago)
    found = use(article, agent)
    assert (found.solved, found.decided) == (solved, 1)


def test_who_opens_another_case_within_a_week_was_not_helped(
    article: Article, agent: Actor, answered: Callable[..., Case], world: World
) -> None:
    case = answered()
    again = make_case(world.ours.entry_point)
    with world.ours.scope():
        Case.objects.filter(pk=again.pk).update(customer=case.customer_id, opened_at=clock.now() - 8 * DAY)
    assert use(article, agent).solved == 0


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        (BODY, 0),
        (f"お世話になっております。\n{BODY}\nよろしくお願いいたします。", 0),
        ("商品到着後八日以内にご連絡ください。送料はこちらで負担いたします。", 47),
    ],
    ids=["as it is", "with words of one's own", "half of it"],
)
def test_how_much_people_changed_is_a_share_of_its_own_words(
    article: Article, agent: Actor, answered: Callable[..., Case], text: str, edited: int
) -> None:
    answered(text=text)
    assert use(article, agent).edited == edited


def test_what_was_only_linked_or_said_by_the_bot_was_not_changed_by_anybody(
    article: Article, agent: Actor, answered: Callable[..., Case]
) -> None:
    answered(text="こちらをご覧ください。", how=How.LINK)
    answered(text="別の文です。", automatic="bot")
    assert use(article, agent).edited is None


def test_what_readers_of_the_help_centre_say_is_counted(article: Article, agent: Actor, world: World) -> None:
    with world.ours.scope():
        version = article.versions.get()
        for visitor, helped in (("a", True), ("b", True), ("c", False)):
            judge(version, helped=helped, visitor=visitor)
    found = use(article, agent)
    assert (found.helped, found.not_helped) == (2, 1)


def test_another_companys_cases_are_counted_for_nobody_of_ours(
    article: Article, world: World, answered: Callable[..., Case]
) -> None:
    answered()
    stranger = actor_of(world.theirs.agent)
    with world.ours.scope():
        assert uses_of([article.pk], actor=stranger)[article.pk] == Use()
        assert list(by_use(stranger)) == []


def test_those_used_most_come_first_and_those_out_of_use_not_at_all(
    article: Article, agent: Actor, boss: Actor, world: World, answered: Callable[..., Case]
) -> None:
    answered()
    with world.ours.scope():
        other = approved(world.ours.company, by=boss, title="あの記事", body="別の話です。")
        retire_article(approved(world.ours.company, by=boss, title="停止", body="別の話です。"), by=boss)
        assert [(one.pk, one.used) for one in by_use(agent)] == [(article.pk, 1), (other.pk, 0)]


def test_the_figures_cost_six_queries_and_the_page_shows_them(
    article: Article,
    agent: Actor,
    world: World,
    client: Client,
    answered: Callable[..., Case],
    django_assert_num_queries: Callable[[int], object],
) -> None:
    for _n in range(3):
        answered()
    with world.ours.scope(), django_assert_num_queries(6):
        uses_of([article.pk], actor=agent)
    client.force_login(world.ours.agent)
    page = client.get(reverse("desk:articles_use")).text
    assert "返品の期限と送料" in page
    assert "3件中3件（100%）" in page
    assert "担当者 3、ボット 0" in page


def test_beside_an_article_that_is_used_a_lot_the_others_are_counted_too(
    article: Article,
    agent: Actor,
    boss: Actor,
    world: World,
    answered: Callable[..., Case],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How many there are is counted whole; what was said is read of the newest of each, decided or not."""
    monkeypatch.setattr(article_figures, "MOST_READ", 2)
    with world.ours.scope():
        other = approved(world.ours.company, by=boss, title="あの記事", body=BODY)
    answered(days=20)
    with world.ours.scope():
        ArticleBasis.objects.update(version=other.versions.get())
    writes_again(answered(days=13), "まだ届きません。", days_ago=12)
    for days in (9, 8, 2, 1.5, 1):
        answered(days=days)
    answered(days=0.5, automatic="bot")

    with world.ours.scope():
        uses = uses_of([article.pk, other.pk], actor=agent)

    assert uses[article.pk] == Use(people=6, bot=1, solved=2, decided=2, edited=0)
    assert uses[other.pk] == Use(people=1, solved=1, decided=1, edited=0)
